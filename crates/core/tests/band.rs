//! Price bands: what halts a market by itself, what does not, and what its halt is told as.

mod support;

use support::{Desk, limit, spec};
use tidings_core::band::{PriceBand, Swing};
use tidings_core::command::{Command, Contract, PlaceOrder, Request, Side};
use tidings_core::event::Event;
use tidings_core::id::{MarketId, Outcome};
use tidings_core::market::{HaltReason, MarketSpec, Phase, Status};
use tidings_core::reject::MarketFault;
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Engine, Reject, audit};

const MARKET: MarketId = MarketId(0);

fn band(width: u16, seconds: u32) -> PriceBand {
    let width = Fraction::new(width).unwrap();
    PriceBand { width, seconds }
}

fn terms(outcomes: u16, liquidity: Option<i64>, price_band: Option<PriceBand>) -> MarketSpec {
    let each = Fraction::new(10_000 / outcomes).unwrap();
    let prior = vec![each; usize::from(outcomes)];
    MarketSpec {
        price_band,
        ..spec("banded", liquidity.map(Lots::new), prior, Fraction::ZERO)
    }
}

/// Ann and Bob with money, and an open market.
fn desk(spec: MarketSpec) -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(10_000_000_000));
    }
    desk.create("op", spec);
    desk
}

/// At 50 % to either side, so deep that 200 shares move it by some hundredths, and a band of a tenth
/// within ten seconds.
fn deep() -> Desk {
    desk(terms(2, Some(100_000), Some(band(1_000, 10))))
}

fn buys(outcome: u16, limit_at: u16, lots: i64) -> PlaceOrder {
    let price = Price::new(limit_at).unwrap();
    let (side, lots) = (Side::Buy, Lots::new(lots));
    limit(MARKET, Outcome(outcome), Contract::Yes, side, price, lots)
}

/// Buys an outcome up to a price, so many seconds after the last command. A quote for it says just before whether the
/// market halts itself, and by which move.
fn push(desk: &mut Desk, after: i64, outcome: u16, to: u16) -> Result<Vec<Event>, Reject> {
    let at = desk.engine.last().at.as_micros() + after * 1_000_000;
    let mut order = buys(outcome, to, 90_000);
    order.time_in_force = tidings_core::command::TimeInForce::Ioc;
    let (ann, at) = (desk.account("ann"), Timestamp::from_micros(at));
    let quote = desk.engine.quote(at, Some(ann), &order);
    let events = desk.give_at(at, Request::new(ann, Command::Place(order)));
    assert_eq!(
        quote.map(|quote| quote.would_halt),
        events.as_deref().map(left_band).map_err(Clone::clone)
    );
    events
}

fn left_band(events: &[Event]) -> Option<Swing> {
    events.iter().find_map(|event| match event {
        Event::BandLeft { swing, .. } => Some(*swing),
        _ => None,
    })
}

fn by_operator(desk: &mut Desk, command: Command) -> Result<Vec<Event>, Reject> {
    desk.give(desk.account("op"), command)
}

fn swing(desk: &Desk) -> Option<Swing> {
    match desk.engine.market(MARKET).unwrap().phase {
        Phase::Halted {
            reason: HaltReason::Band(swing),
        } => Some(swing),
        _ => None,
    }
}

fn status(desk: &Desk) -> Status {
    desk.engine.market(MARKET).unwrap().phase.status()
}

/// Every invariant, and the same state from the journal and from a snapshot.
fn sound(desk: &Desk) {
    audit::check(&desk.engine).unwrap();
    let mut again = Engine::new();
    for (stamp, request) in &desk.journal {
        again.apply(*stamp, request, &mut Vec::<Event>::new());
    }
    assert_eq!(again.state_hash(), desk.engine.state_hash());
    let restored = Engine::restore(&desk.engine.snapshot()).expect("a snapshot");
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
}

#[test]
fn a_jump_halts_the_market_in_its_own_record_and_what_was_traded_stays() {
    let mut desk = deep();
    let events = push(&mut desk, 1, 0, 6_200).unwrap();
    let told = events.iter().filter_map(|event| match event {
        Event::BandLeft { swing, .. } => Some(format!(
            "{} from {} in {} s",
            swing.outcome.0, swing.from, swing.seconds
        )),
        Event::PhaseChanged { status, .. } => Some(status.word().to_owned()),
        Event::OrderTook(_) => Some("trades".to_owned()),
        _ => None,
    });
    let told: Vec<String> = told.collect();
    assert_eq!(told, ["trades", "0 from 500000 in 0 s", "halted"]);
    let Swing { to, .. } = swing(&desk).expect("it left its band");
    assert!((615_000..=620_000).contains(&to), "{to}");
    let ann = desk.account("ann");
    let position = desk.engine.ledger().position(ann, MARKET);
    assert!(position.unwrap().holdings[0].free > Lots::ZERO);
    let status = Status::Halted;
    let refused = push(&mut desk, 1, 0, 6_300);
    assert_eq!(refused, Err(Reject::MarketNotOpen { status }));
    sound(&desk);
}

#[test]
fn a_move_within_the_band_halts_nothing() {
    let mut desk = deep();
    push(&mut desk, 1, 0, 5_990).unwrap();
    push(&mut desk, 0, 1, 4_900).unwrap();
    assert_eq!(status(&desk), Status::Open);
    sound(&desk);
}

#[test]
fn what_comes_slowly_halts_nothing_and_the_same_way_in_time_does() {
    let way = [5_500, 5_950, 6_400, 6_850];
    let mut slow = deep();
    for to in way {
        push(&mut slow, 11, 0, to).unwrap();
    }
    assert_eq!(status(&slow), Status::Open);
    sound(&slow);
    let mut quick = deep();
    push(&mut quick, 3, 0, way[0]).unwrap();
    push(&mut quick, 3, 0, way[1]).unwrap();
    push(&mut quick, 3, 0, way[2]).unwrap();
    let swing = swing(&quick).expect("it left its band");
    assert_eq!((swing.from, swing.seconds), (500_000, 6), "{swing:?}");
}

/// A band that is only held against where the odds stood at the beginning of each ten seconds lets this
/// through: nine hundredths at the end of one, nine more at the beginning of the next.
#[test]
fn a_move_across_the_border_of_two_windows_is_one_move() {
    let mut desk = deep();
    push(&mut desk, 9, 0, 5_900).unwrap();
    assert_eq!(status(&desk), Status::Open);
    push(&mut desk, 2, 0, 6_800).unwrap();
    let swing = swing(&desk).expect("it left its band");
    assert_eq!((swing.from, swing.seconds), (500_000, 2));
}

#[test]
fn there_and_back_is_a_move_as_well() {
    let mut desk = deep();
    push(&mut desk, 1, 0, 5_900).unwrap();
    push(&mut desk, 1, 1, 4_900).unwrap();
    // Nine hundredths up and nine down again, and two more down: eleven from the highest place.
    push(&mut desk, 1, 1, 5_200).unwrap();
    let swing = swing(&desk).expect("it left its band");
    assert_eq!(swing.outcome, Outcome(0));
    assert!(swing.from > swing.to, "{swing:?}");
    sound(&desk);
}

#[test]
fn the_watch_begins_anew_when_an_operator_lets_it_go_on() {
    let mut desk = deep();
    push(&mut desk, 1, 0, 6_200).unwrap();
    by_operator(&mut desk, Command::ResumeMarket { market: MARKET }).unwrap();
    assert_eq!(status(&desk), Status::Open);
    push(&mut desk, 0, 0, 7_100).unwrap();
    assert_eq!(status(&desk), Status::Open, "nine hundredths from there");
    push(&mut desk, 0, 0, 7_300).unwrap();
    assert!(swing(&desk).is_some());
    sound(&desk);
    by_operator(&mut desk, {
        let reason = "It is decided.".to_owned();
        Command::CloseMarket {
            market: MARKET,
            reason,
            clause: None,
        }
    })
    .unwrap();
    assert_eq!(status(&desk), Status::Closed);
    sound(&desk);
}

#[test]
fn liquidity_halts_nothing_whatever_it_serves() {
    let mut desk = desk(terms(2, Some(100), Some(band(950, 10))));
    push(&mut desk, 1, 0, 5_950).unwrap();
    // A lot of the shallow maker's leads past this limit, and one of the deeper maker's does not.
    desk.place("bob", buys(0, 5_960, 40_000)).unwrap();
    assert_eq!(status(&desk), Status::Open);
    let deeper = Command::AddLiquidity {
        market: MARKET,
        liquidity: Lots::new(400_000),
        reason: None,
    };
    by_operator(&mut desk, deeper).unwrap();
    let odds = desk.engine.market(MARKET).unwrap().all_odds();
    assert!(odds[0] > Some(595_000), "past the band: {odds:?}");
    assert_eq!(status(&desk), Status::Open);
    sound(&desk);
}

#[test]
fn without_a_maker_it_is_what_was_traded_at() {
    let mut desk = desk(terms(2, None, Some(band(1_000, 10))));
    desk.place("ann", buys(0, 5_000, 100)).unwrap();
    desk.place("bob", buys(1, 5_000, 100)).unwrap();
    // Orders that wait move the middle of bid and ask, and nothing else.
    desk.place("ann", buys(0, 9_000, 100)).unwrap();
    assert_eq!(status(&desk), Status::Open);
    let events = desk.place("bob", buys(1, 1_000, 50)).unwrap();
    let halted = Event::PhaseChanged {
        market: MARKET,
        status: Status::Halted,
    };
    assert!(events.contains(&halted), "{events:?}");
    let swing = swing(&desk).expect("it left its band");
    assert_eq!((swing.from, swing.to), (500_000, 900_000));
    sound(&desk);
}

#[test]
fn an_amended_order_that_trades_is_looked_at_too() {
    let mut desk = deep();
    desk.place("ann", buys(0, 4_000, 90_000)).unwrap();
    let order = desk.engine.last_order();
    let amend = Command::Amend(tidings_core::command::AmendOrder {
        order,
        quantity: None,
        limit: Price::new(6_500),
        valid_until: None,
    });
    desk.give(desk.account("ann"), amend).unwrap();
    assert!(swing(&desk).is_some());
    sound(&desk);
}

#[test]
fn of_many_outcomes_the_furthest_is_told() {
    let mut desk = desk(terms(4, Some(100_000), Some(band(1_000, 10))));
    push(&mut desk, 1, 2, 4_000).unwrap();
    let swing = swing(&desk).expect("it left its band");
    assert_eq!((swing.outcome, swing.from), (Outcome(2), 250_000));
}

#[test]
fn a_market_that_halted_itself_does_not_trade_again_with_many_others() {
    use tidings_core::command::HaltMany;
    use tidings_core::halt::Scope;
    let mut desk = deep();
    push(&mut desk, 1, 0, 6_200).unwrap();
    let (scope, reason) = (Scope::Everything, "A fault.".to_owned());
    by_operator(
        &mut desk,
        Command::HaltMany(Box::new(HaltMany { scope, reason })),
    )
    .unwrap();
    let scope = Scope::Everything;
    by_operator(&mut desk, Command::ResumeMany { scope }).unwrap();
    assert!(swing(&desk).is_some());
}

#[test]
fn a_band_that_cannot_be_is_refused() {
    for (width, seconds) in [(99, 10), (9_901, 10), (1_000, 0), (1_000, 3_601)] {
        let mut desk = Desk::new();
        desk.deposit("op", Micros::new(10_000_000_000));
        let spec = terms(2, Some(1_000), Some(band(width, seconds)));
        let fault = MarketFault::PriceBand;
        let refused = by_operator(&mut desk, Command::CreateMarket(Box::new(spec)));
        assert_eq!(refused, Err(Reject::MarketInvalid { fault }));
    }
}
