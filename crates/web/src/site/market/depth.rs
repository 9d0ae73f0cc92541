//! A book's depth as a drawing: how many shares can be bought or sold up to each price, and how many of them
//! with resting orders, without the maker. With the same numbers as a table behind it.

use tidings_core::units::{Lots, Price, TICKS};
use tidings_core::view::LevelView;

use crate::figures;

/// The side of the drawing's box.
const SIDE: i128 = 1_000;
/// Rows of a side of the table.
const ROWS: usize = 25;
/// How far from the best prices the drawing goes, in ticks: a maker offers far more at prices that nobody pays, and
/// beside that the orders of people could not be seen.
const REACH: u16 = 2_500;
/// Labels of the prices' axis.
const LABELS: u16 = 4;

/// The drawing of one outcome's book.
pub(super) struct Depth {
    pub(super) sides: [Area; 2],
    pub(super) labels: Vec<Label>,
    /// Shares at the top of the drawing.
    pub(super) most: String,
    pub(super) half: String,
    /// What it says, in a sentence.
    pub(super) summary: String,
}

/// A price on the axis.
pub(super) struct Label {
    pub(super) percent: String,
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

/// The prices that are drawn.
#[derive(Clone, Copy)]
struct Window {
    low: u16,
    high: u16,
}

/// What waits on one side.
pub(super) struct Area {
    pub(super) key: &'static str,
    pub(super) word: &'static str,
    /// Everything, as a line around it.
    pub(super) total: String,
    /// Resting orders.
    pub(super) resting: String,
    pub(super) rows: Vec<Sum>,
}

/// All that can be had up to a price.
pub(super) struct Sum {
    pub(super) price: String,
    pub(super) resting: String,
    pub(super) total: String,
}

/// A level with everything before it.
struct Step {
    price: Price,
    resting: Lots,
    total: Lots,
}

impl Depth {
    /// Draws both sides, best level first; none when there is nothing to draw.
    pub(super) fn draw(bids: &[LevelView], asks: &[LevelView], tick: u16) -> Option<Depth> {
        let window = Window::around(bids.first(), asks.first())?;
        let (bids, asks) = (steps(bids, window), steps(asks, window));
        let last = |steps: &[Step]| steps.last().map_or(Lots::ZERO, |step| step.total);
        let most = last(&bids).max(last(&asks));
        if most == Lots::ZERO {
            return None;
        }
        let summary = format!(
            "{} shares can be sold down to {}, and {} bought up to {}.",
            figures::shares(last(&bids)),
            end(&bids, tick),
            figures::shares(last(&asks)),
            end(&asks, tick),
        );
        let area = |key, word, steps: &[Step], edge| Area {
            key,
            word,
            total: path(steps, window, |step| step.total, most, edge),
            resting: path(steps, window, |step| step.resting, most, edge),
            rows: steps.iter().take(ROWS).map(|step| step.sum(tick)).collect(),
        };
        Some(Depth {
            sides: [
                area("bid", "Sell", &bids, 0),
                area("ask", "Buy", &asks, SIDE),
            ],
            labels: window.labels(),
            most: figures::shares(most),
            half: figures::shares(Lots::new(most.get() / 200 * 100)),
            summary,
        })
    }
}

impl Window {
    fn around(bid: Option<&LevelView>, ask: Option<&LevelView>) -> Option<Window> {
        let low = bid.or(ask)?.price.ticks().saturating_sub(REACH);
        let high = ask.or(bid)?.price.ticks().saturating_add(REACH).min(TICKS);
        Some(Window { low, high })
    }

    fn has(self, price: Price) -> bool {
        (self.low..=self.high).contains(&price.ticks())
    }

    fn x(self, price: Price) -> i128 {
        let span = i128::from(self.high - self.low).max(1);
        i128::from(price.ticks().saturating_sub(self.low)) * SIDE / span
    }

    fn labels(self) -> Vec<Label> {
        let label = |n: u16| {
            let ticks = self.low + (self.high - self.low) / LABELS * n;
            Label {
                percent: format!("{}%", 100 / LABELS * n),
                anchor: match n {
                    0 => "start",
                    LABELS => "end",
                    _ => "middle",
                },
                text: format!("{}.{:02}", ticks / TICKS, ticks % TICKS / 100),
            }
        };
        (0..=LABELS).map(label).collect()
    }
}

impl Step {
    fn sum(&self, tick: u16) -> Sum {
        Sum {
            price: figures::price(self.price, tick),
            resting: figures::shares(self.resting),
            total: figures::shares(self.total),
        }
    }
}

fn steps(levels: &[LevelView], window: Window) -> Vec<Step> {
    let (mut resting, mut total) = (Lots::ZERO, Lots::ZERO);
    let step = |level: &LevelView| {
        resting += level.resting;
        total += level.resting + level.implied + level.maker;
        Step {
            price: level.price,
            resting,
            total,
        }
    };
    let drawn = levels.iter().filter(|level| window.has(level.price));
    drawn.map(step).collect()
}

fn end(steps: &[Step], tick: u16) -> String {
    steps.last().map_or_else(
        || "no price".to_owned(),
        |step| figures::price(step.price, tick),
    )
}

/// An area from the best price outwards: up at each level, and on to the edge.
fn path(
    steps: &[Step],
    window: Window,
    of: impl Fn(&Step) -> Lots,
    most: Lots,
    edge: i128,
) -> String {
    let most = i128::from(most.get()).max(1);
    let y = |lots: Lots| SIDE - i128::from(lots.get()) * SIDE / most;
    let Some(first) = steps.first() else {
        return String::new();
    };
    let start = format!("M{} {SIDE}", window.x(first.price));
    let up = steps.iter().fold(start, |path, step| {
        format!("{path}H{}V{}", window.x(step.price), y(of(step)))
    });
    format!("{up}H{edge}V{SIDE}Z")
}

#[cfg(test)]
mod tests;
