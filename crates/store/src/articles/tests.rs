use tidings_core::id::{MarketId, Seq};
use tidings_core::market::{LinkRole, Status};

use super::*;
use crate::articles::odds::OddsSnapshot;
use crate::articles::plans::{Halt, Plan, PlanState};
use crate::articles::search::SearchPhrase;
use crate::history::Page;
use crate::testing::stores;

const NOON: Timestamp = Timestamp::from_micros(1_763_000_000_000_000);

fn after_noon(hours: u32) -> Timestamp {
    NOON.plus_hours(hours)
}

/// An article whose body, and nothing else, is of its own.
fn article(body: &str) -> NewArticle {
    let mut body_hash = [0; 32];
    body_hash[..body.len()].copy_from_slice(body.as_bytes());
    NewArticle {
        slug: "cautious-path".to_owned(),
        canonical_url: None,
        publisher: Some("The Paper".to_owned()),
        language: "en".to_owned(),
        section: vec!["Politics".to_owned(), "Diplomacy".to_owned()],
        tags: vec!["Japan".to_owned(), "South Korea".to_owned()],
        flags: vec!["featured".to_owned()],
        title: "A cautious path".to_owned(),
        summary: "Two governments talk.".to_owned(),
        body_html: format!("<p>{body}</p>"),
        body_text: body.to_owned(),
        byline: Some("A. Writer".to_owned()),
        published_at: None,
        embargoed_until: None,
        status: ArticleStatus::Usable,
        author: AccountId(7),
        body_hash,
        terms: terms(&format!("a cautious path two governments talk {body}")),
        at: NOON,
    }
}

fn terms(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words of a query, the last of which may go on when it ends with `*`.
fn search(query: &str) -> Search {
    let phrase = |words: &str| SearchPhrase {
        terms: terms(words),
        open: words.ends_with('*'),
    };
    Search {
        phrases: query.split(';').map(phrase).collect(),
        any: false,
    }
}

async fn add(store: &Store, article: &NewArticle) -> Article {
    match store.add_article(article).await.unwrap() {
        Added::New(article) => article,
        Added::Existing(twin) => panic!("the same as {}", twin.slug),
    }
}

async fn titles(store: &Store, filter: &ArticleFilter) -> Vec<String> {
    let list = store.articles(filter, Page::top(100)).await.unwrap();
    list.into_iter().map(|article| article.title).collect()
}

#[tokio::test]
async fn an_article_comes_back_as_it_was_given() {
    for store in stores().await {
        let given = NewArticle {
            canonical_url: Some("https://paper.example/a".to_owned()),
            published_at: Some(Timestamp::from_micros(5)),
            embargoed_until: Some(after_noon(1)),
            ..article("one")
        };
        let stored = add(&store, &given).await;
        let expected = Article {
            key: 5,
            slug: given.slug.clone(),
            version: 1,
            canonical_url: given.canonical_url.clone(),
            publisher: given.publisher.clone(),
            language: given.language.clone(),
            section: given.section.clone(),
            tags: given.tags.clone(),
            flags: given.flags.clone(),
            title: given.title.clone(),
            summary: given.summary.clone(),
            body_html: given.body_html.clone(),
            body_text: given.body_text.clone(),
            body_hash: given.body_hash,
            byline: given.byline.clone(),
            published_at: given.published_at,
            first_seen_at: given.at,
            updated_at: given.at,
            embargoed_until: given.embargoed_until,
            status: given.status,
            author: given.author,
        };
        assert_eq!(stored, expected);
        assert_eq!(
            store.article("cautious-path").await.unwrap(),
            Some(expected.clone())
        );
        assert_eq!(
            store
                .article_by_url("https://paper.example/a")
                .await
                .unwrap(),
            Some(expected)
        );
        assert_eq!(store.article("other").await.unwrap(), None);
        assert_eq!(
            store
                .article_by_url("https://paper.example/b")
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn the_same_address_or_the_same_body_is_the_same_article() {
    for store in stores().await {
        let url = Some("https://paper.example/a".to_owned());
        let first = add(
            &store,
            &NewArticle {
                canonical_url: url.clone(),
                ..article("one")
            },
        )
        .await;
        let by_url = NewArticle {
            canonical_url: url.clone(),
            ..article("two")
        };
        let by_body = NewArticle {
            canonical_url: None,
            title: "Other".to_owned(),
            ..article("one")
        };
        for twin in [by_url, by_body] {
            let added = store.add_article(&twin).await.unwrap();
            assert_eq!(added, Added::Existing(first.clone()));
        }
        // No address is no address: two articles without one are two.
        let second = add(&store, &article("three")).await;
        let third = add(&store, &article("four")).await;
        assert_ne!(second.slug, third.slug);
        // The address says more than the body.
        let both = NewArticle {
            canonical_url: url,
            ..article("three")
        };
        assert_eq!(
            store.add_article(&both).await.unwrap(),
            Added::Existing(first)
        );
    }
}

#[tokio::test]
async fn a_slug_is_made_unique() {
    for store in stores().await {
        let taken = NewArticle {
            slug: "cautious-path-2".to_owned(),
            ..article("zero")
        };
        add(&store, &taken).await;
        let mut slugs = Vec::new();
        for body in ["one", "two", "three"] {
            slugs.push(add(&store, &article(body)).await.slug);
        }
        assert_eq!(
            slugs,
            ["cautious-path", "cautious-path-3", "cautious-path-4"]
        );
    }
}

#[tokio::test]
async fn a_correction_is_a_version_and_overwrites_nothing() {
    for store in stores().await {
        let first = add(&store, &article("one")).await;
        let corrected = NewArticle {
            slug: "looked-at-by-nobody".to_owned(),
            title: "A cautious path, corrected".to_owned(),
            canonical_url: Some("https://paper.example/a".to_owned()),
            author: AccountId(8),
            at: after_noon(2),
            ..article("two")
        };
        let second = store
            .correct_article("cautious-path", &corrected)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((second.version, second.slug.as_str()), (2, "cautious-path"));
        assert_eq!(
            (second.first_seen_at, second.updated_at),
            (NOON, after_noon(2))
        );
        assert_eq!(
            (second.title.as_str(), second.author),
            (corrected.title.as_str(), AccountId(8))
        );
        assert_eq!(second.key, first.key);
        let versions = store.article_versions("cautious-path").await.unwrap();
        assert_eq!(versions, [second.clone(), first]);
        assert_eq!(
            titles(&store, &ArticleFilter::all(NOON)).await,
            std::slice::from_ref(&second.title)
        );

        // Its first body is still this article's.
        let again = store.add_article(&article("one")).await.unwrap();
        assert_eq!(again, Added::Existing(second));
        // The body can stay as it is.
        let third = NewArticle {
            title: "Corrected again".to_owned(),
            ..corrected
        };
        let third = store
            .correct_article("cautious-path", &third)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(third.version, 3);
    }
}

#[tokio::test]
async fn a_correction_cannot_make_one_article_of_two() {
    for store in stores().await {
        add(&store, &article("one")).await;
        let other = NewArticle {
            slug: "other".to_owned(),
            ..article("two")
        };
        add(&store, &other).await;
        let refused = store.correct_article("cautious-path", &other).await;
        let Err(StoreError::ArticleTaken { slug }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(slug, "other");
        assert_eq!(
            store.article_versions("cautious-path").await.unwrap().len(),
            1
        );
        assert_eq!(store.correct_article("nobody", &other).await.unwrap(), None);
    }
}

#[tokio::test]
async fn lists_are_newest_first_and_page_through_everything_once() {
    for store in stores().await {
        // Published when, and the title: several at one moment, some at an unknown one.
        let hours = [Some(3), None, Some(1), Some(1), Some(1), None, Some(9)];
        for (ix, hour) in hours.into_iter().enumerate() {
            let published_at = hour.map(after_noon);
            let title = ix.to_string();
            add(
                &store,
                &NewArticle {
                    published_at,
                    title,
                    ..article(&format!("body {ix}"))
                },
            )
            .await;
        }
        let mut seen = Vec::new();
        let mut page = Page::top(2);
        loop {
            let next = store
                .articles(&ArticleFilter::all(after_noon(99)), page)
                .await
                .unwrap();
            let Some(last) = next.last() else { break };
            page = Page::after(last.key, 2);
            seen.extend(next.into_iter().map(|article| article.title));
        }
        assert_eq!(seen, ["6", "0", "4", "3", "2", "5", "1"]);
    }
}

#[tokio::test]
async fn what_is_not_public_is_in_no_list() {
    for store in stores().await {
        let titled = |title: &str| NewArticle {
            title: title.to_owned(),
            ..article(title)
        };
        let hidden = |title: &str, status| NewArticle {
            status,
            ..titled(title)
        };
        let until = |title: &str, end| NewArticle {
            embargoed_until: Some(end),
            ..titled(title)
        };
        add(&store, &hidden("withheld", ArticleStatus::Withheld)).await;
        add(&store, &hidden("cancelled", ArticleStatus::Cancelled)).await;
        add(&store, &until("embargoed", after_noon(2))).await;
        add(&store, &until("lifted", after_noon(1))).await;
        for at in [0, 1, 2] {
            let all = titles(&store, &ArticleFilter::all(after_noon(at))).await;
            let expected: &[&str] = match at {
                0 => &[],
                1 => &["lifted"],
                _ => &["lifted", "embargoed"],
            };
            assert_eq!(all, expected, "{at} hours after noon");
            for slug in [
                "cautious-path",
                "cautious-path-2",
                "cautious-path-3",
                "cautious-path-4",
            ] {
                let article = store.article(slug).await.unwrap().unwrap();
                assert_eq!(
                    article.is_public(after_noon(at)),
                    all.contains(&article.title)
                );
            }
        }
        // A correction can withdraw what was shown.
        let withdrawn = hidden("lifted", ArticleStatus::Cancelled);
        store
            .correct_article("cautious-path-4", &withdrawn)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            titles(&store, &ArticleFilter::all(after_noon(2))).await,
            ["embargoed"]
        );
    }
}

#[tokio::test]
async fn lists_can_be_of_a_tag_a_section_or_words() {
    for store in stores().await {
        add(&store, &article("Talks resume in Nara.")).await;
        let sport = NewArticle {
            title: "100% effort_".to_owned(),
            tags: vec!["Football".to_owned()],
            section: vec!["Sport".to_owned()],
            terms: terms("100 effort kick off at noon 日韓 韓首 首脳 脳"),
            ..article("Kick-off at noon.")
        };
        add(&store, &sport).await;
        let all = ArticleFilter::all(NOON);
        let by = |tag: &str, section: &str, q: &str| {
            let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            ArticleFilter {
                tag: given(tag),
                section: given(section),
                q: (!q.is_empty()).then(|| search(q)),
                ..all.clone()
            }
        };
        let (talks, effort) = ("A cautious path", "100% effort_");
        let cases: [(ArticleFilter, &[&str]); 18] = [
            (by("japan", "", ""), &[talks]),
            (by("south korea", "", ""), &[talks]),
            (by("south", "", ""), &[]),
            (by("", "diplomacy", ""), &[talks]),
            (by("", "Sport", ""), &[effort]),
            (by("football", "politics", ""), &[]),
            (by("", "", "NARA"), &[talks]),
            (by("", "", "nara; talks"), &[talks]),
            (by("", "", "two governments"), &[talks]),
            (by("", "", "governments two"), &[]),
            (by("", "", "nara; noon"), &[]),
            (by("", "", "kic"), &[]),
            (by("", "", "kic*"), &[effort]),
            (by("", "", "kick of*"), &[effort]),
            (by("", "", "日韓 韓首"), &[effort]),
            (by("football", "", "noon"), &[effort]),
            (by("japan", "", "noon"), &[]),
            (by("", "", "-"), &[]),
        ];
        for (filter, expected) in cases {
            assert_eq!(titles(&store, &filter).await, expected, "{filter:?}");
        }
        let any = ArticleFilter {
            q: Some(Search {
                any: true,
                ..search("nara; noon; nowhere")
            }),
            ..all
        };
        assert_eq!(titles(&store, &any).await, [effort, talks]);
    }
}

#[tokio::test]
async fn an_article_is_found_by_what_its_newest_version_says_and_only_while_it_is_public() {
    for store in stores().await {
        let hidden = NewArticle {
            embargoed_until: Some(after_noon(1)),
            ..article("Talks resume in Nara.")
        };
        add(&store, &hidden).await;
        let at = |hours, q: &str| ArticleFilter {
            q: Some(search(q)),
            ..ArticleFilter::all(after_noon(hours))
        };
        assert!(titles(&store, &at(0, "nara")).await.is_empty());
        assert_eq!(titles(&store, &at(1, "nara")).await.len(), 1);
        let corrected = article("Talks resume in Kyoto.");
        store
            .correct_article("cautious-path", &corrected)
            .await
            .unwrap()
            .unwrap();
        assert!(titles(&store, &at(1, "nara")).await.is_empty());
        assert_eq!(titles(&store, &at(1, "kyoto")).await.len(), 1);
        // Whatever a term may be, it is a term.
        let odd = NewArticle {
            terms: ["it's", "\"", "'", ":*", "&", "a\\b", "or", "near"]
                .map(str::to_owned)
                .to_vec(),
            ..article("Odd.")
        };
        add(&store, &odd).await;
        for q in ["its", "ab", "or", "near"] {
            let found = titles(&store, &at(1, q)).await.len();
            assert_eq!(found, 1, "{q}");
        }
    }
}

/// Both databases find the same labels, of the newest version alone, whoever writes them in which case.
#[tokio::test]
async fn labels_are_found_in_whatever_case_in_any_script() {
    for store in stores().await {
        let added = NewArticle {
            tags: ["Énergie", "энергия", "エネルギー", "Ενέργειας"]
                .map(str::to_owned)
                .into(),
            section: vec!["Straße".to_owned(), "STRASSE".to_owned()],
            ..article("Power.")
        };
        add(&store, &added).await;
        let by = |tag: Option<&str>, section: Option<&str>, q: Option<&str>| ArticleFilter {
            tag: tag.map(str::to_owned),
            section: section.map(str::to_owned),
            q: q.map(search),
            ..ArticleFilter::all(NOON)
        };
        for q in [None, Some("power")] {
            for tag in [
                "éNERGIE",
                "E\u{301}nergie",
                "ЭНЕРГИЯ",
                "エネルギー",
                "ΕΝΈΡΓΕΙΑΣ",
            ] {
                let found = titles(&store, &by(Some(tag), None, q)).await;
                assert_eq!(found, ["A cautious path"], "{tag}");
            }
            let found = titles(&store, &by(Some("énergie"), Some("strasse"), q)).await;
            assert_eq!(found, ["A cautious path"]);
            for (tag, section) in [
                (Some("Energie"), None),
                (Some("Straße"), None),
                (None, Some("énergie")),
            ] {
                assert!(
                    titles(&store, &by(tag, section, q)).await.is_empty(),
                    "{tag:?} {section:?}"
                );
            }
        }
        let moved = NewArticle {
            tags: vec!["Strom".to_owned()],
            ..added
        };
        store
            .correct_article("cautious-path", &moved)
            .await
            .unwrap();
        assert!(
            titles(&store, &by(Some("énergie"), None, None))
                .await
                .is_empty()
        );
        assert_eq!(
            titles(&store, &by(Some("STROM"), None, None)).await.len(),
            1
        );
    }
}

#[tokio::test]
async fn what_came_before_there_was_an_index_is_put_into_it_once() {
    for store in stores().await {
        add(&store, &article("Talks resume in Nara.")).await;
        assert!(store.articles_not_indexed(9).await.unwrap().is_empty());
        for make_old in [
            "UPDATE articles SET indexed = 0 WHERE slug = $1",
            "DELETE FROM article_labels WHERE article_id = (SELECT id FROM articles WHERE slug = $1)",
        ] {
            let slug = [Arg::from("cautious-path")];
            store
                .database
                .change(Part::Articles, Sql::both(make_old), &slug)
                .await
                .unwrap();
        }
        let old = store.articles_not_indexed(9).await.unwrap().remove(0);
        assert_eq!(
            (old.slug.as_str(), old.body_text.as_str()),
            ("cautious-path", "Talks resume in Nara.")
        );
        store
            .index_article(&old.slug, &terms("by other words"))
            .await
            .unwrap();
        assert!(store.articles_not_indexed(9).await.unwrap().is_empty());
        let by = |q: &str| ArticleFilter {
            q: Some(search(q)),
            ..ArticleFilter::all(NOON)
        };
        assert_eq!(titles(&store, &by("other")).await.len(), 1);
        // Whoever comes later has older words.
        store
            .index_article(&old.slug, &terms("too late"))
            .await
            .unwrap();
        assert!(titles(&store, &by("late")).await.is_empty());
    }
}

#[tokio::test]
async fn a_plan_goes_from_state_to_state_once() {
    for store in stores().await {
        let until = NewArticle {
            embargoed_until: Some(after_noon(2)),
            ..article("one")
        };
        add(&store, &until).await;
        let plan = |market| Plan {
            article: "cautious-path".to_owned(),
            market: MarketId(market),
            role: LinkRole::Trigger,
            account: AccountId(3),
            halt: (market == 1).then_some(Halt {
                before: 60,
                after: 0,
            }),
            made_at: NOON,
            state: PlanState::Waiting,
        };
        assert!(store.add_plan(&plan(1)).await.unwrap());
        assert!(store.add_plan(&plan(0)).await.unwrap());
        assert!(!store.add_plan(&plan(1)).await.unwrap());
        assert_eq!(
            store.plans_of("cautious-path").await.unwrap(),
            [plan(0), plan(1)]
        );
        assert!(store.move_plan(&plan(1), PlanState::Halted).await.unwrap());
        assert!(!store.move_plan(&plan(1), PlanState::Done).await.unwrap());
        assert!(!store.drop_plan("cautious-path", MarketId(1)).await.unwrap());
        assert!(store.drop_plan("cautious-path", MarketId(0)).await.unwrap());
        let due = store.plans_not_done().await.unwrap();
        let [due] = due.as_slice() else {
            panic!("{due:?}")
        };
        assert_eq!(
            (due.plan.state, due.lifts_at),
            (PlanState::Halted, Some(after_noon(2)))
        );
        assert_eq!(due.status, ArticleStatus::Usable);
        assert!(store.move_plan(&due.plan, PlanState::Done).await.unwrap());
        assert!(store.plans_not_done().await.unwrap().is_empty());
        let unknown = Plan {
            article: "other".to_owned(),
            ..plan(1)
        };
        assert!(store.add_plan(&unknown).await.is_err());
    }
}

#[tokio::test]
async fn a_desk_is_as_it_was_last_set() {
    for store in stores().await {
        add(&store, &article("one")).await;
        let set = async |accounts: &[u32]| {
            let accounts: Vec<AccountId> = accounts.iter().copied().map(AccountId).collect();
            store
                .set_desk("cautious-path", &accounts, AccountId(3), NOON)
                .await
                .unwrap();
            store.desk_of("cautious-path").await.unwrap()
        };
        assert_eq!(set(&[9, 5]).await, [AccountId(5), AccountId(9)]);
        assert_eq!(set(&[7, 9]).await, [AccountId(7), AccountId(9)]);
        assert!(set(&[]).await.is_empty());
        let nobody = store
            .set_desk("other", &[AccountId(5)], AccountId(3), NOON)
            .await;
        assert!(nobody.is_err());
    }
}

#[tokio::test]
async fn a_snapshot_is_kept_once_and_stays() {
    for store in stores().await {
        add(&store, &article("one")).await;
        let snapshot = |market, odds| OddsSnapshot {
            article: "cautious-path".to_owned(),
            market: MarketId(market),
            seq: Seq(9),
            at: NOON,
            odds: vec![Some(odds), None],
            status: Status::Open,
        };
        for (market, odds) in [(3, 350_000), (1, 420_000), (3, 999_999)] {
            store
                .save_odds_snapshot(&snapshot(market, odds))
                .await
                .unwrap();
        }
        let kept = store.odds_snapshots_of("cautious-path").await.unwrap();
        assert_eq!(kept, [snapshot(1, 420_000), snapshot(3, 350_000)]);
        assert_eq!(store.odds_snapshots_of("other").await.unwrap(), []);

        let unknown = OddsSnapshot {
            article: "other".to_owned(),
            ..snapshot(1, 1)
        };
        assert!(store.save_odds_snapshot(&unknown).await.is_err());
    }
}
