//! Price bands, and the moves that left one.

use serde::{Deserialize, Serialize};
use tidings_core::band::{PriceBand, Swing};
use tidings_core::view::{MarketView, Odds};
use utoipa::ToSchema;

use crate::wire::unit::{FractionText, OddsText};

/// How far a market's odds may move before it halts itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PriceBand, example = json!({"width": "0.20", "seconds": 300}))]
pub struct PriceBandJson {
    /// The furthest that an outcome's odds may be from where they stood: 0.01 to 0.99.
    pub width: FractionText,
    /// At any moment of the last so many seconds: 1 to 3600.
    #[schema(minimum = 1, maximum = 3600)]
    pub seconds: u32,
}

/// A move that left a market's price band.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Swing)]
pub struct SwingJson {
    /// The outcome's key.
    #[schema(example = "yes")]
    pub outcome: String,
    /// Where its odds stood.
    pub from: OddsText,
    /// Where they came to.
    pub to: OddsText,
    /// How many seconds before they still stood there; 0 within the same one.
    pub seconds: u32,
}

impl PriceBandJson {
    /// The core's band.
    pub fn into_band(self) -> PriceBand {
        PriceBand {
            width: self.width.0,
            seconds: self.seconds,
        }
    }

    /// A market's band as everyone may see it.
    pub fn of(band: PriceBand) -> PriceBandJson {
        PriceBandJson {
            width: FractionText(band.width),
            seconds: band.seconds,
        }
    }
}

impl SwingJson {
    pub(super) fn of(view: &MarketView, swing: Swing) -> Option<SwingJson> {
        let outcome = view.spec.outcomes.get(swing.outcome.ix())?;
        Some(SwingJson {
            outcome: outcome.key.clone(),
            from: OddsText(swing.from),
            to: OddsText(swing.to),
            seconds: swing.seconds,
        })
    }
}

/// A move that left a market's price band, in a sentence for everyone.
pub fn words(view: &MarketView, swing: Swing) -> String {
    let outcome = view.spec.outcomes.get(swing.outcome.ix());
    let name = outcome.map_or("An outcome", |outcome| &outcome.name);
    let time = match swing.seconds {
        0 => "within a second".to_owned(),
        1 => "in 1 second".to_owned(),
        seconds => format!("in {seconds} seconds"),
    };
    let (from, to) = (tenths(swing.from), tenths(swing.to));
    let moved = format!("{name} went from {from} to {to} {time}");
    match view.spec.price_band {
        Some(band) => format!("{moved}; {}.", allowed(band)),
        None => format!("{moved}."),
    }
}

/// What a band allows, in words.
pub fn allowed(band: PriceBand) -> String {
    let (points, rest) = (band.width.ticks() / 100, band.width.ticks() % 100);
    let points = match rest {
        0 => points.to_string(),
        rest => format!("{points}.{rest:02}"),
    };
    let time = match band.seconds {
        1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    };
    format!("its price band allows {points} points within {time}")
}

/// Odds as a percentage with one decimal place: whole ones could hide that a move was too far.
fn tenths(odds: Odds) -> String {
    let tenths = (odds + 500) / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}
