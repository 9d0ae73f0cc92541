//! The odds of a market as every surface shows them: story, list, market page, embed, static forms.
//! In: the engine's public view of a market. Out: text and numbers ready to be written down.

use tidings_core::market::{Kind, Payout, Phase, Status};
use tidings_core::units::{Fraction, TICKS, Timestamp};
use tidings_core::view::{MarketView, Odds};

use crate::figures::{self, CERTAIN};
use crate::moment::Moment;
use crate::scale::Reading;
use crate::state::State;
use crate::words::Lang;

/// Outcomes that a card lists at most. A market has up to 256; the rest are on its page.
pub(crate) const MOST_OUTCOMES: usize = 24;

/// Outcomes beside a story: enough for who leads.
pub(crate) const FEW_OUTCOMES: usize = 3;

/// A market's odds at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) lang: Lang,
    pub(crate) slug: String,
    pub(crate) question: String,
    pub(crate) state: State,
    /// Of a scalar market: the number that it stands for.
    pub(crate) reading: Option<Reading>,
    /// In the market's own order, so that no row jumps when odds change.
    pub(crate) outcomes: Vec<Row>,
    /// Outcomes left out.
    pub(crate) more: usize,
    /// Whether the numbers shown may come to other than 100: see [`may_not_add_up`].
    pub(crate) rounded: bool,
    pub(crate) as_of: Moment,
    pub(crate) seq: u64,
    pub(crate) closes: Option<Moment>,
}

/// One outcome of a card.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) tone: Tone,
    /// What is shown: `41 %`, or a dash.
    pub(crate) shown: String,
    /// For machines: `0.412345`, or empty.
    pub(crate) odds: String,
    /// The bar: `41.23%`.
    pub(crate) length: String,
    /// Only the last trade.
    pub(crate) thin: bool,
    /// It happened, as far as the market is concerned.
    pub(crate) won: bool,
}

/// How an outcome is drawn. Markets of two opposites have the two accents; others one ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Solid, in the accent for up.
    Yes,
    /// Outlined, in the accent for down.
    No,
    /// Solid, in ink.
    Plain,
}

impl Tone {
    /// Its name in `data-tone`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Tone::Yes => "yes",
            Tone::No => "no",
            Tone::Plain => "plain",
        }
    }
}

impl Card {
    /// A market as it stands, with all the outcomes that a card can hold.
    pub(crate) fn of(view: &MarketView, lang: Lang) -> Card {
        Card::with_most(view, lang, MOST_OUTCOMES)
    }

    /// A market as it stands, beside a story: the likeliest few outcomes.
    pub(crate) fn brief(view: &MarketView, lang: Lang) -> Card {
        Card::with_most(view, lang, FEW_OUTCOMES)
    }

    fn with_most(view: &MarketView, lang: Lang, most: usize) -> Card {
        let state = State::Known(view.phase.status());
        let shown = shown_odds(view);
        let mut kept: Vec<usize> = (0..shown.len()).collect();
        if kept.len() > most {
            kept.sort_by_key(|ix| std::cmp::Reverse(shown[*ix]));
            kept.truncate(most);
            kept.sort_unstable();
        }
        let row = |ix: &usize| row(view, *ix, shown[*ix]);
        Card {
            lang,
            slug: view.spec.slug.clone(),
            question: view.spec.question.clone(),
            state,
            reading: Reading::of(view, lang),
            outcomes: kept.iter().map(row).collect(),
            more: shown.len() - kept.len(),
            rounded: shown.len() <= most && may_not_add_up(view),
            as_of: Moment::exact(view.as_of.at),
            seq: view.as_of.seq.0,
            closes: closing(view).map(|at| Moment::prose(at, lang)),
        }
    }

    /// Whether a line below the outcomes says what they are not: all of them, or of one sum.
    pub(crate) fn has_note(&self) -> bool {
        self.rounded || self.more > 0
    }

    /// The state's word in the card's language.
    pub(crate) fn word(&self) -> &'static str {
        self.state.word(self.lang)
    }

    /// The words of the card's language.
    pub(crate) fn words(&self) -> &'static crate::words::Words {
        self.lang.words()
    }
}

/// When a market that still trades will close.
pub(crate) fn closing(view: &MarketView) -> Option<Timestamp> {
    match view.phase.status() {
        Status::Draft | Status::Open | Status::Halted => view.spec.closes_at,
        _ => None,
    }
}

/// What to show for each outcome: its odds, or what it paid once the market is settled. A voided
/// market has no odds: what it asked has no answer.
pub(crate) fn shown_odds(view: &MarketView) -> Vec<Option<Odds>> {
    match &view.phase {
        Phase::Settled { proposal, .. } => paid(&proposal.payout).map(Some).collect(),
        Phase::Voided { .. } => vec![None; view.outcomes.len()],
        _ => view.outcomes.iter().map(|outcome| outcome.odds).collect(),
    }
}

/// Whether the whole per cents of a market's outcomes may come to other than 100: of three or more each is rounded by
/// itself. While odds can change it is so whatever they come to, so that no line appears below them or goes as they move.
pub(crate) fn may_not_add_up(view: &MarketView) -> bool {
    let shown = shown_odds(view);
    let sum: Option<u32> = shown.iter().map(|odds| odds.map(figures::whole)).sum();
    match view.phase.status() {
        Status::Settled => sum != Some(100),
        Status::Voided => false,
        _ => shown.len() > 2,
    }
}

/// What each outcome pays, in odds: a share of one.
pub(crate) fn paid(payout: &Payout) -> impl Iterator<Item = Odds> + '_ {
    let odds = |share: &Fraction| Odds::from(share.ticks()) * (CERTAIN / Odds::from(TICKS));
    payout.shares().iter().map(odds)
}

fn row(view: &MarketView, ix: usize, odds: Option<Odds>) -> Row {
    let spec = &view.spec.outcomes[ix];
    Row {
        key: spec.key.clone(),
        name: spec.name.clone(),
        tone: match (view.spec.kind, ix) {
            (Kind::Binary | Kind::Scalar, 0) => Tone::Yes,
            (Kind::Binary | Kind::Scalar, _) => Tone::No,
            (Kind::Categorical, _) => Tone::Plain,
        },
        shown: odds.map_or_else(|| "–".to_owned(), figures::percent),
        odds: odds.map(figures::decimal).unwrap_or_default(),
        length: odds.map_or_else(|| "0%".to_owned(), figures::length),
        thin: view.outcomes[ix].thin && !view.phase.status().is_final(),
        won: odds == Some(CERTAIN) && view.phase.status() == Status::Settled,
    }
}
