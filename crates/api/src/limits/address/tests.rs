use super::*;

fn place(text: &str) -> Place {
    Place::of(text.parse().expect("an address"))
}

#[test]
fn a_household_is_one_place_whichever_of_its_addresses_it_uses() {
    assert_eq!(place("2001:db8:1:2::1"), place("2001:db8:1:2:ffff::9"));
    assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
    assert_eq!(place("::ffff:192.0.2.1"), place("192.0.2.1"));
    assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
}

#[test]
fn nobody_chooses_their_own_place() {
    let name = HeaderName::from_static("x-forwarded-for");
    let mut headers = HeaderMap::new();
    headers.append(&name, "198.51.100.1".parse().expect("a value"));
    headers.append(&name, "198.51.100.2, 203.0.113.7".parse().expect("a value"));
    let mut extensions = Extensions::new();
    let peer: SocketAddr = "192.0.2.1:9".parse().expect("an address");
    extensions.insert(ConnectInfo(peer));
    let untrusted = Place::from(&headers, &extensions, None);
    assert_eq!(untrusted, place("192.0.2.1"), "nobody is trusted to say");
    let trusted = Place::from(&headers, &extensions, Some(&name));
    assert_eq!(trusted, place("203.0.113.7"), "what the proxy added itself");
    headers.insert(&name, "nonsense".parse().expect("a value"));
    let unreadable = Place::from(&headers, &extensions, Some(&name));
    assert_eq!(unreadable, place("192.0.2.1"));
}
