//! Scenes and commands from a seed: near the odds, far from them, and hostile. A list is made before
//! it is played, so that a failing one can be shortened.

use tidings_core::command::{Contract, PlaceOrder, SelfTrade, Side, Size, TimeInForce};
use tidings_core::evidence::Clause;
use tidings_core::id::{MarketId, Outcome};
use tidings_core::units::{Lots, Micros, Price, Timestamp};

use super::{Ask, Line, MARKET, NAMES, Scene};
use crate::model::Brake;
use crate::model::life::Keeper;
use crate::model::review::Reading;
use crate::support::{Random, limit};

/// How large everything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Temper {
    /// Lot by lot against a shallow maker.
    Small,
    Medium,
    /// Up to all the money and all the lots there may be.
    Large,
}

pub struct Author {
    random: Random,
    temper: Temper,
    /// What Yes on each outcome is worth, about: prices are drawn around it.
    anchors: Vec<i64>,
    spread: i64,
    tick: i64,
    halted: bool,
    /// Whether it was last asked to call the market off, and not yet to confirm that.
    void: bool,
    /// Whether it was asked to end the market.
    over: bool,
    /// Of its own, so that lives without somebody who is kept out are what they would be.
    desk: Random,
    kept_out: Vec<usize>,
    /// The same for the brakes.
    watch: Random,
    /// The same for markets that halt themselves, which somebody has to let go on.
    pilot: Option<Random>,
    /// The same for markets that close before their time.
    closer: Option<Random>,
    early_close: u32,
    /// The same for who administers.
    teller: Random,
    frozen: Vec<usize>,
    standing: Vec<Brake>,
    /// Lines that may have left an order on a book, with who gave them.
    waiting: Vec<(usize, usize)>,
    /// What was asked for: who, and which outcome and contract.
    bought: Vec<(usize, usize, bool)>,
}

/// A scene and its commands.
pub fn from_seed(seed: u64, commands: usize) -> (Scene, Vec<Line>) {
    let mut random = Random(seed);
    let temper = random.one_of(&[Temper::Small, Temper::Small, Temper::Medium, Temper::Large]);
    let outcomes = random.one_of(&[2, 2, 2, 3, 3, 4, 5, 8]);
    let prior = prior(&mut random, outcomes);
    let mut scene = scene(&mut random, temper, &prior);
    scene.band = band(seed, &scene);
    scene.early_close = early_close(seed, &scene);
    scene.readings = readings(seed);
    let mut anchors: Vec<i64> = prior.iter().map(|ticks| i64::from(*ticks)).collect();
    if scene.liquidity.is_none() || random.below(4) == 0 {
        anchors = self::prior(&mut random, outcomes)
            .into_iter()
            .map(i64::from)
            .collect();
    }
    let mut author = Author {
        spread: random.one_of(&[20, 200, 1_500]),
        tick: i64::from(scene.tick),
        random,
        temper,
        anchors,
        halted: false,
        void: false,
        over: false,
        desk: Random(seed ^ 0x9e37_79b9_7f4a_7c15),
        kept_out: Vec::new(),
        watch: Random(seed ^ 0x6a09_e667_f3bc_c908),
        pilot: scene.band.map(|_| Random(seed ^ 0xbb67_ae85_84ca_a73b)),
        closer: (scene.early_close > 0).then_some(Random(seed ^ 0x510e_527f_ade6_82d1)),
        early_close: scene.early_close,
        teller: Random(seed ^ 0x1f83_d9ab_fb41_bd6b),
        frozen: Vec::new(),
        standing: Vec::new(),
        waiting: Vec::new(),
        bought: Vec::new(),
    };
    let mut after = 0;
    let mut lines = Vec::new();
    for ix in 0..commands {
        after += i64::try_from(author.random.below(2_000_000)).unwrap();
        let anyone = author.below(scene.cash.len());
        let asked = author.ask(ix, commands, after, anyone);
        let accounts = scene.cash.len();
        let instead = author.keep_out(accounts).or(author.brake(accounts));
        let instead = instead.or(author.go_on()).or(author.close_early());
        let instead = instead.or(author.fund(accounts));
        let (who, ask) = instead.map_or(asked, |instead| (anyone, instead));
        lines.push(Line {
            ix,
            after,
            who,
            ask,
        });
    }
    (scene, lines)
}

fn scene(random: &mut Random, temper: Temper, prior: &[u16]) -> Scene {
    let liquidity = match temper {
        Temper::Small => random.one_of(&[None, Some(100), Some(150), Some(300)]),
        Temper::Medium => random.one_of(&[None, Some(300), Some(2_000), Some(20_000)]),
        Temper::Large => random.one_of(&[None, Some(1_000_000), Some(1_000_000_000)]),
    };
    // The deepest maker with bids on many outcomes takes the model half a minute for one amount.
    let deepest = if prior.len() > 4 {
        1_000_000
    } else {
        1_000_000_000
    };
    let liquidity = liquidity.map(|b| b.min(deepest));
    // The sponsor has to have ten times b for the subsidy.
    let subsidy = liquidity.unwrap_or(0) * 10_000 * 10;
    let cash = match temper {
        Temper::Small => [50_000_000, 20_000_000, 3_000_000, 300_000, 20_000],
        Temper::Medium => [
            5_000_000_000,
            900_000_000,
            900_000_000,
            30_000_000,
            2_000_000,
        ],
        // Against a maker, what the richest can buy is a few times b: more takes the model
        // too many rounds between bids on several outcomes.
        Temper::Large => {
            let rich = liquidity.map_or(200_000_000_000_000_000, |b| b * 10_000 * 20);
            [rich, rich, rich / 1_000, 900_000_000, 9_999]
        }
    };
    let odd = i64::try_from(random.below(10_000)).unwrap();
    let mut cash: Vec<i64> = cash.iter().map(|micros| micros + odd).collect();
    cash[0] += subsidy;
    cash.truncate(random.one_of(&[3, 4, 5]));
    let pace = match temper {
        Temper::Small => 1,
        Temper::Medium => random.one_of(&[7, 100, i64::MAX]),
        Temper::Large => i64::MAX,
    };
    Scene {
        prior: prior.to_vec(),
        liquidity,
        rate: random.one_of(&[0, 0, 200, 1_000]),
        tick: random.one_of(&[1, 1, 1, 10, 100]),
        scalar: prior.len() == 2 && random.below(4) == 0,
        closes_after: (random.below(8) == 0).then_some(60_000_000),
        early_close: 0,
        readings: None,
        band: None,
        cash,
        pace,
    }
}

/// A band for some markets with a maker, and for each without one; of a source of its own.
fn band(seed: u64, scene: &Scene) -> Option<(u16, u32)> {
    let mut random = Random(seed ^ 0x3c6e_f372_fe94_f82b);
    // On books alone odds move by trades alone, and rarely far.
    let banded = random.below(4) == 0 || scene.liquidity.is_none();
    let width = random.one_of(&[100, 300, 1_000, 4_000]);
    let seconds = random.one_of(&[1, 3, 10, 3_600]);
    banded.then_some((width, seconds))
}

/// How some drafts are read before they open, of a source of its own.
fn readings(seed: u64) -> Option<(bool, Vec<Reading>)> {
    let mut random = Random(seed ^ 0x5be0_cd19_137e_2179);
    let required = match random.below(6) {
        0..=2 => return None,
        3 => false,
        _ => true,
    };
    let often = |random: &mut Random| random.below(5) > 0;
    let reading = |random: &mut Random| Reading {
        by: random.one_of(&[0, 1, 1, 2, 2]),
        current: often(random),
        alike: often(random),
        short: !often(random),
        approve: random.below(2) == 0,
    };
    let count = random.below(6);
    Some((required, (0..count).map(|_| reading(&mut random)).collect()))
}

/// Clauses for half of the markets that close by themselves, of a source of its own.
fn early_close(seed: u64, scene: &Scene) -> u32 {
    let mut random = Random(seed ^ 0x9b05_688c_2b3e_6c1f);
    let clauses = random.one_of(&[0, 0, 1, 3]);
    scene.closes_after.map_or(0, |_| clauses)
}

/// Prior odds: even, any, or as extreme as they may be.
fn prior(random: &mut Random, outcomes: usize) -> Vec<u16> {
    let count = u16::try_from(outcomes).unwrap();
    let mut prior = vec![10_000 / count; outcomes];
    match random.below(4) {
        0 => {}
        1 => prior = vec![1; outcomes],
        _ => {
            let mut left = 10_000;
            for (ix, part) in prior.iter_mut().enumerate() {
                let room = u64::from(left - (count - u16::try_from(ix).unwrap()));
                *part = 1 + u16::try_from(random.below(room / 2 + 1)).unwrap();
                left -= *part;
            }
        }
    }
    let rest = 10_000 - prior.iter().sum::<u16>();
    let lucky = usize::try_from(random.below(u64::from(count))).unwrap();
    prior[lucky] += rest;
    prior
}

impl Author {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.below(bound as u64)).unwrap()
    }

    /// A command, and who gives it.
    fn ask(&mut self, ix: usize, commands: usize, after: i64, anyone: usize) -> (usize, Ask) {
        // A halt is short, so that most of a scene trades.
        if self.halted && self.random.below(3) == 0 {
            self.halted = false;
            return (anyone, Ask::Resume);
        }
        let nearly_done = ix + 6 >= commands;
        let ask = match self.random.below(100) {
            0..=1 => Ask::Tick,
            2..=9 => {
                let (who, order) = self.waiting(ix, anyone);
                return (who, Ask::Cancel { order });
            }
            10..=21 => return self.amend(ix, after, anyone),
            22 if self.random.below(2) == 0 => {
                Ask::CancelAfter(self.random.one_of(&[0, 1, 3, 20, 86_400, 86_401]))
            }
            22 => Ask::CancelAll,
            23 => {
                self.halted = true;
                Ask::Halt
            }
            24 if self.random.below(5) == 0 => Ask::Resume,
            25..=27 => {
                let deeper = [99, 150, 400, 3_000, 30_000, 1_000_000_000];
                let who = self.random.one_of(&[0, 0, 0, anyone]);
                return (who, Ask::Deepen(self.random.one_of(&deeper)));
            }
            _ if nearly_done && self.random.below(3) == 0 => self.ending(),
            _ => return self.place(ix, after, anyone),
        };
        (anyone, ask)
    }

    /// Now and then somebody is kept out, and goes on as if not; some are let in again soon.
    fn keep_out(&mut self, accounts: usize) -> Option<Ask> {
        let by = match self.desk.below(8) {
            0 => Keeper::Trader,
            _ => Keeper::Operator,
        };
        if !self.kept_out.is_empty() && self.desk.below(12) == 0 {
            let whom = self.desk.one_of(&self.kept_out);
            if by == Keeper::Operator {
                self.kept_out.retain(|other| *other != whom);
            }
            return Some(Ask::KeepOut {
                by,
                whom,
                out: false,
            });
        }
        if self.desk.below(90) > 0 {
            return None;
        }
        let whom = usize::try_from(self.desk.below(accounts as u64 + 1)).unwrap();
        if by == Keeper::Operator && whom < accounts {
            self.kept_out.push(whom);
        }
        Some(Ask::KeepOut {
            by,
            whom,
            out: true,
        })
    }

    /// Now and then everything is halted, or somebody is frozen; both end soon.
    fn brake(&mut self, accounts: usize) -> Option<Ask> {
        if !self.standing.is_empty() && self.watch.below(6) == 0 {
            let brake = self.watch.one_of(&self.standing);
            self.standing.retain(|other| *other != brake);
            return Some(Ask::ResumeMany(brake));
        }
        let by = match self.watch.below(8) {
            0 => Keeper::Trader,
            _ => Keeper::Operator,
        };
        if !self.frozen.is_empty() && self.watch.below(12) == 0 {
            let whom = self.watch.one_of(&self.frozen);
            if by == Keeper::Operator {
                self.frozen.retain(|other| *other != whom);
            }
            return Some(Ask::Freeze {
                by,
                whom,
                on: false,
            });
        }
        let brake = self
            .watch
            .one_of(&[Brake::Everything, Brake::Tag, Brake::OtherTag]);
        match self.watch.below(180) {
            0 | 1 => {
                if !self.standing.contains(&brake) {
                    self.standing.push(brake);
                }
                Some(Ask::HaltMany(brake))
            }
            2 => Some(Ask::ResumeMany(brake)),
            3 | 4 => {
                let whom = usize::try_from(self.watch.below(accounts as u64 + 1)).unwrap();
                if by == Keeper::Operator && whom < accounts {
                    self.frozen.push(whom);
                }
                Some(Ask::Freeze { by, whom, on: true })
            }
            _ => None,
        }
    }

    /// Now and then a market that may have halted itself is let go on.
    fn go_on(&mut self) -> Option<Ask> {
        let pilot = self.pilot.as_mut()?;
        (pilot.below(8) == 0).then_some(Ask::Resume)
    }

    /// Now and then money comes in, or what that takes is changed or decided.
    fn fund(&mut self, accounts: usize) -> Option<Ask> {
        let teller = &mut self.teller;
        let by = usize::try_from(teller.below(2)).unwrap();
        let whom = usize::try_from(teller.below(accounts as u64 + 1)).unwrap();
        match teller.below(80) {
            0 | 1 => Some(Ask::SetLarge {
                by,
                from: teller.one_of(&[None, Some(0), Some(1), Some(40_000), Some(2_000_000)]),
            }),
            2 | 3 => Some(Ask::Deposit {
                by,
                whom,
                amount: teller.one_of(&[1, 39_999, 40_000, 1_000_000, 0, -1, i64::MAX]),
            }),
            4..=6 => Some(Ask::Decide {
                by,
                proposal: teller.one_of(&[1, 1, 2, 3, 0]),
                confirm: teller.below(4) > 0,
            }),
            _ => None,
        }
    }

    /// Now and then a market that may is closed before its time, or nearly.
    fn close_early(&mut self) -> Option<Ask> {
        let early_close = self.early_close;
        let closer = self.closer.as_mut()?;
        match closer.below(40) {
            0 => Some(close_by(closer, early_close)),
            1 => Some(Ask::Clarify {
                by_another: closer.below(2) == 0,
            }),
            _ => None,
        }
    }

    fn ending(&mut self) -> Ask {
        if self.over && self.random.below(3) > 0 {
            return Ask::Correct((self.random.below(3) > 0).then(|| self.payout()));
        }
        match self.random.below(6) {
            0 => match &mut self.closer {
                Some(closer) => close_by(closer, self.early_close),
                None => Ask::Close(None),
            },
            1..=2 if self.random.below(4) > 0 => {
                self.void = !self.void;
                match self.void {
                    true => Ask::Void,
                    false => {
                        self.over = true;
                        Ask::ConfirmVoid
                    }
                }
            }
            1..=2 => Ask::ConfirmVoid,
            _ => {
                self.over = true;
                Ask::Settle(self.payout())
            }
        }
    }

    fn payout(&mut self) -> Vec<u16> {
        let mut payout = vec![0; self.anchors.len()];
        let (first, second) = (self.below(payout.len()), self.below(payout.len()));
        let part = self.random.one_of(&[10_000, 0, 2_500, 3_333]);
        payout[first] += part;
        payout[second] += 10_000 - part;
        payout
    }

    /// A line that may have left an order, rather a recent one, and who gave it: rarely another.
    fn waiting(&mut self, ix: usize, anyone: usize) -> (usize, usize) {
        let back = self.random.one_of(&[1, 2, 4, 20]);
        let back = 1 + self.below(back);
        let recent = self.waiting.len().checked_sub(back);
        let (line, who) = recent.map_or((ix, anyone), |ix| self.waiting[ix]);
        (
            if self.random.below(12) == 0 {
                anyone
            } else {
                who
            },
            line,
        )
    }

    fn amend(&mut self, ix: usize, after: i64, anyone: usize) -> (usize, Ask) {
        let (who, order) = self.waiting(ix, anyone);
        let lots = self.lots();
        let quantity = self.random.one_of(&[
            None,
            Some(lots),
            Some(lots),
            Some(1),
            Some(0),
            Some(Lots::MAX.get()),
        ]);
        let outcome = self.below(self.anchors.len());
        let price = self.price(outcome);
        let price = self.random.one_of(&[price, 10_000 - price]);
        let limit = self.random.one_of(&[None, Some(price)]).and_then(price_of);
        let valid_until = self.deadline(after);
        let amend = Ask::Amend {
            order,
            quantity,
            limit,
            valid_until,
        };
        (who, amend)
    }

    /// When an order is late: mostly never.
    fn deadline(&mut self, after: i64) -> Option<i64> {
        match self.random.below(40) {
            0 => Some(after - 1),
            1 => Some(after),
            _ => None,
        }
    }

    fn place(&mut self, ix: usize, after: i64, anyone: usize) -> (usize, Ask) {
        let (mut who, mut order) = (anyone, self.order(after));
        let held = self.below(self.bought.len() + 1);
        if order.side == Side::Sell
            && let Some((holder, outcome, yes)) = self.bought.get(held).copied()
            && self.random.below(8) > 0
        {
            who = holder;
            let few = self.random.one_of(&[1, 2, 5, 5, 0]);
            if few > 0 {
                order.size = Size::Quantity(Lots::new(few));
            }
            order.outcome = Outcome(u16::try_from(outcome).unwrap());
            order.contract = if yes { Contract::Yes } else { Contract::No };
            let price = self.price(outcome);
            order.limit = price_of(if yes { price } else { 10_000 - price });
        }
        if order.side == Side::Buy {
            let yes = order.contract == Contract::Yes;
            self.bought.push((who, order.outcome.ix(), yes));
        }
        if matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd(_)) {
            self.waiting.push((ix, who));
        }
        let order = self.spoil(order);
        (who, Ask::Place(Box::new(order)))
    }

    fn lots(&mut self) -> i64 {
        match self.temper {
            Temper::Small => self.random.one_of(&[1, 1, 2, 3, 7, 20, 60]),
            Temper::Medium => self.random.one_of(&[1, 2, 9, 50, 300, 1_500, 9_000]),
            Temper::Large => self.random.one_of(&[
                1,
                300,
                1_000_000,
                70_000_000,
                3_000_000_000,
                1_000_000_000_000,
                Lots::MAX.get(),
            ]),
        }
    }

    /// A price of Yes on an outcome.
    fn price(&mut self, outcome: usize) -> i64 {
        let reach = u64::try_from(2 * self.spread + 1).unwrap();
        let near =
            self.anchors[outcome] - self.spread + i64::try_from(self.random.below(reach)).unwrap();
        let price = match self.random.below(12) {
            0 => 1,
            1 => 9_999,
            2 => 5_000,
            _ => near,
        };
        let grid = if self.random.below(30) == 0 {
            1
        } else {
            self.tick
        };
        (price / grid * grid).clamp(grid.min(9_999), 10_000 - grid)
    }

    fn order(&mut self, after: i64) -> PlaceOrder {
        let spends = self.random.below(8) == 0;
        let outcome = self.below(self.anchors.len());
        let yes = self.random.below(3) > 0;
        let buy = spends || self.random.below(5) > 1;
        let price = self.price(outcome);
        let price = price_of(if yes { price } else { 10_000 - price }).expect("a price");
        let contract = if yes { Contract::Yes } else { Contract::No };
        let side = if buy { Side::Buy } else { Side::Sell };
        let lots = Lots::new(self.lots());
        let outcome = Outcome(u16::try_from(outcome).unwrap());
        let mut order = limit(MARKET, outcome, contract, side, price, lots);
        order.time_in_force = self.time_in_force(after);
        let rests = matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd(_));
        order.post_only = rests && self.random.below(8) == 0;
        order.self_trade = self
            .random
            .one_of(&[SelfTrade::CancelNewest, SelfTrade::CancelOldest]);
        if spends {
            let large = match (self.temper, self.anchors.len()) {
                (Temper::Large, 2) => 90_000_000_000_000,
                // More takes the model too many rounds between the outcomes.
                (Temper::Large, _) => 900_000_000,
                _ => 500_000,
            };
            order.size = Size::Spend(Micros::new(
                self.random.one_of(&[1, 40, 9_999, 60_000, large]),
            ));
            order.time_in_force = TimeInForce::Ioc;
            order.post_only = false;
        }
        if self.random.below(6) == 0 {
            order.client_order_id = Some(self.random.below(4).to_string());
        }
        order.valid_until = self.deadline(after).map(Timestamp::from_micros);
        order
    }

    fn time_in_force(&mut self, after: i64) -> TimeInForce {
        let soon = after
            + self
                .random
                .one_of(&[0, 1, 3_000_000, 20_000_000, 60_000_000]);
        let waits = [
            TimeInForce::Gtc,
            TimeInForce::Gtc,
            TimeInForce::Gtc,
            TimeInForce::Gtd(Timestamp::from_micros(soon)),
        ];
        let at_once = [TimeInForce::Ioc, TimeInForce::Ioc, TimeInForce::Fok];
        match self.random.below(4) > 0 {
            true => self.random.one_of(&waits),
            false => self.random.one_of(&at_once),
        }
    }

    /// Now and then, an order that makes no sense.
    fn spoil(&mut self, mut order: PlaceOrder) -> PlaceOrder {
        match self.random.below(150) {
            0 => order.market = MarketId(self.random.one_of(&[1, u32::MAX])),
            1 => order.outcome = Outcome(self.random.one_of(&[8, 255, u16::MAX])),
            2 => {
                order.size = Size::Quantity(Lots::new(self.random.one_of(&[
                    0,
                    -1,
                    Lots::MAX.get() + 1,
                    i64::MAX,
                    i64::MIN,
                ])))
            }
            3 => order.size = Size::Spend(Micros::new(self.random.one_of(&[0, -1, 5]))),
            4 => order.post_only = true,
            5 | 6 => order.limit = None,
            _ => {}
        }
        order
    }
}

/// By one of the clauses, by none, by one that there is not, or by what was added to the rules.
fn close_by(closer: &mut Random, clauses: u32) -> Ask {
    let rule = |number| Some(Clause::EarlyClose(number));
    let added = |number| Some(Clause::Clarification(number));
    Ask::Close(closer.one_of(&[
        None,
        None,
        rule(0),
        rule(1),
        rule(clauses),
        rule(clauses + 1),
        added(1),
        added(2),
    ]))
}

fn price_of(ticks: i64) -> Option<Price> {
    u16::try_from(ticks).ok().and_then(Price::new)
}

/// How many accounts a scene may have at most.
pub const MOST_ACCOUNTS: usize = NAMES.len();
