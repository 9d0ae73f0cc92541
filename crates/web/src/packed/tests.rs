use super::*;

fn asking(name: header::HeaderName, values: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(&name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn gzip_is_taken_by_whoever_says_so() {
    for (said, is_taken) in [
        (&["gzip"][..], true),
        (&["gzip, deflate, br, zstd"], true),
        (&["br;q=1.0, GZIP;q=0.8"], true),
        (&["br", "gzip"], true),
        (&["*"], true),
        (&[], false),
        (&[""], false),
        (&["identity"], false),
        (&["br"], false),
        (&["gzip;q=0"], false),
        (&["gzip; q=0.0, *"], false),
        (&["*;q=0"], false),
        (&["gzip;q=much"], false),
    ] {
        let headers = asking(header::ACCEPT_ENCODING, said);
        assert_eq!(takes_gzip(&headers), is_taken, "{said:?}");
    }
}

#[test]
fn a_tag_comes_back_as_it_was_before_it_was_marked() {
    let mut headers = asking(header::ETAG, &["\"17-abc\""]);
    mark(&mut headers);
    assert_eq!(headers[header::ETAG], "\"17-abc-gzip\"");
    let mut asked = asking(
        header::IF_NONE_MATCH,
        &["\"17-abc-gzip\", W/\"x-gzip\"", "\"y\""],
    );
    bare_tags(&mut asked);
    let tags: Vec<_> = asked.get_all(header::IF_NONE_MATCH).iter().collect();
    assert_eq!(tags, ["\"17-abc\", W/\"x\"", "\"y\""]);
}
