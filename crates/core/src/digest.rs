//! One number for the whole state, so that two exchanges can be compared at a glance.
//! Everything that a later command could depend on goes in, in a fixed order. The memory of
//! idempotency keys has a digest of its own ([`crate::requests::Requests::hash`]): a refusal is
//! remembered there and changes nothing else.

use crate::access::Grant;
use crate::command::PlaceOrder;
use crate::deposit::Deposits;
use crate::engine::Engine;
use crate::id::{AccountId, MarketId};
use crate::ledger::Position;
use crate::orders::Order;
use crate::state::{Account, Market};
use crate::units::{Lots, Micros};

impl Engine {
    /// BLAKE3 over the state, without the place of the last command and the memory of requests.
    pub fn state_hash(&self) -> [u8; 32] {
        let mut hash = Hash(blake3::Hasher::new());
        hash.number(self.last_order.0);
        for (ix, account) in self.accounts.iter().enumerate() {
            hash.text(&account.name);
            hash.keys(account);
            let cash = self
                .ledger
                .cash(AccountId(u32::try_from(ix).expect("32 bits")));
            hash.money(cash.available).money(cash.reserved);
            if let Some(at) = account.cancels_at {
                hash.text(&format!("cancels at {at:?}"));
            }
            if let Some(frozen) = &account.frozen {
                hash.text(&format!("{frozen:?}"));
            }
            if let Some(allowance) = &account.allowance {
                hash.text(&format!("{allowance:?}"));
            }
        }
        if !self.halts.is_empty() {
            hash.text(&format!("halts {:?}", self.halts));
        }
        if self.deposits != Deposits::default() {
            hash.text(&format!("{:?}", self.deposits));
        }
        for market in &self.markets {
            self.add_market(&mut hash, market);
        }
        let mut positions: Vec<&Position> = self.ledger.positions().iter().collect();
        positions.sort_unstable_by_key(|position| (position.market, position.account));
        for position in positions {
            hash.number(u64::from(position.account.0))
                .number(u64::from(position.market.0));
            hash.money(position.net_paid);
            for holding in &position.holdings {
                hash.lots(holding.free)
                    .lots(holding.reserved)
                    .money(holding.cost);
            }
        }
        hash.0.finalize().into()
    }

    fn add_market(&self, hash: &mut Hash, market: &Market) {
        let MarketId(id) = market.id;
        hash.number(u64::from(id));
        hash.text(&format!(
            "{:?}{:?}{}{:?}{:?}{:?}{:?}{:?}",
            first::MarketSpec::of(&market.spec),
            market.sponsor,
            first::phase(&market.phase),
            market.clarifications,
            market.links,
            market.last,
            market.created_at,
            market.opened_at
        ));
        // Markets from before anybody was kept out have the hashes that they had.
        if !market.kept_out.is_empty() {
            hash.text(&format!("kept out {:?}", market.kept_out));
        }
        if let Some(ended) = &market.ended {
            hash.text(&format!("ended {:?}", ended.until));
            hash.money(ended.money).money(ended.returned);
            for held in &ended.held {
                hash.number(u64::from(held.account.0)).money(held.got);
                for lots in &held.shares {
                    hash.lots(*lots);
                }
            }
        }
        if market.correction.is_some() || !market.corrections.is_empty() {
            hash.text(&format!("{:?}{:?}", market.correction, market.corrections));
        }
        if let Some(early) = &market.closed_early {
            hash.text(&format!("{early:?}"));
        }
        if let Some(plan) = &market.spec.review {
            hash.text(&format!("review {plan:?}{:?}", market.reviews));
        }
        if let Some(band) = &market.spec.price_band {
            hash.text(&format!("{band:?}{:?}", market.watch));
        }
        hash.money(market.subsidy).lots(market.volume);
        hash.money(self.ledger.escrow(market.id).money);
        if let Some(maker) = &market.maker {
            hash.lots(maker.curve.liquidity());
            for (sold, weight) in maker.sold.iter().zip(maker.curve.prior()) {
                hash.lots(*sold).number(*weight);
            }
        }
        for slot in self.resting(market.id) {
            let order = self.orders.at(slot);
            add_order(hash, order, &self.orders.terms(order));
        }
    }
}

fn add_order(hash: &mut Hash, order: &Order, terms: &PlaceOrder) {
    hash.number(order.id.0).number(u64::from(order.account.0));
    hash.lots(order.remaining)
        .lots(order.filled)
        .money(order.amount)
        .money(order.fee);
    hash.text(&format!("{terms:?}{:?}", order.placed_at));
}

struct Hash(blake3::Hasher);

impl Hash {
    fn number(&mut self, number: u64) -> &mut Hash {
        self.0.update(&number.to_le_bytes());
        self
    }

    fn money(&mut self, money: Micros) -> &mut Hash {
        self.0.update(&money.get().to_le_bytes());
        self
    }

    fn lots(&mut self, lots: Lots) -> &mut Hash {
        self.0.update(&lots.get().to_le_bytes());
        self
    }

    /// The derived text of a plain enum or struct names every field: enough to tell states apart, and
    /// nothing is ever read back from it. What keys learned later is added behind it where there is
    /// some, so that journals from before have the hashes that they were written with.
    fn keys(&mut self, account: &Account) {
        let keys: Vec<first::Key> = account.keys.iter().map(first::Key::of).collect();
        self.text(&format!("{:?}{keys:?}", account.role));
        for (ix, key) in account.keys.iter().enumerate() {
            let Grant {
                manages,
                name,
                networks,
                public_key,
                rsa_public_key,
                ..
            } = &key.grant;
            let later = (manages, name, networks, public_key, &key.succession);
            if later != (&None, &None, &None, &None, &None) {
                self.number(ix as u64).text(&format!("{later:?}"));
            }
            if let Some(rsa) = rsa_public_key {
                self.number(ix as u64).text(&format!("{rsa:?}"));
            }
        }
    }

    /// Length first, so that no two sequences of texts look alike.
    fn text(&mut self, text: &str) -> &mut Hash {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
        self
    }
}

/// Keys, markets and phases as the first version had them, with the names that its text shows.
mod first {
    use std::fmt::{self, Debug, Formatter};

    use crate::access::{self, Scopes};
    use crate::id::AccountId;
    use crate::market::{self, ArticleLink, OutcomeSpec, Phase, Rules, Scale};
    use crate::units::{Fraction, Lots, Timestamp};

    #[derive(Debug)]
    #[expect(dead_code, reason = "its text is what matters")]
    pub(super) struct MarketSpec<'a> {
        slug: &'a str,
        kind: market::Kind,
        question: &'a str,
        outcomes: &'a [OutcomeSpec],
        rules: &'a Rules,
        liquidity: Option<Lots>,
        tick: u16,
        taker_fee: Fraction,
        opens_at: Option<Timestamp>,
        closes_at: Option<Timestamp>,
        dispute_hours: u32,
        tags: &'a [String],
        articles: &'a [ArticleLink],
        scale: Option<&'a Scale>,
    }

    impl<'a> MarketSpec<'a> {
        pub(super) fn of(spec: &'a market::MarketSpec) -> MarketSpec<'a> {
            let market::MarketSpec {
                slug,
                kind,
                question,
                outcomes,
                rules,
                liquidity,
                tick,
                taker_fee,
                opens_at,
                closes_at,
                dispute_hours,
                tags,
                articles,
                scale,
                // What came later is added behind, where there is some.
                review: _,
                price_band: _,
            } = spec;
            MarketSpec {
                slug,
                kind: *kind,
                question,
                outcomes,
                rules,
                liquidity: *liquidity,
                tick: *tick,
                taker_fee: *taker_fee,
                opens_at: *opens_at,
                closes_at: *closes_at,
                dispute_hours: *dispute_hours,
                tags,
                articles,
                scale: scale.as_ref(),
            }
        }
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "its text is what matters")]
    struct Voided<'a> {
        reason: &'a str,
        by: AccountId,
        at: Timestamp,
    }

    /// A phase's text. One operator's void has the one that it had before there were others.
    pub(super) fn phase(phase: &Phase) -> String {
        match phase {
            Phase::Voided {
                reason,
                by,
                at,
                proposal: None,
            } => {
                let (by, at) = (*by, *at);
                format!("{:?}", Voided { reason, by, at })
            }
            phase => format!("{phase:?}"),
        }
    }

    /// The text of rules, and of what was proposed or objected to, with what came later behind it where there is some:
    /// what was said before has the hash that it had.
    macro_rules! told {
        ($name:ident: $($field:ident),+; later $($later:ident),+) => {
            impl Debug for market::$name {
                fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                    let mut text = f.debug_struct(stringify!($name));
                    $(text.field(stringify!($field), &self.$field);)+
                    $(if let Some(later) = &self.$later {
                        text.field(stringify!($later), later);
                    })+
                    text.finish()
                }
            }
        };
    }

    // A clarification's place is the journal's, and not of the state: snapshots from before it was kept have none.
    told!(Clarification: at, by, text; later about);
    told!(Rules: criteria, edge_cases, sources; later early_close);
    told!(Proposal: payout, by, at, until, evidence, note; later items);
    told!(VoidProposal: rule, reason, by, at, until, evidence; later items);
    told!(Correction: ending, reason, by, at, evidence; later items);
    told!(Objection: by, at, reason, evidence; later items, clause);

    #[derive(Debug)]
    #[expect(dead_code, reason = "its text is what matters")]
    pub(super) struct Key {
        grant: Grant,
        issued_at: Timestamp,
        revoked_at: Option<Timestamp>,
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "its text is what matters")]
    struct Grant {
        digest: [u8; 32],
        scopes: Scopes,
        expires_at: Option<Timestamp>,
    }

    impl Key {
        pub(super) fn of(key: &access::Key) -> Key {
            let access::Grant {
                digest,
                scopes,
                expires_at,
                ..
            } = key.grant;
            Key {
                grant: Grant {
                    digest,
                    scopes,
                    expires_at,
                },
                issued_at: key.issued_at,
                revoked_at: key.revoked_at,
            }
        }
    }
}
