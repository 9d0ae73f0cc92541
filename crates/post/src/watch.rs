//! What hooks are to be told: markets that came to stand otherwise than before, and rules that were added to.
//!
//! Each market is looked at from the place up to which it was looked at before, which is kept: nothing that
//! happened while this process was away is left out, and nothing is noted twice.

use std::collections::{BTreeMap, BTreeSet};

use tidings_api::wire::alert::{Alert, AlertKind};
use tidings_api::wire::band;
use tidings_api::wire::id;
use tidings_api::wire::time::Time;
use tidings_api::{App, Problem};
use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::{Corrected, HaltReason, Phase, Status};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_store::{Hook, HookMark, Turn};

use crate::forget;

/// Hooks that are read together.
const TOGETHER: u32 = 500;

/// Turns of a market that are told at once; the rest is found by the next look.
const TURNS: u32 = 200;

/// Something that happened in a market.
struct Happened {
    /// Its name for ever.
    id: String,
    kind: AlertKind,
    at: Timestamp,
    /// Its place in the journal; none where it is known by its moment.
    seq: Option<Seq>,
    status: Status,
    reason: Option<String>,
}

/// Looks at every market of an article whose editor has a hook.
pub(crate) async fn look(app: &App) -> Result<(), Problem> {
    let hooks = hooks(app).await?;
    let Some(oldest) = hooks.iter().min_by_key(|hook| hook.since_seq) else {
        return Ok(());
    };
    let marks: BTreeMap<MarketId, HookMark> = app
        .store()
        .hook_marks()
        .await?
        .into_iter()
        .map(|mark| (mark.market, mark))
        .collect();
    // What is newer than history is looked at when it is there.
    let known = app.exchange().projected();
    let mut authors = Authors::default();
    for view in app.exchange().markets() {
        let start = HookMark {
            market: view.id,
            seq: oldest.since_seq,
            at: oldest.created_at,
        };
        let marked = marks.get(&view.id).copied();
        let mark = marked.filter(|mark| mark.seq > start.seq).unwrap_or(start);
        let until = view.as_of.seq;
        if view.links.is_empty() || until <= mark.seq || known < until {
            continue;
        }
        let turns = app
            .store()
            .turns_of(view.id, (mark.seq, mark.at), until, TURNS)
            .await?;
        let (seq, at) = match turns.last() {
            Some(last) if turns.len() == TURNS as usize => (last.seq, last.at),
            _ => (until, view.as_of.at),
        };
        let mut happened: Vec<Happened> = turns
            .iter()
            .filter_map(|turn| turned(&view, turn))
            .collect();
        happened.extend(corrections(&view, mark.at));
        // Of what is older it is not known any more whether it was told.
        let known = forget::alerts_from(app);
        happened.retain(|one| one.at >= known);
        for one in &happened {
            authors.read(app, &view).await?;
            note(app, &hooks, &authors, &view, one).await?;
        }
        let moved = HookMark {
            market: view.id,
            seq,
            at,
        };
        app.store().move_hook_mark(moved).await?;
    }
    Ok(())
}

/// Who wrote the articles of markets in which something happened, in any of their versions.
#[derive(Default)]
struct Authors(BTreeMap<String, BTreeSet<AccountId>>);

impl Authors {
    async fn read(&mut self, app: &App, view: &MarketView) -> Result<(), Problem> {
        for link in &view.links {
            if !self.0.contains_key(&link.article) {
                let versions = app.store().article_versions(&link.article).await?;
                let wrote = versions.into_iter().map(|version| version.author);
                self.0.insert(link.article.clone(), wrote.collect());
            }
        }
        Ok(())
    }

    fn wrote(&self, account: AccountId, article: &str) -> bool {
        self.0
            .get(article)
            .is_some_and(|wrote| wrote.contains(&account))
    }
}

async fn hooks(app: &App) -> Result<Vec<Hook>, Problem> {
    let mut hooks: Vec<Hook> = Vec::new();
    loop {
        let after = hooks.last().map_or(0, |hook| hook.id);
        let more = app.store().active_hooks(after, TOGETHER).await?;
        let is_all = more.len() < TOGETHER as usize;
        hooks.extend(more);
        if is_all {
            return Ok(hooks);
        }
    }
}

/// What a turn is told as, if it is.
fn turned(view: &MarketView, turn: &Turn) -> Option<Happened> {
    let (kind, word) = match (turn.status, turn.before) {
        (Status::Halted, _) => (AlertKind::Halted, "halted"),
        (Status::Disputed, _) => (AlertKind::Disputed, "disputed"),
        (Status::Settled, _) => (AlertKind::Resolved, "settled"),
        (Status::Voided, _) => (AlertKind::Resolved, "voided"),
        // Another resolution in the place of one that was disputed.
        (Status::Proposed, Some(Status::Disputed)) => (AlertKind::Corrected, "proposed-anew"),
        _ => return None,
    };
    Some(Happened {
        id: format!("{}-{}-{word}", id::market(view.id), turn.seq),
        kind,
        at: turn.at,
        seq: Some(turn.seq),
        status: turn.status,
        reason: reason(view, turn.status),
    })
}

/// Why a market stands as it does, if it still does.
fn reason(view: &MarketView, status: Status) -> Option<String> {
    if view.phase.status() != status {
        return None;
    }
    match &view.phase {
        Phase::Halted { reason } => match reason {
            HaltReason::Operator(words) | HaltReason::Many { reason: words, .. } => {
                Some(words.clone())
            }
            HaltReason::Embargo => None,
            HaltReason::Band(swing) => Some(band::words(view, *swing)),
        },
        Phase::Disputed(_, objection) | Phase::VoidDisputed(_, objection) => {
            Some(objection.reason.clone())
        }
        Phase::VoidProposed(proposal) => Some(proposal.reason.clone()),
        Phase::Proposed(proposal) | Phase::Settled { proposal, .. } => Some(proposal.note.clone()),
        Phase::Voided { reason, .. } => Some(reason.clone()),
        Phase::Draft | Phase::Open | Phase::Closed => None,
    }
}

/// What was added to a market's rules, and how its end was corrected, from a moment on. What was noted
/// before is not noted again.
fn corrections(view: &MarketView, from: Timestamp) -> impl Iterator<Item = Happened> {
    let market = id::market(view.id);
    let status = view.phase.status();
    let added = (1..).zip(&view.clarifications);
    let added = added.filter(move |(_, added): &(u32, _)| added.at >= from);
    let happened = move |what: String, at: Timestamp, words: &str| Happened {
        id: format!("{market}-{what}"),
        kind: AlertKind::Corrected,
        at,
        seq: None,
        status,
        reason: Some(words.to_owned()),
    };
    let rules = added.map({
        let happened = happened.clone();
        move |(n, added)| happened(format!("rules-{n}"), added.at, &added.text)
    });
    let ends = (1..).zip(&view.corrections);
    let ends = ends.filter(move |(_, made): &(u32, _)| made.at >= from);
    let reason = |made: &Corrected| made.correction.reason.clone();
    rules.chain(ends.map(move |(n, made)| happened(format!("end-{n}"), made.at, &reason(made))))
}

/// Notes what happened for each hook whose editor wrote one of the market's articles.
async fn note(
    app: &App,
    hooks: &[Hook],
    authors: &Authors,
    view: &MarketView,
    happened: &Happened,
) -> Result<(), Problem> {
    for hook in hooks {
        let is_new = match happened.seq {
            Some(seq) => seq > hook.since_seq,
            None => happened.at > hook.created_at,
        };
        let articles: Vec<String> = view
            .links
            .iter()
            .map(|link| link.article.clone())
            .filter(|article| authors.wrote(hook.account, article))
            .collect();
        if !is_new || articles.is_empty() {
            continue;
        }
        let alert = Alert {
            id: happened.id.clone(),
            kind: happened.kind,
            at: Time(happened.at),
            market: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            status: happened.status.into(),
            reason: happened.reason.clone().filter(|words| !words.is_empty()),
            articles,
            url: format!("{}/markets/{}", app.base_url(), view.spec.slug),
        };
        let body = serde_json::to_string(&alert).map_err(Problem::internal)?;
        let noted = app
            .store()
            .add_delivery(hook.id, (&happened.id, &body), app.now());
        noted.await?;
    }
    Ok(())
}
