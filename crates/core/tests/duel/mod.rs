//! The engine and the naive model side by side: the same commands to both, and after each one the
//! same answer, the same money, the same shares, the same books; every invariant; and a refusal that
//! left the engine's hash alone.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test uses its own part"
)]

mod answers;
pub mod asks;
mod commands;
mod compare;
mod prelude;
pub mod shrink;

use std::collections::BTreeMap;

use tidings_core::access::Role;
use tidings_core::band::{PriceBand, Swing};
use tidings_core::command::{Command, PlaceOrder, Request, Size};
use tidings_core::event::Event;
use tidings_core::evidence::Clause;
use tidings_core::id::{AccountId, MarketId};
use tidings_core::lmsr::Curve;
use tidings_core::market::{Ending, Kind, Payout, Scale, Status, VoidRule};
use tidings_core::state::Market;
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_core::view::Odds;
use tidings_core::{Engine, Reject};

use crate::model::life::Keeper;
use crate::model::review::Reading;
use crate::model::{Brake, Done, Model};
use crate::support::{Desk, proof, propose_correction, spec};

pub const MARKET: MarketId = MarketId(0);

/// The market's tag.
pub const TAG: &str = "weather";

/// The accounts of a duel. The first sponsors the market; operators may trade, too.
pub const NAMES: [&str; 5] = ["op", "ann", "bob", "cho", "dee"];

/// Who administers.
const ADMINS: [&str; 2] = ["ada", "ben"];

/// A market to be, and what its accounts start with.
#[derive(Clone, Debug)]
pub struct Scene {
    pub prior: Vec<u16>,
    pub liquidity: Option<i64>,
    pub rate: u16,
    pub tick: u16,
    pub scalar: bool,
    /// Microseconds after the market opened.
    pub closes_after: Option<i64>,
    /// Clauses of its rules by which it closes before that; none where it does not close by itself.
    pub early_close: u32,
    /// How its draft is read before it opens, and whether it has to be; none, where it has no stories.
    pub readings: Option<(bool, Vec<Reading>)>,
    /// How many ticks its odds may move within how many seconds.
    pub band: Option<(u16, u32)>,
    pub cash: Vec<i64>,
    /// See [`Model::pace`].
    pub pace: i64,
}

/// A command at its moment, in microseconds after the market opened.
#[derive(Clone, Debug)]
pub struct Line {
    pub ix: usize,
    pub after: i64,
    pub who: usize,
    pub ask: Ask,
}

#[derive(Clone, Debug)]
pub enum Ask {
    Tick,
    /// Times in it count from the opening of the market.
    Place(Box<PlaceOrder>),
    /// The order is named by the line that placed it.
    Amend {
        order: usize,
        quantity: Option<i64>,
        limit: Option<Price>,
        valid_until: Option<i64>,
    },
    Cancel {
        order: usize,
    },
    CancelAll,
    CancelAfter(u32),
    /// Keeps an account out, or lets it in again; one that there is not, past the last.
    KeepOut {
        by: Keeper,
        whom: usize,
        out: bool,
    },
    Halt,
    Resume,
    HaltMany(Brake),
    ResumeMany(Brake),
    /// Freezes an account, or lets it go on; one that there is not, past the last.
    Freeze {
        by: Keeper,
        whom: usize,
        on: bool,
    },
    /// By a clause of the rules, by what was added to them, or by none.
    Close(Option<Clause>),
    /// Adds to the rules, as the operator who closes markets or as another one.
    Clarify {
        by_another: bool,
    },
    /// By the first or the second administrator, to an account that there may not be.
    Deposit {
        by: usize,
        whom: usize,
        amount: i64,
    },
    /// From which amount on it takes both.
    SetLarge {
        by: usize,
        from: Option<i64>,
    },
    Decide {
        by: usize,
        proposal: u32,
        confirm: bool,
    },
    Deepen(i64),
    Settle(Vec<u16>),
    Void,
    ConfirmVoid,
    /// Another end: a payout or, without one, it is called off.
    Correct(Option<Vec<u16>>),
}

#[derive(Clone)]
pub struct Duel {
    pub desk: Desk,
    pub model: Model,
    accounts: Vec<AccountId>,
    /// Orders by the line that placed them.
    placed: BTreeMap<usize, u64>,
    opened: i64,
    /// Whether the engine's hash is compared around a refusal; it costs more than all the rest.
    pub hashes: bool,
    /// See [`Duel::follow_spend`].
    pub short_spends: u64,
    /// Markets' ends that were corrected.
    pub corrected: u64,
    /// Times that the market halted itself.
    pub left_band: u64,
    /// The same of a market without a maker.
    pub left_band_on_books: u64,
}

/// What a quote says that an order would do: lots that fill, money, fee, lots that rest, the move by which its
/// market would halt itself, and every outcome's odds afterwards.
type Quoted = (i64, i64, i64, i64, Option<Swing>, Vec<Option<Odds>>);

impl Duel {
    pub fn new(scene: &Scene) -> Duel {
        let mut desk = Desk::new();
        for name in ADMINS {
            desk.open_role(name, Role::Admin);
        }
        for (name, cash) in NAMES.iter().zip(&scene.cash) {
            desk.deposit(name, Micros::new(*cash));
        }
        let prior: Vec<Fraction> = scene
            .prior
            .iter()
            .map(|ticks| Fraction::new(*ticks).unwrap())
            .collect();
        let (liquidity, rate) = (
            scene.liquidity.map(Lots::new),
            Fraction::new(scene.rate).unwrap(),
        );
        let mut spec = spec("duel", liquidity, prior.clone(), rate);
        spec.tick = scene.tick;
        spec.tags = vec![TAG.to_owned()];
        let band = scene.band;
        spec.price_band = band.map(|(width, seconds)| PriceBand {
            width: Fraction::new(width).unwrap(),
            seconds,
        });
        if scene.scalar {
            let unit = "points".to_owned();
            (spec.kind, spec.scale) = (
                Kind::Scalar,
                Some(Scale {
                    low: 0,
                    high: 1_000_000,
                    unit,
                }),
            );
        }
        // The creation and the opening take one second each.
        let opened = desk.engine.last().at.as_micros() + 2_000_000;
        let closes_at = scene.closes_after.map(|after| opened + after);
        spec.closes_at = closes_at.map(Timestamp::from_micros);
        let clause = |number| format!("Case {number}.");
        spec.rules.early_close =
            (scene.early_close > 0).then(|| (1..=scene.early_close).map(clause).collect());
        spec.review = scene
            .readings
            .as_ref()
            .map(|(required, _)| prelude::plan(*required));
        let create = Command::CreateMarket(Box::new(spec));
        let created = desk.give(desk.account("op"), create).expect("a draft");
        let [Event::MarketCreated { subsidy, .. }] = created[..] else {
            panic!("{created:?}")
        };

        let mut model = Model::new(prior.len(), &scene.cash);
        let curve = liquidity.map(|liquidity| Curve::new(liquidity, &prior).unwrap());
        assert_eq!(subsidy.get(), model.create(0, curve, rate));
        (model.tick, model.pace) = (scene.tick, scene.pace);
        (model.now, model.closes_at) = (opened, closes_at);
        model.early_clauses = scene.early_close;
        prelude::open(&mut desk, &mut model, scene);
        model.watch_band(band);
        let accounts = NAMES
            .iter()
            .take(scene.cash.len())
            .map(|name| desk.account(name))
            .collect();
        let placed = BTreeMap::new();
        let hashes = true;
        Duel {
            desk,
            model,
            accounts,
            placed,
            opened,
            hashes,
            short_spends: 0,
            corrected: 0,
            left_band: 0,
            left_band_on_books: 0,
        }
    }

    /// From here on a line of commands names an order by its id, and the journal starts afresh: states
    /// that were reached on different ways can be told to be the same.
    pub fn by_order_ids(mut self) -> Duel {
        self.placed = (1..=99).map(|id| (id, id as u64)).collect();
        self.desk.journal.clear();
        self
    }

    pub fn engine(&self) -> &Engine {
        &self.desk.engine
    }

    /// Gives a line to both and compares all that can be seen. Says what the model answered.
    ///
    /// # Panics
    /// When they differ, or an invariant is broken.
    pub fn play(&mut self, line: &Line) -> Result<Option<Done>, Reject> {
        let at = self.opened + line.after;
        let due = self
            .engine()
            .next_deadline()
            .is_some_and(|due| due.as_micros() <= at);
        let held = self.model.band.swing.is_some();
        let before = (self.hashes && !due).then(|| self.engine().state_hash());
        self.model.advance(at);
        let answer = match &line.ask {
            Ask::Settle(payout) => self.settle(at, payout),
            Ask::Correct(payout) => self.correct(at, payout.as_deref()),
            ask => self.play_one(at, line, ask),
        };
        if let (Err(_), Some(before)) = (&answer, before) {
            assert_eq!(
                self.engine().state_hash(),
                before,
                "a refusal changes nothing"
            );
        }
        if let (Ok(Some(done)), Ask::Place(_)) = (&answer, &line.ask) {
            self.placed.insert(line.ix, done.id);
        }
        self.compare();
        let left = u64::from(!held && self.model.band.swing.is_some());
        self.left_band += left;
        self.left_band_on_books += left * u64::from(self.model.curve.is_none());
        answer
    }

    /// Gives a line to the model alone.
    pub fn rehearse(&mut self, line: &Line) -> Result<Option<Done>, Reject> {
        self.model.advance(self.opened + line.after);
        if let Ask::Settle(payout) = &line.ask {
            if !self.model.status.is_final() {
                let payout: Vec<i64> = payout.iter().map(|ticks| i64::from(*ticks)).collect();
                self.model.settle(&payout);
            }
            return Ok(None);
        }
        if let Ask::Correct(payout) = &line.ask {
            let payout: Option<Vec<i64>> = payout
                .as_ref()
                .map(|payout| payout.iter().map(|ticks| i64::from(*ticks)).collect());
            return self.model.correct(payout.as_deref()).map(|()| None);
        }
        let (_, command) = self.command(line, &line.ask);
        let answer = self.ask_model(line, &command);
        if let (Ok(Some(done)), Ask::Place(_)) = (&answer, &line.ask) {
            self.placed.insert(line.ix, done.id);
        }
        answer
    }

    fn play_one(&mut self, at: i64, line: &Line, ask: &Ask) -> Result<Option<Done>, Reject> {
        let (actor, command) = self.command(line, ask);
        let buys = match (ask, &command) {
            (Ask::Place(order), _) => order.side == tidings_core::command::Side::Buy,
            (_, Command::Amend(amend)) => {
                self.model.find(amend.order.0).is_some_and(|o| o.terms.buy)
            }
            _ => true,
        };
        let quote = match &command {
            Command::Place(order) => Some(self.quoted(at, actor, order)),
            _ => None,
        };
        let before = self.model.clone();
        let mut wanted = self.ask_model(line, &command);
        let request = Request::new(actor, command.clone());
        let events = self.desk.give_at(Timestamp::from_micros(at), request);
        let left_band = events.as_deref().ok().and_then(left_band);
        let got = events.map(|events| answers::summary(&events, buys));
        if let Ask::Void
        | Ask::ConfirmVoid
        | Ask::Halt
        | Ask::Resume
        | Ask::HaltMany(_)
        | Ask::ResumeMany(_)
        | Ask::Freeze { .. }
        | Ask::Close(_)
        | Ask::Clarify { .. }
        | Ask::Deposit { .. }
        | Ask::SetLarge { .. }
        | Ask::Decide { .. }
        | Ask::Tick
        | Ask::CancelAll
        | Ask::CancelAfter(_)
        | Ask::KeepOut { .. }
        | Ask::Deepen(_) = ask
        {
            assert_eq!(got.map(drop), wanted.clone().map(drop));
            return wanted;
        }
        if let (Command::Place(order), Ok(Some(done))) = (&command, &got)
            && got != wanted
            && let Size::Spend(amount) = order.size
        {
            wanted = self.follow_spend(before, line.who, order, amount, done.filled);
        }
        assert_eq!(got, wanted, "the engine's answer is not the model's");
        if let Some(quote) = quote {
            let wanted = wanted.clone().map(|done| {
                let done = done.expect("a placed order");
                let rests = if done.closed.is_none() {
                    done.remaining
                } else {
                    0
                };
                let odds = self.engine().market(MARKET).map(Market::all_odds);
                let odds = odds.expect("the market");
                (done.filled, done.amount, done.fee, rests, left_band, odds)
            });
            assert_eq!(quote, wanted, "the quote is not what was done");
        }
        wanted
    }

    /// A spend that took fewer lots than the most which its amount buys. Where a lot lets the maker serve
    /// bids on other outcomes it may cost less than nothing, so there are several numbers of lots that
    /// fit while one more does not; the engine takes one of them, and the model follows it.
    fn follow_spend(
        &mut self,
        before: Model,
        who: usize,
        order: &PlaceOrder,
        amount: Micros,
        lots: i64,
    ) -> Result<Option<Done>, Reject> {
        let fits = |lots: i64| {
            let cost = before.cost_of_buying(who, order, lots);
            cost.is_some_and(|cost| cost <= amount.get())
        };
        assert!(fits(lots), "a spend of {lots} lots is past its amount");
        assert!(!fits(lots + 1), "one more than {lots} lots fits as well");
        self.model = before;
        self.model.spend_lots = Some(lots);
        self.short_spends += 1;
        self.model.place(who, order).map(Some)
    }

    /// What the engine says that an order would do. Deadlines may be due that a quote does not meet.
    fn quoted(&self, at: i64, actor: AccountId, order: &PlaceOrder) -> Result<Quoted, Reject> {
        let mut engine = self.engine().clone();
        let due = engine
            .next_deadline()
            .is_some_and(|due| due.as_micros() <= at);
        if due {
            let mut stamp = engine.last();
            (stamp.seq.0, stamp.at) = (stamp.seq.0 + 1, Timestamp::from_micros(at));
            let tick = Request::new(AccountId::WORLD, Command::Tick);
            engine.apply(stamp, &tick, &mut Vec::<Event>::new());
        }
        let quote = engine.quote(Timestamp::from_micros(at), Some(actor), order)?;
        Ok((
            quote.filled.get(),
            quote.amount.get(),
            quote.fee.get(),
            quote.rests.get(),
            quote.would_halt,
            quote.odds_after,
        ))
    }

    /// Proposes another end and confirms it. What makes no difference is not asked of the model.
    fn correct(&mut self, at: i64, payout: Option<&[u16]>) -> Result<Option<Done>, Reject> {
        let at = Timestamp::from_micros(at);
        let ending = match payout {
            Some(payout) => {
                let shares = payout.iter().map(|ticks| Fraction::new(*ticks).unwrap());
                Ending::Paid(Payout::new(shares.collect()).expect("a payout"))
            }
            None => Ending::Void(VoidRule::OperatorMistake),
        };
        let proposer = self.desk.account("proposer");
        let propose = Request::new(proposer, propose_correction(MARKET, ending));
        match self.desk.give_at(at, propose) {
            Err(Reject::NothingToCorrect) => return Ok(None),
            Err(reject) => {
                assert_eq!(self.model.correct(None), Err(reject.clone()));
                return Err(reject);
            }
            Ok(_) => {}
        }
        let before = self.engine().state_hash();
        let confirm = Command::ConfirmCorrection { market: MARKET };
        let confirm = Request::new(self.desk.account("confirmer"), confirm);
        let got = self.desk.give_at(at, confirm).map(drop);
        let payout: Option<Vec<i64>> =
            payout.map(|payout| payout.iter().map(|ticks| i64::from(*ticks)).collect());
        let wanted = self.model.correct(payout.as_deref());
        assert_eq!(got, wanted, "a correction");
        match wanted {
            Ok(()) => self.corrected += 1,
            Err(_) => assert_eq!(
                self.engine().state_hash(),
                before,
                "a refusal changes nothing"
            ),
        }
        // It was proposed, whether it could be confirmed or not.
        Ok(None)
    }

    /// Closes the market if need be, proposes, confirms. It may be proposed to call it off.
    fn settle(&mut self, at: i64, payout: &[u16]) -> Result<Option<Done>, Reject> {
        let (market, at) = (MARKET, Timestamp::from_micros(at));
        if self.model.status.is_final() {
            return Ok(None);
        }
        let shares = payout.iter().map(|ticks| Fraction::new(*ticks).unwrap());
        let propose = Command::ProposeResolution {
            market,
            payout: Payout::new(shares.collect()).expect("a payout"),
            evidence: vec!["https://example.org/evidence".to_owned()],
            note: String::new(),
            items: proof(),
        };
        let reason = "it is over".to_owned();
        let confirm = Command::ConfirmResolution { market };
        let clause = (self.model.early_clauses > 0).then_some(Clause::EarlyClose(1));
        let close = Command::CloseMarket {
            market,
            reason,
            clause,
        };
        let traded = matches!(self.model.status, Status::Open | Status::Halted);
        let first = usize::from(!traded);
        let steps = [
            ("proposer", close),
            ("proposer", propose),
            ("confirmer", confirm),
        ];
        if traded {
            let by = self.desk.account("proposer");
            self.model.close(by, clause).expect("it trades");
        }
        for (name, command) in steps.into_iter().skip(first) {
            let request = Request::new(self.desk.account(name), command);
            self.desk.give_at(at, request).expect("a step to the end");
        }
        let payout: Vec<i64> = payout.iter().map(|ticks| i64::from(*ticks)).collect();
        self.model.settle(&payout);
        Ok(None)
    }
}

/// The move by which a market halted itself, among what happened at a command.
fn left_band(events: &[Event]) -> Option<Swing> {
    events.iter().find_map(|event| match event {
        Event::BandLeft { swing, .. } => Some(*swing),
        _ => None,
    })
}
