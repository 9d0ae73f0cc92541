//! A market as the simulated traders see it: the odds it shows and showed, and what the world thinks
//! of its question. Opinions stray, come back, and follow the news; they are the only thing here
//! that the exchange does not know.

use std::collections::VecDeque;

use super::random::Random;

/// Odds remembered of every outcome; at two looks a second, half a minute.
const MEMORY: usize = 60;
/// The part of a look in the slow average: it follows over some three minutes.
const SLOW: f64 = 0.003;
/// How far opinions stray from where they started, in log-odds: some eight points at even odds.
const STRAY: f64 = 0.3;
/// How long they take to come back, in seconds.
const RETURN: f64 = 1_500.0;
/// Shares that rest in a pure order book, roughly: what its sample market maker quotes.
const RESTING: f64 = 300.0;
/// The seconds between two rumours about a market, on average.
const BETWEEN_RUMOURS: f64 = 900.0;

/// A market as the traders see it.
pub(super) struct Stall {
    pub(super) slug: String,
    /// The outcomes' keys.
    pub(super) outcomes: Vec<String>,
    /// It has an automated maker; without one the traders' own orders are all that there is.
    pub(super) made: bool,
    /// The articles it hangs off.
    pub(super) articles: Vec<String>,
    /// Shares that move the odds of an even market by some 25 points; of a pure order book, about as
    /// many as rest in it.
    pub(super) liquidity: f64,
    /// Odds before the first trade, as logarithms: opinions hang on them.
    anchor: Vec<f64>,
    /// What the world thinks, as logarithms.
    opinion: Vec<f64>,
    /// The odds shown.
    pub(super) odds: Vec<f64>,
    /// Their slow average.
    pub(super) slow: Vec<f64>,
    /// The odds of the last looks, oldest first.
    pub(super) memory: VecDeque<Vec<f64>>,
    /// Orders that the news is still worth.
    pub(super) hurry: u32,
}

impl Stall {
    /// A market of the sample.
    pub(super) fn new(market: &tidings_news::sample::SampleMarket) -> Stall {
        let number = |text: &str| text.parse::<f64>().unwrap_or(0.5);
        let anchor: Vec<f64> = market
            .outcomes
            .iter()
            .map(|outcome| number(&outcome.prior).ln())
            .collect();
        Stall {
            slug: market.slug.clone(),
            outcomes: market
                .outcomes
                .iter()
                .map(|outcome| outcome.key.clone())
                .collect(),
            made: market.liquidity.is_some(),
            articles: market
                .articles
                .iter()
                .map(|link| link.article.clone())
                .collect(),
            liquidity: market.liquidity.as_deref().map_or(RESTING, number),
            opinion: anchor.clone(),
            odds: parts(&anchor),
            slow: parts(&anchor),
            anchor,
            memory: VecDeque::new(),
            hurry: 0,
        }
    }

    /// Takes in the odds that the market shows. Those of an order book are unknown before its first
    /// orders: what the traders think stands in for them.
    pub(super) fn see(&mut self, shown: &[Option<f64>]) {
        if shown.len() != self.odds.len() {
            return;
        }
        let odds: Vec<f64> = match shown.iter().copied().collect() {
            Some(known) => known,
            None => self.opinion(),
        };
        for (slow, seen) in self.slow.iter_mut().zip(&odds) {
            *slow += SLOW * (seen - *slow);
        }
        if self.memory.len() == MEMORY {
            self.memory.pop_front();
        }
        self.memory.push_back(odds.clone());
        self.odds = odds;
    }

    /// Time passes: opinions stray, come back, and now and then follow a rumour.
    pub(super) fn pass(&mut self, seconds: f64, random: &mut Random) {
        let step = STRAY * (2.0 * seconds / RETURN).sqrt();
        for (opinion, anchor) in self.opinion.iter_mut().zip(&self.anchor) {
            *opinion += (anchor - *opinion) * seconds / RETURN + step * random.normal();
        }
        if random.chance(seconds / BETWEEN_RUMOURS) {
            self.shift(random, 0.35);
        }
    }

    /// News: an outcome becomes more or less likely, the same way for the same article.
    pub(super) fn hear(&mut self, article: &str) {
        let mut random = Random::of_text(&format!("{article} {}", self.slug));
        self.shift(&mut random, 0.6);
        self.hurry = 8;
    }

    fn shift(&mut self, random: &mut Random, most: f64) {
        let outcome = random.place(self.opinion.len());
        let size = random.between(most / 2.0, most);
        self.opinion[outcome] += if random.chance(0.5) { size } else { -size };
    }

    /// What the world thinks the odds are.
    pub(super) fn opinion(&self) -> Vec<f64> {
        parts(&self.opinion)
    }
}

/// Logarithms as parts of a whole.
fn parts(logs: &[f64]) -> Vec<f64> {
    let weights: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests;
