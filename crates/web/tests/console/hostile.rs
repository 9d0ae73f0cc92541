//! Hostile texts on every page of the console: those who could do most see them first.

use tidings_core::access::Role;
use tidings_core::command::{Command, OpenAccount};

use crate::desk::{ADMIN, Desk};
use crate::support::hostile::{CORPUS, PLAIN, decide, form, plant};
use crate::support::markup::Markup;
use crate::support::{BASE, Newsroom};

/// The page as whoever is signed in sees it.
async fn page(desk: &Desk, session: &str, path: &str) -> String {
    let answer = desk.get(path, Some(session)).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.status);
    Markup::of(&answer.body).assert_strict(path);
    answer.body
}

#[tokio::test]
async fn hostile_text_changes_words_and_nothing_else_in_the_console() {
    let newsroom = Newsroom::empty(BASE).await;
    let texts: Vec<&str> = std::iter::once(PLAIN).chain(CORPUS).collect();
    for (n, text) in texts.iter().enumerate() {
        plant(&newsroom, n, text).await;
        decide(&newsroom, n, text).await;
    }
    newsroom.written_down().await;
    let desk = Desk::of(newsroom).await;
    let operator = desk.session().await;
    let editor = desk.hired("Edda", Role::Editor).await;
    for kind in ["market", "settled", "disputed", "voided"] {
        let plain = form(&page(&desk, &operator, &format!("/console/markets/{kind}-0")).await);
        for (n, text) in texts.iter().enumerate() {
            let body = page(&desk, &operator, &format!("/console/markets/{kind}-{n}")).await;
            assert_eq!(form(&body), plain, "{kind}{n}: {text}");
            let shown = Markup::of(&body).text;
            assert!(shown.contains(text), "{kind}{n}: {text} is shown as it is");
        }
    }
    // What is suggested beside an article depends on its words.
    for (n, text) in texts.iter().enumerate() {
        let path = format!("/console/articles/article-{n}");
        let shown = Markup::of(&page(&desk, &editor, &path).await).text;
        assert!(shown.contains(text), "{path}: {text} is shown as it is");
    }
    // All that anyone asked of the exchange, from the newest back to the first.
    let head = desk.newsroom.app.exchange().committed().seq.0;
    let mut told = String::new();
    for up_to in (1..=head).rev().step_by(20) {
        let path = format!("/console/journal?up_to={up_to}");
        told += &Markup::of(&page(&desk, &operator, &path).await).text;
    }
    // A record's words stand in one line: what would end it is escaped.
    let one_line = |text: &str| {
        let ends = ["\u{2028}", "\u{2029}"].iter();
        ends.fold(text.to_owned(), |line, end| {
            line.replace(end, &end.escape_default().to_string())
        })
    };
    for text in texts.into_iter().map(one_line) {
        assert!(told.contains(&text), "{text} is shown as it is");
    }
    for path in [
        "/console",
        "/console/watch",
        "/console/journal",
        "/console/emergency",
        "/console/articles",
        "/console/accounts",
    ] {
        let body = page(&desk, &operator, path).await;
        assert!(!body.contains("<script>alert"), "{path}");
    }
}

#[tokio::test]
async fn hostile_names_and_reasons_are_words_in_the_console() {
    let desk = Desk::open().await;
    let operator = desk.session().await;
    let count = desk
        .newsroom
        .app
        .exchange()
        .query(|engine| engine.accounts().len());
    let first = count.await.unwrap();
    let texts: Vec<&str> = std::iter::once(PLAIN).chain(CORPUS).collect();
    for text in &texts {
        let open = OpenAccount {
            name: (*text).to_owned(),
            role: Role::Trader,
            grant: None,
        };
        desk.newsroom.give(ADMIN, Command::OpenAccount(open)).await;
    }
    let plain = form(&page(&desk, &operator, &format!("/console/accounts/acc_{first}")).await);
    for (n, text) in texts.iter().enumerate() {
        let path = format!("/console/accounts/acc_{}", first + n);
        let body = page(&desk, &operator, &path).await;
        assert_eq!(form(&body), plain, "{path}: {text}");
        assert!(Markup::of(&body).text.contains(text), "{path}: {text}");
    }
    // What is typed comes back with what was refused.
    let plain = refused(&desk, &operator, PLAIN).await;
    for text in CORPUS {
        assert_eq!(refused(&desk, &operator, text).await, plain, "{text}");
    }
    let listed = page(&desk, &operator, "/console/accounts").await;
    assert!(!listed.contains("<script>alert"));
}

/// The form of the page on which somebody typed a text into every field of a question.
async fn refused(desk: &Desk, session: &str, text: &str) -> Vec<String> {
    let fields = [
        "question",
        "slug",
        "outcomes",
        "criteria",
        "edge_cases",
        "closes_at",
        "tags",
        "liquidity",
    ];
    let typed = fields.map(|field| (field, text));
    let typed = crate::desk::form(&typed);
    let answer = desk
        .post("/console/questions/new", &typed, Some(session))
        .await;
    Markup::of(&answer.body).assert_strict("/console/questions/new");
    assert!(!answer.body.contains("<script>alert"), "{text}");
    form(&answer.body)
}
