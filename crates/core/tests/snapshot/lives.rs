//! Lives of whole exchanges from seeds: several markets at every point of their lives, every command,
//! idempotency keys, and time that jumps. Written against the state as it is, so that most commands find
//! something to do.
#![allow(unreachable_pub, missing_docs, reason = "a part of the test beside it")]

use tidings_core::access::{Grant, PublicKey, Role, Scopes};
use tidings_core::band::PriceBand;
use tidings_core::command::{
    AmendOrder, Command, Contract, HaltMany, OpenAccount, PlaceOrder, Request, RequestKey,
    RotateKey, SelfTrade, Side, Size, Stamp, TimeInForce, Transfer,
};
use tidings_core::evidence::Clause;
use tidings_core::halt::Scope;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::{
    ArticleLink, Ending, HaltReason, Kind, LinkRole, MarketSpec, Payout, Phase, Scale, Status,
    VoidRule,
};
use tidings_core::passage::Passage;
use tidings_core::state::Market;
use tidings_core::units::{Fraction, Lots, Micros, Price, TICKS, Timestamp};
use tidings_core::{Answer, Engine};

use crate::support::{Random, limit, proof, propose_correction, propose_void, spec};

/// Who is there from the start, after the administrator.
const OPERATORS: [AccountId; 3] = [AccountId(3), AccountId(4), AccountId(5)];
const EDITOR: AccountId = AccountId(6);
const TRADERS: [AccountId; 5] = [
    AccountId(7),
    AccountId(8),
    AccountId(9),
    AccountId(10),
    // Operators may trade, too.
    AccountId(5),
];

pub struct Author {
    random: Random,
    most_markets: u64,
}

impl Author {
    pub fn new(seed: u64) -> Author {
        Author {
            random: Random(seed),
            // More would only leave each with fewer orders.
            most_markets: 6,
        }
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    /// An exchange with accounts that have money, and nothing else.
    pub fn start() -> Engine {
        let mut engine = Engine::new();
        let roles = [
            (AccountId::WORLD, Role::Admin),
            (AccountId::ADMIN, Role::Operator),
            (AccountId::ADMIN, Role::Operator),
            (AccountId::ADMIN, Role::Operator),
            (AccountId::ADMIN, Role::Editor),
            (AccountId::ADMIN, Role::Trader),
            (AccountId::ADMIN, Role::Trader),
            (AccountId::ADMIN, Role::Trader),
            (AccountId::ADMIN, Role::Trader),
        ];
        let mut give = |actor, command| {
            let request = Request::new(actor, command);
            let stamp = next(&engine, 1_000_000);
            assert_eq!(engine.apply(stamp, &request, &mut Vec::new()), Answer::Done);
        };
        for (place, (actor, role)) in (2..).zip(roles) {
            let open = OpenAccount {
                name: format!("account {place}"),
                role,
                grant: (role == Role::Trader).then(|| Box::new(grant(place, None))),
            };
            give(actor, Command::OpenAccount(open));
        }
        let rich = OPERATORS.into_iter().chain(TRADERS);
        for account in rich {
            let amount = Micros::new(70_000_000_007);
            give(
                AccountId::ADMIN,
                Command::Deposit(Transfer { account, amount }),
            );
        }
        engine
    }

    /// An exchange after so many commands of the life from a seed.
    pub fn life(seed: u64, commands: usize) -> Engine {
        Author::new(seed).live(commands)
    }

    /// An exchange after so many commands of a life with `markets` of them.
    pub fn long_life(seed: u64, commands: usize, markets: u64) -> Engine {
        let mut author = Author::new(seed);
        author.most_markets = markets;
        author.live(commands)
    }

    fn live(mut self, commands: usize) -> Engine {
        let mut engine = Author::start();
        for _ in 0..commands {
            let (stamp, request) = self.write(&engine);
            engine.apply(stamp, &request, &mut Vec::new());
        }
        engine
    }

    /// The next request, and when it comes.
    pub fn write(&mut self, engine: &Engine) -> (Stamp, Request) {
        let (actor, command) = self.command(engine);
        let step = match self.below(40) {
            0 => 3_600_000_000,
            1 => 40_000_000,
            _ => self.random.one_of(&[0, 1, 300_000, 1_000_000]),
        };
        let key = (self.below(3) == 0).then(|| RequestKey {
            key: format!("key {}", self.below(60)),
            fingerprint: [u8::try_from(self.below(2)).unwrap(); 32],
        });
        (next(engine, step), Request::new(actor, command).under(key))
    }

    fn command(&mut self, engine: &Engine) -> (AccountId, Command) {
        let count = engine.markets().len() as u64;
        if count == 0 || (count < self.most_markets && self.below(12) == 0) {
            let sponsor = self.random.one_of(&OPERATORS);
            let spec = self.spec(engine);
            return (sponsor, Command::CreateMarket(Box::new(spec)));
        }
        let market = self.market(engine);
        let trader = self.random.one_of(&TRADERS);
        match self.below(100) {
            0..=58 => (trader, Command::Place(self.order(engine, market))),
            59..=74 => self.amend(engine, trader),
            75..=78 => {
                let order = self.open_order(engine, trader);
                (trader, Command::Cancel { order })
            }
            79 => {
                let market = self.random.one_of(&[None, Some(market)]);
                (trader, Command::CancelAll { market })
            }
            80..=85 => self.keep_accounts(engine, trader),
            86 => (AccountId::WORLD, Command::Tick),
            87 => self.brake(trader),
            _ => self.lead(engine, market),
        }
    }

    /// Any market, but rather one that trades.
    fn market(&mut self, engine: &Engine) -> MarketId {
        let any = |market: &&Market| market.phase.status() == Status::Open;
        let open: Vec<MarketId> = engine.markets().iter().filter(any).map(|m| m.id).collect();
        let count = engine.markets().len() as u64;
        match open.len() as u64 {
            some @ 1.. if self.below(3) > 0 => open[usize::try_from(self.below(some)).unwrap()],
            _ => MarketId(u32::try_from(self.below(count)).unwrap()),
        }
    }

    /// A step in a market's life, most of which fit where it stands.
    fn lead(&mut self, engine: &Engine, market: MarketId) -> (AccountId, Command) {
        let operator = self.random.one_of(&OPERATORS);
        let reason = "a reason".to_owned();
        let stands = engine.market(market).expect("a market");
        let foreseen = !stands.spec.rules.early_close().is_empty();
        let command = match (stands.phase.status(), self.below(12)) {
            (_, 0) => Command::Clarify {
                market,
                text: "What counts is what the gazette says.".to_owned(),
                // By the number of what was traded: another draw would make other lives.
                about: (stands.volume.get() % 2 == 0).then_some(Passage::Outcome(Outcome(0))),
            },
            (_, 1) => {
                let link = ArticleLink {
                    article: format!("article-{}", self.below(9)),
                    role: LinkRole::Context,
                };
                return (EDITOR, Command::LinkArticle { market, link });
            }
            (Status::Draft, 2) if self.below(4) == 0 => Command::VoidMarket { market, reason },
            (Status::Draft, _) => Command::OpenMarket { market },
            (Status::Open | Status::Halted, 2) if self.below(4) == 0 => Command::CloseMarket {
                market,
                reason,
                clause: foreseen.then_some(Clause::EarlyClose(1)),
            },
            (Status::Open, 3..=4) => Command::HaltMarket {
                market,
                reason: match self.below(2) {
                    0 => HaltReason::Embargo,
                    _ => HaltReason::Operator(reason),
                },
            },
            (Status::Halted, 3..=8) => Command::ResumeMarket { market },
            (Status::Open | Status::Halted, 9..) => {
                let lots = self.random.one_of(&[150, 900, 4_000, 20_000, 60_000]);
                let command = Command::AddLiquidity {
                    market,
                    liquidity: Lots::new(lots),
                    reason: None,
                };
                return (stands.sponsor, command);
            }
            (Status::Closed | Status::Disputed, 2..=7) => Command::ProposeResolution {
                market,
                payout: self.payout(stands.outcomes()),
                evidence: vec!["https://example.org/evidence".to_owned()],
                note: "It was announced.".to_owned(),
                items: proof(),
            },
            (Status::Proposed, 2..=5) => {
                let command = Command::Dispute {
                    market,
                    reason,
                    evidence: vec!["https://example.org/objection".to_owned()],
                    items: None,
                    clause: Some(Clause::Criteria),
                };
                let holders = engine.ledger().positions_in(market);
                let holder = holders.map(|position| position.account).last();
                return (holder.unwrap_or(TRADERS[0]), command);
            }
            (Status::Proposed | Status::Disputed, 6..) => match stands.phase {
                Phase::VoidProposed(_) | Phase::VoidDisputed(..) => Command::ConfirmVoid { market },
                _ => Command::ConfirmResolution { market },
            },
            (Status::Settled | Status::Voided, 2..=4) => {
                let ending = match self.below(3) {
                    0 => Ending::Void(VoidRule::OperatorMistake),
                    _ => Ending::Paid(self.payout(stands.outcomes())),
                };
                propose_correction(market, ending)
            }
            (Status::Settled | Status::Voided, 5..=9) => Command::ConfirmCorrection { market },
            _ if self.below(20) == 0 => propose_void(market),
            _ => Command::Tick,
        };
        match command {
            Command::Tick => (AccountId::WORLD, command),
            command => (operator, command),
        }
    }

    /// A brake, or rather its end.
    fn brake(&mut self, account: AccountId) -> (AccountId, Command) {
        let operator = self.random.one_of(&OPERATORS);
        let reason = "a reason".to_owned();
        let scope = match self.below(2) {
            0 => Scope::Everything,
            _ => Scope::Tag("weather".to_owned()),
        };
        let percent = self.random.one_of(&[20, 100, 500]);
        let command = match self.below(9) {
            8 => Command::SetAllowance {
                account,
                percent,
                reason,
            },
            0 => Command::FreezeAccount { account, reason },
            1..=3 => Command::UnfreezeAccount { account },
            4 => Command::HaltMany(Box::new(HaltMany { scope, reason })),
            _ => Command::ResumeMany { scope },
        };
        (operator, command)
    }

    fn keep_accounts(&mut self, engine: &Engine, account: AccountId) -> (AccountId, Command) {
        let accounts = engine.accounts().len() as u64;
        let later = Timestamp::from_micros(engine.last().at.as_micros() + 9_000_000);
        let digest = u32::try_from(self.below(40)).unwrap();
        if self.below(12) == 0 {
            return self.keep_deposits(engine);
        }
        let command = match self.below(6) {
            0 if accounts < 16 => Command::OpenAccount(OpenAccount {
                name: format!("account {accounts}"),
                role: self.random.one_of(&[Role::Trader, Role::Editor]),
                grant: (self.below(2) == 0).then(|| Box::new(grant(digest, Some(later)))),
            }),
            0..=1 => Command::IssueKey {
                account,
                grant: Box::new(grant(digest, None)),
                by: None,
            },
            2 => Command::RevokeKey {
                account,
                key: u32::try_from(self.below(3)).unwrap(),
                by: None,
            },
            3 => Command::RotateKey(Box::new(RotateKey {
                account,
                key: u32::try_from(self.below(3)).unwrap(),
                digest: *blake3::hash(&engine.last().seq.0.to_le_bytes()).as_bytes(),
                overlap: 4,
                public_key: None,
                by: None,
                rsa_public_key: None,
            })),
            4 => Command::Deposit(Transfer {
                account,
                amount: Micros::new(1_000_003),
            }),
            _ => Command::Withdraw(Transfer {
                account,
                amount: Micros::new(2_500_001),
            }),
        };
        (AccountId::ADMIN, command)
    }

    /// What deposits take, and what becomes of those that wait.
    fn keep_deposits(&mut self, engine: &Engine) -> (AccountId, Command) {
        let waiting = engine.deposits().waiting.first();
        let proposal = waiting.map_or(1, |proposal| proposal.id);
        let from = self
            .random
            .one_of(&[None, Some(1_000_000), Some(90_000_000)]);
        let command = match self.below(4) {
            0..=1 => Command::SetLargeDeposits {
                from: from.map(Micros::new),
            },
            _ => Command::DecideFunds {
                proposal,
                confirm: self.below(3) > 0,
            },
        };
        (AccountId::ADMIN, command)
    }

    fn spec(&mut self, engine: &Engine) -> MarketSpec {
        let outcomes: u16 = self.random.one_of(&[2, 2, 3, 5]);
        let liquidity = self
            .random
            .one_of(&[None, Some(100), Some(700), Some(5_000)]);
        let mut prior = vec![TICKS / outcomes; usize::from(outcomes)];
        prior[0] += TICKS - TICKS / outcomes * outcomes;
        let prior = prior.into_iter().map(|ticks| Fraction::new(ticks).unwrap());
        let fee = Fraction::new(self.random.one_of(&[0, 200])).unwrap();
        let slug = format!("market-{}", engine.markets().len());
        let mut spec = spec(&slug, liquidity.map(Lots::new), prior.collect(), fee);
        spec.dispute_hours = self.random.one_of(&[0, 1, 1]);
        spec.tick = self.random.one_of(&[1, 1, 100]);
        // No draw: the lives without a band are what they were.
        if engine.markets().len() % 3 == 2 {
            spec.price_band = Some(PriceBand {
                width: Fraction::new(150).unwrap(),
                seconds: 30,
            });
        }
        spec.tags = vec!["weather".to_owned(); usize::try_from(self.below(2)).unwrap()];
        let soon = engine.last().at.as_micros() + 2_000_000;
        if self.below(3) == 0 {
            spec.opens_at = Some(Timestamp::from_micros(soon));
        }
        if self.below(3) == 0 {
            spec.closes_at = Some(Timestamp::from_micros(soon + 50_000_000));
        }
        // No draw either.
        if spec.closes_at.is_some() && engine.markets().len() % 2 == 1 {
            spec.rules.early_close = Some(vec!["Once the gazette has it.".to_owned()]);
        }
        if outcomes == 2 && self.below(3) == 0 {
            spec.kind = Kind::Scalar;
            spec.scale = Some(Scale {
                low: -1_000_000,
                high: 5_000_000,
                unit: "points".to_owned(),
            });
        }
        spec
    }

    fn payout(&mut self, outcomes: usize) -> Payout {
        let mut ticks = vec![0; outcomes];
        let part = self.random.one_of(&[0, 2_500, 10_000]);
        ticks[0] = part;
        ticks[1] = TICKS - part;
        let shares = ticks.into_iter().map(|ticks| Fraction::new(ticks).unwrap());
        Payout::new(shares.collect()).expect("they sum to one")
    }

    fn order(&mut self, engine: &Engine, market: MarketId) -> PlaceOrder {
        let stands = engine.market(market).expect("a market");
        let outcomes = stands.outcomes() as u64;
        let outcome = Outcome(u16::try_from(self.below(outcomes)).unwrap());
        let contract = self
            .random
            .one_of(&[Contract::Yes, Contract::Yes, Contract::No]);
        let side = self
            .random
            .one_of(&[Side::Buy, Side::Buy, Side::Buy, Side::Sell]);
        let price = self.price(stands.tick, outcomes, contract == Contract::Yes);
        let lots = self.random.one_of(&[1, 5, 30, 200, 900]);
        let mut order = limit(market, outcome, contract, side, price, Lots::new(lots));
        let end = engine.last().at.as_micros() + self.random.one_of(&[2_000_000, 90_000_000]);
        order.time_in_force = self.random.one_of(&[
            TimeInForce::Gtc,
            TimeInForce::Gtc,
            TimeInForce::Gtc,
            TimeInForce::Gtd(Timestamp::from_micros(end)),
            TimeInForce::Ioc,
        ]);
        order.self_trade = self
            .random
            .one_of(&[SelfTrade::CancelNewest, SelfTrade::CancelOldest]);
        let rests = order.time_in_force != TimeInForce::Ioc;
        order.post_only = rests && self.below(3) == 0;
        if self.below(4) == 0 {
            order.client_order_id = Some(format!("mine {}", self.below(8)));
        }
        if !rests && side == Side::Buy && self.below(3) == 0 {
            order.size = Size::Spend(Micros::new(900_000));
        }
        order
    }

    /// On few levels, so that orders queue behind one another.
    fn price(&mut self, tick: u16, outcomes: u64, yes: bool) -> Price {
        let even = TICKS / u16::try_from(outcomes).unwrap() / 100 * 100;
        let levels = [even, even - 100, even + 100, even - 300, even + 300];
        let near = self.random.one_of(&levels);
        let odd = if tick == 1 {
            self.random.one_of(&[0, 0, 7])
        } else {
            0
        };
        let ticks = near + odd;
        Price::new(if yes { ticks } else { TICKS - ticks }).expect("a price")
    }

    fn open_order(&mut self, engine: &Engine, account: AccountId) -> OrderId {
        let open: Vec<OrderId> = engine.orders().of(account).map(|order| order.id).collect();
        match open.is_empty() {
            true => OrderId(1 + self.below(9)),
            false => open[usize::try_from(self.below(open.len() as u64)).unwrap()],
        }
    }

    fn amend(&mut self, engine: &Engine, account: AccountId) -> (AccountId, Command) {
        let order = self.open_order(engine, account);
        let at = engine.orders().get(order);
        let filled = at.map_or(Lots::ZERO, |order| order.filled);
        let lots = Lots::new(self.random.one_of(&[2, 40, 1_000]));
        let limit = at.map(|order| {
            let ticks = order.limit.ticks() / 100 * 100;
            let moved = self.random.one_of(&[ticks, ticks - 100, ticks + 100]);
            Price::new(moved.clamp(100, 9_900)).expect("a price")
        });
        let amend = AmendOrder {
            order,
            quantity: self.random.one_of(&[None, Some(filled + lots)]),
            limit: self.random.one_of(&[None, limit]),
            valid_until: None,
        };
        (account, Command::Amend(amend))
    }
}

/// The place after the last, `micros` later.
fn next(engine: &Engine, micros: i64) -> Stamp {
    let last = engine.last();
    Stamp {
        seq: Seq(last.seq.0 + 1),
        at: Timestamp::from_micros(last.at.as_micros() + micros),
    }
}

fn grant(number: u32, expires_at: Option<Timestamp>) -> Grant {
    let digest = *blake3::hash(&number.to_le_bytes()).as_bytes();
    let plain = Grant::bearer(digest, Scopes::READ.and(Scopes::TRADE));
    match number % 3 {
        // As grants were before keys had more to them.
        0 => Grant {
            expires_at,
            manages: None,
            ..plain
        },
        1 => Grant {
            expires_at,
            name: Some(format!("machine {number}").into()),
            networks: Some(
                ["10.0.0.0/8", "2001:db8::1"]
                    .map(|text| text.parse().unwrap())
                    .into(),
            ),
            ..plain
        },
        _ => {
            let public_key = PublicKey(digest);
            Grant {
                expires_at,
                ..Grant::signer(public_key, Scopes::all(Role::Trader))
            }
        }
    }
}
