//! `Signature-Input` and `Signature`: one signature, with components and parameters that the profile
//! knows, in the one form that RFC 8941 gives them when it writes. What is not of that form is refused
//! with a word of what is wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tidings_core::access::PublicKey;
use tidings_signature::Component;

use super::read_public_key;

/// What a signature says of itself.
pub(super) struct Input<'a> {
    label: &'a str,
    /// What it covers, in its order.
    pub(super) components: Vec<Component>,
    /// Its parameters with its components, as they were sent: they are signed as they are.
    pub(super) params: &'a str,
    /// When it was made, in Unix seconds.
    pub(super) created: i64,
    /// When it ends, in Unix seconds.
    pub(super) expires: Option<i64>,
    pub(super) public_key: PublicKey,
}

impl<'a> Input<'a> {
    pub(super) fn read(header: &'a str) -> Result<Input<'a>, &'static str> {
        let (label, params) = header.split_once('=').ok_or(FORM)?;
        let label_is_one = label.starts_with(|c: char| c.is_ascii_lowercase() || c == '*')
            && label.bytes().all(is_of_key);
        let inside = params.strip_prefix('(').filter(|_| label_is_one);
        let (covered, rest) = inside.and_then(|rest| rest.split_once(')')).ok_or(FORM)?;
        let mut components = Vec::new();
        for item in covered.split(' ') {
            let name = item
                .strip_prefix('"')
                .and_then(|item| item.strip_suffix('"'));
            let known = Component::ALL
                .iter()
                .find(|known| Some(known.name()) == name);
            let component = *known.ok_or(COMPONENTS)?;
            if components.contains(&component) {
                return Err("a component comes twice");
            }
            components.push(component);
        }
        let (mut created, mut expires, mut public_key) = (None, None, None);
        let mut seen = Vec::new();
        for (name, value) in split(rest)? {
            if seen.contains(&name) {
                return Err("a parameter comes twice");
            }
            seen.push(name);
            match name {
                "created" => created = Some(seconds(value)?),
                "expires" => expires = Some(seconds(value)?),
                "keyid" => {
                    let key = text(value)?;
                    public_key = Some(read_public_key(key).ok_or("keyid is no public key")?);
                }
                "alg" if text(value)? == "ed25519" => {}
                "alg" => return Err("alg is ed25519"),
                "nonce" | "tag" => drop(text(value)?),
                _ => return Err("the parameters are created, keyid, alg, expires, nonce and tag"),
            }
        }
        Ok(Input {
            label,
            components,
            params,
            created: created.ok_or("created is missing")?,
            expires,
            public_key: public_key.ok_or("keyid is missing")?,
        })
    }

    /// The signature of this label.
    pub(super) fn signature(&self, header: &str) -> Result<[u8; 64], &'static str> {
        let (label, value) = header.split_once('=').ok_or(SIGNATURE_FORM)?;
        if label != self.label {
            return Err("Signature has another label than Signature-Input");
        }
        let bytes = value
            .strip_prefix(':')
            .and_then(|value| value.strip_suffix(':'));
        let bytes = bytes.and_then(|bytes| STANDARD.decode(bytes).ok());
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(SIGNATURE_FORM)
    }
}

const FORM: &str = "Signature-Input is one signature: \
                    sig=(\"@method\" \"@path\" …);created=UNIX;keyid=\"PUBLIC KEY\"";
const SIGNATURE_FORM: &str = "Signature is sig=:BASE64: of 64 bytes";
const COMPONENTS: &str = "the components are \"@method\" \"@path\" \"@query\" \"content-digest\" \
                          \"idempotency-key\", without parameters, with one space between them";

/// `;created=1;keyid="…"` as names and values. No value that is used has a semicolon in it.
fn split(rest: &str) -> Result<Vec<(&str, &str)>, &'static str> {
    let mut parts = rest.split(';');
    if parts.next() != Some("") {
        return Err(FORM);
    }
    parts.map(|part| part.split_once('=').ok_or(FORM)).collect()
}

fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
}

/// At most 15 digits, as RFC 8941 has them: a moment before the year 33,658,140.
fn seconds(value: &str) -> Result<i64, &'static str> {
    let is_one = (1..=15).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| is_one);
    number.ok_or("created and expires are whole seconds since 1970")
}

/// A text between quotes, without quotes and backslashes in it.
fn text(value: &str) -> Result<&str, &'static str> {
    let inside = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    inside
        .filter(|text| !text.contains(['"', '\\']))
        .ok_or("keyid, alg, nonce and tag are texts between quotes")
}
