//! Bytes as the life of a small market, played by the engine and the naive model side by side: the
//! same answers and states, every invariant after each command, and refusals that change nothing.
#![allow(unreachable_pub, reason = "the core's tests include this file, too")]

use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::id::Outcome;
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use crate::duel::{Ask, Duel, Line, MARKET, Scene};
use crate::support::limit;

/// More commands find little that fewer do not, and each is compared in full.
const MOST_LINES: usize = 48;

/// Plays what the bytes say; says how many orders filled something.
pub fn run(bytes: &[u8]) -> usize {
    let mut bytes = Bytes(bytes);
    let scene = scene(&mut bytes);
    let mut duel = Duel::new(&scene);
    let (mut after, mut filled) = (0, 0);
    for ix in 0..MOST_LINES {
        if bytes.0.is_empty() {
            break;
        }
        after += bytes.pick(&[0, 1, 1_000_000, 9_000_000]);
        let who = bytes.below(scene.cash.len());
        let ask = bytes.ask(&scene, ix, after);
        let line = Line {
            ix,
            after,
            who,
            ask,
        };
        let answer = duel.play(&line);
        filled += usize::from(answer.is_ok_and(|done| done.is_some_and(|done| done.filled > 0)));
    }
    duel.compare_replay();
    filled
}

fn scene(bytes: &mut Bytes<'_>) -> Scene {
    let two: [&[u16]; 3] = [&[5_000, 5_000], &[1, 9_999], &[7_300, 2_700]];
    let more: [&[u16]; 4] = [
        &[3_334, 3_333, 3_333],
        &[1, 1, 9_998],
        &[5_000, 4_000, 1_000],
        &[2_500, 2_500, 2_500, 2_500],
    ];
    let prior = match bytes.below(2) == 1 {
        true => bytes.pick(&more),
        false => bytes.pick(&two),
    };
    Scene {
        prior: prior.to_vec(),
        liquidity: bytes.pick(&[None, Some(100), Some(250)]),
        rate: bytes.pick(&[0, 200, 1_000]),
        tick: bytes.pick(&[1, 1, 100]),
        scalar: prior.len() == 2 && bytes.below(4) == 1,
        band: bytes.pick(&[None, None, Some((300, 9))]),
        closes_after: bytes.pick(&[None, None, Some(40_000_000)]),
        early_close: 0,
        readings: None,
        cash: vec![60_000_000, 3_000_000, 500_000],
        pace: bytes.pick(&[1, i64::MAX]),
    }
}

/// Bytes as choices; zeros when there are none left.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let first = self.0.split_first();
        first.map_or(0, |(byte, rest)| {
            self.0 = rest;
            *byte
        })
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.next()) % bound
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn ask(&mut self, scene: &Scene, ix: usize, after: i64) -> Ask {
        let kind = self.next();
        match kind {
            0..=150 => Ask::Place(Box::new(self.order(scene, after))),
            151..=190 => {
                let order = self.line_before(ix);
                let quantity = self.pick(&[None, Some(1), Some(3), Some(40)]);
                let ticks = self.ticks(scene);
                let limit = if self.below(2) == 0 {
                    None
                } else {
                    Some(ticks)
                };
                let valid_until = self.pick(&[None, None, Some(after), Some(after - 1)]);
                Ask::Amend {
                    order,
                    quantity,
                    limit,
                    valid_until,
                }
            }
            191..=215 => Ask::Cancel {
                order: self.line_before(ix),
            },
            216..=220 => Ask::CancelAll,
            221..=225 => Ask::Halt,
            226..=235 => Ask::Resume,
            236..=244 => Ask::Deepen(self.pick(&[100, 150, 400, 5_000])),
            250 => Ask::Close(None),
            249 => Ask::ConfirmVoid,
            251 => Ask::Void,
            252..=253 => Ask::Settle(self.payout(scene)),
            _ => Ask::Tick,
        }
    }

    fn line_before(&mut self, ix: usize) -> usize {
        ix.saturating_sub(1 + self.below(12))
    }

    fn payout(&mut self, scene: &Scene) -> Vec<u16> {
        let mut payout = vec![0; scene.prior.len()];
        let part = self.pick(&[0, 2_500, 10_000]);
        let (first, second) = (self.below(payout.len()), self.below(payout.len()));
        payout[first] += part;
        payout[second] += 10_000 - part;
        payout
    }

    /// Any tick, mostly on the market's grid and not far from even.
    fn ticks(&mut self, scene: &Scene) -> Price {
        let fine = i64::from(self.next());
        let coarse = i64::from(self.next());
        let ticks = match coarse {
            0..=9 => self.pick(&[1, 9_999, 100, 9_900, 5_000]),
            10..=30 => 1 + (coarse * 256 + fine) % 9_999,
            _ => coarse * 10_000 / 256 + fine % 4,
        };
        let grid = if coarse == 31 {
            1
        } else {
            i64::from(scene.tick)
        };
        let ticks = (ticks / grid * grid).clamp(1, 9_999);
        Price::new(u16::try_from(ticks).expect("16 bits")).expect("a price")
    }

    fn order(&mut self, scene: &Scene, after: i64) -> PlaceOrder {
        let outcome = Outcome(u16::try_from(self.below(scene.prior.len())).expect("16 bits"));
        let flags = self.next();
        let contract = if flags & 1 == 0 {
            Contract::Yes
        } else {
            Contract::No
        };
        let side = if flags & 2 == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        let price = self.ticks(scene);
        let lots = Lots::new(self.pick(&[1, 1, 2, 3, 5, 10, 30, 90]));
        let mut order = limit(MARKET, outcome, contract, side, price, lots);
        if flags & 4 != 0 {
            order.self_trade = SelfTrade::CancelOldest;
        }
        order.time_in_force = match flags >> 4 {
            0..=8 => TimeInForce::Gtc,
            9..=10 => TimeInForce::Gtd(Timestamp::from_micros(
                after + self.pick(&[0, 1, 9_000_000]),
            )),
            11..=13 => TimeInForce::Ioc,
            _ => TimeInForce::Fok,
        };
        if flags >> 4 == 12 {
            order.size = Size::Spend(Micros::new(self.pick(&[1, 100, 9_999, 80_000])));
        }
        order.post_only = flags & 8 != 0 && flags >> 4 < 4;
        if flags & 12 == 12 {
            order.client_order_id = Some(self.below(3).to_string());
        }
        order
    }
}
