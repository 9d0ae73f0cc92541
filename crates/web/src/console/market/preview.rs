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

impl Preview {
    /// What confirming the standing proposal would do.
    pub(crate) async fn of_proposal(
        app: &App,
        api: &Api,
        staff: &Staff,
        view: &MarketView,
    ) -> Result<Option<Preview>, Unavailable> {
        let void = matches!(view.phase, Phase::VoidProposed(_) | Phase::VoidDisputed(..));
        let what = if void { "void" } else { "resolution" };
        let path = format!("/v1/markets/{}/{what}/preview", view.spec.slug);
        match api.get(staff, &path).await {
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
        let mut pays = Vec::new();
        for outcome in &view.spec.outcomes {
            let share = text(&json["payout"][&outcome.key])?.to_owned();
            if view.spec.outcomes.len() <= 4 || share != "0" {
                pays.push((outcome.name.clone(), share));
            }
        }
        let preview = Preview::read(app, view, json, PAID).await?;
        Ok(Preview { pays, ..preview })
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
        let returned = money(&json["sponsor_gets_back"])?;
        lines.push((view.sponsor, "back to the sponsor", returned));

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
            trades: matches!(view.phase.status(), Status::Open | Status::Halted),
            seq: json["seq"].as_u64().ok_or(Unavailable)?,
        })
    }
}

fn text(value: &Value) -> Result<&str, Unavailable> {
    value.as_str().ok_or(Unavailable)
}
