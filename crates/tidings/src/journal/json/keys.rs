//! What the journal has of keys. Never their texts, which it never saw.

use tidings_api::signature::{write_public_key, write_rsa_public_key};
use tidings_api::wire::journal::hex;
use tidings_api::wire::key::scope_words;
use tidings_core::access::Grant;
use tidings_core::command::RotateKey;

use super::value::{Json, list, object, word};

pub(super) fn grant(grant: &Grant) -> Json {
    let Grant {
        digest,
        scopes,
        expires_at,
        manages,
        name,
        networks,
        public_key,
        rsa_public_key,
    } = grant;
    let addresses = networks.as_deref();
    object! {
        "digest": hex(digest), "scopes": list(&scope_words(*scopes), |scope| word(*scope)),
        "expires_at": *expires_at, "manages": *manages, "name": name.as_deref(),
        "addresses": addresses.map(|all| list(all, |range| range.to_string().into())),
        "public_key": public_key.as_ref().map(write_public_key),
        "rsa_public_key": rsa_public_key.as_ref().map(write_rsa_public_key),
    }
}

pub(super) fn rotate(kind: &'static str, rotate: &RotateKey) -> Json {
    let RotateKey {
        account,
        key,
        digest,
        overlap,
        public_key,
        by,
        rsa_public_key,
    } = rotate;
    object! {
        "kind": kind, "account": *account, "key": *key, "digest": hex(digest),
        "overlap_seconds": *overlap, "public_key": public_key.as_ref().map(write_public_key),
        "rsa_public_key": rsa_public_key.as_ref().map(write_rsa_public_key), "by_key": *by,
    }
}
