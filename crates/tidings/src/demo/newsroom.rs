//! Sets the sample newsroom up: accounts with money, articles, markets. Every step is sent under an
//! idempotency key or names itself, so a start that was cut short is made complete by the next one.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tidings_client::types::{ArticleLink, MarketStatus, NewArticle, NewMarket};
use tidings_client::{Client, Error};
use tidings_news::sample;

use super::cast::{Cast, Member, Part, SignIn};
use crate::keys;

/// The market that comes first: the most prominent one.
pub(super) fn first_market() -> String {
    sample::newsroom()
        .markets
        .first()
        .map_or_else(String::new, |market| market.slug.clone())
}

/// Opens everyone's account and pays in.
pub(super) async fn open_accounts(client: &Client, admin_key: &str) -> Result<Cast, Error> {
    let admin = client.with_key(admin_key);
    let mut members = Vec::new();
    for part in Part::ALL {
        let word = part.word();
        let opened = admin
            .open_account(part.name(), part.role())
            .under(format!("sample-account-{word}"));
        let opened = opened.await.done()?;
        if let Some(amount) = part.deposit() {
            let paid = admin
                .deposit(&opened.id, amount.into())
                .under(format!("sample-deposit-{word}"));
            paid.await.done()?;
        }
        let sign_in = match part.signs_in() {
            true => sign_in(&admin, &opened.id).await?,
            false => None,
        };
        members.push(Member {
            part,
            account: opened.id,
            key: opened.key.unwrap_or_default(),
            sign_in,
        });
    }
    let started = jiff::Timestamp::now().as_microsecond();
    Ok(Cast { started, members })
}

/// Lets somebody sign in to the console; nothing where there are no random numbers for a password.
async fn sign_in(admin: &Client, account: &str) -> Result<Option<SignIn>, Error> {
    let Ok(password) = keys::random_password() else {
        return Ok(None);
    };
    let set = admin.set_sign_in_of(account, None, Some(&password));
    let name = set.await.done()?.name;
    Ok(Some(SignIn { name, password }))
}

/// Publishes what is not there yet, but for the last article: that one comes once there are odds to
/// remember beside it.
pub(super) async fn publish(client: &Client, cast: &Cast) -> Result<(), Error> {
    let newsroom = sample::newsroom();
    let editor = client.with_key(cast.key(Part::Editor));
    for article in all_but_the_last(&newsroom.articles) {
        if there(client.article(&article.slug).await)?.is_none() {
            let article: NewArticle = as_sent(&article.at(cast.started));
            editor.add_article(&article).await.done()?;
        }
    }
    let operator = client.with_key(cast.key(Part::Operator));
    // Lists show the newest first, so the most prominent one comes last.
    for market in newsroom.markets.iter().rev() {
        match there(client.market(&market.slug).await)? {
            None => {
                let mut draft: NewMarket = as_sent(&market.at(cast.started));
                draft.articles = without_the_last(&newsroom, draft.articles);
                let drafted = operator
                    .create_market(&draft)
                    .under(format!("sample-market-{}", market.slug));
                drafted.await.done()?;
                open(&operator, &market.slug).await?;
            }
            Some(found) if found.status == MarketStatus::Draft => {
                open(&operator, &market.slug).await?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Publishes the last article as of now, and links the markets that hang off it.
pub(super) async fn publish_last(client: &Client, cast: &Cast) -> Result<(), Error> {
    let newsroom = sample::newsroom();
    let Some(article) = newsroom.articles.last() else {
        return Ok(());
    };
    let editor = client.with_key(cast.key(Part::Editor));
    if there(client.article(&article.slug).await)?.is_none() {
        let article = NewArticle {
            published_at: Some(jiff::Timestamp::now()),
            ..as_sent(&article.at(cast.started))
        };
        editor.add_article(&article).await.done()?;
    }
    for market in &newsroom.markets {
        for link in market
            .articles
            .iter()
            .filter(|link| link.article == article.slug)
        {
            let linked = editor
                .link_article(&article.slug, &market.slug, as_sent(&link.role))
                .under(format!("sample-link-{}", market.slug));
            match linked.await.done() {
                Err(error) if error.code() != "link_not_possible" => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn all_but_the_last<T>(all: &[T]) -> &[T] {
    all.split_last().map_or(all, |(_, others)| others)
}

/// A market's links to articles that are there when it is created.
fn without_the_last(newsroom: &sample::Newsroom, mut links: Vec<ArticleLink>) -> Vec<ArticleLink> {
    let last = newsroom.articles.last();
    links.retain(|link| last.is_none_or(|last| link.article != last.slug));
    links
}

async fn open(operator: &Client, slug: &str) -> Result<(), Error> {
    let opened = operator
        .open_market(slug)
        .under(format!("sample-open-{slug}"));
    match opened.await.done() {
        Err(error) if error.code() == "wrong_phase" => Ok(()),
        opened => opened.map(drop),
    }
}

/// What was found, if it is there.
fn there<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A part of the sample as the client sends it.
fn as_sent<T: DeserializeOwned>(part: &impl Serialize) -> T {
    let json = serde_json::to_value(part).expect("the sample is plain data");
    serde_json::from_value(json).expect("the sample is what the exchange takes")
}
