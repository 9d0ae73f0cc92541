//! An RSA key pair that OpenSSL made for these tests, and what signs with it as Kalshi's clients do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;

/// Its public half, as the exchange is given it.
pub(crate) const PUBLIC: &str = "\
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

/// A signature over a text, in base64. Each one is another one.
pub(crate) fn sign(text: &str) -> String {
    let key = STANDARD.decode(PRIVATE).expect("base64");
    let key = KeyPair::from_der(&key).expect("a key");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PSS_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    STANDARD.encode(signature)
}

const PRIVATE: &str = "\
    MIIEowIBAAKCAQEApxAFvfxAnjlmooG5aoUJXjQr69ovFycYhdfl6GOWpxyxg6RELvCk+bBvTyLwObHPlSNIXVfm1y\
    ctLJk2NTGhDFZ3CtV0wjHqvsWoJNT6/JK3TF69wCFG75PGrCMETdROKBSlVa3hrIah72tqQD7pAVCu2rNbymMMTeGh\
    yTRUWJ1s/x74bd3FXawqozwP7pgGqv1Iipc2gmW493RJqRqhBQ9cF0djXUhaIQLElnPskmGqPrXUKHtLjxNsdW8dmB\
    fPrTB+zko8ay2+s91bL2KY62jsVUagv/tNQkWORhl72OpUP/EIp/RRZ/ix/kwJritCDoKkMjUqwlmyVnqu1rS76wID\
    AQABAoIBAEnfENrwVtZgBV0oRYevafQI178DjD0NoY9VZyj6GFyumGPgV/H1oM1z0dRJW7X3RRXqMw5rVvyeKyCEYu\
    7kkhT1is/0kRtpnSZcGjynHJBgg8K2RetWC5rWWkw1c6rCjQi2EGGxcI+sPKC0e5gK+VcGiTrVgmocoA00Dyj8Bavk\
    wSsLlPXBJUef+oBVZTZSD91ev3wzuDtP4CrBoNdjoTJIVwXV3fZeYGQqCO6VGdPrgiHbMaho2W56h1lKpVZZ7eLeyX\
    yHM/v/GlR+/i8uPD2GBNn44XtVKBh7qW7ZL5PVS9Quy6dNFCP49ejm13w6gnbwPXd9r9R+B4ygmK7hsxECgYEA3wNP\
    SudMXs5ZbFB6fmDG1AICjlVULeM79/wNRqnXLuDIIocdbaaM24ktdC4U4cpk7ga1yVbBGV1cACR2lcgEvNYwRM1onE\
    6E/ZX977onkNcMMt1IH2eWXq6+W4yKddxm+1PRTk6dYa5HKXYVIF1q2MGTiSRiH8WagMKGXmdvt2MCgYEAv8YTilrG\
    6GLXgh3uCLWRU5kieQXEv4CojXcrFeSSY9cbz9zsYUGyYUSxYGjQCvUri8miY3+O1xzprmDfPfp3aGqaGkKZn7r2oc\
    J0sL3Hx5o4pKfrvyegAoSMPjsjkCQQXgGqHRywFcgeVW3ABS1c2uSLoaakYQUWXfaBRnu9Y9kCgYEA19U5MXIHbJ3i\
    17xPwO3ioB7N4HjevoZ0bH2pT6FiW8E6kIgZyBxvqKzrq8xJc3jRE7i0yQZIXkcHmi+wASgSxbu5/Wya+OPZPB+lIx\
    UT487sxHF6ssIrOrl+C9ZJzuWfWU/2ewYEtRvZTVw1+BvRI7S9F/Z5bOxuqn0ZVFZhPacCgYApNmQUo5WDc1pk+BGj\
    hYGJuasS3w59KSUP4cA8oDZlhmDPtuaFsBypkp2b3mp3MGD/VYG0aEFGMUx20RKoux7WLbKYWh+xl/hQov14zhAU8S\
    ujFwMuvVFBuUJ6TTNDUrzBtxHb18Jvq+X47fEKK8l8sQjg4HMK9pDr+IGnqAf3YQKBgBOmLycwpo8dOPXNolwzSLxH\
    3YOIa+i30Mywmu1sp36CXaB6oQsNewDff+aQdVXDPfG0u6UzJqVSjcWY4zULVPhBFLJ87ylZvFzxVsf1EQm2Zjl1bO\
    saxyOz3lQtNp7GhFeceWfvCRCgTDQPPTV/YkYdf34ihp6Mx0AqQkX+hcX4";
