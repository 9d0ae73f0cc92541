//! The life of orders and markets, told as stories: what is asked, and what comes of it.

mod support;

use support::{Desk, limit, proof, propose_void, spec};
use tidings_core::access::Role;
use tidings_core::command::{
    AmendOrder, Command, Contract, PlaceOrder, Request, RequestKey, SelfTrade, Side, Size, Stamp,
    TimeInForce,
};
use tidings_core::event::{CloseReason, Event};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::ledger::Cash;
use tidings_core::market::{ArticleLink, HaltReason, LinkRole, MAX_KEPT_OUT, Payout, Status};
use tidings_core::reject::OrderFault;
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine, Reject, audit};

const MARKET: MarketId = MarketId(0);

fn ticks(ticks: u16) -> Price {
    Price::new(ticks).unwrap()
}

fn half() -> Vec<Fraction> {
    vec![Fraction::new(5_000).unwrap(); 2]
}

/// A desk with ann and bob, a thousand each, and a market with even odds; without a maker unless
/// `liquidity` is given.
fn desk(liquidity: Option<i64>, fee: u16) -> Desk {
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    desk.create_market(
        "op",
        liquidity.map(Lots::new),
        half(),
        Fraction::new(fee).unwrap(),
    );
    desk
}

fn buy(contract: Contract, price: u16, lots: i64) -> PlaceOrder {
    limit(
        MARKET,
        Outcome(0),
        contract,
        Side::Buy,
        ticks(price),
        Lots::new(lots),
    )
}

fn sell(contract: Contract, price: u16, lots: i64) -> PlaceOrder {
    limit(
        MARKET,
        Outcome(0),
        contract,
        Side::Sell,
        ticks(price),
        Lots::new(lots),
    )
}

fn order_id(events: &[Event]) -> OrderId {
    let accepted = |event: &Event| match event {
        Event::OrderAccepted { order, .. } => Some(*order),
        _ => None,
    };
    events.iter().find_map(accepted).expect("an accepted order")
}

fn closed(events: &[Event], id: OrderId) -> Option<CloseReason> {
    events.iter().find_map(|event| match event {
        Event::OrderClosed { order, reason, .. } if *order == id => Some(*reason),
        _ => None,
    })
}

fn cash(desk: &Desk, name: &str) -> (i64, i64) {
    let Cash {
        available,
        reserved,
    } = desk.engine.ledger().cash(desk.account(name));
    (available.get(), reserved.get())
}

fn check(desk: &Desk) {
    audit::check(&desk.engine).unwrap();
    desk.sums.check(&desk.engine).unwrap();
}

#[test]
fn yes_and_no_buyers_mint_a_set_between_them() {
    let mut desk = desk(None, 0);
    desk.place("ann", buy(Contract::Yes, 6_000, 100)).unwrap();
    desk.place("bob", buy(Contract::No, 4_000, 100)).unwrap();
    assert_eq!(cash(&desk, "ann"), (1_000_000_000 - 600_000, 0));
    assert_eq!(cash(&desk, "bob"), (1_000_000_000 - 400_000, 0));
    assert_eq!(
        desk.engine.ledger().escrow(MARKET).money,
        Micros::new(1_000_000)
    );
    check(&desk);
}

#[test]
fn an_older_order_at_a_price_fills_first_and_a_better_price_before_both() {
    let mut desk = desk(None, 0);
    let first = order_id(&desk.place("bob", buy(Contract::No, 4_000, 10)).unwrap());
    let second = order_id(&desk.place("bob", buy(Contract::No, 4_000, 10)).unwrap());
    let better = order_id(&desk.place("bob", buy(Contract::No, 4_100, 10)).unwrap());
    let events = desk.place("ann", buy(Contract::Yes, 6_000, 25)).unwrap();
    let makers: Vec<(OrderId, u16)> = events
        .iter()
        .filter_map(|event| match event {
            Event::BookFill(fill) => Some((fill.maker, fill.price.ticks())),
            _ => None,
        })
        .collect();
    assert_eq!(makers, [(better, 5_900), (first, 6_000), (second, 6_000)]);
    check(&desk);
}

#[test]
fn selling_what_rests_elsewhere_is_refused_and_cancelling_frees_it() {
    let mut desk = desk(Some(100_000), 0);
    desk.place("ann", buy(Contract::Yes, 9_000, 100)).unwrap();
    let rest = order_id(&desk.place("ann", sell(Contract::Yes, 9_500, 60)).unwrap());
    let refused = desk
        .place("ann", sell(Contract::Yes, 9_500, 60))
        .unwrap_err();
    let (available, required) = (Lots::new(40), Lots::new(60));
    assert_eq!(
        refused,
        Reject::InsufficientPosition {
            available,
            required
        }
    );
    desk.cancel("ann", rest).unwrap();
    desk.place("ann", sell(Contract::Yes, 9_500, 60)).unwrap();
    check(&desk);
}

#[test]
fn shares_freed_by_a_cancel_complete_sets_at_once() {
    let mut desk = desk(Some(100_000), 0);
    desk.place("ann", buy(Contract::Yes, 9_000, 100)).unwrap();
    let rest = order_id(&desk.place("ann", sell(Contract::Yes, 9_500, 100)).unwrap());
    desk.place("ann", buy(Contract::No, 9_000, 100)).unwrap();
    let events = desk.cancel("ann", rest).unwrap();
    let merged = Event::SetsMerged {
        account: desk.account("ann"),
        market: MARKET,
        sets: Lots::new(100),
    };
    assert!(events.contains(&merged), "{events:?}");
    check(&desk);
}

#[test]
fn a_lower_quantity_keeps_its_place_and_a_new_price_loses_it() {
    let mut desk = desk(None, 0);
    let first = order_id(&desk.place("ann", buy(Contract::Yes, 5_000, 10)).unwrap());
    let second = order_id(&desk.place("ann", buy(Contract::Yes, 5_000, 10)).unwrap());
    let mut amend = |order, quantity: Option<i64>, price: Option<u16>| {
        let quantity = quantity.map(Lots::new);
        let amend = AmendOrder {
            order,
            quantity,
            limit: price.map(ticks),
            valid_until: None,
        };
        desk.give(desk.account("ann"), Command::Amend(amend))
            .map(drop)
    };
    amend(first, Some(4), None).unwrap();
    amend(second, None, Some(4_000)).unwrap();
    amend(second, None, Some(5_000)).unwrap();
    let nothing = Reject::OrderInvalid {
        fault: OrderFault::AmendsNothing,
    };
    assert_eq!(amend(first, Some(4), None), Err(nothing.clone()));
    assert_eq!(amend(first, Some(0), None), Err(nothing));
    let book: Vec<(OrderId, i64)> = desk
        .engine
        .resting_orders(MARKET, Outcome(0))
        .into_iter()
        .map(|(_, lots, id, _)| (id, lots.get()))
        .collect();
    assert_eq!(book, [(first, 4), (second, 10)]);
    assert_eq!(cash(&desk, "ann").1, 14 * 5_000);
    check(&desk);
}

#[test]
fn an_amendment_that_crosses_trades_and_one_beyond_means_changes_nothing() {
    let mut desk = desk(None, 0);
    desk.place("bob", buy(Contract::No, 4_000, 10)).unwrap();
    let order = order_id(&desk.place("ann", buy(Contract::Yes, 5_000, 20)).unwrap());
    let ann = desk.account("ann");
    let amend = |quantity: i64, price: u16| {
        let (quantity, limit) = (Some(Lots::new(quantity)), Some(ticks(price)));
        Command::Amend(AmendOrder {
            order,
            quantity,
            limit,
            valid_until: None,
        })
    };
    let before = desk.engine.state_hash();
    let refused = desk.give(ann, amend(200_000, 6_000)).unwrap_err();
    assert!(
        matches!(refused, Reject::InsufficientFunds { .. }),
        "{refused:?}"
    );
    assert_eq!(desk.engine.state_hash(), before);
    desk.give(ann, amend(20, 6_000)).unwrap();
    let open = desk.engine.order_view(order).unwrap();
    assert_eq!(
        (open.filled, open.remaining),
        (Lots::new(10), Lots::new(10))
    );
    assert_eq!(cash(&desk, "ann"), (1_000_000_000 - 20 * 6_000, 10 * 6_000));
    check(&desk);
}

#[test]
fn amending_a_sell_never_merges_the_shares_it_still_offers() {
    let mut desk = desk(Some(100_000), 0);
    desk.place("ann", buy(Contract::Yes, 9_000, 100)).unwrap();
    let rest = order_id(&desk.place("ann", sell(Contract::Yes, 9_500, 100)).unwrap());
    desk.place("ann", buy(Contract::No, 9_000, 100)).unwrap();
    let amend = AmendOrder {
        order: rest,
        quantity: None,
        limit: Some(ticks(9_600)),
        valid_until: None,
    };
    desk.give(desk.account("ann"), Command::Amend(amend))
        .unwrap();
    assert_eq!(
        desk.engine.order_view(rest).unwrap().remaining,
        Lots::new(100)
    );
    check(&desk);
}

#[test]
fn an_order_meets_its_own_account_by_the_rule_it_names() {
    let mut desk = desk(None, 0);
    let own = order_id(&desk.place("ann", buy(Contract::No, 4_000, 10)).unwrap());
    let events = desk.place("ann", buy(Contract::Yes, 6_000, 10)).unwrap();
    assert_eq!(
        closed(&events, order_id(&events)),
        Some(CloseReason::SelfTrade)
    );
    let mut oldest = buy(Contract::Yes, 6_000, 10);
    oldest.self_trade = SelfTrade::CancelOldest;
    let events = desk.place("ann", oldest).unwrap();
    assert_eq!(closed(&events, own), Some(CloseReason::SelfTrade));
    assert!(desk.engine.orders().get(order_id(&events)).is_some());
    check(&desk);
}

#[test]
fn shares_freed_on_the_way_are_not_merged_before_they_are_sold() {
    let mut desk = desk(None, 0);
    desk.place("bob", buy(Contract::Yes, 5_000, 100)).unwrap();
    desk.place("ann", buy(Contract::No, 5_000, 100)).unwrap();
    // Offering No at 0.52 is a bid for Yes at 0.48, and holds ann's No.
    desk.place("ann", sell(Contract::No, 5_200, 100)).unwrap();
    desk.place("bob", buy(Contract::No, 5_000, 100)).unwrap();
    desk.place("ann", buy(Contract::Yes, 5_000, 100)).unwrap();
    desk.place("bob", buy(Contract::Yes, 4_500, 100)).unwrap();
    // Selling Yes meets her own bid first. It is cancelled and frees her No; her Yes is on its way to
    // bob and completes no set with it.
    let mut sale = sell(Contract::Yes, 4_000, 100);
    sale.self_trade = SelfTrade::CancelOldest;
    desk.place("ann", sale).unwrap();
    let position = desk
        .engine
        .ledger()
        .position(desk.account("ann"), MARKET)
        .unwrap();
    assert_eq!(
        (position.holdings[0].free, position.holdings[1].free),
        (Lots::ZERO, Lots::new(100))
    );
    check(&desk);
}

#[test]
fn a_gtd_order_ends_at_its_moment_and_not_before() {
    let mut desk = desk(None, 0);
    let ends = Timestamp::from_micros(desk.engine.last().at.as_micros() + 60_000_000);
    let mut order = buy(Contract::Yes, 5_000, 10);
    order.time_in_force = TimeInForce::Gtd(ends);
    let id = order_id(&desk.place("ann", order.clone()).unwrap());
    assert_eq!(desk.engine.next_deadline(), Some(ends));
    let tick = || Request::new(AccountId::WORLD, Command::Tick);
    let just_before = Timestamp::from_micros(ends.as_micros() - 1);
    assert_eq!(desk.give_at(just_before, tick()).unwrap(), []);
    let events = desk.give_at(ends, tick()).unwrap();
    assert_eq!(closed(&events, id), Some(CloseReason::Expired));
    assert_eq!(cash(&desk, "ann"), (1_000_000_000, 0));
    assert_eq!(desk.place("ann", order), Err(Reject::TooLate));
    check(&desk);
}

#[test]
fn an_order_that_arrives_after_its_deadline_is_refused() {
    let mut desk = desk(None, 0);
    let mut order = buy(Contract::Yes, 5_000, 10);
    order.valid_until = Some(desk.engine.last().at);
    assert_eq!(desk.place("ann", order), Err(Reject::TooLate));
}

#[test]
fn a_market_closes_by_itself_and_frees_everything() {
    let mut desk = Desk::new();
    desk.deposit("op", Micros::new(1_000_000_000));
    desk.deposit("ann", Micros::new(1_000_000_000));
    let closes = Timestamp::from_micros(desk.engine.last().at.as_micros() + 3_600_000_000);
    let mut timed = spec("timed", Some(Lots::new(10_000)), half(), Fraction::ZERO);
    timed.closes_at = Some(closes);
    let op = desk.account("op");
    desk.give(op, Command::CreateMarket(Box::new(timed)))
        .unwrap();
    desk.give(op, Command::OpenMarket { market: MARKET })
        .unwrap();
    desk.place("ann", buy(Contract::Yes, 4_000, 10)).unwrap();
    // Any command that comes later carries the deadline out first.
    let late = Request::new(
        desk.account("ann"),
        Command::Place(buy(Contract::Yes, 4_000, 10)),
    );
    let refused = desk.give_at(closes, late).unwrap_err();
    assert_eq!(
        refused,
        Reject::MarketNotOpen {
            status: Status::Closed
        }
    );
    assert_eq!(cash(&desk, "ann"), (1_000_000_000, 0));
    check(&desk);
}

#[test]
fn a_halted_market_takes_cancels_and_nothing_else() {
    let mut desk = desk(None, 0);
    let rest = order_id(&desk.place("ann", buy(Contract::Yes, 5_000, 10)).unwrap());
    let op = desk.account("op");
    let reason = HaltReason::Operator("checking a report".to_owned());
    desk.give(
        op,
        Command::HaltMarket {
            market: MARKET,
            reason,
        },
    )
    .unwrap();
    let refused = desk.place("bob", buy(Contract::No, 5_000, 10)).unwrap_err();
    assert_eq!(
        refused,
        Reject::MarketNotOpen {
            status: Status::Halted
        }
    );
    desk.cancel("ann", rest).unwrap();
    desk.give(op, Command::ResumeMarket { market: MARKET })
        .unwrap();
    desk.place("bob", buy(Contract::No, 5_000, 10)).unwrap();
    check(&desk);
}

#[test]
fn a_resolution_takes_two_operators_and_pays_everyone_once() {
    let mut desk = desk(Some(50_000), 200);
    desk.place("ann", buy(Contract::Yes, 7_000, 20_000))
        .unwrap();
    desk.place("bob", buy(Contract::No, 4_500, 10_000)).unwrap();
    let (op, op2) = (desk.account("op"), desk.account("proposer"));
    let yes = Payout::new(vec![Fraction::ONE, Fraction::ZERO]).unwrap();
    let propose = Command::ProposeResolution {
        market: MARKET,
        payout: yes,
        evidence: vec!["https://example.org/statement".to_owned()],
        note: "Both ministries published it.".to_owned(),
        items: proof(),
    };
    let open = Reject::WrongPhase {
        status: Status::Open,
    };
    assert_eq!(desk.give(op, propose.clone()), Err(open));
    let close = Command::CloseMarket {
        market: MARKET,
        reason: "published".to_owned(),
        clause: None,
    };
    desk.give(op, close).unwrap();
    desk.give(op, propose).unwrap();
    let confirm = Command::ConfirmResolution { market: MARKET };
    let same = Reject::SecondOperatorNeeded { proposed_by: op };
    assert_eq!(desk.give(op, confirm.clone()), Err(same));
    desk.give(op2, confirm.clone()).unwrap();
    let settled = Reject::WrongPhase {
        status: Status::Settled,
    };
    assert_eq!(desk.give(op2, confirm), Err(settled));
    assert_eq!(desk.engine.ledger().escrow(MARKET).money, Micros::ZERO);
    let inside: i64 = ["op", "ann", "bob"]
        .iter()
        .map(|name| cash(&desk, name).0)
        .sum();
    let fees = desk.engine.ledger().cash(AccountId::FEES).available.get();
    assert!(fees > 0);
    assert_eq!(inside + fees, 3_000_000_000);
    check(&desk);
}

#[test]
fn a_dispute_needs_shares_and_a_window() {
    let mut desk = Desk::new();
    for name in ["op", "ann", "bob"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    let mut windowed = spec("windowed", Some(Lots::new(10_000)), half(), Fraction::ZERO);
    windowed.dispute_hours = 24;
    let (op, op2) = (desk.account("op"), desk.account("proposer"));
    desk.give(op, Command::CreateMarket(Box::new(windowed)))
        .unwrap();
    desk.give(op, Command::OpenMarket { market: MARKET })
        .unwrap();
    desk.place("ann", buy(Contract::Yes, 7_000, 100)).unwrap();
    desk.give(
        op,
        Command::CloseMarket {
            market: MARKET,
            reason: "over".to_owned(),
            clause: None,
        },
    )
    .unwrap();
    let payout = Payout::new(vec![Fraction::ZERO, Fraction::ONE]).unwrap();
    let (evidence, note) = (vec!["gazette".to_owned()], String::new());
    let propose = Command::ProposeResolution {
        market: MARKET,
        payout,
        evidence,
        note,
        items: proof(),
    };
    desk.give(op, propose).unwrap();
    let until = Timestamp::from_micros(desk.engine.last().at.as_micros()).plus_hours(24);
    let confirm = Request::new(op2, Command::ConfirmResolution { market: MARKET });
    let early = Timestamp::from_micros(until.as_micros() - 1);
    let dispute = Command::Dispute {
        market: MARKET,
        reason: "The gazette says otherwise.".to_owned(),
        evidence: Vec::new(),
        items: None,
        clause: None,
    };
    let bob = desk.account("bob");
    assert_eq!(desk.give(bob, dispute.clone()), Err(Reject::NotAHolder));
    let refused = desk.give_at(early, confirm.clone()).unwrap_err();
    assert_eq!(refused, Reject::DisputeWindowOpen { until });
    let ann = desk.account("ann");
    let late = Request::new(ann, dispute.clone());
    desk.give_at(early, late.clone()).unwrap();
    assert_eq!(
        desk.engine.market(MARKET).unwrap().phase.status(),
        Status::Disputed
    );
    let disputed = Reject::WrongPhase {
        status: Status::Disputed,
    };
    assert_eq!(desk.give_at(until, late), Err(disputed));
    desk.give_at(until, confirm).unwrap();
    check(&desk);
}

#[test]
fn an_operator_who_traded_cannot_resolve() {
    let mut desk = desk(Some(50_000), 0);
    desk.place("op", buy(Contract::Yes, 7_000, 100)).unwrap();
    let events = desk.place("op", buy(Contract::No, 7_000, 100)).unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::SetsMerged { .. }))
    );
    let op = desk.account("op");
    assert_eq!(
        desk.give(op, propose_void(MARKET)),
        Err(Reject::ConflictOfInterest)
    );
    desk.give(desk.account("proposer"), propose_void(MARKET))
        .unwrap();
    let confirm = Command::ConfirmVoid { market: MARKET };
    assert_eq!(desk.give(op, confirm), Err(Reject::ConflictOfInterest));
}

#[test]
fn a_void_gives_back_what_was_put_in_and_claws_nothing_back() {
    let mut desk = desk(Some(20_000), 500);
    desk.place("ann", buy(Contract::Yes, 9_000, 10_000))
        .unwrap();
    desk.place("bob", buy(Contract::Yes, 9_900, 20_000))
        .unwrap();
    // Ann leaves with a profit; bob is still in.
    let mut leave = sell(Contract::Yes, 1, 10_000);
    leave.time_in_force = TimeInForce::Ioc;
    desk.place("ann", leave).unwrap();
    let (ann, bob) = (cash(&desk, "ann").0, cash(&desk, "bob").0);
    assert!(ann > 1_000_000_000, "ann has a profit: {ann}");
    desk.void(MARKET);
    assert_eq!(cash(&desk, "ann").0, ann);
    assert!(cash(&desk, "bob").0 > bob);
    assert_eq!(desk.engine.ledger().escrow(MARKET).money, Micros::ZERO);
    assert_eq!(
        desk.engine.market(MARKET).unwrap().phase.status(),
        Status::Voided
    );
    check(&desk);
}

#[test]
fn with_more_than_two_outcomes_the_maker_trades_too() {
    let mut desk = Desk::new();
    for name in ["op", "ann"] {
        desk.deposit(name, Micros::new(1_000_000_000));
    }
    let prior = vec![2_500_u16; 4]
        .into_iter()
        .map(|t| Fraction::new(t).unwrap())
        .collect();
    desk.create_market(
        "op",
        Some(Lots::new(10_000)),
        prior,
        Fraction::new(100).unwrap(),
    );
    desk.place("ann", buy(Contract::Yes, 2_000, 10)).unwrap();
    let mut take = buy(Contract::No, 9_000, 500);
    take.outcome = Outcome(2);
    take.time_in_force = TimeInForce::Fok;
    desk.place("ann", take.clone()).unwrap();
    take.side = Side::Sell;
    take.limit = Some(ticks(1_000));
    desk.place("ann", take).unwrap();
    let mut spend = buy(Contract::Yes, 9_999, 1);
    spend.size = Size::Spend(Micros::new(50_000_000));
    spend.limit = None;
    spend.time_in_force = TimeInForce::Ioc;
    desk.place("ann", spend).unwrap();
    check(&desk);
}

#[test]
fn a_spend_takes_the_most_lots_that_the_amount_buys() {
    let mut desk = desk(Some(100_000), 200);
    desk.place("bob", buy(Contract::No, 4_700, 300)).unwrap();
    let mut spend = buy(Contract::Yes, 9_999, 1);
    spend.limit = None;
    spend.time_in_force = TimeInForce::Ioc;
    let budget = Micros::new(123_456_789);
    spend.size = Size::Spend(budget);
    let at = desk.engine.last().at;
    let ann = desk.account("ann");
    let quote = desk.engine.quote(at, Some(ann), &spend).unwrap();
    let cost = |lots: Lots| {
        let mut order = spend.clone();
        order.size = Size::Quantity(lots);
        let quote = desk.engine.quote(at, None, &order).unwrap();
        assert_eq!(quote.filled, lots);
        quote.amount + quote.fee
    };
    assert!(cost(quote.filled) <= budget);
    assert!(cost(quote.filled + Lots::new(1)) > budget);
    let before = cash(&desk, "ann").0;
    desk.place("ann", spend).unwrap();
    let paid = Micros::new(before - cash(&desk, "ann").0);
    assert_eq!(paid, quote.amount + quote.fee, "the fill is the quote");
    check(&desk);
}

#[test]
fn roles_keep_to_their_own_commands() {
    let mut desk = desk(None, 0);
    let editor = desk.open_role("ed", Role::Editor);
    let link = ArticleLink {
        article: "a-story".to_owned(),
        role: LinkRole::Subject,
    };
    let ann = desk.account("ann");
    let link = Command::LinkArticle {
        market: MARKET,
        link,
    };
    assert_eq!(desk.give(ann, link.clone()), Err(Reject::RoleNotAllowed));
    desk.give(editor, link.clone()).unwrap();
    assert_eq!(desk.give(editor, link), Err(Reject::LinkNotPossible));
    let order = Command::Place(buy(Contract::Yes, 5_000, 10));
    assert_eq!(desk.give(editor, order), Err(Reject::RoleNotAllowed));
    assert_eq!(desk.give(ann, Command::Tick), Err(Reject::RoleNotAllowed));
    let other = desk.give(AccountId(99), Command::Tick);
    assert_eq!(other, Err(Reject::AccountNotFound));
}

#[test]
fn who_is_kept_out_neither_trades_nor_rests_and_keeps_what_they_hold() {
    let mut desk = desk(None, 0);
    let editor = desk.open_role("ed", Role::Editor);
    let (ann, bob) = (desk.account("ann"), desk.account("bob"));
    let keep = |account, out| Command::KeepOut {
        market: MARKET,
        account,
        out,
    };
    let resting = order_id(&desk.place("ann", buy(Contract::Yes, 5_000, 10)).unwrap());
    let free = desk.engine.state_hash();
    let restored = |desk: &Desk| Engine::restore(&desk.engine.snapshot()).unwrap();
    assert_eq!(desk.give(ann, keep(bob, true)), Err(Reject::RoleNotAllowed));
    let nobody = keep(AccountId(999), true);
    assert_eq!(desk.give(editor, nobody), Err(Reject::AccountNotFound));
    let events = desk.give(editor, keep(ann, true)).unwrap();
    assert!(matches!(events[0], Event::KeptOut { account, out: true, .. } if account == ann));
    assert!(
        matches!(events[1], Event::OrderClosed { order, reason: CloseReason::Cancelled, .. } if order == resting)
    );
    check(&desk);

    let order = buy(Contract::Yes, 5_000, 10);
    assert_eq!(
        desk.place("ann", order.clone()).err(),
        Some(Reject::KeptOut)
    );
    let quoted = desk.engine.quote(desk.engine.last().at, Some(ann), &order);
    assert_eq!(quoted.err(), Some(Reject::KeptOut));
    assert_ne!(desk.engine.state_hash(), free);
    // It is state: a snapshot has it, and a refusal comes from it after a restart as well.
    let again = restored(&desk);
    assert_eq!(again.state_hash(), desk.engine.state_hash());
    assert_eq!(again.market(MARKET).unwrap().kept_out, [ann]);
    desk.place("bob", order.clone()).unwrap();
    desk.give(editor, keep(ann, true)).unwrap();
    assert_eq!(desk.engine.market(MARKET).unwrap().kept_out, [ann], "once");
    desk.give(editor, keep(ann, false)).unwrap();
    desk.give(editor, keep(bob, false)).unwrap();
    desk.place("ann", order).unwrap();
    check(&desk);
}

#[test]
fn a_market_keeps_out_as_many_as_it_may() {
    let mut desk = desk(None, 0);
    let editor = desk.open_role("ed", Role::Editor);
    let keep = |account| Command::KeepOut {
        market: MARKET,
        account,
        out: true,
    };
    for ix in 0..MAX_KEPT_OUT {
        let account = desk.open_role(&format!("somebody-{ix}"), Role::Trader);
        desk.give(editor, keep(account)).unwrap();
    }
    let one_more = desk.open_role("one-more", Role::Trader);
    let most = u32::try_from(MAX_KEPT_OUT).unwrap();
    assert_eq!(
        desk.give(editor, keep(one_more)),
        Err(Reject::TooManyKeptOut { most })
    );
}

#[test]
fn another_accounts_order_is_as_good_as_none() {
    let mut desk = desk(None, 0);
    let order = order_id(&desk.place("ann", buy(Contract::Yes, 5_000, 10)).unwrap());
    assert_eq!(desk.cancel("bob", order), Err(Reject::OrderNotFound));
}

#[test]
fn a_request_key_is_answered_once_and_only_for_the_same_request() {
    let mut desk = desk(None, 0);
    let ann = desk.account("ann");
    let keyed = |fingerprint: u8, price: u16| Request {
        key: Some(RequestKey {
            key: "k-1".to_owned(),
            fingerprint: [fingerprint; 32],
        }),
        ..Request::new(ann, Command::Place(buy(Contract::Yes, price, 10)))
    };
    let apply = |engine: &mut Engine, request: &Request| {
        let last = engine.last();
        let stamp = Stamp {
            seq: Seq(last.seq.0 + 1),
            at: last.at,
        };
        engine.apply(stamp, request, &mut Vec::new())
    };
    let engine = &mut desk.engine;
    let seq = Seq(engine.last().seq.0 + 1);
    assert_eq!(apply(engine, &keyed(1, 5_000)), Answer::Done);
    let after = engine.state_hash();
    assert_eq!(apply(engine, &keyed(1, 5_000)), Answer::Repeated(seq));
    assert_eq!(apply(engine, &keyed(2, 6_000)), Answer::KeyReused);
    assert_eq!(engine.state_hash(), after);
    assert_eq!(engine.last().seq, seq);
    assert_eq!(engine.requests().find(ann, "k-1"), Some(seq));
}

/// A trade is of the version of the rules that had its place before it, though both are of one moment.
#[test]
fn a_version_of_the_rules_is_of_its_place_in_the_journal() {
    let mut desk = desk(None, 0);
    let op = desk.account("op");
    let clarify = || Command::Clarify {
        market: MARKET,
        text: "What counts is what the gazette says.".to_owned(),
        about: None,
    };
    let before = desk.engine.last();
    for _ in 0..2 {
        let request = Request::new(op, clarify());
        desk.give_at(before.at, request).unwrap();
    }
    let after = desk.engine.last();
    assert_eq!(before.at, after.at, "in one moment");
    let view = |desk: &Desk| desk.engine.market_view(MARKET).unwrap();
    let next = Stamp {
        seq: Seq(after.seq.0 + 1),
        ..after
    };
    assert_eq!(
        [before, after, next].map(|at| view(&desk).rules_version(at)),
        [0, 1, 2]
    );
    // A snapshot keeps the places; one from before they were kept knows the moments alone.
    let again = Engine::restore(&desk.engine.snapshot()).unwrap();
    assert_eq!(again.market_view(MARKET).unwrap().rules_version(after), 1);
    let mut old = view(&desk);
    for said in &mut old.clarifications {
        said.seq = None;
    }
    let earlier = Stamp {
        at: Timestamp::from_micros(before.at.as_micros() - 1),
        ..before
    };
    assert_eq!(
        [earlier, before, next].map(|at| old.rules_version(at)),
        [0, 2, 2]
    );
}
