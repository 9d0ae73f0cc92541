//! A desk at an exchange for tests: names for accounts, a clock that ticks once per command, and
//! every posting added up.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test uses its own part"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use tidings_core::access::Role;
use tidings_core::audit::PostingSums;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, ProposeCorrection, ProposeVoid, Request, SelfTrade,
    Side, Size, Stamp, TimeInForce, Transfer,
};
use tidings_core::event::Event;
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::{
    Ending, Kind, MarketSpec, OutcomeSpec, Payout, Rules, Source, VoidRule,
};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::{Answer, Engine, Reject};

pub fn vectors(folder: &str) -> Vec<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/");
    let files = std::fs::read_dir(format!("{root}{folder}")).expect("the vectors are in the tree");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths
}

#[derive(Clone)]
pub struct Desk {
    pub engine: Engine,
    pub sums: PostingSums,
    pub journal: Vec<(Stamp, Request)>,
    accounts: BTreeMap<String, AccountId>,
    admin: AccountId,
}

impl Desk {
    pub fn new() -> Desk {
        let mut desk = Desk {
            engine: Engine::new(),
            sums: PostingSums::default(),
            journal: Vec::new(),
            accounts: BTreeMap::new(),
            admin: AccountId::ADMIN,
        };
        desk.open(AccountId::WORLD, "admin", Role::Admin);
        desk.open_role("op", Role::Operator);
        desk.open_role("proposer", Role::Operator);
        desk.open_role("confirmer", Role::Operator);
        desk
    }

    /// Gives a command one second after the last.
    pub fn give(&mut self, actor: AccountId, command: Command) -> Result<Vec<Event>, Reject> {
        let at = self.engine.last().at.as_micros() + 1_000_000;
        self.give_at(Timestamp::from_micros(at), Request::new(actor, command))
    }

    pub fn give_at(&mut self, at: Timestamp, request: Request) -> Result<Vec<Event>, Reject> {
        let stamp = Stamp {
            seq: Seq(self.engine.last().seq.0 + 1),
            at,
        };
        let mut events = Vec::new();
        let answer = self.engine.apply(stamp, &request, &mut events);
        for event in &events {
            self.sums.add(event);
        }
        self.journal.push((stamp, request));
        match answer {
            Answer::Done => Ok(events),
            Answer::Refused(reject) => Err(reject),
            other => panic!("no request has a key: {other:?}"),
        }
    }

    fn open(&mut self, actor: AccountId, name: &str, role: Role) -> AccountId {
        let open = OpenAccount {
            name: name.to_owned(),
            role,
            grant: None,
        };
        let events = self
            .give(actor, Command::OpenAccount(open))
            .expect("an account");
        let [Event::AccountOpened { account, .. }] = events[..] else {
            panic!("{events:?}")
        };
        self.accounts.insert(name.to_owned(), account);
        account
    }

    pub fn open_role(&mut self, name: &str, role: Role) -> AccountId {
        self.open(self.admin, name, role)
    }

    pub fn account(&self, name: &str) -> AccountId {
        self.accounts[name]
    }

    /// Deposits, opening a trader's account when the name is unknown.
    pub fn deposit(&mut self, name: &str, amount: Micros) {
        let account = match self.accounts.get(name) {
            Some(account) => *account,
            None => self.open_role(name, Role::Trader),
        };
        let command = Command::Deposit(Transfer { account, amount });
        self.give(self.admin, command).expect("a deposit");
    }

    pub fn create_market(
        &mut self,
        sponsor: &str,
        liquidity: Option<Lots>,
        prior: Vec<Fraction>,
        taker_fee: Fraction,
    ) -> Micros {
        let slug = format!("market-{}", self.engine.markets().len());
        self.create(sponsor, spec(&slug, liquidity, prior, taker_fee))
    }

    /// Creates a market and opens it; says what its sponsor locked.
    pub fn create(&mut self, sponsor: &str, spec: MarketSpec) -> Micros {
        let create = Command::CreateMarket(Box::new(spec));
        let events = self.give(self.account(sponsor), create).expect("a market");
        let [
            Event::MarketCreated {
                market, subsidy, ..
            },
        ] = events[..]
        else {
            panic!("{events:?}")
        };
        self.give(self.account(sponsor), Command::OpenMarket { market })
            .expect("it opens");
        subsidy
    }

    pub fn place(&mut self, name: &str, order: PlaceOrder) -> Result<Vec<Event>, Reject> {
        self.give(self.account(name), Command::Place(order))
    }

    pub fn cancel(&mut self, name: &str, order: OrderId) -> Result<Vec<Event>, Reject> {
        self.give(self.account(name), Command::Cancel { order })
    }

    pub fn settle(&mut self, payout: Payout) {
        let market = MarketId(0);
        let (op, op2) = (self.account("proposer"), self.account("confirmer"));
        let reason = "the event is over".to_owned();
        self.give(
            op,
            Command::CloseMarket {
                market,
                reason,
                clause: None,
            },
        )
        .expect("it closes");
        let evidence = vec!["https://example.org/evidence".to_owned()];
        let note = String::new();
        let propose = Command::ProposeResolution {
            market,
            payout,
            evidence,
            note,
            items: proof(),
        };
        self.give(op, propose).expect("a proposal");
        self.give(op2, Command::ConfirmResolution { market })
            .expect("a confirmation");
    }

    /// Two operators call a market off.
    pub fn void(&mut self, market: MarketId) -> Vec<Event> {
        let propose = self.give(self.account("proposer"), propose_void(market));
        let mut events = propose.expect("a proposal");
        let confirm = Command::ConfirmVoid { market };
        let confirmed = self.give(self.account("confirmer"), confirm);
        events.extend(confirmed.expect("a confirmation"));
        events
    }
}

/// What a payout can rest on: what the primary source of [`spec`]'s rules says.
pub fn proof() -> Option<Vec<Item>> {
    Some(vec![Item {
        primary: true,
        ..witness("https://example.org/evidence", "The gazette")
    }])
}

/// A piece of evidence that is not of a primary source.
pub fn witness(url: &str, publisher: &str) -> Item {
    Item {
        url: url.to_owned(),
        publisher: publisher.to_owned(),
        published_at: None,
        sha256: [7; 32],
        quotation: "It happened.".to_owned(),
        clause: Clause::Criteria,
        primary: false,
        article: None,
    }
}

/// A proposal of another end.
pub fn propose_correction(market: MarketId, ending: Ending) -> Command {
    Command::ProposeCorrection(Box::new(ProposeCorrection {
        market,
        ending,
        reason: "The source was misread.".to_owned(),
        evidence: vec!["https://example.org/erratum".to_owned()],
        items: proof(),
    }))
}

/// A proposal to call a market off.
pub fn propose_void(market: MarketId) -> Command {
    Command::ProposeVoid(Box::new(ProposeVoid {
        market,
        rule: VoidRule::AmbiguousQuestion,
        reason: "It can be read in two ways.".to_owned(),
        evidence: vec!["https://example.org/two-ways".to_owned()],
        items: None,
    }))
}

pub fn spec(
    slug: &str,
    liquidity: Option<Lots>,
    prior: Vec<Fraction>,
    taker_fee: Fraction,
) -> MarketSpec {
    let outcome = |(ix, prior): (usize, Fraction)| OutcomeSpec {
        key: format!("o{ix}"),
        name: format!("Outcome {ix}"),
        prior,
    };
    MarketSpec {
        slug: slug.to_owned(),
        kind: if prior.len() == 2 {
            Kind::Binary
        } else {
            Kind::Categorical
        },
        question: "Will it happen?".to_owned(),
        outcomes: prior.into_iter().enumerate().map(outcome).collect(),
        rules: Rules {
            criteria: "If it does.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![Source {
                name: "The gazette".to_owned(),
                url: "https://example.org/".to_owned(),
                primary: true,
            }],
            early_close: None,
        },
        liquidity,
        tick: 1,
        taker_fee,
        opens_at: None,
        closes_at: None,
        dispute_hours: 0,
        tags: Vec::new(),
        articles: Vec::new(),
        scale: None,
        review: None,
        price_band: None,
    }
}

/// A `gtc` limit order.
pub fn limit(
    market: MarketId,
    outcome: Outcome,
    contract: Contract,
    side: Side,
    price: Price,
    lots: Lots,
) -> PlaceOrder {
    PlaceOrder {
        market,
        outcome,
        contract,
        side,
        size: Size::Quantity(lots),
        limit: Some(price),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    }
}

/// A book of the engine: price, lots, order, whether it is a bid; bids before asks, best first,
/// oldest first.
pub fn book_rows(
    engine: &Engine,
    market: MarketId,
    outcome: Outcome,
) -> Vec<(i64, i64, u64, bool)> {
    let rows = engine.resting_orders(market, outcome);
    rows.into_iter()
        .map(|(price, lots, id, bid)| (i64::from(price.ticks()), lots.get(), id.0, bid))
        .collect()
}

/// A refusal as the traces write it.
pub fn words_for(reject: &Reject) -> &'static str {
    match reject {
        Reject::InsufficientFunds { .. } => "insufficient funds",
        Reject::InsufficientPosition { .. } => "insufficient position",
        Reject::FokNotFilled { .. } => "fok not filled",
        Reject::NothingToFill => "nothing to fill",
        Reject::PostOnlyWouldTake => "post only would take",
        Reject::OrderNotFound => "not found",
        other => panic!("a refusal that no trace expects: {other:?}"),
    }
}

/// The seeds to play: those that `TIDINGS_SEEDS=FROM..TO` names, or the ones of every run.
pub fn seeds(usual: std::ops::Range<u64>) -> std::ops::Range<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test may be told which seeds to play"
    )]
    let told = std::env::var("TIDINGS_SEEDS").ok();
    let Some(text) = told else {
        return usual;
    };
    let ends = text.split_once("..").expect("TIDINGS_SEEDS=FROM..TO");
    ends.0.parse().expect("a number")..ends.1.parse().expect("a number")
}

/// A small generator of our own: the sequence for a seed must never change under us.
/// SplitMix64, <https://doi.org/10.1145/2714064.2660195>.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}
