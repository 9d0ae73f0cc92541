//! What the end of a market would book, entry by entry, as the API says it.

use serde_json::Value;
use tidings_api::App;
use tidings_api::wire::id;
use tidings_core::Engine;
use tidings_core::market::{Phase, Status};
use tidings_core::view::MarketView;

use crate::console::call::Api;
use crate::console::staff::Staff;
use crate::figures;
use crate::site::Unavailable;

/// What a payout would pay or a void refund, entry by entry.
pub(crate) struct Preview {
    /// What each outcome would pay; nothing, when it is called off.
    pub(crate) pays: Vec<(String, String)>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) holders: u64,
    /// Entries that are not listed.
    pub(crate) more: u64,
    pub(crate) total: String,
    /// Whether the market trades, so that the entries still change.
    pub(crate) trades: bool,
    /// Of a correction, what cannot be taken back, and of whom: the sponsor bears it.
    pub(crate) short: Vec<Entry>,
    /// What the sponsor lacks for that, if something.
    pub(crate) missing: Option<String>,
    pub(crate) seq: u64,
}

/// Money that would move.
pub(crate) struct Entry {
    pub(crate) account: String,
    pub(crate) what: &'static str,
    pub(crate) amount: String,
}

/// A list of a preview: its name, the name of its length, and what each entry is for.
type List = (&'static str, &'static str, &'static str);

const PAID: &[List] = &[("accounts", "holders", "paid for shares")];
const REFUNDED: &[List] = &[
    ("merged", "mergers", "for complete sets that orders hold"),
    ("accounts", "holders", "refunded"),
];

/// What stands in no ledger.
const SHORT: &str = "cannot be taken back";
const CORRECTED: &[List] = &[
    ("accounts", "holders", "corrected"),
    ("short", "debtors", SHORT),
];

impl Preview {
    /// What confirming the standing proposal would do.
    pub(crate) async fn of_proposal(
        app: &App,
        api: &Api,
        staff: &Staff,
        view: &MarketView,
    ) -> Result<Option<Preview>, Unavailable> {
        let void = matches!(view.phase, Phase::VoidProposed(_) | Phase::VoidDisputed(..));
        let corrects = view.correction.is_some();
        let what = match (void, corrects) {
            (_, true) => "correction",
            (true, false) => "void",
            (false, false) => "resolution",
        };
        let path = format!("/v1/markets/{}/{what}/preview", view.spec.slug);
        match api.get(staff, &path).await {
            Ok(json) if corrects => Preview::of_correction(app, view, &json).await.map(Some),
            Ok(json) if void => Preview::of_void(app, view, &json).await.map(Some),
            Ok(json) => Preview::of_payout(app, view, &json).await.map(Some),
            Err(refused) if refused.status.is_server_error() => Err(Unavailable),
            // It was settled meanwhile, and the page says so.
            Err(_) => Ok(None),
        }
    }

    /// What a payout would do.
    pub(crate) async fn of_payout(
        app: &App,
        view: &MarketView,
        json: &Value,
    ) -> Result<Preview, Unavailable> {
        let pays = pays(view, &json["payout"])?;
        let preview = Preview::read(app, view, json, PAID).await?;
        Ok(Preview { pays, ..preview })
    }

    /// What a correction would do.
    pub(crate) async fn of_correction(
        app: &App,
        view: &MarketView,
        json: &Value,
    ) -> Result<Preview, Unavailable> {
        let payout = &json["ending"]["payout"];
        let pays = match payout.is_null() {
            true => Vec::new(),
            false => pays(view, payout)?,
        };
        let preview = Preview::read(app, view, json, CORRECTED).await?;
        let missing = text(&json["missing"])?;
        let missing = (missing != "0").then(|| figures::grouped_decimal(missing));
        let (entries, short) = preview
            .entries
            .into_iter()
            .partition(|entry| entry.what != SHORT);
        Ok(Preview {
            pays,
            entries,
            short,
            missing,
            ..preview
        })
    }

    /// What calling a market off would do.
    pub(crate) async fn of_void(
        app: &App,
        view: &MarketView,
        json: &Value,
    ) -> Result<Preview, Unavailable> {
        Preview::read(app, view, json, REFUNDED).await
    }

    /// What is to be confirmed is told whole or not at all: an answer that lacks something is no preview.
    async fn read(
        app: &App,
        view: &MarketView,
        json: &Value,
        lists: &[List],
    ) -> Result<Preview, Unavailable> {
        let money = |value: &Value| text(value).map(figures::grouped_decimal);
        let mut lines = Vec::new();
        let mut all = 0;
        for (list, length, what) in lists {
            for line in json[list].as_array().ok_or(Unavailable)? {
                let account = id::parse_account(text(&line["account"])?).ok_or(Unavailable)?;
                lines.push((account, *what, money(&line["amount"])?));
            }
            all += json[length].as_u64().ok_or(Unavailable)?;
        }
        let listed = u64::try_from(lines.len()).map_err(|_| Unavailable)?;
        // The sponsor's part of a correction is one of the accounts'.
        if lists != CORRECTED {
            let returned = money(&json["sponsor_gets_back"])?;
            lines.push((view.sponsor, "back to the sponsor", returned));
        }

        let read = move |engine: &Engine| {
            let name = |id| engine.account(id).map(|own| own.name.to_string());
            let called = |id| Some(format!("{} ({})", name(id)?, id::account(id)));
            let entry = |(account, what, amount)| {
                let account = called(account)?;
                Some(Entry {
                    account,
                    what,
                    amount,
                })
            };
            lines.into_iter().map(entry).collect::<Option<Vec<Entry>>>()
        };
        Ok(Preview {
            pays: Vec::new(),
            entries: app.read(read).await?.ok_or(Unavailable)?,
            holders: json["holders"].as_u64().ok_or(Unavailable)?,
            more: all.checked_sub(listed).ok_or(Unavailable)?,
            total: money(&json["total_paid"])?,
            short: Vec::new(),
            missing: None,
            trades: matches!(view.phase.status(), Status::Open | Status::Halted),
            seq: json["seq"].as_u64().ok_or(Unavailable)?,
        })
    }
}

/// What each outcome pays; of many, those that do.
fn pays(view: &MarketView, payout: &Value) -> Result<Vec<(String, String)>, Unavailable> {
    let mut pays = Vec::new();
    for outcome in &view.spec.outcomes {
        let share = text(&payout[&outcome.key])?.to_owned();
        if view.spec.outcomes.len() <= 4 || share != "0" {
            pays.push((outcome.name.clone(), share));
        }
    }
    Ok(pays)
}

fn text(value: &Value) -> Result<&str, Unavailable> {
    value.as_str().ok_or(Unavailable)
}
