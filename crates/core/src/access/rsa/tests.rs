use super::{KeyId, KeyIdError, RsaPublicKey};
use crate::access::{Grant, PublicKey, Scopes};

fn modulus(bytes: usize) -> Vec<u8> {
    let mut modulus = vec![0x5a; bytes];
    modulus[0] = 0x80;
    modulus[bytes - 1] = 1;
    modulus
}

#[test]
fn a_modulus_has_2048_to_4096_bits_and_no_less() {
    for bytes in [256, 257, 384, 512] {
        let key = RsaPublicKey::new(&modulus(bytes)).expect("a key");
        assert_eq!(key.modulus().len(), bytes);
    }
    for bytes in [1, 128, 255, 513, 4_096] {
        assert_eq!(RsaPublicKey::new(&modulus(bytes)), None, "{bytes}");
    }
    let (mut short, mut even) = (modulus(256), modulus(256));
    short[0] = 0x7f;
    even[255] = 2;
    assert_eq!(RsaPublicKey::new(&short), None, "a bit short");
    assert_eq!(RsaPublicKey::new(&even), None, "no product of two primes");
    assert_eq!(RsaPublicKey::new(&[]), None);
}

#[test]
fn an_id_is_a_uuid_that_finds_its_key() {
    let key = RsaPublicKey::new(&modulus(256)).expect("a key");
    let id = key.id();
    let text = id.to_string();
    // Ids that were given out are for ever.
    assert_eq!(text, "b3c369c4-7c56-84a8-a4cc-da564cc81259");
    assert_eq!(text.parse(), Ok(id));
    assert_eq!(id.digest(), key.digest());
    let other = RsaPublicKey::new(&modulus(384)).expect("a key");
    assert_ne!(other.id(), id);
    for wrong in [
        "",
        "-",
        &text[1..],
        &text.to_uppercase(),
        &text.replace('-', ""),
        &format!("{text}0"),
        &text.replace('8', "é"),
    ] {
        assert_eq!(wrong.parse::<KeyId>(), Err(KeyIdError), "{wrong}");
    }
}

#[test]
fn a_grant_signs_with_one_key_that_its_digest_is_of() {
    let key = RsaPublicKey::new(&modulus(256)).expect("a key");
    let grant = Grant::rsa_signer(key.clone(), Scopes::READ);
    assert!(grant.is_sound() && grant.signs());
    let other = Grant {
        digest: [0; 32],
        ..grant.clone()
    };
    assert!(!other.is_sound());
    let both = Grant {
        public_key: Some(PublicKey([7; 32])),
        ..grant.clone()
    };
    assert!(!both.is_sound());
    // As a journal that somebody made up could have it.
    let weak = RsaPublicKey(vec![1; 64].into());
    assert!(!Grant::rsa_signer(weak, Scopes::READ).is_sound());
}
