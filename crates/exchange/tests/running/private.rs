//! What accounts' listeners hear: everything, in order, after its commit, and what history says too.

use std::collections::BTreeMap;

use tidings_core::access::Role;
use tidings_core::command::{
    AmendOrder, Command, Contract, OpenAccount, PlaceOrder, Request, SelfTrade, Side, Size,
    TimeInForce, Transfer,
};
use tidings_core::event::CloseReason;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::ledger::{Cash, Holding};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source};
use tidings_core::units::{Fraction, Lots, Micros, Price};
use tidings_core::view::OrderView;
use tidings_exchange::{AccountChange, Clock, Exchange, Heard, Listener};
use tidings_store::{FillRow, Page};

use crate::world::*;

const BOB: AccountId = AccountId(5);
const SECOND_OPERATOR: AccountId = AccountId(6);
/// Three outcomes and no maker, so that there are sets.
const THREE: MarketId = MarketId(1);

/// An account as a listener knows it, from what it was told.
struct Known {
    listener: Listener,
    seen: Seq,
    cash: Cash,
    holdings: BTreeMap<(MarketId, Outcome), Holding>,
    orders: BTreeMap<OrderId, OrderView>,
    fills: Vec<FillRow>,
    ended: Vec<CloseReason>,
}

impl Known {
    async fn of(exchange: &Exchange, account: AccountId) -> Known {
        let heard = exchange.listen(account).await.unwrap();
        let Heard {
            as_of,
            account,
            orders,
            listener,
            ends: _,
        } = heard.expect("an account");
        let holdings = account.positions.iter().map(|held| {
            let holding = Holding {
                free: held.free,
                reserved: held.reserved,
                cost: held.cost,
            };
            ((held.market, held.outcome), holding)
        });
        Known {
            listener,
            seen: as_of.seq,
            cash: Cash {
                available: account.available,
                reserved: account.reserved,
            },
            holdings: holdings.collect(),
            orders: orders.into_iter().map(|order| (order.id, order)).collect(),
            fills: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Hears all that is there.
    fn catch_up(&mut self) {
        for change in self.listener.after(self.seen).expect("all is kept") {
            self.hear(&change);
        }
    }

    fn hear(&mut self, change: &AccountChange) {
        assert!(
            change.seq > self.seen,
            "in the order of the journal, each once"
        );
        self.seen = change.seq;
        if let Some(balance) = &change.balance {
            self.cash = balance.cash;
            for (market, outcome, holding) in &balance.holdings {
                self.holdings.insert((*market, *outcome), *holding);
            }
        }
        for order in &change.orders {
            match order.reason {
                None => drop(self.orders.insert(order.view.id, order.view.clone())),
                Some(reason) => {
                    self.orders.remove(&order.view.id);
                    self.ended.push(reason);
                    assert_eq!(order.view.remaining, Lots::ZERO);
                }
            }
        }
        self.fills.extend_from_slice(&change.fills);
    }

    /// Compares what it knows with the state and with history.
    async fn check(&self, exchange: &Exchange, account: AccountId) {
        let (view, orders) = exchange
            .query(move |engine| {
                let open = engine.orders().of(account);
                let views = open.filter_map(|order| engine.order_view(order.id));
                let views: Vec<OrderView> = views.collect();
                (engine.account_view(account), views)
            })
            .await
            .unwrap();
        let view = view.expect("an account");
        assert_eq!(
            (self.cash.available, self.cash.reserved),
            (view.available, view.reserved)
        );
        let mut held = self.holdings.clone();
        held.retain(|_, holding| holding.total() > Lots::ZERO);
        let really = view.positions.iter().map(|held| {
            let holding = Holding {
                free: held.free,
                reserved: held.reserved,
                cost: held.cost,
            };
            ((held.market, held.outcome), holding)
        });
        assert_eq!(held, really.collect());
        // Their terms have the quantity that they were told with; the rest is the same.
        let told = |order: &OrderView| {
            let OrderView {
                id,
                filled,
                remaining,
                amount,
                fee,
                reserved,
                placed_at,
                ref terms,
            } = *order;
            (
                id,
                (filled, remaining, amount),
                (fee, reserved, placed_at),
                terms.limit,
            )
        };
        let known: Vec<_> = self.orders.values().map(told).collect();
        let mut open: Vec<_> = orders.iter().map(told).collect();
        open.sort_by_key(|order| order.0);
        assert_eq!(known, open);
        exchange
            .projected_past(exchange.committed().seq, WAIT)
            .await;
        let page = Page {
            before: None,
            limit: 100_000,
        };
        let history = exchange
            .store()
            .fills_of(account, None, page)
            .await
            .unwrap();
        let mut rows: Vec<FillRow> = history
            .into_iter()
            .map(|row| FillRow { key: 0, ..row })
            .collect();
        rows.reverse();
        assert_eq!(self.fills, rows);
    }
}

/// A small generator; its seed is printed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        // Numerical Recipes' constants; the high bits are the better ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn order(&mut self) -> PlaceOrder {
        let three = self.below(2) == 1;
        let buys = self.below(3) > 0;
        let (size, limit, time_in_force) = match self.below(8) {
            0 if buys => {
                let spend = Size::Spend(Micros::new(1_000_000 + self.below(9_000_000) as i64));
                (spend, None, TimeInForce::Ioc)
            }
            kind => {
                let lots = Size::Quantity(Lots::new(1 + self.below(500) as i64));
                let limit = Price::new(100 * (20 + self.below(60) as u16));
                match kind {
                    1 => (lots, None, TimeInForce::Ioc),
                    2 => (lots, limit, TimeInForce::Fok),
                    3 => (lots, limit, TimeInForce::Ioc),
                    _ => (lots, limit, TimeInForce::Gtc),
                }
            }
        };
        PlaceOrder {
            market: if three { THREE } else { MARKET },
            outcome: Outcome(self.below(if three { 3 } else { 2 }) as u16),
            contract: if self.below(4) == 0 {
                Contract::No
            } else {
                Contract::Yes
            },
            side: if buys { Side::Buy } else { Side::Sell },
            size,
            limit,
            time_in_force,
            post_only: false,
            self_trade: if self.below(2) == 0 {
                SelfTrade::CancelNewest
            } else {
                SelfTrade::CancelOldest
            },
            client_order_id: None,
            valid_until: None,
        }
    }

    fn command(&mut self, known: &Known) -> Command {
        let open: Vec<OrderId> = known.orders.keys().copied().collect();
        let order = match open.len() as u64 {
            0 => OrderId(1),
            many => open[self.below(many) as usize],
        };
        match self.below(20) {
            0..=2 => Command::Cancel { order },
            3..=5 => Command::Amend(AmendOrder {
                order,
                quantity: (self.below(2) == 0).then(|| Lots::new(1 + self.below(600) as i64)),
                limit: (self.below(2) == 0)
                    .then(|| Price::new(100 * (20 + self.below(60) as u16)))
                    .flatten(),
                valid_until: None,
            }),
            6 if self.below(5) == 0 => Command::CancelAll { market: None },
            _ => Command::Place(self.order()),
        }
    }
}

/// Bob, and a market of three outcomes without a maker.
async fn furnish_more(exchange: &Exchange) {
    furnish(exchange, None).await;
    let bob = OpenAccount {
        name: "bob".to_owned(),
        role: Role::Trader,
        grant: None,
    };
    give(exchange, AccountId::ADMIN, Command::OpenAccount(bob)).await;
    let second = OpenAccount {
        name: "second operator".to_owned(),
        role: Role::Operator,
        grant: None,
    };
    give(exchange, AccountId::ADMIN, Command::OpenAccount(second)).await;
    let money = Transfer {
        account: BOB,
        amount: Micros::new(1_000_000_000),
    };
    give(exchange, AccountId::ADMIN, Command::Deposit(money)).await;
    let outcome = |key: &str| OutcomeSpec {
        key: key.to_owned(),
        name: key.to_owned(),
        prior: Fraction::new(3_333).unwrap(),
    };
    let spec = MarketSpec {
        slug: "three".to_owned(),
        kind: Kind::Categorical,
        question: "Which?".to_owned(),
        outcomes: vec![
            outcome("a"),
            outcome("b"),
            OutcomeSpec {
                prior: Fraction::new(3_334).unwrap(),
                ..outcome("c")
            },
        ],
        rules: Rules {
            criteria: "As it comes.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![Source {
                name: "gazette".to_owned(),
                url: String::new(),
                primary: true,
            }],
            early_close: None,
        },
        liquidity: None,
        tick: 100,
        taker_fee: Fraction::new(200).unwrap(),
        opens_at: None,
        closes_at: None,
        dispute_hours: 0,
        tags: Vec::new(),
        articles: Vec::new(),
        scale: None,
        review: None,
        price_band: None,
    };
    give(exchange, OPERATOR, Command::CreateMarket(Box::new(spec))).await;
    give(exchange, OPERATOR, Command::OpenMarket { market: THREE }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_heard_adds_up_to_the_account_and_to_its_history() {
    let seed = std::env::var("TIDINGS_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) ^ 0x9e37_79b9);
    println!("TIDINGS_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish_more(&exchange).await;
    let mut random = Random(seed);
    let mut known = [
        Known::of(&exchange, ANN).await,
        Known::of(&exchange, BOB).await,
    ];
    for round in 0..60 {
        // Many at once, so that groups have several.
        let mut asked = Vec::new();
        for _ in 0..20 {
            let who = random.below(2) as usize;
            let account = [ANN, BOB][who];
            let command = random.command(&known[who]);
            asked.push(exchange.submit(Request::new(account, command)));
        }
        for answer in futures_util::future::join_all(asked).await {
            answer.unwrap();
        }
        for known in &mut known {
            known.catch_up();
        }
        if round == 30 {
            // Somebody who starts in the middle is told the same from there on.
            let fills = std::mem::take(&mut known[1].fills);
            known[1] = Known {
                fills,
                ended: std::mem::take(&mut known[1].ended),
                ..Known::of(&exchange, BOB).await
            };
        }
    }
    for (known, account) in known.iter().zip([ANN, BOB]) {
        known.check(&exchange, account).await;
        assert!(known.fills.len() > 50, "there was trade");
    }
    // The end of the markets: what rests is cancelled, holders are paid. There is something that rests.
    give(&exchange, ANN, buy(100, 1)).await;
    for (market, outcomes) in [(MARKET, 2), (THREE, 3)] {
        let reason = "Done.".to_owned();
        give(
            &exchange,
            OPERATOR,
            Command::CloseMarket {
                market,
                reason,
                clause: None,
            },
        )
        .await;
        void(&exchange, market, SECOND_OPERATOR).await;
        for known in &mut known {
            known.catch_up();
            for outcome in 0..outcomes {
                let held = known.holdings.get(&(market, Outcome(outcome)));
                assert!(
                    held.is_none_or(|held| held.total() == Lots::ZERO),
                    "all is given back"
                );
            }
        }
    }
    for (known, account) in known.iter().zip([ANN, BOB]) {
        assert!(known.orders.is_empty());
        known.check(&exchange, account).await;
    }
    let reasons: Vec<CloseReason> = known.iter().flat_map(|known| known.ended.clone()).collect();
    for reason in [
        CloseReason::Filled,
        CloseReason::Cancelled,
        CloseReason::NotFilledAtOnce,
        CloseReason::MarketClosed,
    ] {
        assert!(reasons.contains(&reason), "{reason:?}");
    }
    stop(exchange).await;
}

/// Nothing is due to somebody who has already taken out more than they put in, but what they held is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gets_nothing_from_a_void_hears_that_the_shares_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish_more(&exchange).await;
    let order = |contract, side, price, lots| {
        Command::Place(PlaceOrder {
            market: THREE,
            outcome: Outcome(0),
            contract,
            side,
            size: Size::Quantity(Lots::new(lots)),
            limit: Price::new(price),
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            client_order_id: None,
            valid_until: None,
        })
    };
    let mut bob = Known::of(&exchange, BOB).await;
    // Bob buys 100 for 20 and sells 90 of them for 72.
    for (who, command) in [
        (ANN, order(Contract::No, Side::Buy, 8_000, 100)),
        (BOB, order(Contract::Yes, Side::Buy, 2_000, 100)),
        (ANN, order(Contract::Yes, Side::Buy, 8_000, 90)),
        (BOB, order(Contract::Yes, Side::Sell, 8_000, 90)),
    ] {
        give(&exchange, who, command).await;
    }
    bob.catch_up();
    assert_eq!(
        bob.holdings[&(THREE, Outcome(0))].total(),
        Lots::new(10),
        "he still has some"
    );
    void(&exchange, THREE, SECOND_OPERATOR).await;
    bob.catch_up();
    assert_eq!(bob.holdings[&(THREE, Outcome(0))].total(), Lots::ZERO);
    bob.check(&exchange, BOB).await;
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_listen_hear_the_same_and_others_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = start(&folder, Clock::System).await;
    furnish_more(&exchange).await;
    let [mut one, mut two, mut bob] = [
        Known::of(&exchange, ANN).await,
        Known::of(&exchange, ANN).await,
        Known::of(&exchange, BOB).await,
    ];
    let seen = bob.seen;
    let placed = give(&exchange, ANN, buy(4_000, 10)).await;
    for known in [&mut one, &mut two] {
        tokio::time::timeout(WAIT, known.listener.changed())
            .await
            .expect("it is told");
        known.catch_up();
        assert_eq!(known.seen, placed.stamp.seq);
        assert_eq!(known.orders.len(), 1);
    }
    bob.catch_up();
    assert_eq!(bob.seen, seen);
    assert!(exchange.listen(AccountId(99)).await.unwrap().is_none());
    stop(exchange).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_frozen_hears_it_with_or_without_orders() {
    let folder = tempfile::tempdir().expect("a folder");
    let exchange = start(&folder, Clock::System).await;
    furnish(&exchange, None).await;
    let heard = exchange.listen(ANN).await.unwrap().expect("an account");
    assert_eq!(heard.account.frozen, None);
    let from = heard.as_of.seq;
    let freeze = |reason: &str| Command::FreezeAccount {
        account: ANN,
        reason: reason.to_owned(),
    };
    give(&exchange, OPERATOR, freeze("a look")).await;
    give(&exchange, OPERATOR, freeze("a longer look")).await;
    let go_on = Command::UnfreezeAccount { account: ANN };
    give(&exchange, OPERATOR, go_on.clone()).await;
    give(&exchange, OPERATOR, go_on).await;
    let changes = heard.listener.after(from).expect("all is kept");
    let told = changes.iter().map(|change| {
        let balance = change.balance.as_ref().expect("it says how it stands");
        balance.frozen.as_ref().map(|frozen| frozen.reason.clone())
    });
    let told: Vec<Option<String>> = told.collect();
    let words = |words: &str| Some(words.to_owned());
    assert_eq!(told, [words("a look"), words("a longer look"), None]);
    stop(exchange).await;
}
