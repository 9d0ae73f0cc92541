//! What a newsroom's work goes on with by itself: feeds are looked at, plans carried out, and
//! articles from before there was an index put into it. A server runs it once, beside its routes.

use std::time::Duration;

use tidings_store::StoreError;

use crate::app::App;
use crate::wire::article::terms;
use crate::{feeds, plans};

/// How late a plan may be, and how soon a feed is looked at that was just added.
const TICK: Duration = Duration::from_millis(500);

/// Articles that are indexed in a row.
const BATCH: u32 = 20;

/// Runs until the server shuts down.
pub async fn run(app: App) {
    let shutdown = app.shutdown().clone();
    let work = async { tokio::join!(plan(&app), look(&app), index(&app)) };
    tokio::select! {
        () = shutdown.cancelled() => {}
        _ = work => {}
    }
}

async fn plan(app: &App) {
    loop {
        if let Err(error) = plans::keep(app).await {
            tracing::warn!(%error, "plans were not looked at");
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn look(app: &App) {
    loop {
        match feeds::look(app).await {
            // One after the other: a feed is no hurry, and the machine has other work.
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a feed was not looked at"),
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn index(app: &App) {
    loop {
        match index_some(app).await {
            Ok(0) => return,
            Ok(count) => tracing::info!(count, "articles from before were put into the index"),
            Err(error) => {
                tracing::warn!(%error, "articles from before were not put into the index");
                tokio::time::sleep(TICK * 20).await;
            }
        }
    }
}

async fn index_some(app: &App) -> Result<usize, StoreError> {
    let some = app.store().articles_not_indexed(BATCH).await?;
    for article in &some {
        let texts = [&article.title, &article.summary, &article.body_text];
        let terms = terms(texts.map(String::as_str), &article.tags);
        app.store().index_article(&article.slug, &terms).await?;
    }
    Ok(some.len())
}
