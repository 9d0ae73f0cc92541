//! Keys and signatures that OpenSSL made, so that this reads what others write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{is_signed, read_rsa_public_key, write_rsa_public_key};

const PEM: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApxAFvfxAnjlmooG5aoUJ
XjQr69ovFycYhdfl6GOWpxyxg6RELvCk+bBvTyLwObHPlSNIXVfm1yctLJk2NTGh
DFZ3CtV0wjHqvsWoJNT6/JK3TF69wCFG75PGrCMETdROKBSlVa3hrIah72tqQD7p
AVCu2rNbymMMTeGhyTRUWJ1s/x74bd3FXawqozwP7pgGqv1Iipc2gmW493RJqRqh
BQ9cF0djXUhaIQLElnPskmGqPrXUKHtLjxNsdW8dmBfPrTB+zko8ay2+s91bL2KY
62jsVUagv/tNQkWORhl72OpUP/EIp/RRZ/ix/kwJritCDoKkMjUqwlmyVnqu1rS7
6wIDAQAB
-----END PUBLIC KEY-----
";
const PEM_4096: &str = "\
-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEArTJfKHvK+PHEhsWbf6uc
arSNgLJhaUPYhsdLUpWuSqmCCIhbJpRcEUNam0Rko5w0pmo+41qi+znJQ0JQsGuQ
fZF5ykvrBjZrD166m5iBzZML0+Q8GuUpCuMTAtCZz/agAArTkx9Hm6IvKMPSL/Me
A9Cqe1Zndk0hu2Gu6qomsl7BTEsEW2WYbg131obfQHPZLix9Gci2IMMh1nWUQCVz
9vosdOtZzaldvIOXjQBZMnN4BL17bHcBQNVvVAmnPK2OnSzc0As6xxX0A13DRvDi
zyrmp15tBY3aAaltDNkhUQNfML+4Auc1czwcX6KFucWy1Vvd6ncAdJy+rHPfTaF3
EGS0z2DL0dd2umPfdVX2/KmFgc0bB99Laj12jgvJ2bHpq9BSrONZ1jMjuSvnCqMm
mv/zsUNEStd/L7NiKgykOgX3shmelc0IjOEuPpQuP7lHaWrj3Yb/PSCVT8+fnUQe
WN/J7zFPkeW0jgTX+E+fW3DDKlpaemCyIHf+lDk8hkL+806ZOfoWqyn3SM7XqXgF
FVS/FWeC/9xPKA7oGbxiEGpKqAOBcRow/T4xO6TMs2/apAUUmugxPtmAnE8LCdfl
rj/lERKSnaf8EES15+XBo7fn9W0nhV13pTfhoFMx8mHi1ZlqdxSJIH2BKI9gvxXJ
//X5n3OqyFBmNq7sh/+OD30CAwEAAQ==
-----END PUBLIC KEY-----
";
const PEM_1024: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDoFEL0bjgsmZwRwufshDG147kb
+MdWTjJe8KELmS82FS1P6FUSLkivD/xMg4PaV7V+UP2toxOVl/mnOhSpNhgICLru
UqvRBM6qmTaamMP1IZShXWCxx2rh+1Dj14uua9+cVm1uQCRH4F3U96y4V7xo8FS3
VNuvWzVoySWjeihFFQIDAQAB
-----END PUBLIC KEY-----
";
const PEM_EXPONENT_3: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAu0ya0YWTV2mquZ/Lptqb
iTZEnGMOlk/DVnQ8gI66JCrdJ2cuUJo0YvasvFAJwFV86awASQcQ5N+0XJnSwIpZ
4VWqKCuNLzRiWi4lbafWn5L5Y+VM6hcVf1gG7m/tdKR/qzEsBIyvIKTimk18vzmi
onHMH8ORv1aj5Dzt9eppyTi7p8UTblQWVxlROo7ZyFVlQGPC7DyCkAVEt6y0WpZY
4LowLc5BjgtAN7yrbqIg23QbkYj1HKQRyQC8VzuZiLLDI0rhmJ7vfkMY295FxHNS
l3pz1uleExPiWGFNtITkY/FzSAcrjTOnLc0eHzL0wnoy+mZ892MB7UvYUNcG0JhK
rwIBAw==
-----END PUBLIC KEY-----
";
const SIGNED: &str = "1767225600000GET/trade-api/v2/portfolio/balance";
const SIGNATURE: &str = "mFdSYQPWVxeuad+AX3YYJ7TH/e4kF9nzDzK5H930xNKtahNmA9Zl+n2f1g6ro+T2Xy7KlGrcRSlnOeBE\
    0QeBHdL7lWUUydN1bztWbPs64My7YSuxDcfk3KK1F0LE8wuRMuJ9q1AA85kNBE1uo7DK7u6vZ3dr37bX\
    wyXPV+Lx7HMdLDpAu86Lf1rR4xyk5+U3aymzXMJNz475jYpHGj94J/BNL5Hlz9SCQWn3jMsMOLC9Qx/y\
    BS9EoYlPfb+aPAanTxFetbnQfmPMEpTayKw9r6CnlKJFypQRBd43TPDu/bnUBwXDeqRVnfelRp9aTRH8\
    L7p9Hg6IxVu1xY/THcxD3w==";
/// With the longest salt instead.
const LONG_SALT: &str = "fIdlRgueXrU0H6QkpRptDr6ewpquoG/srPZP4KaUGryvz5RG4GQEGCEsQGamwXXGgW3CxL8CDDJ2OiIT\
    9D+xYuciD8Lz+ctgS4kTaeXCNUuhmOJxeOS2y7XaoEPY62wYM2dsFTs3ecxAGfVhnQezJZvNZbobqrtz\
    0cJldMrTQ4ErWZCUU3rcOTjD4HQlf3V+wA2oXy0UYXLwEUEnTRQ6z7274dzXjscMKlD5rA4EXbiMDkk9\
    HVeHBOdMMyNBkScrnA/OrcvkcZaEh7sY7zZBVOJUQ87OPID2uQ+3uRFmKFTlj9xfOsZdiXZk5OAQ5IrW\
    kutFjfpfaX4LtfTnycq20A==";
/// With the older padding.
const PKCS_1: &str = "WTLp3XMAvHf6LH9K2v0c+oRkS8br1ZEJ1AWaI95Qjgvc3COJZMsT7GBs5LhwM+NrqBG9Um6Ga/MmfdGS\
    e0AuOnw95EtJDUlQum0M5Y/6M72BAXtbo8WTVptzyXcmFEFGJ2H3JLs1Ntk+U45bDu5dGqn9t1OTT89s\
    e85thRB93YigQETPWr4itsiZ3aI5T2W8ztSL9kDrvsdnwNi5RECIXBCwgwzkIyd2GKkk8HIVRW1wQLQw\
    6VThReF7O93OO/31Y/r9B98wW2yeaN3ILoXFviSGDe8dD8AvuDVIHfnIecvmaxjeaa1pvGQ2O32Bv7U8\
    m+pDl5GwKL1NkNK8YgCvBw==";

#[test]
fn a_key_is_read_as_standard_tools_write_it_and_written_the_same() {
    for pem in [PEM, PEM_4096] {
        let key = read_rsa_public_key(pem).expect("a key");
        assert_eq!(write_rsa_public_key(&key), pem);
        let inside: String = pem.lines().filter(|line| !line.contains("---")).collect();
        assert_eq!(read_rsa_public_key(&inside), Some(key.clone()));
        let on_one_line = format!("-----BEGIN PUBLIC KEY-----{inside}-----END PUBLIC KEY-----");
        assert_eq!(read_rsa_public_key(&on_one_line), Some(key));
    }
}

#[test]
fn what_is_no_key_or_too_weak_a_one_is_not_read() {
    let inside: String = PEM.lines().filter(|line| !line.contains("---")).collect();
    let bytes = STANDARD.decode(inside).expect("base64");
    for ix in 0..bytes.len() {
        let mut other = bytes.clone();
        other[ix] ^= 0x80;
        let read = read_rsa_public_key(&STANDARD.encode(&other));
        // Another modulus is another key; anything else is no key at all.
        let of_modulus = (34..33 + 256).contains(&ix);
        assert_eq!(read.is_some(), of_modulus, "byte {ix}");
        assert_eq!(read_rsa_public_key(&STANDARD.encode(&bytes[..ix])), None);
    }
    for wrong in [
        "",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
        PEM_1024,
        PEM_EXPONENT_3,
        &PEM.replace("PUBLIC", "RSA PUBLIC"),
        &PEM.replace("-----END", "----END"),
        &format!("{PEM}{PEM}"),
        &"A".repeat(2_000),
    ] {
        assert_eq!(read_rsa_public_key(wrong), None, "{wrong}");
    }
}

#[test]
fn a_signature_is_of_its_text_its_key_and_its_padding() {
    let key = read_rsa_public_key(PEM).expect("a key");
    let other = read_rsa_public_key(PEM_4096).expect("a key");
    let [signature, long_salt, pkcs_1] =
        [SIGNATURE, LONG_SALT, PKCS_1].map(|text| STANDARD.decode(text).expect("base64"));
    assert!(is_signed(&key, SIGNED.as_bytes(), &signature));
    assert!(!is_signed(&key, b"another text", &signature));
    assert!(!is_signed(&other, SIGNED.as_bytes(), &signature));
    assert!(!is_signed(&key, SIGNED.as_bytes(), &long_salt));
    assert!(!is_signed(&key, SIGNED.as_bytes(), &pkcs_1));
    assert!(!is_signed(&key, SIGNED.as_bytes(), b""));
    for ix in 0..signature.len() {
        let mut bent = signature.clone();
        bent[ix] ^= 1;
        assert!(!is_signed(&key, SIGNED.as_bytes(), &bent), "byte {ix}");
    }
}
