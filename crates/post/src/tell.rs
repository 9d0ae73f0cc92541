//! Tells hooks what is due: signed calls, tried again for two days, past the guard that every address of the
//! outside passes. A hook to which nothing gets through for three days is disabled, loudly.

use std::sync::Arc;

use tidings_api::wire::alert::{EVENT, FAILING_HOURS, SIGNATURE, WAITS};
use tidings_api::{App, Problem, hooks};
use tidings_core::units::Timestamp;
use tidings_news::fetch::{Call, Fetcher};
use tidings_store::{Delivery, DeliveryStatus, DeliveryTried, Hook, HookStatus};
use tokio::task::JoinSet;

use crate::sign::signature;

/// Calls at once, and in one look: each may take seconds.
const AT_ONCE: u32 = 8;

/// A hook is disabled after so long without anything getting through.
const FAILING: i64 = FAILING_HOURS as i64 * 3_600 * SECOND;

const SECOND: i64 = 1_000_000;

/// Makes the calls that are due, some at once.
pub(crate) async fn tell_due(app: &App, fetcher: &Arc<Fetcher>) -> Result<(), Problem> {
    let due = app.store().due_deliveries(app.now(), AT_ONCE).await?;
    let mut calls = JoinSet::new();
    for delivery in due {
        let (app, fetcher) = (app.clone(), Arc::clone(fetcher));
        calls.spawn(async move { tell(&app, &fetcher, &delivery).await });
    }
    while let Some(told) = calls.join_next().await {
        told.map_err(Problem::internal)??;
    }
    Ok(())
}

async fn tell(app: &App, fetcher: &Fetcher, delivery: &Delivery) -> Result<(), Problem> {
    let Some(hook) = app.store().hook(delivery.hook).await? else {
        return Ok(());
    };
    let at = app.now().as_micros() / SECOND;
    let secret = hooks::secret(app, &hook);
    let headers = [
        ("content-type", "application/json".to_owned()),
        (EVENT, delivery.event.clone()),
        (SIGNATURE, signature(&secret, at, delivery.body.as_bytes())),
    ];
    let call = Call {
        url: &hook.url,
        headers: &headers,
        body: delivery.body.as_bytes(),
    };
    let (was_taken, is_gone, reply) = match fetcher.call(&call).await {
        Ok(status) => (
            (200..300).contains(&status),
            status == 410,
            status.to_string(),
        ),
        Err(error) => (false, false, error.to_string()),
    };
    let now = app.now();
    let wait = WAITS
        .get(delivery.attempts as usize)
        .filter(|_| !cfg!(planted = "a_call_is_made_once"));
    let (status, due_at) = match (was_taken, wait) {
        (true, _) => (DeliveryStatus::Delivered, now),
        (false, Some(wait)) => (
            DeliveryStatus::Due,
            Timestamp::from_micros(now.as_micros() + i64::from(*wait) * SECOND),
        ),
        (false, None) => (DeliveryStatus::Failed, now),
    };
    let tried = DeliveryTried {
        status,
        due_at,
        at: now,
        reply,
    };
    app.store().end_delivery(delivery.id, &tried).await?;
    match was_taken {
        true if hook.failing_since.is_none() => Ok(()),
        true => Ok(app.store().note_hook(hook.id, None).await?),
        false => failed(app, &hook, is_gone, &tried.reply).await,
    }
}

/// Notes that a hook did not take something, and disables one that has not for too long.
async fn failed(app: &App, hook: &Hook, is_gone: bool, why: &str) -> Result<(), Problem> {
    let now = app.now();
    let since = hook.failing_since.unwrap_or(now);
    if is_gone || now.as_micros() - since.as_micros() >= FAILING {
        if app
            .store()
            .end_hook(hook.id, HookStatus::Disabled, now)
            .await?
        {
            tracing::error!(
                hook = hook.id,
                account = hook.account.0,
                why,
                "a hook is disabled: nothing got through to it"
            );
        }
    } else if hook.failing_since.is_none() {
        tracing::warn!(
            hook = hook.id,
            account = hook.account.0,
            why,
            "a hook did not take an alert"
        );
    }
    if hook.failing_since.is_none() {
        app.store().note_hook(hook.id, Some(since)).await?;
    }
    Ok(())
}
