//! Ranges of addresses, and what one key may grant to another.

use std::net::IpAddr;

use super::{Grant, Key, Network, NetworkError, PublicKey, Role, Scopes, Succession};
use crate::units::Timestamp;

fn network(text: &str) -> Network {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn holds(range: &str, address: &str) -> bool {
    let address: IpAddr = address.parse().expect("an address");
    network(range).contains(address)
}

#[test]
fn a_range_holds_the_addresses_that_begin_like_it() {
    assert!(holds("203.0.113.0/24", "203.0.113.255"));
    assert!(!holds("203.0.113.0/24", "203.0.114.0"));
    assert!(holds("203.0.113.7", "203.0.113.7") && !holds("203.0.113.7", "203.0.113.6"));
    assert!(
        holds("2001:db8::/33", "2001:db8:7fff::1") && !holds("2001:db8::/33", "2001:db8:8000::")
    );
    assert!(holds("0.0.0.0/0", "255.255.255.255") && holds("::/0", "ffff::1"));
}

#[test]
fn an_ipv4_address_is_one_in_either_form_and_in_no_ipv6_range() {
    assert!(holds("203.0.113.0/24", "::ffff:203.0.113.9"));
    assert!(holds("::ffff:203.0.113.0/120", "203.0.113.9"));
    assert_eq!(network("::ffff:203.0.113.0/120"), network("203.0.113.0/24"));
    assert!(!holds("::/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
    assert!(!network("::/0").covers(&network("10.0.0.0/8")));
}

#[test]
fn a_range_is_written_as_it_is_read() {
    for text in [
        "203.0.113.0/24",
        "10.0.0.1",
        "2001:db8::/32",
        "::1",
        "0.0.0.0/0",
        "::/0",
    ] {
        assert_eq!(network(text).to_string(), text);
    }
    for text in [
        "",
        "/",
        "10.0.0.0/",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10/8",
        "10.0.0.0/8/8",
        " 10.0.0.1",
        "fe80::1%eth0",
        "example.com",
    ] {
        assert_eq!(
            text.parse::<Network>(),
            Err(NetworkError::NoNetwork),
            "{text}"
        );
    }
    let meant = network("10.0.0.0/8");
    assert_eq!(
        "10.0.0.1/8".parse::<Network>(),
        Err(NetworkError::BitsAfterPrefix(meant))
    );
}

#[test]
fn a_range_covers_what_is_in_it_and_nothing_wider() {
    assert!(network("10.0.0.0/8").covers(&network("10.1.0.0/16")));
    assert!(network("10.0.0.0/8").covers(&network("10.0.0.0/8")));
    assert!(!network("10.1.0.0/16").covers(&network("10.0.0.0/8")));
    assert!(!network("10.1.0.0/16").covers(&network("10.2.0.0/16")));
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn key(reach: Scopes) -> Key {
    Key::issued(Grant::bearer([1; 32], reach), moment(0))
}

#[test]
fn a_key_covers_no_scope_that_it_lacks() {
    let reader = Grant::bearer([2; 32], Scopes::READ);
    let trader = Grant::bearer([2; 32], Scopes::all(Role::Trader));
    assert!(key(Scopes::all(Role::Trader)).covers(&reader, Role::Trader));
    assert!(key(Scopes::all(Role::Trader)).covers(&trader, Role::Trader));
    assert!(!key(Scopes::of(Role::Trader)).covers(&trader, Role::Trader));
    assert!(!key(Scopes::READ.and(Scopes::MANAGE)).covers(&trader, Role::Trader));
}

#[test]
fn a_key_covers_no_moment_after_its_end_and_no_address_outside_of_its_own() {
    let mut bound = key(Scopes::all(Role::Trader));
    bound.grant.expires_at = Some(moment(100));
    let mut other = Grant::bearer([2; 32], Scopes::READ);
    assert!(!bound.covers(&other, Role::Trader), "for ever");
    other.expires_at = Some(moment(101));
    assert!(!bound.covers(&other, Role::Trader), "a second more");
    other.expires_at = Some(moment(100));
    assert!(bound.covers(&other, Role::Trader));
    bound.succession = Some(Succession {
        successor: 1,
        ends_at: moment(50),
    });
    assert!(
        !bound.covers(&other, Role::Trader),
        "it ends with its overlap"
    );
    other.expires_at = Some(moment(50));

    bound.grant.networks = Some([network("10.0.0.0/8")].into());
    assert!(!bound.covers(&other, Role::Trader), "from anywhere");
    other.networks = Some([network("10.1.0.0/16"), network("192.0.2.1")].into());
    assert!(!bound.covers(&other, Role::Trader), "one is outside");
    other.networks = Some([network("10.1.0.0/16")].into());
    assert!(bound.covers(&other, Role::Trader));
}

#[test]
fn a_key_from_before_there_was_a_scope_for_keys_manages_when_it_has_all_others() {
    let old = |scopes| Grant {
        manages: None,
        ..Grant::bearer([1; 32], scopes)
    };
    assert!(
        old(Scopes::of(Role::Trader))
            .reach(Role::Trader)
            .allows(Scopes::MANAGE)
    );
    assert!(
        old(Scopes::of(Role::Admin))
            .reach(Role::Admin)
            .allows(Scopes::MANAGE)
    );
    assert!(!old(Scopes::READ).reach(Role::Trader).allows(Scopes::MANAGE));
    let fresh = Grant::bearer([1; 32], Scopes::of(Role::Trader));
    assert!(!fresh.reach(Role::Trader).allows(Scopes::MANAGE));
}

#[test]
fn a_rotated_key_ends_with_its_overlap_or_before() {
    let mut rotated = key(Scopes::READ);
    rotated.succession = Some(Succession {
        successor: 1,
        ends_at: moment(50),
    });
    assert!(rotated.is_live(moment(49)) && !rotated.is_live(moment(50)));
    rotated.grant.expires_at = Some(moment(20));
    assert!(!rotated.is_live(moment(20)));
}

#[test]
fn a_digest_is_of_its_public_key_and_of_no_text() {
    let public = PublicKey([7; 32]);
    let mut grant = Grant::signer(public, Scopes::READ);
    assert!(grant.is_sound());
    assert_ne!(grant.digest, *blake3::hash(&public.0).as_bytes());
    grant.digest = [0; 32];
    assert!(!grant.is_sound());
}
