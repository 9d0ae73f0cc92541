//! A week as it is told, in words: one set of lines of which the page, the mail and the feed are made.
//!
//! In: what was kept of the week. Out: lines that are the same whenever they are made: no odds of
//! this moment, no time of day, nothing about who reads them.

use jiff::civil::Date;
use tidings_api::wire::digest::{
    DigestClosing, DigestJson, DigestMover, DigestOdds, DigestResolved, DigestStory,
};
use tidings_core::units::{Fraction, TICKS, Timestamp};

use crate::figures;
use crate::moment::{Moment, utc};
use crate::site::Direction;
use crate::tongue::{self, Tongue};
use crate::words::Lang;

/// A week in lines.
#[derive(Clone, Debug)]
pub(crate) struct Weekly {
    /// `2026-w48`.
    pub(crate) name: String,
    /// `23–29 November 2026`.
    pub(crate) span: String,
    /// Where it stands.
    pub(crate) href: String,
    /// Its last day.
    pub(crate) day: Moment,
    pub(crate) stories: Vec<StoryLine>,
    pub(crate) movers: Vec<MoverLine>,
    pub(crate) closing: Vec<ClosingLine>,
    pub(crate) resolved: Vec<ResolvedLine>,
}

#[derive(Clone, Debug)]
pub(crate) struct StoryLine {
    pub(crate) headline: String,
    pub(crate) href: String,
    pub(crate) summary: String,
    /// In what language the two are.
    pub(crate) tongues: [Tongue; 2],
    /// `A. Writer · 27 November 2026`.
    pub(crate) by: String,
    pub(crate) market: Option<MarketLine>,
}

#[derive(Clone, Debug)]
pub(crate) struct MarketLine {
    pub(crate) question: String,
    pub(crate) href: String,
    /// Of which the odds are.
    pub(crate) outcome: String,
    /// `41 % when it appeared, 57 % at the end of the week`.
    pub(crate) odds: String,
}

#[derive(Clone, Debug)]
pub(crate) struct MoverLine {
    pub(crate) question: String,
    pub(crate) href: String,
    pub(crate) outcome: String,
    pub(crate) direction: Direction,
    /// `up 16 points`.
    pub(crate) by: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

#[derive(Clone, Debug)]
pub(crate) struct ClosingLine {
    pub(crate) question: String,
    pub(crate) href: String,
    pub(crate) closes: Moment,
    pub(crate) outcome: String,
    pub(crate) odds: String,
}

#[derive(Clone, Debug)]
pub(crate) struct ResolvedLine {
    pub(crate) question: String,
    pub(crate) href: String,
    /// `Yes`, `Long pays 0.649`, `Called off`.
    pub(crate) verdict: String,
    /// `The market said 83 % at its close, 61 % a day before`.
    pub(crate) said: Option<String>,
}

/// When the odds are from that stand at the end: of a week that is over, and of one that goes on.
const AT_THE_END: &str = "at the end of the week";
const NOW: &str = "at this moment";

impl Weekly {
    /// A week that is over.
    pub(crate) fn of(digest: &DigestJson) -> Weekly {
        Weekly::until(digest, AT_THE_END)
    }

    /// A week that goes on.
    pub(crate) fn so_far(digest: &DigestJson) -> Weekly {
        Weekly::until(digest, NOW)
    }

    fn until(digest: &DigestJson, end: &str) -> Weekly {
        let base = &digest.base_url;
        let last = Timestamp::from_micros(digest.until.0.as_micros() - 1);
        Weekly {
            name: digest.week.clone(),
            span: span(utc(digest.from.0).date(), utc(last).date()),
            href: format!("{base}/digest/{}", digest.week),
            day: Moment::day(last),
            stories: digest
                .stories
                .iter()
                .map(|story| StoryLine::of(base, story, end))
                .collect(),
            movers: digest
                .movers
                .iter()
                .map(|mover| MoverLine::of(base, mover))
                .collect(),
            closing: digest
                .closing
                .iter()
                .map(|closing| ClosingLine::of(base, closing))
                .collect(),
            resolved: digest
                .resolved
                .iter()
                .map(|resolved| ResolvedLine::of(base, resolved))
                .collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.stories.is_empty()
            && self.movers.is_empty()
            && self.closing.is_empty()
            && self.resolved.is_empty()
    }

    /// What it holds, in a sentence.
    pub(crate) fn summary(&self) -> String {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let parts = [
            counted(self.stories.len(), "story", "stories"),
            counted(self.movers.len(), "mover", "movers"),
            counted(
                self.closing.len(),
                "market closing soon",
                "markets closing soon",
            ),
            counted(self.resolved.len(), "market resolved", "markets resolved"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        match parts.is_empty() {
            true => "A quiet week.".to_owned(),
            false => format!("{}.", parts.join(", ")),
        }
    }
}

impl StoryLine {
    fn of(base: &str, story: &DigestStory, end: &str) -> StoryLine {
        let date = utc(story.at.0).strftime("%-d %B %Y").to_string();
        StoryLine {
            headline: story.title.clone(),
            href: format!("{base}/articles/{}", story.article),
            summary: story.summary.clone(),
            tongues: match &story.language {
                Some(language) => [tongue::said_in(language), tongue::said_in(language)],
                None => [tongue::of(&story.title), tongue::of(&story.summary)],
            },
            by: match &story.byline {
                Some(name) => format!("{name} · {date}"),
                None => date,
            },
            market: story
                .market
                .as_ref()
                .map(|market| MarketLine::of(base, market, end)),
        }
    }
}

impl MarketLine {
    fn of(base: &str, market: &DigestOdds, end: &str) -> MarketLine {
        let now = figures::percent(market.odds.0);
        MarketLine {
            outcome: market.outcome.clone(),
            question: market.question.clone(),
            href: format!("{base}/markets/{}", market.market),
            odds: match market.at_publication {
                Some(then) => {
                    let then = figures::percent(then.0);
                    format!("{then} when it appeared, {now} {end}")
                }
                None => format!("{now} {end}"),
            },
        }
    }
}

impl MoverLine {
    fn of(base: &str, mover: &DigestMover) -> MoverLine {
        let points = figures::points(mover.before.0, mover.after.0);
        let (direction, word) = match points >= 0 {
            true => (Direction::Up, "up"),
            false => (Direction::Down, "down"),
        };
        let noun = if points.abs() == 1 { "point" } else { "points" };
        MoverLine {
            question: mover.question.clone(),
            href: format!("{base}/markets/{}", mover.market),
            outcome: mover.outcome.clone(),
            direction,
            by: format!("{word} {} {noun}", points.abs()),
            before: figures::percent(mover.before.0),
            after: figures::percent(mover.after.0),
        }
    }
}

impl ClosingLine {
    fn of(base: &str, closing: &DigestClosing) -> ClosingLine {
        ClosingLine {
            question: closing.question.clone(),
            href: format!("{base}/markets/{}", closing.market),
            closes: Moment::prose(closing.closes_at.0, Lang::En),
            outcome: closing.outcome.clone(),
            odds: closing
                .odds
                .map_or_else(|| "–".to_owned(), |odds| figures::percent(odds.0)),
        }
    }
}

impl ResolvedLine {
    fn of(base: &str, resolved: &DigestResolved) -> ResolvedLine {
        let verdict = match (&resolved.outcome, resolved.pays) {
            (Some(outcome), Some(pays)) if pays.0 == WHOLE => outcome.clone(),
            (Some(outcome), Some(pays)) => format!("{outcome} pays {}", pays.0),
            _ => "Called off".to_owned(),
        };
        let before = [
            (resolved.at_close, "at its close"),
            (resolved.day_before, "a day before"),
            (resolved.week_before, "a week before"),
        ];
        let said: Vec<String> = before
            .iter()
            .filter_map(|(odds, when)| Some(format!("{} {when}", figures::percent((*odds)?.0))))
            .collect();
        ResolvedLine {
            question: resolved.question.clone(),
            href: format!("{base}/markets/{}", resolved.market),
            verdict,
            said: (!said.is_empty()).then(|| format!("The market said {}", said.join(", "))),
        }
    }
}

/// All of a share.
const WHOLE: Fraction = Fraction::new(TICKS).expect("the whole is a fraction of it");

/// From a day to another one, each part said once.
fn span(first: Date, last: Date) -> String {
    let start = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => first.strftime("%-d"),
        (true, false) => first.strftime("%-d %B"),
        (false, _) => first.strftime("%-d %B %Y"),
    };
    let joint = if first.month() == last.month() {
        "–"
    } else {
        " – "
    };
    format!("{start}{joint}{}", last.strftime("%-d %B %Y"))
}

#[cfg(test)]
mod tests;
