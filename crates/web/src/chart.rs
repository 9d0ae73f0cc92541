//! Odds over time as a drawing: step lines, axes with labels, and the moments of articles.
//!
//! In: points and marks. Out: lengths and paths for the template. The plot is a box of
//! 1,000 × 1,000 that stretches with the page while its strokes and words do not; everything
//! outside it is placed in per cents, so nothing needs a style attribute or a script.

use tidings_core::units::Timestamp;
use tidings_core::view::Odds;

use crate::figures::{self, CERTAIN};
use crate::moment::{Moment, utc};

/// Lines that people can still tell apart.
const MOST_LINES: usize = 5;

/// Rows of the table behind the drawing.
const MOST_ROWS: usize = 40;

/// The side of the plot's box.
const SIDE: i128 = 1_000;

/// Steps between labels on the time axis, in minutes: one to a year's.
const STEPS: [i64; 18] = [
    1, 5, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200, 10_080, 20_160, 43_200, 86_400,
    172_800, 525_600,
];

/// Labels on the time axis at most: more would touch on a phone.
const MOST_LABELS: i64 = 5;

/// The room that a flag's number takes on a phone.
const FLAG: i128 = 60;

const MINUTE: i64 = 60_000_000;

/// A market's odds at a moment, in its outcomes' order.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) at: Timestamp,
    pub(crate) odds: Vec<Option<Odds>>,
}

/// An article's moment.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) at: Timestamp,
    /// Its number in the list under the drawing.
    pub(crate) number: usize,
    pub(crate) title: String,
}

/// A drawing, ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) lines: Vec<Line>,
    pub(crate) levels: Vec<Level>,
    pub(crate) labels: Vec<Label>,
    pub(crate) marks: Vec<Flag>,
    pub(crate) table: Table,
    /// What the drawing says, in a sentence.
    pub(crate) summary: String,
}

/// One outcome's line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) shown: String,
    /// Which of the stylesheet's strokes it has: 0 is the one that leads.
    pub(crate) stroke: usize,
    pub(crate) path: String,
}

/// A horizontal rule of the odds axis.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) y: i128,
    pub(crate) percent: String,
    pub(crate) text: String,
}

/// A label of the time axis.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) x: i128,
    pub(crate) percent: String,
    pub(crate) anchor: &'static str,
    pub(crate) text: String,
}

/// An article on the drawing.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    pub(crate) x: i128,
    pub(crate) percent: String,
    pub(crate) anchor: &'static str,
    /// Its number; of those too close together to be told apart, the first says which they are.
    pub(crate) text: String,
    pub(crate) title: String,
}

/// The same numbers for those who would rather read them.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<(Moment, Vec<String>)>,
}

/// The span of time and odds that a drawing covers.
#[derive(Clone, Copy, Debug)]
struct Frame {
    from: i64,
    until: i64,
    top: Odds,
}

impl Chart {
    /// Draws `points`, oldest first, up to `until`; none when there is nothing to draw.
    /// A market of two outcomes has one line: the other is its mirror.
    pub(crate) fn draw(
        names: &[String],
        points: &[Point],
        marks: &[Mark],
        until: Timestamp,
    ) -> Option<Chart> {
        let (first, last) = (points.first()?, points.last()?);
        let until = until.max(last.at);
        let mut chosen: Vec<usize> = (0..names.len()).collect();
        chosen.sort_by_key(|ix| std::cmp::Reverse(last.odds.get(*ix).copied().flatten()));
        chosen.truncate(MOST_LINES);
        if names.len() == 2 {
            chosen = vec![0];
        }
        let known = |point: &Point| chosen.iter().filter_map(|ix| point.odds[*ix]).max();
        let highest = points.iter().filter_map(known).max()?;
        let frame = Frame {
            // A market that has just opened still gets some minutes to draw on.
            from: first.at.as_micros().min(until.as_micros() - 5 * MINUTE),
            until: until.as_micros(),
            top: [250_000, 500_000]
                .into_iter()
                .find(|top| highest < *top)
                .unwrap_or(CERTAIN),
        };
        let line = |(stroke, ix): (usize, &usize)| Line {
            name: names[*ix].clone(),
            shown: last.odds[*ix].map_or_else(|| "–".to_owned(), figures::percent),
            stroke,
            path: frame.steps(points, *ix),
        };
        let lines: Vec<Line> = chosen.iter().enumerate().map(line).collect();
        Some(Chart {
            summary: summary(names, &chosen, points, until),
            lines,
            levels: frame.levels(),
            labels: frame.labels(),
            marks: frame.flags(marks),
            table: table(names, points),
        })
    }
}

impl Frame {
    fn x(self, at: i64) -> i128 {
        let span = i128::from(self.until - self.from).max(1);
        (i128::from(at - self.from) * SIDE / span).clamp(0, SIDE)
    }

    fn y(self, odds: Odds) -> i128 {
        SIDE - i128::from(odds) * SIDE / i128::from(self.top)
    }

    /// Odds hold until they change: across, then up or down. Where none are known the line breaks.
    fn steps(self, points: &[Point], ix: usize) -> String {
        let mut path = String::new();
        let mut drawn: Option<(i128, i128)> = None;
        for point in points {
            let x = self.x(point.at.as_micros());
            let y = point
                .odds
                .get(ix)
                .copied()
                .flatten()
                .map(|odds| self.y(odds));
            match (drawn, y) {
                (None, Some(y)) => path.push_str(&format!("M{x} {y}")),
                (Some((_, before)), Some(y)) if before == y => continue,
                (Some((before, _)), Some(y)) if before == x => path.push_str(&format!("V{y}")),
                (Some(_), Some(y)) => path.push_str(&format!("H{x}V{y}")),
                (Some(_), None) => path.push_str(&format!("H{x}")),
                (None, None) => {}
            }
            drawn = y.map(|y| (x, y));
        }
        if drawn.is_some() {
            path.push_str(&format!("H{SIDE}"));
        }
        path
    }

    fn levels(self) -> Vec<Level> {
        let level = |quarter: u32| {
            let odds = self.top / 4 * quarter;
            let y = self.y(odds);
            let text = match odds % 10_000 {
                0 => format!("{} %", odds / 10_000),
                _ => format!("{}.{} %", odds / 10_000, odds % 10_000 / 1_000),
            };
            Level {
                y,
                percent: percent_of(y),
                text,
            }
        };
        // Halves of a quarter would be labelled 12.5 %: two rules are enough there.
        let quarters: &[u32] = if self.top == CERTAIN {
            &[0, 1, 2, 3, 4]
        } else {
            &[0, 2, 4]
        };
        quarters.iter().map(|quarter| level(*quarter)).collect()
    }

    /// Round moments, at most [`MOST_LABELS`] of them.
    fn labels(self) -> Vec<Label> {
        let span = (self.until - self.from) / MINUTE;
        let fits = |step: &&i64| span / **step < MOST_LABELS;
        let step = STEPS.iter().find(fits).copied().unwrap_or(span.max(1)) * MINUTE;
        let first = self.from.div_euclid(step) * step
            + if self.from.rem_euclid(step) == 0 {
                0
            } else {
                step
            };
        let form = match step / MINUTE {
            ..1_440 => None,
            1_440..43_200 => Some("%-d %b"),
            _ => Some("%b %Y"),
        };
        let mut day = String::new();
        let label = |at: i64| {
            let x = self.x(at);
            let moment = utc(Timestamp::from_micros(at));
            let text = match form {
                Some(form) => moment.strftime(form).to_string(),
                None => clock(&moment, &mut day),
            };
            Label {
                x,
                percent: percent_of(x),
                anchor: anchor(x),
                text,
            }
        };
        std::iter::successors(Some(first), |at| Some(at + step))
            .take_while(|at| *at <= self.until)
            .map(label)
            .collect()
    }

    /// Articles within the span, in the order of their moments.
    fn flags(self, marks: &[Mark]) -> Vec<Flag> {
        let within = |mark: &&Mark| (self.from..=self.until).contains(&mark.at.as_micros());
        let mut within: Vec<&Mark> = marks.iter().filter(within).collect();
        within.sort_by_key(|mark| (mark.at, mark.number));
        let place = |mark: &&Mark| self.x(mark.at.as_micros());
        let mut flags = Vec::new();
        let mut left = within.as_slice();
        while let Some(first) = left.first() {
            let near = |mark: &&&Mark| place(mark) - place(first) < FLAG;
            let (cluster, rest) = left.split_at(left.iter().take_while(near).count());
            let mut text = numbers(cluster);
            for mark in cluster {
                let x = place(mark);
                flags.push(Flag {
                    x,
                    percent: percent_of(x),
                    anchor: anchor(x),
                    text: std::mem::take(&mut text),
                    title: mark.title.clone(),
                });
            }
            left = rest;
        }
        flags
    }
}

/// A moment within days: the first of a day says which, and midnight says nothing else. Labels that said more would
/// touch on a phone.
fn clock(moment: &jiff::civil::DateTime, day: &mut String) -> String {
    let (of, time) = (moment.strftime("%-d %b"), moment.strftime("%H:%M"));
    let (of, time) = (of.to_string(), time.to_string());
    if *day == of {
        return time;
    }
    day.clone_from(&of);
    match time.as_str() {
        "00:00" => of,
        _ => format!("{of} {time}"),
    }
}

/// The numbers of articles that share a flag: one, or from the least to the greatest.
fn numbers(marks: &[&Mark]) -> String {
    let numbers = || marks.iter().map(|mark| mark.number);
    match (numbers().min(), numbers().max()) {
        (Some(least), Some(most)) if least < most => format!("{least}–{most}"),
        (least, _) => least.map_or_else(String::new, |number| number.to_string()),
    }
}

/// Words near an edge stay inside it.
fn anchor(x: i128) -> &'static str {
    match x {
        ..80 => "start",
        80..920 => "middle",
        _ => "end",
    }
}

fn percent_of(part: i128) -> String {
    format!("{}.{}%", part / 10, part % 10)
}

fn summary(names: &[String], chosen: &[usize], points: &[Point], until: Timestamp) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let shown = |point: &Point, ix: usize| {
        point.odds[ix].map_or_else(|| "no odds".to_owned(), figures::percent)
    };
    let part = |ix: &usize| {
        format!(
            "{} from {} to {}",
            names[*ix],
            shown(first, *ix),
            shown(last, *ix)
        )
    };
    let parts: Vec<String> = chosen.iter().map(part).collect();
    let (from, until) = (Moment::exact(first.at).text, Moment::exact(until).text);
    format!("{}, between {from} and {until}.", parts.join("; "))
}

fn table(names: &[String], points: &[Point]) -> Table {
    let row = |point: &Point| {
        let shown = |odds: &Option<Odds>| odds.map_or_else(|| "–".to_owned(), figures::percent);
        (
            Moment::exact(point.at),
            point.odds.iter().map(shown).collect(),
        )
    };
    let last = points.len().saturating_sub(1);
    let kept = points.len().min(MOST_ROWS);
    // Evenly thinned, first and last always kept, newest first.
    let pick = |n: usize| if kept < 2 { 0 } else { n * last / (kept - 1) };
    Table {
        names: names.to_vec(),
        rows: (0..kept).rev().map(|n| row(&points[pick(n)])).collect(),
    }
}

#[cfg(test)]
mod tests;
