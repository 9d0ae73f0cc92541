use super::*;
use std::time::{Duration, Instant};

#[test]
fn allowed_tags_stay() {
    check(
        "<h2>Ports</h2><p>The <em>ferry</em> <strong>sails</strong>.</p><ul><li>one</li><li>two</li></ul>\
         <ol><li>first</li></ol><blockquote><p>It sails.</p></blockquote><h3>End</h3>",
        "<h2>Ports</h2>\n<p>The <em>ferry</em> <strong>sails</strong>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n\
         <ol>\n<li>first</li>\n</ol>\n<blockquote>\n<p>It sails.</p>\n</blockquote>\n<h3>End</h3>",
        "Ports\n\nThe ferry sails.\n\none\n\ntwo\n\nfirst\n\nIt sails.\n\nEnd",
    );
}

#[test]
fn links_are_marked_and_only_to_the_web() {
    check(
        "<p><a href=\"https://example.com/?a=1&amp;b=2\" onclick=\"x()\" target=_blank>a</a></p>",
        "<p><a href=\"https://example.com/?a=1&amp;b=2\" rel=\"nofollow noopener\">a</a></p>",
        "a",
    );
    check(
        "<a href=\"https://example.com/?a>b&quot;c\">a</a>",
        "<p><a href=\"https://example.com/?a&gt;b&quot;c\" rel=\"nofollow noopener\">a</a></p>",
        "a",
    );
    for href in [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "/relative",
        "mailto:a@b",
        "",
    ] {
        check(
            &format!("<p><a href=\"{href}\">a</a> b</p>"),
            "<p>a b</p>",
            "a b",
        );
    }
}

#[test]
fn programs_vanish_with_what_is_in_them() {
    for hostile in [
        "<script>alert(1)</script>",
        "<style>p{color:red}</style>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "<iframe src=\"https://example.com\">x</iframe>",
        "<template><p>x</p></template>",
        "<img src=x onerror=alert(1)>",
        "<!-- comment -->",
        "<object data=x>y</object>",
        "<textarea><script>x</script></textarea>",
        "<select><option>x</option></select>",
    ] {
        check(
            &format!("<p>a</p>{hostile}<p>b</p>"),
            "<p>a</p>\n<p>b</p>",
            "a\n\nb",
        );
    }
    check(
        "<p style=\"x\" onload=y class=z id=w>a</p>",
        "<p>a</p>",
        "a",
    );
    check(
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        "<script>alert(1)</script>",
    );
    check("&amp;lt;b&amp;gt;", "<p>&amp;lt;b&amp;gt;</p>", "&lt;b&gt;");
}

#[test]
fn what_looks_like_paragraphs_becomes_paragraphs() {
    check(
        "a<br>b<br/><br>c",
        "<p>a</p>\n<p>b</p>\n<p>c</p>",
        "a\n\nb\n\nc",
    );
    check(
        "<div>a</div><div>b<p>c</p>d</div>",
        "<p>a</p>\n<p>b</p>\n<p>c</p>\n<p>d</p>",
        "a\n\nb\n\nc\n\nd",
    );
    check(
        "<h1>a</h1>b<h5>c</h5>",
        "<h2>a</h2>\n<p>b</p>\n<h3>c</h3>",
        "a\n\nb\n\nc",
    );
    check(
        "<table><tr><td>a</td><td>b</td></tr></table>",
        "<p>a</p>\n<p>b</p>",
        "a\n\nb",
    );
    check(
        "<strong>a<br>b</strong> c",
        "<p><strong>a</strong></p>\n<p><strong>b</strong> c</p>",
        "a\n\nb c",
    );
    check(
        "<ul><li>a<ul><li>b</li></ul></li></ul>c",
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>c</p>",
        "a\n\nb\n\nc",
    );
    check(
        "<blockquote><ul><li>a</li></ul></blockquote>",
        "<blockquote>\n<p>a</p>\n</blockquote>",
        "a",
    );
    check("<p>a<p>b", "<p>a</p>\n<p>b</p>", "a\n\nb");
}

#[test]
fn white_space_is_single_and_nothing_is_empty() {
    check(
        "<p> a  <em> b</em><em> </em>c\n d&nbsp;e </p><p> &nbsp; </p><p><em></em></p>",
        "<p>a <em>b</em> c d e</p>",
        "a b c d e",
    );
    check(
        "<p><b>a</b>b <i>c</i>, d</p>",
        "<p><strong>a</strong>b <em>c</em>, d</p>",
        "ab c, d",
    );
    check("a&#x202e;b&#8203;c&#xfeff;&#173;", "<p>abc</p>", "abc");
    check("", "", "");
    check("<p></p><ul></ul>", "", "");
}

#[test]
fn markup_that_makes_a_parser_work_is_refused_before_it_does() {
    let tags = |n: usize, tag: &str| tag.repeat(n);
    assert!(from_html(&tags(MARKUP_TAGS, "<p>a")).is_ok());
    for heavy in [
        tags(MARKUP_TAGS + 1, "<p>a"),
        tags(2_000, "<p><b id=1>x"),
        tags(30_000, "<DIV>"),
        tags(3_000, "<A href=x>"),
    ] {
        assert_eq!(from_html(&heavy), Err(ImportError::MarkupTooHeavy));
    }
}

#[test]
fn the_heaviest_markup_that_is_accepted_parses_in_time() {
    let deep = "<div>".repeat(MARKUP_TAGS);
    let open: String = (0..700).map(|n| format!("<p><b id={n}>x")).collect();
    for (name, heavy) in [("deep", deep), ("open", open)] {
        let started = Instant::now();
        let body = from_html(&heavy);
        println!("{name}: {:?}", started.elapsed());
        assert!(body.is_ok());
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{name}: {:?}",
            started.elapsed()
        );
    }
}

#[test]
fn plain_paragraphs_are_escaped() {
    let body = from_paragraphs(&["a < b & \"c\"", "<script>x</script>"]);
    assert_eq!(
        body.html,
        "<p>a &lt; b &amp; &quot;c&quot;</p>\n<p>&lt;script&gt;x&lt;/script&gt;</p>"
    );
    assert_eq!(
        body.paragraphs().collect::<Vec<_>>(),
        ["a < b & \"c\"", "<script>x</script>"]
    );
}

/// What comes out must also come out when it goes in again: pages and previews agree.
fn check(fragment: &str, html: &str, text: &str) {
    let body = from_html(fragment).expect("not too heavy");
    assert_eq!(
        (body.html.as_str(), body.text.as_str()),
        (html, text),
        "{fragment}"
    );
    assert_eq!(
        from_html(&body.html).expect("not too heavy"),
        body,
        "again: {fragment}"
    );
}
