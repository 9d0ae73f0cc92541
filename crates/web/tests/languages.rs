//! Who listens to a page hears each text in its own voice: what is in another language than the page says so
//! (WCAG 3.1.2), wherever it stands.

mod support;

use std::cell::RefCell;

use axum::http::StatusCode;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use support::week::{UNSUBSCRIBE, until};
use support::{BASE, Newsroom, binary};
use tidings_api::digest::{self, Issue, Week};
use tidings_core::market::{LinkRole, OutcomeSpec};
use tidings_core::units::Timestamp;
use tidings_news::language;
use tidings_web::letters;

/// What is said on a page, and in which language it says that it is.
#[derive(Default)]
struct Voices {
    open: Vec<(String, Option<String>)>,
    said: Vec<(String, String)>,
}

#[derive(Default)]
struct Listener(RefCell<Voices>);

/// Elements without an end, and what nobody reads aloud.
const EMPTY: [&str; 6] = ["meta", "link", "br", "input", "img", "hr"];
const SILENT: [&str; 4] = ["script", "style", "code", "head"];

impl TokenSink for Listener {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let voices = &mut *self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => {
                let open = voices
                    .open
                    .iter()
                    .rposition(|(name, _)| **name == *tag.name);
                voices.open.truncate(open.unwrap_or(voices.open.len()));
            }
            Token::TagToken(tag) => {
                let mut attributes = tag.attrs.iter();
                let lang = attributes.find(|one| &*one.name.local == "lang");
                let lang = lang.map(|one| one.value.to_string());
                if !tag.self_closing && !EMPTY.contains(&&*tag.name) {
                    voices.open.push((tag.name.to_string(), lang));
                }
            }
            Token::CharacterTokens(text) => {
                let silent = |(name, _): &(String, _)| SILENT.contains(&name.as_str());
                let lang = voices.open.iter().rev().find_map(|(_, lang)| lang.clone());
                if !text.trim().is_empty() && !voices.open.iter().any(silent) {
                    let lang = lang.expect("a page has a language");
                    voices.said.push((lang, text.trim().to_owned()));
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn listen(html: &str) -> Vec<(String, String)> {
    let tokenizer = Tokenizer::new(Listener::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().said
}

const SUMMIT: &str = "次回の日韓首脳会談は2026年4月1日までに日本で開かれるか。";
const VISIT: &str = "2026년 7월 1일 전에 한일 정상회담이 서울에서 열릴까?";

/// A newsroom in three languages: questions of each, and articles in another language than their market's.
async fn newsroom() -> Newsroom {
    let newsroom = Newsroom::empty(BASE).await;
    let now = newsroom.app.now();
    let named = |slug: &str, question: &str, names: [&str; 2], rules: [&str; 2]| {
        let mut spec = binary(now, slug, question, 500);
        for (outcome, name) in spec.outcomes.iter_mut().zip(names) {
            let OutcomeSpec { name: own, .. } = outcome;
            name.clone_into(own);
        }
        rules[0].clone_into(&mut spec.rules.criteria);
        spec.rules.edge_cases = vec![rules[1].to_owned()];
        spec
    };
    let mut summit = named(
        "summit",
        SUMMIT,
        ["はい", "否"],
        [
            "両国の外務省が会談の開催を発表した場合は「はい」とする。",
            "オンラインでの会談は数えない。",
        ],
    );
    summit.tags = vec!["首脳会談のゆくえ".to_owned(), "Japan".to_owned()];
    let visit = named(
        "visit",
        VISIT,
        ["예", "아니요"],
        [
            "양국 외교부가 회담을 발표하면 예로 확정한다.",
            "화상 회담은 포함하지 않는다.",
        ],
    );
    let ferry = binary(
        now,
        "ferry",
        "Will the ferry to Busan sail before the spring?",
        400,
    );
    let mut markets = Vec::new();
    for spec in [summit, visit, ferry] {
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        newsroom.wander(market, 2, 6, 2, 200_000).await;
        markets.push(market);
    }
    let mut japanese = newsroom.written(
        "kaidan",
        "日韓首脳、奈良での会談を調整",
        &["国際ニュース"],
        &["両国の首脳は、来月の会談に向けて調整を進めている。"],
    );
    japanese.language = "ja".to_owned();
    japanese.tags = vec!["首脳会談のゆくえ".to_owned()];
    let english = newsroom.written(
        "path",
        "The two leaders look for a place to meet",
        &["Politics"],
        &["They will meet in the spring, and the place is open."],
    );
    let all: Vec<_> = markets.iter().map(|m| (*m, LinkRole::Subject)).collect();
    newsroom.article(japanese, &all).await;
    newsroom.article(english, &all).await;
    newsroom.pass(1);
    let mut corrected = newsroom.written(
        "kaidan",
        "日韓首脳、京都での会談を調整",
        &["国際ニュース"],
        &["場所が変わった。"],
    );
    corrected.language = "ja".to_owned();
    let store = newsroom.app.store();
    store.correct_article("kaidan", &corrected).await.unwrap();
    newsroom
        .settle(
            markets[0],
            &[10_000, 0],
            "両国の外務省が会談の開催を発表した。",
        )
        .await;
    newsroom
}

/// Every text that tells its language stands under that language.
#[tokio::test]
async fn each_text_stands_under_its_own_language() {
    let newsroom = newsroom().await;
    let mut heard = [0; 3];
    for page in [
        "/",
        "/markets",
        "/markets/summit",
        "/markets/summit/evidence",
        "/markets/visit",
        "/markets/ferry",
        "/articles/kaidan",
        "/articles/kaidan/versions/1",
        "/articles/path",
        "/tags/%E9%A6%96%E8%84%B3%E4%BC%9A%E8%AB%87%E3%81%AE%E3%82%86%E3%81%8F%E3%81%88",
        "/tags/Japan",
        "/sections/%E5%9B%BD%E9%9A%9B%E3%83%8B%E3%83%A5%E3%83%BC%E3%82%B9",
        "/search?q=%E4%BC%9A%E8%AB%87",
        "/digest/2025-w44",
        "/about/embeds",
        "/embed/v1/markets/summit",
        "/embed/v1/markets/summit?lang=ja",
        "/embed/v1/markets/ferry?lang=ja",
        "/embed/v1/markets/ferry?lang=ko",
        "/embed/v1/articles/path?lang=ko",
        "/embed/v1/articles/kaidan",
    ] {
        let (status, _, html) = newsroom.get(page).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        for (lang, text) in listen(&html) {
            let told = language::guess(&text);
            let Some(ix) = ["en", "ja", "ko"].iter().position(|one| *one == told) else {
                continue;
            };
            heard[ix] += 1;
            let spoken = lang.split('-').next().unwrap();
            assert_eq!(spoken, told, "{page} says in {lang}: {text}");
        }
    }
    assert!(heard.iter().all(|times| *times > 20), "{heard:?}");
}

/// A word or two do not tell: an outcome is in its question's language.
#[tokio::test]
async fn an_outcome_is_in_the_language_of_its_question() {
    let newsroom = newsroom().await;
    let lang_of = async |page: &str, text: &str| -> Vec<String> {
        let (_, _, html) = newsroom.get(page).await;
        let said = listen(&html).into_iter();
        let own = said.filter(|(_, said)| said == text);
        let mut langs: Vec<String> = own.map(|(lang, _)| lang).collect();
        langs.dedup();
        langs
    };
    for page in [
        "/markets/summit",
        "/articles/path",
        "/embed/v1/markets/summit",
    ] {
        assert_eq!(lang_of(page, "否").await, ["ja"], "{page}");
    }
    assert_eq!(
        lang_of("/embed/v1/markets/ferry?lang=ja", "Yes").await,
        ["en"]
    );
    assert_eq!(lang_of("/embed/v1/markets/ferry", "Yes").await, ["en"]);
}

/// The letter of a week says so, too: of one that was kept before it was told in which language an article is, as well.
#[tokio::test]
async fn a_letter_says_in_which_language_its_texts_are() {
    let newsroom = newsroom().await;
    let mut issue = this_week(&newsroom).await;
    let told = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    for story in &mut issue.digest.stories {
        story.language = None;
    }
    let untold = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    for (lang, text) in listen(&told.html).into_iter().chain(listen(&untold.html)) {
        let told = language::guess(&text);
        if ["en", "ja", "ko"].contains(&told) {
            assert_eq!(lang, told, "the letter says in {lang}: {text}");
        }
    }
}

/// A headline of few words does not tell, nor does one in any other language; its article does.
#[tokio::test]
async fn a_week_knows_the_language_of_its_articles() {
    let newsroom = newsroom().await;
    let headline = "Rencontre à Nara";
    let text = "Les dirigeants se retrouvent au printemps.";
    let mut french = newsroom.written("rencontre", headline, &["Politics"], &[text]);
    french.language = "fr".to_owned();
    newsroom.article(french, &[]).await;
    let issue = this_week(&newsroom).await;
    let summaries = issue.digest.stories.iter().map(|story| &story.summary);
    let summary = summaries.clone().find(|summary| summary.contains(text));
    let summary = summary.expect("the story is told");
    let letter = letters::weekly(&issue, UNSUBSCRIBE).unwrap();
    let (_, _, page) = newsroom.get(&format!("/digest/{}", issue.week)).await;
    for (where_, html) in [("the letter", &letter.html), ("the page", &page)] {
        let said = listen(html);
        for text in [headline, summary] {
            let own = said.iter().find(|(_, said)| said == text);
            let (lang, _) = own.unwrap_or_else(|| panic!("{where_} has no {text}"));
            assert_eq!(lang, "fr", "{where_}: {text}");
        }
    }
}

/// The week until now, once it is over.
async fn this_week(newsroom: &Newsroom) -> Issue {
    let week = Week::of(newsroom.app.now());
    let over = Timestamp::from_micros(week.until().as_micros() + 60_000_000);
    until(newsroom, over).await;
    let issue = digest::make(&newsroom.app, week).await.unwrap();
    issue.expect("the week is over")
}
