//! A price band in the model: everywhere that the odds ever stood is written down, and all of it is
//! looked through. Without a maker, the prices that were traded at stand for the odds.

use tidings_core::band::Swing;
use tidings_core::id::Outcome;
use tidings_core::market::Status;

use super::Model;

#[derive(Clone, Debug, Default)]
pub struct Band {
    /// In millionths, and within so many seconds.
    limits: Option<(u32, i64)>,
    /// Where the odds stand.
    stands: Vec<Option<u32>>,
    /// Where they stood, and until which second.
    stood: Vec<(i64, Vec<Option<u32>>)>,
    /// The move by which the market halted itself, while it stands still by that.
    pub swing: Option<Swing>,
}

impl Model {
    /// The market has a band, in ticks and seconds, and trades.
    pub fn watch_band(&mut self, band: Option<(u16, u32)>) {
        let limits = |(width, seconds)| (u32::from(width) * 100, i64::from(seconds));
        self.band.limits = band.map(limits);
        self.begin_band();
    }

    /// What was before is forgotten.
    pub(super) fn begin_band(&mut self) {
        self.band.stands = self.odds();
        self.band.stood.clear();
    }

    fn odds(&self) -> Vec<Option<u32>> {
        match &self.curve {
            Some(curve) => curve.all_odds(&self.sold).into_iter().map(Some).collect(),
            None => {
                let odds = |price: i64| u32::try_from(price).unwrap() * 100;
                self.last.iter().map(|last| last.map(odds)).collect()
            }
        }
    }

    pub(super) fn note_odds(&mut self) {
        let odds = self.odds();
        if odds != self.band.stands {
            let stood = std::mem::replace(&mut self.band.stands, odds);
            self.band
                .stood
                .push((self.now.div_euclid(1_000_000), stood));
        }
    }

    /// A trade was made: did it bring an outcome too far from where it stood within the band's time?
    pub(super) fn hold_in_band(&mut self) {
        let Some((width, seconds)) = self.band.limits else {
            return;
        };
        self.note_odds();
        let now = self.now.div_euclid(1_000_000);
        let mut furthest = width;
        for (ix, to) in self.band.stands.iter().enumerate() {
            let outcome = Outcome(u16::try_from(ix).unwrap());
            let Some(to) = *to else {
                continue;
            };
            for (until, odds) in &self.band.stood {
                let Some(from) = odds[ix] else {
                    continue;
                };
                let ago = now - until;
                let far = from.abs_diff(to);
                let same = self
                    .band
                    .swing
                    .is_some_and(|swing| swing.outcome == outcome);
                if ago <= seconds && (far > furthest || (far == furthest && same)) {
                    furthest = far;
                    self.band.swing = Some(Swing {
                        outcome,
                        from,
                        to,
                        seconds: u32::try_from(ago).unwrap(),
                    });
                }
            }
        }
        if self.band.swing.is_some() {
            self.status = Status::Halted;
        }
    }
}
