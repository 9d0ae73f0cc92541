//! An authenticator made of software: what a phone or a security key would answer, as the script sends it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use minicbor::Encoder;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One passkey, and what its authenticator does with it.
#[derive(Clone)]
pub(crate) struct Authenticator {
    pkcs8: Vec<u8>,
    credential: Vec<u8>,
    pub(crate) handle: Vec<u8>,
    /// How often it has signed.
    pub(crate) count: u32,
    /// The page that it believes to be asked from.
    pub(crate) origin: &'static str,
    /// Whom it believes the passkey to be for.
    pub(crate) party: &'static str,
    /// Whether it has verified who is there.
    pub(crate) verifies: bool,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

impl Authenticator {
    /// Makes a passkey as it is asked to; and what it answers.
    pub(crate) fn make(asked: &Value) -> (Authenticator, String) {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let handle = asked["user"]["id"].as_str().unwrap();
        let mut credential = vec![0; 16];
        ring::rand::SecureRandom::fill(&random, &mut credential).unwrap();
        let made = Authenticator {
            pkcs8: pkcs8.as_ref().to_vec(),
            credential,
            handle: BASE64.decode(handle).unwrap(),
            count: 0,
            origin: "https://odds.example",
            party: "odds.example",
            verifies: true,
        };
        let answer = made.again(asked);
        (made, answer)
    }

    /// What it answers when it has made its passkey.
    pub(crate) fn again(&self, asked: &Value) -> String {
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        data.extend(self.public_key());
        let mut object = Vec::new();
        let mut cbor = Encoder::new(&mut object);
        cbor.map(3).unwrap();
        cbor.str("fmt").unwrap().str("none").unwrap();
        cbor.str("attStmt").unwrap().map(0).unwrap();
        cbor.str("authData").unwrap().bytes(&data).unwrap();
        let client = self.client("webauthn.create", asked);
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client), "attestationObject": BASE64.encode(object),
        }))
    }

    /// Signs what it is asked to.
    pub(crate) fn sign(&mut self, asked: &Value) -> String {
        self.count += 1;
        self.sign_at(self.count, asked)
    }

    /// The same, as if it had signed so often.
    pub(crate) fn sign_at(&self, count: u32, asked: &Value) -> String {
        let data = Authenticator {
            count,
            ..self.clone()
        }
        .data(0);
        let client = self.client("webauthn.get", asked);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client));
        let signature = self.pair().sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client), "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(signature), "userHandle": BASE64.encode(&self.handle),
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = BASE64.encode(&self.credential);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response}).to_string()
    }

    fn client(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let client = json!({"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false});
        client.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(self.party).to_vec();
        data.push(flags | PRESENT | verified);
        data.extend(self.count.to_be_bytes());
        data
    }

    fn pair(&self) -> EcdsaKeyPair {
        let random = SystemRandom::new();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.pkcs8, &random).unwrap()
    }

    /// As COSE has it.
    fn public_key(&self) -> Vec<u8> {
        let pair = self.pair();
        let point = pair.public_key().as_ref();
        let mut key = Vec::new();
        let mut cbor = Encoder::new(&mut key);
        cbor.map(5).unwrap();
        cbor.i8(1).unwrap().i8(2).unwrap();
        cbor.i8(3).unwrap().i8(-7).unwrap();
        cbor.i8(-1).unwrap().i8(1).unwrap();
        cbor.i8(-2).unwrap().bytes(&point[1..33]).unwrap();
        cbor.i8(-3).unwrap().bytes(&point[33..]).unwrap();
        key
    }
}
