//! A market's figures in a list.

use tidings_api::wire::band;
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;

use crate::card::closing;
use crate::evidence::ClauseText;
use crate::figures;
use crate::moment::Moment;
use crate::scale;
use crate::words::Lang;

pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

pub(super) fn facts(view: &MarketView) -> Vec<Fact> {
    let shares = |lots| format!("{} shares", figures::shares(lots));
    let time = |at: Option<Timestamp>| at.map(|at| Moment::prose(at, Lang::En).text);
    let spec = &view.spec;
    let facts = [
        ("Scale", spec.scale.as_ref().map(scale::span)),
        ("Traded", Some(shares(view.volume))),
        ("Open interest", Some(shares(view.open_interest))),
        (
            "Market maker",
            Some(view.liquidity.map_or_else(
                || "none: orders only".to_owned(),
                |liquidity| format!("liquidity {}", figures::shares(liquidity)),
            )),
        ),
        (
            "Its loss at most",
            view.liquidity.map(|_| figures::money(view.subsidy)),
        ),
        (
            "Takers' fee",
            Some(format!("{} × p × (1 − p)", spec.taker_fee)),
        ),
        ("Opened", time(view.opened_at)),
        ("Closes", time(closing(view))),
        (
            "Closed early",
            view.closed_early.as_ref().map(|early| {
                let at = Moment::prose(early.at, Lang::En).text;
                match early.clause {
                    Some(clause) => {
                        format!("{at}, by {}", ClauseText::of(clause).name.to_lowercase())
                    }
                    None => format!("{at}, unforeseen by the rules"),
                }
            }),
        ),
        (
            "Halts itself",
            spec.price_band
                .map(|band| format!("when its odds move further: {}", band::allowed(band))),
        ),
        ("Can be disputed for", Some(hours(spec.dispute_hours))),
    ];
    facts
        .into_iter()
        .filter_map(|(name, value)| {
            Some(Fact {
                name,
                value: value?,
            })
        })
        .collect()
}

fn hours(hours: u32) -> String {
    match hours {
        0 => "no time: confirmed at once".to_owned(),
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}
