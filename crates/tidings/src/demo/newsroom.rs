//! Sets the sample newsroom up: accounts with money, articles, markets. Every step is sent under an
//! idempotency key or names itself, so a start that was cut short is made complete by the next one.

use serde_json::{Value, json};
use tidings_news::sample;

use super::cast::{Cast, Member, Part};
use super::client::{Bearer, CallError, Client};

/// The market that comes first: the most prominent one.
pub(super) fn first_market() -> String {
    sample::newsroom()
        .markets
        .first()
        .map_or_else(String::new, |market| market.slug.clone())
}

/// Opens everyone's account and pays in.
pub(super) async fn open_accounts(client: &Client, admin_key: &str) -> Result<Cast, CallError> {
    let admin = client.with(admin_key);
    let mut members = Vec::new();
    for part in Part::ALL {
        let once = format!("sample-account-{}", part.word());
        let body = json!({ "name": part.name(), "role": part.role() });
        let opened = admin.post_once("/v1/accounts", &once, &body).await?;
        let text = |field: &str| opened[field].as_str().unwrap_or_default().to_owned();
        let member = Member {
            part,
            account: text("id"),
            key: text("key"),
        };
        if let Some(amount) = part.deposit() {
            let once = format!("sample-deposit-{}", part.word());
            let path = format!("/v1/accounts/{}/deposits", member.account);
            admin
                .post_once(&path, &once, &json!({ "amount": amount }))
                .await?;
        }
        members.push(member);
    }
    let started = jiff::Timestamp::now().as_microsecond();
    Ok(Cast { started, members })
}

/// Publishes what is not there yet, but for the last article: that one comes once there are odds to
/// remember beside it.
pub(super) async fn publish(client: &Client, cast: &Cast) -> Result<(), CallError> {
    let newsroom = sample::newsroom();
    let editor = client.with(cast.key(Part::Editor));
    for article in all_but_the_last(&newsroom.articles) {
        if is_missing(client.get(&format!("/v1/articles/{}", article.slug)).await)? {
            let once = format!("sample-article-{}", article.slug);
            let body = as_json(&article.at(cast.started));
            editor.post_once("/v1/articles", &once, &body).await?;
        }
    }
    let operator = client.with(cast.key(Part::Operator));
    // Lists show the newest first, so the most prominent one comes last.
    for market in newsroom.markets.iter().rev() {
        let found = client.get(&format!("/v1/markets/{}", market.slug)).await;
        let draft = match &found {
            Ok(market) => market["status"] == "draft",
            Err(_) => false,
        };
        if is_missing(found)? {
            let once = format!("sample-market-{}", market.slug);
            let mut body = as_json(&market.at(cast.started));
            body["articles"] = without_the_last(&newsroom, body["articles"].take());
            operator.post_once("/v1/markets", &once, &body).await?;
            open(&operator, &market.slug).await?;
        } else if draft {
            open(&operator, &market.slug).await?;
        }
    }
    Ok(())
}

/// Publishes the last article as of now, and links the markets that hang off it.
pub(super) async fn publish_last(client: &Client, cast: &Cast) -> Result<(), CallError> {
    let newsroom = sample::newsroom();
    let Some(article) = newsroom.articles.last() else {
        return Ok(());
    };
    let editor = client.with(cast.key(Part::Editor));
    let path = format!("/v1/articles/{}", article.slug);
    if is_missing(client.get(&path).await)? {
        let once = format!("sample-article-{}", article.slug);
        let mut body = as_json(&article.at(cast.started));
        body["published_at"] = json!(jiff::Timestamp::now().to_string());
        editor.post_once("/v1/articles", &once, &body).await?;
    }
    for market in &newsroom.markets {
        for link in market
            .articles
            .iter()
            .filter(|link| link.article == article.slug)
        {
            let once = format!("sample-link-{}", market.slug);
            let body = json!({ "market": market.slug, "role": link.role });
            let linked = editor
                .post_once(&format!("{path}/markets"), &once, &body)
                .await;
            match linked {
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
fn without_the_last(newsroom: &sample::Newsroom, links: Value) -> Value {
    let last = newsroom
        .articles
        .last()
        .map(|article| article.slug.as_str());
    match links {
        Value::Array(links) => {
            let kept = links
                .into_iter()
                .filter(|link| link["article"].as_str() != last);
            Value::Array(kept.collect())
        }
        other => other,
    }
}

async fn open(operator: &Bearer<'_>, slug: &str) -> Result<(), CallError> {
    let path = format!("/v1/markets/{slug}/open");
    let opened = operator
        .post_once(&path, &format!("sample-open-{slug}"), &json!({}))
        .await;
    match opened {
        Err(error) if error.code() == "wrong_phase" => Ok(()),
        opened => opened.map(drop),
    }
}

fn is_missing(found: Result<Value, CallError>) -> Result<bool, CallError> {
    match found {
        Ok(_) => Ok(false),
        Err(CallError::Refused { status: 404, .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

fn as_json(body: &impl serde::Serialize) -> Value {
    serde_json::to_value(body).expect("the sample is plain data")
}
