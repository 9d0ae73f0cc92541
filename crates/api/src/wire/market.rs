//! Markets as everyone may see them.

use serde::Serialize;
use tidings_core::market::{OutcomeSpec, Rules, Source};
use tidings_core::units::Price;
use tidings_core::view::{MarketView, OutcomeView};
use utoipa::ToSchema;

use crate::wire::band::PriceBandJson;
use crate::wire::correction::{CorrectedJson, CorrectionJson};
use crate::wire::draft::ArticleLinkJson;
use crate::wire::id;
use crate::wire::odds::ByOutcome;
use crate::wire::passage::PassageText;
use crate::wire::phase::{
    ClosedEarlyJson, HaltJson, ObjectionJson, PhaseParts, ProposalJson, SettlementJson, VoidJson,
    VoidProposalJson,
};
use crate::wire::question::{self, ReviewJson, WorldJson};
use crate::wire::scale::{Number, ScaleJson, expected};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, Money, OddsText, PriceText, Shares};
use crate::wire::words::{KindWord, StatusWord};

/// A market as everyone may see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Market)]
pub struct MarketJson {
    /// Its id.
    #[schema(example = "mkt_0")]
    pub id: String,
    /// Its name in addresses.
    #[schema(example = "jpkr-joint-statement-2026")]
    pub slug: String,
    /// How the outcomes are to be read.
    pub kind: KindWord,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: StatusWord,
    /// Its outcomes with their odds.
    pub outcomes: Vec<OutcomeJson>,
    /// Of a scalar market: what its number is measured in and between which ends.
    pub scale: Option<ScaleJson>,
    /// Of a scalar market: the number that the odds mean, as far up the scale as Long is likely. Null
    /// where no odds are known.
    pub expected: Option<Number>,
    /// Whether the odds of an outcome are only its last trade.
    pub thin: bool,
    /// Shares that takers filled so far.
    pub volume: Shares,
    /// The most shares of one outcome that accounts hold.
    pub open_interest: Shares,
    /// How it is decided.
    pub rules: RulesJson,
    /// What was added to the rules, oldest first.
    pub clarifications: Vec<ClarificationJson>,
    /// Short made-up stories, and what the market comes to in each: how its rules are meant.
    pub worlds: Vec<WorldJson>,
    /// How its draft was read by others than its author; null where nobody was asked to.
    pub review: Option<ReviewJson>,
    /// The maker's liquidity in shares; null for a pure order book.
    pub liquidity: Option<Shares>,
    /// Limit prices are multiples of it.
    pub tick: PriceText,
    /// What takers pay.
    pub taker_fee: FractionText,
    /// What the sponsor locked.
    pub subsidy: Money,
    /// What the sponsor would lose if an outcome happened at once; negative is a gain.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub worst_case: ByOutcome<Money>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The articles it belongs to.
    pub articles: Vec<ArticleLinkJson>,
    /// When it was drafted.
    pub created_at: Time,
    /// When it is to open by itself.
    pub opens_at: Option<Time>,
    /// When it opened.
    pub opened_at: Option<Time>,
    /// When it closes by itself.
    pub closes_at: Option<Time>,
    /// Hours in which a proposed resolution can be disputed.
    pub dispute_hours: u32,
    /// How far its odds may move before it halts itself; null, where they may.
    pub price_band: Option<PriceBandJson>,
    /// Why trading stands still, when it does.
    pub halt: Option<HaltJson>,
    /// Why trading ended before its time; null, where it did not.
    pub closed_early: Option<ClosedEarlyJson>,
    /// How it is proposed to resolve, or was.
    pub proposal: Option<ProposalJson>,
    /// Why it is proposed to call it off, or was.
    pub void_proposal: Option<VoidProposalJson>,
    /// What was objected to the proposal.
    pub objection: Option<ObjectionJson>,
    /// How it was settled.
    pub settlement: Option<SettlementJson>,
    /// Why it was called off.
    pub void: Option<VoidJson>,
    /// Until when its end can be corrected; null before its end, and when it cannot.
    pub correctable_until: Option<Time>,
    /// Another end that is proposed.
    pub correction: Option<CorrectionJson>,
    /// How its end was corrected, oldest first.
    pub corrections: Vec<CorrectedJson>,
    /// The moment that this is as of.
    pub as_of: Time,
    /// The place in the journal that this is as of.
    pub seq: u64,
}

/// An outcome as everyone may see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Outcome)]
pub struct OutcomeJson {
    /// Its name in requests.
    #[schema(example = "yes")]
    pub key: String,
    /// Its name on pages.
    #[schema(example = "Yes")]
    pub name: String,
    /// The odds before the first trade.
    pub prior: FractionText,
    /// The number to show; null when nothing is known.
    pub odds: Option<OddsText>,
    /// Whether it is only the last trade.
    pub thin: bool,
    /// The best price at which a share of Yes can be sold.
    pub bid: Option<PriceText>,
    /// The best price at which a share of Yes can be bought.
    pub ask: Option<PriceText>,
    /// The last traded price of Yes.
    pub last: Option<PriceText>,
}

/// How a market is decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Rules)]
pub struct RulesJson {
    /// What counts as each outcome.
    pub criteria: String,
    /// What counts in the cases that people will argue about.
    pub edge_cases: Vec<String>,
    /// Who is believed.
    pub sources: Vec<SourceJson>,
    /// When trading ends before its time, clause by clause.
    pub early_close: Vec<String>,
}

/// Who is believed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RulesSource)]
pub struct SourceJson {
    /// Its name.
    pub name: String,
    /// Where to look.
    pub url: String,
    /// Whether it decides alone.
    pub primary: bool,
}

/// Words that were appended to the rules.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Clarification)]
pub struct ClarificationJson {
    /// Its number, from 1.
    pub version: usize,
    /// When.
    pub at: Time,
    /// The words.
    pub text: String,
    /// What of the market they are about; null, where nobody said.
    pub about: Option<PassageText>,
}

impl MarketJson {
    /// A market as everyone may see it.
    pub fn of(view: &MarketView) -> MarketJson {
        let spec = &view.spec;
        let phase = PhaseParts::of(view);
        let outcomes = spec.outcomes.iter().zip(&view.outcomes);
        let worst_case = view.worst_case.iter().map(|loss| Money(*loss));
        let clarifications = view.clarifications.iter().zip(1..);
        MarketJson {
            id: id::market(view.id),
            slug: spec.slug.clone(),
            kind: spec.kind.into(),
            question: spec.question.clone(),
            status: view.phase.status().into(),
            outcomes: outcomes
                .map(|(spec, view)| OutcomeJson::of(spec, *view))
                .collect(),
            scale: spec.scale.as_ref().map(ScaleJson::of),
            expected: expected(view),
            thin: view.outcomes.iter().any(|outcome| outcome.thin),
            volume: Shares(view.volume),
            open_interest: Shares(view.open_interest),
            rules: RulesJson::of(&spec.rules),
            clarifications: clarifications
                .map(|(words, version)| ClarificationJson {
                    version,
                    at: Time(words.at),
                    text: words.text.clone(),
                    about: words.about.map(|about| PassageText::of(about, spec)),
                })
                .collect(),
            worlds: question::worlds(view),
            review: ReviewJson::of(view),
            liquidity: view.liquidity.map(Shares),
            tick: PriceText(Price::new(spec.tick).unwrap_or(Price::MIN)),
            taker_fee: FractionText(spec.taker_fee),
            subsidy: Money(view.subsidy),
            worst_case: ByOutcome::of(view, worst_case),
            tags: spec.tags.clone(),
            articles: view.links.iter().map(ArticleLinkJson::of).collect(),
            created_at: Time(view.created_at),
            opens_at: spec.opens_at.map(Time),
            opened_at: view.opened_at.map(Time),
            closes_at: spec.closes_at.map(Time),
            dispute_hours: spec.dispute_hours,
            price_band: spec.price_band.map(PriceBandJson::of),
            halt: phase.halt,
            closed_early: ClosedEarlyJson::of(view),
            proposal: phase.proposal,
            void_proposal: phase.void_proposal,
            objection: phase.objection,
            settlement: phase.settlement,
            void: phase.void,
            correctable_until: view.correctable_until.map(Time),
            correction: view
                .correction
                .as_ref()
                .map(|correction| CorrectionJson::of(view, correction)),
            corrections: view
                .corrections
                .iter()
                .map(|made| CorrectedJson::of(view, made))
                .collect(),
            as_of: Time(view.as_of.at),
            seq: view.as_of.seq.0,
        }
    }
}

impl OutcomeJson {
    fn of(spec: &OutcomeSpec, view: OutcomeView) -> OutcomeJson {
        OutcomeJson {
            key: spec.key.clone(),
            name: spec.name.clone(),
            prior: FractionText(spec.prior),
            odds: view.odds.map(OddsText),
            thin: view.thin,
            bid: view.bid.map(PriceText),
            ask: view.ask.map(PriceText),
            last: view.last.map(PriceText),
        }
    }
}

impl RulesJson {
    pub(super) fn of(rules: &Rules) -> RulesJson {
        let source = |source: &Source| SourceJson {
            name: source.name.clone(),
            url: source.url.clone(),
            primary: source.primary,
        };
        RulesJson {
            criteria: rules.criteria.clone(),
            edge_cases: rules.edge_cases.clone(),
            sources: rules.sources.iter().map(source).collect(),
            early_close: rules.early_close().to_vec(),
        }
    }
}
