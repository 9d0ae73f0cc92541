//! What engine and model both know, held against each other.

use std::collections::BTreeSet;

use tidings_core::event::Event;
use tidings_core::halt::Scope;
use tidings_core::id::{AccountId, OrderId, Outcome};
use tidings_core::market::{HaltReason, Phase};
use tidings_core::units::Micros;
use tidings_core::{Engine, audit};

use super::commands::scope;
use super::{Duel, MARKET, NAMES};
use crate::model::{Book, Resting};
use crate::support::book_rows;

impl Duel {
    /// Holds everything that both know against each other, and the invariants.
    pub fn compare(&self) {
        let (model, engine) = (&self.model, self.engine());
        let ledger = engine.ledger();
        for ((name, id), wanted) in NAMES.iter().zip(&self.accounts).zip(&model.accounts) {
            assert!(
                wanted.is_sound(),
                "the model's {name} has less than nothing"
            );
            let cash = ledger.cash(*id);
            let got = (cash.available.get(), cash.reserved.get());
            assert_eq!(got, (wanted.available, wanted.reserved), "cash of {name}");
            let account = engine.account(*id).expect("it is open");
            let cancels_at = account.cancels_at.map(|at| at.as_micros());
            // A settled market is settled no more: the model's time went on, and the engine heard nothing.
            if engine.last().at.as_micros() == model.now {
                assert_eq!(cancels_at, wanted.cancels_at, "the switch of {name}");
            }
            let position = ledger.position(*id, MARKET);
            let net_paid = position.map_or(0, |position| position.net_paid.get());
            if !model.status.is_final() {
                assert_eq!(net_paid, wanted.net_paid, "what {name} put in");
            }
            for k in 0..model.outcomes {
                let holding = position.map(|position| position.holdings[k]);
                let got = holding.map_or((0, 0), |h| (h.free.get(), h.reserved.get()));
                let wanted = (wanted.shares[k], wanted.shares_reserved[k]);
                assert_eq!(got, wanted, "shares of {name} in outcome {k}");
            }
        }
        assert_eq!(ledger.escrow(MARKET).money.get(), model.escrow, "escrow");
        let fees = ledger.cash(AccountId::FEES).available.get();
        assert_eq!(fees, model.fees, "fees");
        let market = engine.market(MARKET).expect("the market");
        assert_eq!(market.phase.status(), model.status, "phase");
        let deposits = engine.deposits();
        assert_eq!(
            (deposits.large.map(Micros::get), deposits.last),
            (model.funds.large, model.funds.last),
            "what deposits take"
        );
        let waiting = deposits.waiting.iter().map(|waits| (waits.id, waits.by));
        let wanted = model.funds.waiting.iter().map(|waits| (waits.id, waits.by));
        assert!(waiting.eq(wanted), "what waits");
        let early = market.closed_early.as_ref();
        let early = early.map(|early| early.clause);
        assert_eq!(
            early, model.closed_early,
            "whether it closed before its time"
        );
        let clarified = market.clarifications.iter().map(|said| said.by);
        assert!(
            clarified.eq(model.clarified.iter().copied()),
            "who clarified"
        );
        let out = |id: &AccountId| self.accounts.iter().position(|account| account == id);
        let out: BTreeSet<usize> = market.kept_out.iter().filter_map(out).collect();
        assert_eq!(out, model.kept_out, "who is kept out");
        let frozen = |id: &usize| {
            let account = engine.account(self.accounts[*id]);
            account.expect("it is open").frozen.is_some()
        };
        let frozen: BTreeSet<usize> = (0..self.accounts.len()).filter(frozen).collect();
        assert_eq!(frozen, model.frozen, "who is frozen");
        let scopes = engine.halts().iter().map(|halt| &halt.scope);
        let standing: Vec<Scope> = model.standing.iter().map(|brake| scope(*brake)).collect();
        assert!(scopes.eq(&standing), "the halts that stand");
        let held = market.phase.halted_with_many().cloned();
        assert_eq!(held, model.halted_by.map(scope), "what holds it still");
        let swing = match market.phase {
            Phase::Halted {
                reason: HaltReason::Band(swing),
            } => Some(swing),
            _ => None,
        };
        assert_eq!(swing, model.band.swing, "how it left its band");
        if let Some(maker) = &market.maker {
            assert_eq!(maker.sold.as_slice(), model.sold, "sold");
            assert_eq!(Some(&maker.curve), model.curve.as_ref(), "curve");
        }
        for (ix, book) in model.books.iter().enumerate() {
            let bids = book.bids.iter().map(|order| row(order, true));
            let wanted = bids.chain(book.asks.iter().map(|order| row(order, false)));
            let got = book_rows(engine, MARKET, Outcome(u16::try_from(ix).unwrap()));
            assert!(
                got.iter().copied().eq(wanted),
                "book {ix}: {got:?}, not {book:?}"
            );
        }
        let open: Vec<&Resting> = model.books.iter().flat_map(Book::orders).collect();
        assert_eq!(open.len(), market.open_orders as usize, "open orders");
        for wanted in open {
            let got = engine.orders().get(OrderId(wanted.id)).expect("it rests");
            let got = (got.filled.get(), got.amount.get(), got.fee.get());
            assert_eq!(
                got,
                (wanted.filled, wanted.amount, wanted.fee),
                "{wanted:?}"
            );
        }
        audit::check(engine).unwrap_or_else(|broken| panic!("{broken}"));
    }

    /// Checks that the journal, given to an empty exchange, comes to the same state, and that every
    /// balance is the sum of its postings.
    pub fn compare_replay(&self) {
        let sums = self.desk.sums.check(self.engine());
        sums.unwrap_or_else(|broken| panic!("{broken}"));
        let mut again = Engine::new();
        for (stamp, request) in &self.desk.journal {
            again.apply(*stamp, request, &mut Vec::<Event>::new());
        }
        let (live, replayed) = (self.engine().state_hash(), again.state_hash());
        assert_eq!(live, replayed, "a replay comes to the same");
    }
}

fn row(order: &Resting, bid: bool) -> (i64, i64, u64, bool) {
    (order.price, order.remaining, order.id, bid)
}
