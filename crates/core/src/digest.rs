//! One number for the whole state, so that two exchanges can be compared at a glance.
//! Everything that a later command could depend on goes in, in a fixed order. The memory of
//! idempotency keys has a digest of its own ([`crate::requests::Requests::hash`]): a refusal is
//! remembered there and changes nothing else.

use crate::command::PlaceOrder;
use crate::engine::Engine;
use crate::id::{AccountId, MarketId};
use crate::ledger::Position;
use crate::orders::Order;
use crate::state::Market;
use crate::units::{Lots, Micros};

impl Engine {
    /// BLAKE3 over the state, without the place of the last command and the memory of requests.
    pub fn state_hash(&self) -> [u8; 32] {
        let mut hash = Hash(blake3::Hasher::new());
        hash.number(self.last_order.0);
        for (ix, account) in self.accounts.iter().enumerate() {
            hash.text(&account.name);
            // The derived text of a plain enum or struct names every field: enough to tell states
            // apart, and nothing is ever read back from it.
            hash.text(&format!("{:?}{:?}", account.role, account.keys));
            let cash = self
                .ledger
                .cash(AccountId(u32::try_from(ix).expect("32 bits")));
            hash.money(cash.available).money(cash.reserved);
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
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            market.spec,
            market.sponsor,
            market.phase,
            market.clarifications,
            market.links,
            market.last,
            market.created_at,
            market.opened_at
        ));
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

    /// Length first, so that no two sequences of texts look alike.
    fn text(&mut self, text: &str) -> &mut Hash {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
        self
    }
}
