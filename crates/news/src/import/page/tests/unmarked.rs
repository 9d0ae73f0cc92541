//! Pages that do not say where their text stands.

use super::*;

const FIRST: &str = "The ferry between Lanmouth and Port Anselm sails again from Monday, the harbour office said, after nine weeks in the yard.";
const SECOND: &str = "Fares stay as they are until the end of the year; the council votes in January on whether they rise by a tenth.";
const THIRD: &str = "Nobody at the yard would say what the repair had cost, nor who pays for it.";

/// What is read of a body.
fn text(body: &str) -> String {
    read(&format!("<title>A ferry sails</title><body>{body}"))
        .body
        .text
}

fn refused(body: &str) {
    let html = format!("<title>A ferry sails</title><body>{body}");
    let refused = page(html.as_bytes(), None, AT).map(|draft| draft.body.text);
    assert_eq!(refused, Err(ImportError::BodyMissing), "{body}");
}

fn whole() -> String {
    format!("{FIRST}\n\n{SECOND}\n\n{THIRD}")
}

#[test]
fn paragraphs_in_a_box_are_the_text_and_what_stands_around_it_is_not() {
    let body = format!(
        "<div class=top><a href=/>The Paper</a> <a href=/w>World</a> Read by everybody on the coast since 1871, in all weathers.</div>
         <div class=page><div class=left><div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div></div>
         <div class=right><p>Weather: rain in the west, wind from the south, and fog in the morning.</p></div></div>
         <div><p>© The Paper. All rights reserved, and none of it may be copied without asking.</p></div>"
    );
    assert_eq!(text(&body), whole());
}

#[test]
fn a_page_of_nothing_but_a_heading_and_paragraphs_is_its_text() {
    let body = format!("<h1>A ferry sails</h1><p>{FIRST}<p>{SECOND}<p>{THIRD}");
    assert_eq!(text(&body), whole());
}

#[test]
fn each_paragraph_may_have_a_box_of_its_own() {
    let body = format!(
        "<div><div>Home / World / Ferries</div></div>
         <div id=x><div>{FIRST}</div><div>{SECOND}</div><div>{THIRD}</div></div>
         <div><div>Printed on the coast.</div></div>"
    );
    assert_eq!(text(&body), whole());
}

#[test]
fn a_text_in_parts_is_whole_and_what_divides_them_is_left_out() {
    let body = format!(
        "<div class=head><a href=/>The Paper</a></div>
         <div><div><p>{FIRST}</p><p>{SECOND}</p></div>
         <div class=ad-slot><p>Buy a boat, they said. It floats, it sails, and it costs next to nothing today.</p></div>
         <div><p>{THIRD}</p></div></div>"
    );
    assert_eq!(text(&body), whole());
}

#[test]
fn a_table_and_breaks_are_a_page_of_before() {
    let body = format!(
        "<table><tr><td><a href=/>Home</a><br><a href=/w>World</a><br></td>
         <td>{FIRST}<br><br>{SECOND}<br><br>{THIRD}</td></tr></table>"
    );
    assert_eq!(text(&body), whole());
}

#[test]
fn what_readers_and_other_articles_say_is_no_part_of_it() {
    let said = "I have taken this ferry for thirty years, and it was never once on time, not even in summer.";
    let named = format!(
        "<div class='post has-sidebar'><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>
         <div class=share-bar><a href=/s>Share</a> Tell your friends about this article, and they will thank you.</div>
         <div class=post-comments>{}</div></div>",
        format!("<p>{said}</p>").repeat(20)
    );
    assert_eq!(text(&named), whole());
    let unnamed = format!(
        "<div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div><div>{}</div>",
        format!("<div><div><a href=/u>Ann</a></div><div>{said}</div></div>").repeat(4)
    );
    assert_eq!(text(&unnamed), whole());
    let listed = format!(
        "<div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div><ul>{}</ul>",
        format!("<li>{said}</li>").repeat(20)
    );
    assert_eq!(text(&listed), whole());
}

#[test]
fn lists_quotations_and_headings_stay_with_their_text() {
    let body = format!(
        "<div class=text><p>{FIRST}</p><h2>Fares</h2><p>{SECOND}</p><ul><li>Adults: 4.20</li><li>Children: 2</li></ul>
         <blockquote>{THIRD}</blockquote></div><div>Foot.</div>"
    );
    assert_eq!(
        text(&body),
        format!("{FIRST}\n\nFares\n\n{SECOND}\n\nAdults: 4.20\n\nChildren: 2\n\n{THIRD}")
    );
}

#[test]
fn japanese_and_korean_say_it_in_fewer_letters() {
    let japanese = "両首脳は金曜日に奈良で会談し、往来の再開で一致した。";
    let korean = "두 정상은 금요일 나라에서 만나 왕래를 재개하기로 합의했다.";
    for said in [japanese, korean] {
        let body = format!(
            "<div><a href=/>新聞</a></div><div><p>{said}</p><p>{said}</p><p>{said}</p></div><div>朝刊</div>"
        );
        assert_eq!(text(&body), format!("{said}\n\n{said}\n\n{said}"));
    }
}

#[test]
fn what_is_marked_comes_first() {
    let body =
        format!("<div><p>{FIRST}</p><p>{SECOND}</p></div><article><p>It sailed.</p></article>");
    assert_eq!(text(&body), "It sailed.");
}

#[test]
fn elements_left_open_or_closed_twice_do_not_move_the_text() {
    let body = format!(
        "</div></div><div><div class=top><b>The Paper</div></span></div>
         <div><h1><div>A ferry sails</h1><p>{FIRST}<p>{SECOND}<p>{THIRD}</div></div></div><div>Foot."
    );
    assert_eq!(text(&body), whole());
}

#[test]
fn what_runs_in_a_browser_does_not_come_with_the_text() {
    let draft = read(&format!(
        "<title>T</title><div onclick=x()><p onload=x()>{FIRST}<script>alert('{SECOND}')</script></p>
         <p>{SECOND} <a href='javascript:x()'>a</a><img src=x onerror=x()></p></div>"
    ));
    assert_eq!(
        draft.body.html,
        format!("<p>{FIRST}</p>\n<p>{SECOND} a</p>")
    );
}

#[test]
fn a_page_without_a_text_is_refused() {
    refused("<div><p>Sign in to read on.</p></div>");
    refused(
        &"<div><a href=/a>The ferry between Lanmouth and Port Anselm sails.</a></div>".repeat(30),
    );
    // A front page leads to articles and is none.
    let led_to = format!("<div><h2><a href=/a>A ferry sails</a></h2><p>{FIRST}</p></div>");
    refused(&format!("<div>{}</div>", led_to.repeat(12)));
    refused(&format!(
        "<div class=comments><p>{FIRST}</p><p>{SECOND}</p></div>"
    ));
    refused(&"<p>OK</p>".repeat(500));
}
