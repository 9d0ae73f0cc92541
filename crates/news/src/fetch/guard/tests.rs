use super::*;

fn refused(text: &str) -> Option<Refused> {
    Target::parse(text).err()
}

#[test]
fn what_is_written_as_an_address_is_looked_at_as_browsers_read_it() {
    for text in [
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
    ] {
        assert_eq!(refused(text), Some(Refused::PrivateAddress), "{text}");
    }
    assert_eq!(refused("https://1.1.1.1/"), None);
    assert_eq!(refused("https://[2606:4700::1111]/"), None);
}

#[test]
fn only_https_to_a_public_name_without_user_or_port() {
    for (text, expected) in [
        ("http://example.com/", Refused::Scheme),
        ("ftp://example.com/", Refused::Scheme),
        ("file:///etc/passwd", Refused::Scheme),
        ("https://user@example.com/", Refused::UserInfo),
        ("https://:secret@example.com/", Refused::UserInfo),
        ("https://example.com:8443/", Refused::Port),
        ("https://example.com:80/", Refused::Port),
        ("https://localhost/", Refused::PrivateName),
        ("https://localhost./", Refused::PrivateName),
        ("https://printer/", Refused::PrivateName),
        ("https://db.internal/", Refused::PrivateName),
        ("https://db.internal./", Refused::PrivateName),
        ("https://nas.local/", Refused::PrivateName),
        ("https://a.home.arpa/", Refused::PrivateName),
        ("example.com", Refused::Unreadable),
        ("https://", Refused::Unreadable),
        ("https://[::1", Refused::Unreadable),
        ("https://256.1.1.1/", Refused::Unreadable),
    ] {
        assert_eq!(refused(text), Some(expected), "{text}");
    }
    let long = format!("https://example.com/{}", "a".repeat(URL_BYTES));
    assert_eq!(refused(&long), Some(Refused::TooLong));
    assert_eq!(refused("https://example.com:443/feed#top"), None);
}

#[test]
fn a_redirect_is_looked_at_like_any_address() {
    let from = Target::parse("https://example.com/a/b").expect("public");
    for (location, expected) in [
        ("http://example.com/", Refused::Scheme),
        ("//127.0.0.1/", Refused::PrivateAddress),
        ("\\\\[::1]\\", Refused::PrivateAddress),
        ("https://localhost/", Refused::PrivateName),
        ("//user@example.com/", Refused::UserInfo),
        ("//example.com:22/", Refused::Port),
        ("javascript:alert(1)", Refused::Scheme),
    ] {
        assert_eq!(from.redirected(location), Err(expected), "{location}");
    }
    let next = from.redirected("../c?d#e").expect("on the same host");
    assert_eq!(next.url().as_str(), "https://example.com/c?d");
}

#[test]
fn each_range_ends_where_it_ends() {
    // Each with the last address before a range, its first and last, and the first after it.
    for [before, first, last, after] in [
        ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"],
        [
            "100.63.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "100.128.0.0",
        ],
        [
            "126.255.255.255",
            "127.0.0.0",
            "127.255.255.255",
            "128.0.0.0",
        ],
        [
            "169.253.255.255",
            "169.254.0.0",
            "169.254.255.255",
            "169.255.0.0",
        ],
        [
            "172.15.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "172.32.0.0",
        ],
        [
            "192.167.255.255",
            "192.168.0.0",
            "192.168.255.255",
            "192.169.0.0",
        ],
        [
            "198.17.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.20.0.0",
        ],
        ["2000:ffff::", "2001::", "2001:1ff:ffff::", "2001:200::"],
        [
            "2001:db7:ffff::",
            "2001:db8::",
            "2001:db8:ffff::",
            "2001:db9::",
        ],
        ["2001:ffff::", "2002::", "2002:ffff::", "2003::"],
        ["3ffe:ffff::", "3fff::", "3fff:fff::", "3fff:1000::"],
    ] {
        let is_public = |text: &str| is_public(text.parse().expect("an address"));
        assert!(is_public(before) && is_public(after), "around {first}");
        assert!(!is_public(first) && !is_public(last), "{first} to {last}");
    }
    for text in [
        "0.0.0.0",
        "224.0.0.0",
        "255.255.255.255",
        "::",
        "1fff:ffff::",
        "4000::",
    ] {
        assert!(!is_public(text.parse().expect("an address")), "{text}");
    }
    assert!(!is_public(
        "2606:4700::5efe:7f00:1".parse().expect("an address")
    ));
    assert!(!is_public(
        "2606:4700::200:5efe:7f00:1".parse().expect("an address")
    ));
}

#[test]
fn a_name_is_as_public_as_its_worst_address() {
    let ips = |texts: &[&str]| {
        texts
            .iter()
            .map(|ip| ip.parse().expect("an address"))
            .collect()
    };
    assert_eq!(
        public(ips(&["1.1.1.1", "127.0.0.1"])),
        Err(Refused::PrivateAddress)
    );
    assert_eq!(public(ips(&[])), Err(Refused::NoAddress));
    let both: Vec<IpAddr> = ips(&["1.1.1.1", "2606:4700::1111"]);
    assert_eq!(public(both.clone()), Ok(both));
}
