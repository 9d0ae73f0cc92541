//! Hundreds of addresses that must not be fetched, asked for directly and by redirect, while a
//! canary listens at every address that is not the publisher's.

use std::net::IpAddr;

use tidings_news::fetch::{FetchError, Seen};
use tidings_outside::{Answer, Outside, PUBLISHER};

/// Addresses inside, each reached below in every spelling.
const INSIDE_V4: [[u8; 4]; 14] = [
    [127, 0, 0, 1],
    [127, 255, 255, 254],
    [0, 0, 0, 0],
    [10, 0, 0, 1],
    [100, 64, 0, 1],
    [168, 63, 129, 16],
    [169, 254, 169, 254],
    [172, 16, 0, 1],
    [172, 31, 255, 255],
    [192, 168, 1, 1],
    [198, 18, 0, 1],
    [224, 0, 0, 1],
    [240, 0, 0, 1],
    [255, 255, 255, 255],
];

const INSIDE_V6: [&str; 18] = [
    "::1",
    "::",
    "0:0:0:0:0:0:0:1",
    "::127.0.0.1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "64:ff9b:1::7f00:1",
    "2001::7f00:1",
    "2001:10::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
];

/// One IPv4 address in the spellings that parsers of addresses have been fooled by.
fn spellings(ip: [u8; 4]) -> Vec<String> {
    let [a, b, c, d] = ip;
    let number = u32::from_be_bytes(ip);
    let (high, low) = (number >> 16, number & 0xffff);
    let wide: String = format!("{a}.{b}.{c}.{d}")
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(0xff10 + digit).expect("a full-width digit"),
            None => '\u{3002}',
        })
        .collect();
    vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{number}"),
        format!("{number:#x}"),
        format!("0{number:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("00{a:o}.{b}.{c:#x}.{d}"),
        format!("{a}.{}", number & 0x00ff_ffff),
        format!("{a}.{b}.{low}"),
        escaped(&format!("{a}.{b}.{c}.{d}")),
        wide,
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[0:0:0:0:0:ffff:{high:x}:{low:x}]"),
        format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[2606:4700::5efe:{high:x}:{low:x}]"),
    ]
}

/// The first character as an escape, which parsers of addresses undo.
fn escaped(host: &str) -> String {
    format!("%{:x}{}", host.as_bytes()[0], &host[1..])
}

/// Hosts by name that stand for something inside, and what is wrong around a host.
const OTHERS: [&str; 40] = [
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://foo.localhost/",
    "https://localhost.localdomain/",
    "https://ip6-localhost/",
    "https://metadata/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://instance-data/",
    "https://kubernetes.default.svc.cluster.local/",
    "https://router.lan/",
    "https://nas.local/",
    "https://intranet/",
    "https://printer.corp/",
    "https://box.home.arpa/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://hidden.onion/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://loc\u{ad}alhost/",
    "https://a..local/",
    "http://paper.example/",
    "http://127.0.0.1/",
    "ftp://paper.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:text/html,hello",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "https://paper.example:22/",
    "https://paper.example:80/",
    "https://paper.example:6379/",
    "https://paper.example:65535/",
    "https://user@paper.example/",
    "https://user:pass@paper.example/",
    "https://127.0.0.1@paper.example/",
    "https://paper.example@127.0.0.1/",
    "https://127.0.0.1\\@paper.example/x",
    "https:\\\\127.0.0.1\\",
    "https:/\\127.0.0.1/",
    "https:///127.0.0.1/",
];

/// Names that a name server, asked honestly, answers with something inside.
fn rebound() -> Vec<(String, Vec<IpAddr>)> {
    let mut names = Vec::new();
    for (ix, ip) in INSIDE_V4.into_iter().enumerate() {
        names.push((format!("v4-{ix}.example"), vec![IpAddr::from(ip)]));
        // One that answers with the publisher's address as well, before and after.
        names.push((
            format!("first-{ix}.example"),
            vec![PUBLISHER, IpAddr::from(ip)],
        ));
        names.push((
            format!("last-{ix}.example"),
            vec![IpAddr::from(ip), PUBLISHER],
        ));
        let mapped = std::net::Ipv4Addr::from(ip).to_ipv6_mapped();
        names.push((format!("mapped-{ix}.example"), vec![IpAddr::V6(mapped)]));
    }
    for (ix, ip) in INSIDE_V6.into_iter().enumerate() {
        names.push((
            format!("v6-{ix}.example"),
            vec![ip.parse().expect("an address")],
        ));
    }
    names.push(("nothing.example".to_owned(), Vec::new()));
    names
}

fn hostile(outside: &Outside) -> Vec<String> {
    let mut urls: Vec<String> = OTHERS.map(str::to_owned).to_vec();
    for ip in INSIDE_V4 {
        urls.extend(
            spellings(ip)
                .into_iter()
                .map(|host| format!("https://{host}/")),
        );
    }
    urls.extend(INSIDE_V6.map(|host| format!("https://[{host}]/")));
    for (name, addresses) in rebound() {
        outside.name(&name, &addresses);
        urls.push(format!("https://{name}/"));
    }
    urls
}

#[tokio::test]
async fn the_canary_never_hears_anything() {
    let outside = Outside::start().await;
    let fetcher = outside.fetcher();
    let urls = hostile(&outside);
    assert!(urls.len() >= 300, "{}", urls.len());
    for (ix, url) in urls.iter().enumerate() {
        let direct = fetcher.fetch(url, &Seen::default()).await;
        assert!(
            matches!(direct, Err(FetchError::Refused(_))),
            "{url}: {direct:?}"
        );
        assert_eq!(outside.canary(), [], "{url}");
        assert_eq!(outside.asked().len(), ix, "{url} was asked for");

        // The same by way of somebody who is what he says. A header has only ASCII.
        let by = format!("https://paper.example/{ix}");
        let location: String = url.chars().filter(char::is_ascii).collect();
        outside.publish(&by, Answer::redirect(&location));
        let redirected = fetcher.fetch(&by, &Seen::default()).await;
        if location == *url {
            assert!(
                matches!(redirected, Err(FetchError::Refused(_))),
                "to {url}: {redirected:?}"
            );
        }
        assert_eq!(outside.canary(), [], "to {url}");
        assert_eq!(outside.asked().len(), ix + 1, "to {url}");
    }
    println!("{} addresses, each directly and by redirect", urls.len());
}

/// The canary itself is alive: whoever is let through reaches it.
#[tokio::test]
async fn the_canary_hears_whoever_is_let_through() {
    let outside = Outside::start().await;
    let elsewhere: IpAddr = "1.1.1.1".parse().expect("an address");
    outside.name("elsewhere.example", &[elsewhere]);
    let fetched = outside
        .fetcher()
        .fetch("https://elsewhere.example/", &Seen::default())
        .await;
    assert!(fetched.is_err());
    assert_eq!(outside.canary(), [(elsewhere, 443).into()]);
}
