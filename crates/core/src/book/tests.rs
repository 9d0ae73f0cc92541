use super::*;
use crate::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use crate::id::{AccountId, MarketId, OrderId, Outcome};
use crate::orders::{Extras, Order, Stand};
use crate::units::Timestamp;

/// A book with its orders, driven by (price, lots).
#[derive(Default)]
struct Bench {
    book: Book,
    orders: Orders,
    next: u64,
}

impl Bench {
    fn add(&mut self, side: BookSide, ticks: u16, lots: i64) -> Slot {
        let price = Price::new(ticks).unwrap();
        self.next += 1;
        let order = PlaceOrder {
            market: MarketId(0),
            outcome: Outcome(0),
            contract: Contract::Yes,
            side: if side == BookSide::Bid {
                Side::Buy
            } else {
                Side::Sell
            },
            size: Size::Quantity(Lots::new(lots)),
            limit: Some(price),
            time_in_force: TimeInForce::Gtc,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            client_order_id: None,
            valid_until: None,
        };
        let stand = Stand {
            outcome: Outcome(0),
            side,
            price,
        };
        let (id, at) = (OrderId(self.next), Timestamp::from_micros(0));
        let account = AccountId(2);
        let order = Order::accepted(id, account, &order, (price, stand), Lots::new(lots), at);
        let slot = self.orders.insert(
            order,
            Extras {
                expires_at: None,
                client_id: None,
            },
        );
        self.book.insert(side, price, slot, &mut self.orders);
        slot
    }

    fn remove(&mut self, side: BookSide, ticks: u16, slot: Slot) {
        let (price, order) = (Price::new(ticks).unwrap(), *self.orders.at(slot));
        self.book.remove(side, price, &order, &mut self.orders);
        self.orders.forget(slot, order.id);
        self.orders.remove(slot, &order);
    }

    fn prices(&self, side: BookSide) -> Vec<u16> {
        self.book.prices(side).map(Price::ticks).collect()
    }

    fn queue(&self, side: BookSide, ticks: u16) -> Vec<Slot> {
        self.book
            .queue(side, Price::new(ticks).unwrap(), &self.orders)
            .collect()
    }
}

#[test]
fn prices_come_best_first_on_both_sides() {
    let mut bench = Bench::default();
    for ticks in [1, 64, 63, 5_000, 9_999, 4_096, 128] {
        bench.add(BookSide::Bid, ticks, 1);
        bench.add(BookSide::Ask, ticks, 1);
    }
    let mut ascending = vec![1, 63, 64, 128, 4_096, 5_000, 9_999];
    assert_eq!(bench.prices(BookSide::Ask), ascending);
    ascending.reverse();
    assert_eq!(bench.prices(BookSide::Bid), ascending);
}

#[test]
fn orders_at_a_price_come_oldest_first_whatever_leaves_between() {
    let mut bench = Bench::default();
    let slots: Vec<Slot> = (0..4)
        .map(|_| bench.add(BookSide::Bid, 5_000, 10))
        .collect();
    bench.remove(BookSide::Bid, 5_000, slots[1]);
    bench.remove(BookSide::Bid, 5_000, slots[3]);
    let last = bench.add(BookSide::Bid, 5_000, 7);
    assert_eq!(
        bench.queue(BookSide::Bid, 5_000),
        [slots[0], slots[2], last]
    );
    assert_eq!(
        bench
            .book
            .lots_at(BookSide::Bid, Price::new(5_000).unwrap()),
        Lots::new(27)
    );
}

#[test]
fn a_level_that_emptied_is_gone() {
    let mut bench = Bench::default();
    let slot = bench.add(BookSide::Ask, 7_777, 5);
    bench.remove(BookSide::Ask, 7_777, slot);
    assert_eq!(bench.book.best(BookSide::Ask), None);
    assert_eq!(bench.queue(BookSide::Ask, 7_777), []);
}

#[test]
fn the_bitmap_agrees_with_a_sorted_list_for_every_starting_price() {
    let mut bench = Bench::default();
    let used: Vec<u16> = (1..10_000_u16)
        .filter(|ticks| ticks % 613 == 1 || *ticks > 9_990)
        .collect();
    for ticks in &used {
        bench.add(BookSide::Ask, *ticks, 1);
        bench.add(BookSide::Bid, *ticks, 1);
    }
    for ticks in 1..9_999_u16 {
        let price = Price::new(ticks).unwrap();
        let above = used.iter().find(|used| **used > ticks).copied();
        let below = used.iter().rev().find(|used| **used < ticks).copied();
        assert_eq!(
            bench.book.next(BookSide::Ask, price).map(Price::ticks),
            above
        );
        assert_eq!(
            bench.book.next(BookSide::Bid, price).map(Price::ticks),
            below
        );
    }
}
