use std::collections::BTreeSet;

use tidings_core::command::Stamp;
use tidings_core::id::{AccountId, Seq};
use tidings_core::market::{Kind, OutcomeSpec, Phase, Rules};
use tidings_core::units::{Fraction, Lots, Micros, Timestamp};

use super::*;

fn market(id: u32, question: &str, phase: Phase) -> Arc<MarketView> {
    let outcome = |key: &str| OutcomeSpec {
        key: key.to_owned(),
        name: key.to_owned(),
        prior: Fraction::new(5_000).expect("a half"),
    };
    let spec = MarketSpec {
        slug: format!("market-{id}"),
        kind: Kind::Binary,
        question: question.to_owned(),
        outcomes: vec![outcome("yes"), outcome("no")],
        rules: Rules {
            criteria: String::new(),
            edge_cases: Vec::new(),
            sources: Vec::new(),
            early_close: None,
        },
        liquidity: None,
        tick: 1,
        taker_fee: Fraction::ZERO,
        opens_at: None,
        closes_at: None,
        dispute_hours: 0,
        tags: vec!["Ferries".to_owned()],
        articles: Vec::new(),
        scale: None,
        review: None,
        price_band: None,
    };
    let at = Timestamp::from_micros(0);
    Arc::new(MarketView {
        id: MarketId(id),
        as_of: Stamp { seq: Seq(1), at },
        spec: Arc::new(spec),
        sponsor: AccountId(3),
        liquidity: None,
        subsidy: Micros::ZERO,
        phase,
        clarifications: Vec::new(),
        reviews: Arc::default(),
        text: None,
        links: Vec::new(),
        outcomes: Vec::new(),
        volume: Lots::ZERO,
        open_interest: Lots::ZERO,
        worst_case: Vec::new(),
        created_at: at,
        opened_at: Some(at),
        closed_early: None,
        correctable_until: None,
        correction: None,
        corrections: Vec::new(),
    })
}

fn ids(all: &[(Arc<MarketView>, Arc<MarketSide>)]) -> BTreeSet<u32> {
    all.iter().map(|(market, _)| market.id.0).collect()
}

#[test]
fn a_market_is_prepared_once_for_as_long_as_it_asks_what_it_asks() {
    let prepared = Prepared::default();
    let mut markets = vec![
        market(0, "Will it sail?", Phase::Open),
        market(1, "Will it sink?", Phase::Open),
    ];
    let first = prepared.of(&markets);
    // The same spec, also where it is another copy of it: that of a start, or of a later view.
    markets[1] = market(1, "Will it sink?", Phase::Closed);
    let again = prepared.of(&markets);
    for (one, other) in first.iter().zip(&again) {
        assert!(Arc::ptr_eq(&one.1, &other.1), "made anew: {}", one.0.id);
    }
    // Another question, and one more market: only these are made.
    markets[1] = market(1, "Will it be sold?", Phase::Open);
    markets.push(market(2, "Will it rest?", Phase::Open));
    let changed = prepared.of(&markets);
    assert!(Arc::ptr_eq(&first[0].1, &changed[0].1));
    assert!(!Arc::ptr_eq(&first[1].1, &changed[1].1));
    assert_eq!(ids(&changed), BTreeSet::from([0, 1, 2]));
}

#[test]
fn what_cannot_be_linked_is_not_kept() {
    let prepared = Prepared::default();
    let over = Phase::Voided {
        reason: "A wrong question.".to_owned(),
        by: AccountId(3),
        at: Timestamp::from_micros(0),
        proposal: None,
    };
    let drafted = market(0, "Will it sail?", Phase::Draft);
    let mut markets = vec![drafted, market(1, "Will it sink?", Phase::Open)];
    assert_eq!(ids(&prepared.of(&markets)), BTreeSet::from([1]));
    assert_eq!(prepared.known().len(), 1);
    markets[1] = market(1, "Will it sink?", over);
    assert!(prepared.of(&markets).is_empty());
    assert!(prepared.known().is_empty());
    let many: Vec<_> = (0..20_000)
        .map(|id| market(id, "Will it?", Phase::Open))
        .collect();
    assert_eq!(prepared.of(&many).len(), many.len(), "all are weighed");
    assert_eq!(prepared.known().len(), MOST, "and some of them kept");
}
