//! `/console/emergency`: what stands still, and how many markets are stopped at once and let go on.
//!
//! What a halt would stop is shown first, and it is made from that page.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::App;
use tidings_api::wire::band;
use tidings_core::Engine;
use tidings_core::halt::{Scope, StandingHalt};
use tidings_core::market::{HaltReason, Phase, Status};
use tidings_core::view::MarketView;

use super::Sheet;
use super::call::{Api, Refused};
use super::market::form::Filled;
use super::market::not_yours;
use super::sign_in::to;
use super::staff::Staff;
use crate::answer;
use crate::moment::Moment;
use crate::site::Unavailable;
use crate::words::Lang;

/// Markets that are named; of more there is a number.
const MOST: usize = 50;

/// Its routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/emergency", get(emergency).post(look))
        .route("/console/emergency/halt", post(halt))
        .route("/console/emergency/resume", post(resume))
}

#[derive(Template)]
#[template(path = "console/emergency.html")]
struct EmergencyPage {
    sheet: Sheet,
    standing: Vec<Standing>,
    /// Markets that stand still by themselves.
    alone: Listed,
    /// How many trade.
    open: usize,
    tags: Vec<TagLine>,
    /// What the halt would stop that was asked about; none, while it is not said which.
    would_stop: Option<Listed>,
    form: Filled,
    said: Option<&'static str>,
}

/// A halt of many markets.
struct Standing {
    /// In words.
    what: String,
    word: &'static str,
    tag: String,
    reason: String,
    by: String,
    at: Moment,
    count: usize,
}

/// A tag that is in use, and how many markets with it trade.
struct TagLine {
    tag: String,
    open: usize,
}

/// Markets, the oldest first.
struct Listed {
    lines: Vec<Line>,
    /// Those that found no room.
    more: usize,
}

struct Line {
    slug: String,
    question: String,
    why: Option<String>,
}

impl Listed {
    fn count(&self) -> usize {
        self.lines.len() + self.more
    }

    fn of<'a>(markets: impl Iterator<Item = &'a Arc<MarketView>>) -> Listed {
        let line = |view: &Arc<MarketView>| Line {
            slug: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            why: match &view.phase {
                Phase::Halted {
                    reason: HaltReason::Operator(words),
                } => Some(words.clone()),
                Phase::Halted {
                    reason: HaltReason::Embargo,
                } => Some("around the publication of an article".to_owned()),
                Phase::Halted {
                    reason: HaltReason::Band(swing),
                } => Some(band::words(view, *swing)),
                _ => None,
            },
        };
        let mut lines: Vec<Line> = markets.map(line).collect();
        let more = lines.len().saturating_sub(MOST);
        lines.truncate(MOST);
        Listed { lines, more }
    }
}

/// What was done, as the address says after it.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    said: String,
}

impl Said {
    fn words(&self) -> Option<&'static str> {
        Some(match self.said.as_str() {
            "halted" => {
                "It stands still. What rests on the books stays, and can be cancelled; what opens meanwhile \
                 opens halted."
            }
            "resumed" => "The halt is lifted. What stood still by it trades again.",
            _ => return None,
        })
    }
}

/// `GET /console/emergency`.
async fn emergency(
    State(app): State<App>,
    staff: Staff,
    Query(said): Query<Said>,
) -> Result<Response, Unavailable> {
    show(&app, &staff, Filled::fresh()?, None, said.words()).await
}

/// `POST /console/emergency`: what a halt would stop. Does nothing.
async fn look(
    State(app): State<App>,
    staff: Staff,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    let mut form = Filled::of("halt", fields).renewed()?;
    match asked(&form) {
        Ok(scope) => show(&app, &staff, form, Some(scope), None).await,
        Err(refused) => {
            form.refused = Some(refused);
            show(&app, &staff, form, None, None).await
        }
    }
}

/// Which markets a form is about.
fn asked(form: &Filled) -> Result<Scope, Refused> {
    let missing = |words| Err(Refused::here(StatusCode::UNPROCESSABLE_ENTITY, words));
    match (form.typed("scope"), form.typed("tag")) {
        _ if form.typed("reason").is_empty() => missing("Say why, for everyone to read."),
        ("everything", _) => Ok(Scope::Everything),
        ("tag", "") => missing("Choose a tag."),
        ("tag", tag) => Ok(Scope::Tag(tag.to_owned())),
        _ => missing("Say what is to stand still."),
    }
}

async fn show(
    app: &App,
    staff: &Staff,
    form: Filled,
    scope: Option<Scope>,
    said: Option<&'static str>,
) -> Result<Response, Unavailable> {
    if let Some(refusal) = not_yours(staff) {
        return Ok(refusal);
    }
    let markets = app.exchange().markets();
    let open = || {
        markets
            .iter()
            .filter(|view| view.phase.status() == Status::Open)
    };
    let alone = markets.iter().filter(|view| {
        view.phase.status() == Status::Halted && view.phase.halted_with_many().is_none()
    });
    let would_stop = scope.map(|scope| Listed::of(open().filter(|view| scope.covers(&view.spec))));
    let status = form
        .refused
        .as_ref()
        .map_or(StatusCode::OK, |refused| refused.status);
    let page = EmergencyPage {
        sheet: Sheet::new(app, "Emergency", "emergency", Some(staff.who())),
        standing: standing(app, &markets).await?,
        alone: Listed::of(alone),
        open: open().count(),
        tags: tags(&markets),
        would_stop,
        form,
        said,
    };
    Ok(answer::console(status, &page))
}

/// The halts that stand, with who said so.
async fn standing(app: &App, markets: &[Arc<MarketView>]) -> Result<Vec<Standing>, Unavailable> {
    let read = |engine: &Engine| {
        let named = |halt: &StandingHalt| {
            let name = engine
                .account(halt.by)
                .map(|account| account.name.to_string());
            (halt.clone(), name.unwrap_or_default())
        };
        engine.halts().iter().map(named).collect()
    };
    let all: Vec<(StandingHalt, String)> = app.read(read).await?;
    let line = |(halt, by): (StandingHalt, String)| {
        let held = |view: &&Arc<MarketView>| {
            let with = view.phase.halted_with_many();
            with.is_some_and(|scope| scope.is_same(&halt.scope))
        };
        let count = markets.iter().filter(held).count();
        let (what, word, tag) = match halt.scope {
            Scope::Everything => ("Everything".to_owned(), "everything", String::new()),
            Scope::Tag(tag) => (format!("Everything tagged {tag}"), "tag", tag),
        };
        Standing {
            what,
            word,
            tag,
            reason: halt.reason,
            by,
            at: Moment::prose(halt.at, Lang::En),
            count,
        }
    };
    Ok(all.into_iter().map(line).collect())
}

/// The tags of markets that are not over, each once, with how many trade. In whatever case they are written
/// they are one, as a halt takes them.
fn tags(markets: &[Arc<MarketView>]) -> Vec<TagLine> {
    let mut tags: BTreeMap<String, TagLine> = BTreeMap::new();
    let live = [Status::Draft, Status::Open, Status::Halted];
    let live = markets
        .iter()
        .filter(|view| live.contains(&view.phase.status()));
    for view in live {
        let mut own: Vec<&String> = view.spec.tags.iter().collect();
        own.sort_by_key(|tag| tag.to_ascii_lowercase());
        own.dedup_by_key(|tag| tag.to_ascii_lowercase());
        for tag in own {
            let line = tags.entry(tag.to_ascii_lowercase()).or_insert(TagLine {
                tag: tag.clone(),
                open: 0,
            });
            line.open += usize::from(view.phase.status() == Status::Open);
        }
    }
    tags.into_values().collect()
}

/// `POST /console/emergency/halt`.
async fn halt(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    send(&app, &api, &staff, fields, "halt").await
}

/// `POST /console/emergency/resume`.
async fn resume(
    State(app): State<App>,
    Extension(api): Extension<Api>,
    staff: Staff,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Unavailable> {
    send(&app, &api, &staff, fields, "resume").await
}

async fn send(
    app: &App,
    api: &Api,
    staff: &Staff,
    fields: HashMap<String, String>,
    which: &str,
) -> Result<Response, Unavailable> {
    let mut form = Filled::of(which, fields);
    let (path, said) = match which {
        "halt" => ("/v1/halts", "halted"),
        _ => ("/v1/halts/resume", "resumed"),
    };
    let some = |field| match form.typed(field) {
        "" => Value::Null,
        text => Value::from(text),
    };
    // Of a halt of everything a tag that was chosen before means nothing.
    let tag = match form.typed("scope") {
        "tag" => some("tag"),
        _ => Value::Null,
    };
    let body = json!({"scope": form.typed("scope"), "tag": tag, "reason": some("reason")});
    let sent = api.send(staff, Method::POST, path, &body, form.typed("key"));
    match sent.await {
        Ok(_) => Ok(to(&format!("/console/emergency?said={said}"))),
        Err(refused) => {
            form.refused = Some(refused);
            show(app, staff, form.renewed()?, None, None).await
        }
    }
}
