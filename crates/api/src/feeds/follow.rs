//! What a feed changes of an article that came from it: a text that is another than the feed's last
//! becomes a version of its article.
//!
//! An article follows one feed. Two that carry it, one whole and one in short, would take turns to
//! correct each other. What an editor says of it stands, unless the feed says that its own text is
//! newer than that; and an article that nobody may see is not touched.
//!
//! Only the text is taken: headline, summary, body, byline. Where the article stands, what it is about
//! and when it was published are the newsroom's, once it is here.

use std::collections::{HashMap, HashSet};

use tidings_core::units::Timestamp;
use tidings_news::{ImportError, Item};
use tidings_store::{Article, FeedRow, Followed, NewArticle, StoreError};

use crate::app::App;
use crate::wire::article::{tells_less, terms};

/// Versions of an article after which its feed changes it no more. A page that counts the minutes
/// since something happened would have 96 in a day.
const VERSIONS: u32 = 100;

/// What became of an item whose article is here already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It says what it said.
    Nothing,
    /// It says something else, which is not taken.
    Held,
    /// What it says is a version.
    Version,
}

/// The addresses that one item has for itself: items that share one are not versions of each other.
pub(super) fn own_addresses(items: &[Result<Item, ImportError>]) -> HashSet<String> {
    let mut times: HashMap<&str, u32> = HashMap::new();
    let drafts = items.iter().flatten().map(|item| &item.draft);
    for address in drafts.filter_map(|draft| draft.canonical_url.as_deref()) {
        *times.entry(address).or_default() += 1;
    }
    let alone = times.into_iter().filter(|(_, times)| *times == 1);
    alone.map(|(address, _)| address.to_owned()).collect()
}

/// An article that came from a feed follows it.
pub(super) async fn begin(
    app: &App,
    feed: &FeedRow,
    article: &Article,
    dated: Option<i64>,
) -> Result<(), StoreError> {
    let followed = Followed {
        feed: feed.id,
        version: article.version,
        dated: past(dated, app.now()),
    };
    app.store().follow(&article.slug, &followed).await
}

/// Compares what a feed says with what it said, and makes a version of what is another text.
pub(super) async fn follow(
    app: &App,
    feed: &FeedRow,
    article: &Article,
    said: NewArticle,
    dated: Option<i64>,
) -> Result<Taken, StoreError> {
    // The same text at another address, or an address that the article had once.
    if article.canonical_url != said.canonical_url {
        return Ok(Taken::Nothing);
    }
    let followed = app.store().followed(&article.slug).await?;
    if same_text(article, &said) {
        // Whoever says what the article says may be followed, if nobody else is.
        let nobody_else = followed.is_none_or(|it| it.feed == feed.id);
        if nobody_else && followed.is_none_or(|it| it.version != article.version) {
            begin(app, feed, article, dated).await?;
        }
        return Ok(Taken::Nothing);
    }
    let Some(followed) = followed.filter(|followed| followed.feed == feed.id) else {
        return Ok(Taken::Nothing);
    };
    if followed.version != article.version {
        let last = followed.version;
        let last = app.store().article_version(&article.slug, last).await?;
        if last.is_some_and(|last| same_text(&last, &said)) {
            return Ok(Taken::Nothing);
        }
    }
    let dated = past(dated, said.at);
    if !may_change(article, &followed, dated, said.at) {
        return Ok(Taken::Held);
    }
    let version = version(article, said);
    let changed = app
        .store()
        .correct_article_after(&article.slug, article.version, &version)
        .await;
    let changed = match changed {
        Ok(Some(changed)) => changed,
        // An editor was quicker, or another article has this very text.
        Ok(None) | Err(StoreError::ArticleTaken { .. }) => return Ok(Taken::Held),
        Err(error) => return Err(error),
    };
    let followed = Followed {
        version: changed.version,
        dated: dated.or(followed.dated),
        ..followed
    };
    app.store().follow(&article.slug, &followed).await?;
    Ok(Taken::Version)
}

/// Whether a text that a feed changed may become a version.
fn may_change(
    article: &Article,
    followed: &Followed,
    dated: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    // Out of a cache on the way, from before what came last.
    let older = dated
        .zip(followed.dated)
        .is_some_and(|(dated, last)| dated < last);
    let newest_is_the_feeds =
        followed.version == article.version || cfg!(planted = "a_feed_overrules_its_editors");
    let after_ours = dated.is_some_and(|dated| dated > article.updated_at);
    (article.is_public(now) || cfg!(planted = "a_feed_brings_back_the_withheld"))
        && !older
        && (newest_is_the_feeds || after_ours)
        && article.version < VERSIONS
}

/// The article with another text.
fn version(article: &Article, said: NewArticle) -> NewArticle {
    let texts = [&said.title, &said.summary, &said.body_text];
    // A shorter text may not tell in which language it is.
    let language = match tells_less(&said.language, &article.language) {
        true => article.language.clone(),
        false => said.language.clone(),
    };
    NewArticle {
        terms: terms(texts.map(String::as_str), &article.tags),
        publisher: article.publisher.clone(),
        section: article.section.clone(),
        tags: article.tags.clone(),
        flags: article.flags.clone(),
        published_at: article.published_at,
        embargoed_until: article.embargoed_until,
        status: article.status,
        language,
        ..said
    }
}

/// Whether both say the same, whatever the white space and the markup of their bodies: addresses of
/// links change with every reader in some feeds.
fn same_text(article: &Article, said: &NewArticle) -> bool {
    article.title == said.title
        && article.summary == said.summary
        && article.byline == said.byline
        && article
            .body_text
            .split_whitespace()
            .eq(said.body_text.split_whitespace())
}

/// A date that can be true.
fn past(dated: Option<i64>, now: Timestamp) -> Option<Timestamp> {
    let dated = dated.map(Timestamp::from_micros);
    dated.filter(|dated| *dated <= now)
}
