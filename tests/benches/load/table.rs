//! The figures, as they are printed: medians over pairs of runs.

use std::fmt;

use crate::crowd::Told;

/// What was measured.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

/// One part.
pub(crate) struct Row {
    what: String,
    /// A second: orders, or answers where each is one.
    bare: Option<f64>,
    ours: f64,
    /// Of each pair of runs.
    ratio: Option<f64>,
    /// Milliseconds.
    spread: Option<Spread>,
}

struct Spread {
    p50: f64,
    p99: f64,
    bare_p99: Option<f64>,
}

impl Table {
    /// Adds a part, and says so: the next one takes a while.
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("measured: {}", row.what);
        self.0.push(row);
    }
}

impl Row {
    /// Of pairs of runs: of the bare handler, if it was asked the same, and of the server.
    pub(crate) fn of(
        name: &str,
        clients: usize,
        each: usize,
        pairs: Vec<(Option<Told>, Told)>,
    ) -> Row {
        let each = each as f64;
        let of_bare = |what: fn(&Told) -> f64| {
            let bare: Vec<f64> = pairs
                .iter()
                .filter_map(|(bare, _)| bare.as_ref())
                .map(what)
                .collect();
            (!bare.is_empty()).then(|| median(bare))
        };
        let of_ours =
            |what: fn(&Told) -> f64| median(pairs.iter().map(|(_, ours)| what(ours)).collect());
        let ratios: Vec<f64> = pairs
            .iter()
            .filter_map(|(bare, ours)| Some(ours.rate() / bare.as_ref()?.rate()))
            .collect();
        Row {
            what: format!("{name}, {clients} clients"),
            bare: of_bare(Told::rate).map(|rate| rate * each),
            ours: of_ours(Told::rate) * each,
            ratio: (!ratios.is_empty()).then(|| median(ratios)),
            spread: Some(Spread {
                p50: of_ours(|told| told.per_mille(500)),
                p99: of_ours(|told| told.per_mille(990)),
                bare_p99: of_bare(|told| told.per_mille(990)),
            }),
        }
    }

    /// A rate that nothing is compared with.
    pub(crate) fn alone(name: &str, rate: f64) -> Row {
        Row {
            what: name.to_owned(),
            bare: None,
            ours: rate,
            ratio: None,
            spread: None,
        }
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of[of.len() / 2]
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<38} {:>10} {:>10} {:>6} {:>8} {:>8} {:>8}",
            "a second", "bare", "tidings", "ratio", "p50 ms", "p99 ms", "bare p99"
        )?;
        let shown = |number: Option<f64>, digits: usize| {
            number.map_or_else(|| "-".to_owned(), |number| format!("{number:.digits$}"))
        };
        for row in &self.0 {
            let spread = row.spread.as_ref();
            writeln!(
                f,
                "{:<38} {:>10} {:>10.0} {:>6} {:>8} {:>8} {:>8}",
                row.what,
                shown(row.bare, 0),
                row.ours,
                shown(row.ratio, 2),
                shown(spread.map(|spread| spread.p50), 2),
                shown(spread.map(|spread| spread.p99), 2),
                shown(spread.and_then(|spread| spread.bare_p99), 2),
            )?;
        }
        Ok(())
    }
}
