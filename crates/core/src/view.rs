//! What others may see of the state: plain data, computed on demand, shown by the API and pages.
//! Quotes are the same code as fills, on an untouched state.

mod depth;

use std::sync::Arc;

use crate::access::Role;
use crate::band::Swing;
use crate::book::BookSide;
use crate::command::Stamp;
use crate::command::{PlaceOrder, Side};
use crate::engine::Engine;
use crate::engine::place::contract_amount;
use crate::evidence::{Clause, numbered};
use crate::id::{AccountId, MarketId, OrderId, Outcome};
use crate::market::{
    ArticleLink, Clarification, ClosedEarly, Corrected, Correction, MarketSpec, Phase,
};
use crate::orders::Stand;
use crate::reject::Reject;
use crate::review::{Review, text_digest};
use crate::route::{Plan, Step, largest_fee, other_side};
use crate::state::{Allowance, Frozen};
use crate::units::{Lots, MICROS_PER_LOT, Micros, Price, Timestamp};

/// Odds in millionths: 0 … 1,000,000. For people to read; no payment depends on them.
pub type Odds = u32;

/// Levels of depth on one side that a book view has at most.
pub const MAX_DEPTH: usize = 200;

/// A market as everyone may see it.
#[derive(Clone, Debug)]
pub struct MarketView {
    /// Its place.
    pub id: MarketId,
    /// The command that it is as of.
    pub as_of: Stamp,
    /// As its operator wrote it.
    pub spec: Arc<MarketSpec>,
    /// Who sponsors it.
    pub sponsor: AccountId,
    /// The liquidity `b` that its maker has by now; none without a maker.
    pub liquidity: Option<Lots>,
    /// What the sponsor locked.
    pub subsidy: Micros,
    /// Where it stands in its life.
    pub phase: Phase,
    /// What was added to its rules, oldest first.
    pub clarifications: Vec<Clarification>,
    /// What others than its author made of its draft, oldest first.
    pub reviews: Arc<Vec<Review>>,
    /// Of a draft that somebody else is to read: the digest of the words that they read.
    pub text: Option<[u8; 32]>,
    /// The articles it belongs to.
    pub links: Vec<ArticleLink>,
    /// Its outcomes, in its spec's order.
    pub outcomes: Vec<OutcomeView>,
    /// Shares that takers filled so far.
    pub volume: Lots,
    /// The most shares of one outcome that accounts hold.
    pub open_interest: Lots,
    /// What the sponsor would have lost, by outcome, if it happened now; negative is a gain.
    pub worst_case: Vec<Micros>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it opened.
    pub opened_at: Option<Timestamp>,
    /// That somebody ended its trading before its time.
    pub closed_early: Option<ClosedEarly>,
    /// Until when its end can be corrected; none before its end, and when it cannot.
    pub correctable_until: Option<Timestamp>,
    /// Another end that is proposed.
    pub correction: Option<Correction>,
    /// What its end was before, and why not: oldest first.
    pub corrections: Vec<Corrected>,
}

/// An outcome as everyone may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeView {
    /// The number to show; none when nothing is known.
    pub odds: Option<Odds>,
    /// Whether the number is only the last trade.
    pub thin: bool,
    /// The best price at which at least one lot of Yes can be sold now, the maker included.
    pub bid: Option<Price>,
    /// The best price at which at least one lot of Yes can be bought now, the maker included.
    pub ask: Option<Price>,
    /// The last traded price of Yes.
    pub last: Option<Price>,
}

/// Depth of one outcome's book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookView {
    /// The command that it is as of.
    pub as_of: Stamp,
    /// Best first.
    pub bids: Vec<LevelView>,
    /// Best first.
    pub asks: Vec<LevelView>,
}

/// What can be traded at a price, and not at a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelView {
    /// The price of Yes.
    pub price: Price,
    /// Lots of resting orders on this outcome.
    pub resting: Lots,
    /// Lots of complete sets, minted or merged with the best orders of all other outcomes.
    pub implied: Lots,
    /// Lots of the maker's.
    pub maker: Lots,
}

/// An account as its owner may see it.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Its place.
    pub id: AccountId,
    /// The command that it is as of.
    pub as_of: Stamp,
    /// For people to read.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Money free to use.
    pub available: Micros,
    /// Money held for open orders.
    pub reserved: Micros,
    /// When its dead man's switch cancels its orders, if it is set.
    pub cancels_at: Option<Timestamp>,
    /// That it gives no orders and moves no money, and why.
    pub frozen: Option<Frozen>,
    /// How much it may ask of the exchange; none for what everyone may.
    pub allowance: Option<Allowance>,
    /// Shares held, oldest market first.
    pub positions: Vec<PositionView>,
}

/// Shares of one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// In which market.
    pub market: MarketId,
    /// Of which outcome.
    pub outcome: Outcome,
    /// Free to sell.
    pub free: Lots,
    /// Held for open orders.
    pub reserved: Lots,
    /// What was paid for them, fees included: the average cost.
    pub cost: Micros,
    /// What they are worth at the odds shown; none when there are none.
    pub value: Option<Micros>,
}

/// An open order as its owner may see it.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// Its place.
    pub id: OrderId,
    /// Its terms, with the quantity and price that it has by now.
    pub terms: PlaceOrder,
    /// Lots that filled.
    pub filled: Lots,
    /// Lots that wait.
    pub remaining: Lots,
    /// Money paid or received so far, in its contract's own terms and before fees.
    pub amount: Micros,
    /// Fees paid so far.
    pub fee: Micros,
    /// Money held for what waits.
    pub reserved: Micros,
    /// When it was accepted.
    pub placed_at: Timestamp,
}

/// What an order would do now.
#[derive(Clone, Debug)]
pub struct QuoteView {
    /// The command that it is as of.
    pub as_of: Stamp,
    /// Where it would fill, best first.
    pub fills: Vec<QuoteFill>,
    /// Lots that would fill.
    pub filled: Lots,
    /// Money for them in the contract's own terms, before the fee.
    pub amount: Micros,
    /// The fee.
    pub fee: Micros,
    /// Lots that would come to rest.
    pub rests: Lots,
    /// Under which version of the market's rules: how many clarifications they have.
    pub rules_version: u32,
    /// Cash that the account has to have for it to be accepted.
    pub required: Micros,
    /// Every outcome's odds afterwards; none where no odds are known.
    pub odds_after: Vec<Option<Odds>>,
    /// The move out of its price band after which the market would halt itself; none, where it would trade on.
    pub would_halt: Option<Swing>,
}

/// One place where an order would fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteFill {
    /// A resting order, at a price in the contract's own terms.
    Book {
        /// The price.
        price: Price,
        /// Lots.
        lots: Lots,
    },
    /// The best orders of all other outcomes, with which complete sets are minted or merged.
    Set {
        /// Lots.
        lots: Lots,
        /// Money in the contract's own terms.
        amount: Micros,
    },
    /// The maker.
    Maker {
        /// Lots.
        lots: Lots,
        /// Money in the contract's own terms.
        amount: Micros,
    },
}

impl MarketView {
    /// Which version its rules had before what has its place in the journal at `then`: how many clarifications. That
    /// is the same whenever it is asked for, as none is ever taken back.
    pub fn rules_version(&self, then: Stamp) -> u32 {
        let made = self
            .clarifications
            .partition_point(|said| said.is_before(then));
        u32::try_from(made).unwrap_or(u32::MAX)
    }

    /// What its trading ended early by says; none, where that is no clause.
    pub fn words_of_close(&self) -> Option<&str> {
        match self.closed_early.as_ref()?.clause? {
            Clause::Clarification(number) => {
                let said = numbered(&self.clarifications, number)?;
                Some(&said.text)
            }
            clause => self.spec.rules.early_close_of(clause),
        }
    }

    /// See [`crate::state::Market::draft`].
    pub fn draft(&self) -> MarketSpec {
        self.spec.with(self.liquidity, &self.links)
    }
}

impl Engine {
    /// A market as everyone may see it.
    pub fn market_view(&self, id: MarketId) -> Option<MarketView> {
        let market = self.market(id)?;
        let escrow = self.ledger.escrow(id);
        let lost = |lots: &Lots| market.subsidy - (escrow.money - lots.as_sets());
        Some(MarketView {
            id,
            as_of: self.last,
            spec: Arc::clone(&market.spec),
            sponsor: market.sponsor,
            liquidity: market.maker.as_ref().map(|maker| maker.curve.liquidity()),
            subsidy: market.subsidy,
            phase: market.phase.clone(),
            clarifications: market.clarifications.clone(),
            reviews: Arc::clone(&market.reviews),
            text: (market.phase == Phase::Draft && market.spec.review.is_some())
                .then(|| text_digest(market)),
            links: market.links.clone(),
            outcomes: market.outcome_views(),
            volume: market.volume,
            open_interest: escrow
                .outstanding
                .iter()
                .copied()
                .max()
                .unwrap_or(Lots::ZERO),
            worst_case: match market.phase.status().is_final() {
                true => vec![Micros::ZERO; market.outcomes()],
                false => escrow.outstanding.iter().map(lost).collect(),
            },
            created_at: market.created_at,
            opened_at: market.opened_at,
            closed_early: market.closed_early.as_deref().cloned(),
            correctable_until: market.ended.as_ref().map(|ended| ended.until),
            correction: market.correction.as_deref().cloned(),
            corrections: market.corrections.clone(),
        })
    }

    /// Depth of an outcome's book, at most `depth` levels a side; with the maker's lots by level if
    /// `with_maker`.
    pub fn book_view(
        &self,
        id: MarketId,
        outcome: Outcome,
        depth: usize,
        with_maker: bool,
    ) -> Option<BookView> {
        let market = self
            .market(id)
            .filter(|market| outcome.ix() < market.outcomes())?;
        let depth = depth.min(MAX_DEPTH);
        let flipped = market.outcomes() == 2 && outcome.ix() == 1;
        let on = if flipped { 0 } else { outcome.ix() };
        let side = |side: BookSide| {
            market.levels(&self.orders, on, side, depth.min(MAX_DEPTH), with_maker)
        };
        let (bids, asks) = match flipped {
            false => (side(BookSide::Bid), side(BookSide::Ask)),
            true => (mirrored(side(BookSide::Ask)), mirrored(side(BookSide::Bid))),
        };
        Some(BookView {
            as_of: self.last,
            bids,
            asks,
        })
    }

    /// An account as its owner may see it.
    pub fn account_view(&self, id: AccountId) -> Option<AccountView> {
        let account = self.account(id)?;
        let cash = self.ledger.cash(id);
        let mut positions = Vec::new();
        for position in self
            .ledger
            .positions_of(id)
            .filter(|position| position.holds_shares())
        {
            let market = &self.markets[position.market.0 as usize];
            for (ix, holding) in position.holdings.iter().enumerate() {
                if holding.total() > Lots::ZERO {
                    positions.push(PositionView {
                        market: position.market,
                        outcome: Outcome(u16::try_from(ix).expect("at most 256 outcomes")),
                        free: holding.free,
                        reserved: holding.reserved,
                        cost: holding.cost,
                        value: market.odds(ix).0.map(|odds| worth(holding.total(), odds)),
                    });
                }
            }
        }
        Some(AccountView {
            id,
            as_of: self.last,
            name: account.name.to_string(),
            role: account.role,
            available: cash.available,
            reserved: cash.reserved,
            cancels_at: account.cancels_at,
            frozen: account.frozen.as_deref().cloned(),
            allowance: account.allowance.as_deref().cloned(),
            positions,
        })
    }

    /// An open order as its owner may see it.
    pub fn order_view(&self, id: OrderId) -> Option<OrderView> {
        let order = self.orders.get(id)?;
        Some(OrderView {
            id,
            terms: self.orders.terms(order),
            filled: order.filled,
            remaining: order.remaining,
            amount: order.amount,
            fee: order.fee,
            reserved: order.reserved(),
            placed_at: order.placed_at,
        })
    }

    /// What an order would do at `at`, for an account or for nobody in particular. Changes nothing, so what is due by
    /// then and was not met yet has to take effect first, by a command or by a tick.
    ///
    /// # Errors
    /// What the order would be refused with; without an account, nobody's means are asked for.
    pub fn quote(
        &self,
        at: Timestamp,
        actor: Option<AccountId>,
        order: &PlaceOrder,
    ) -> Result<QuoteView, Reject> {
        if let Some(actor) = actor {
            self.check_not_frozen(actor)?;
        }
        let checked = self.check_order(at, order)?;
        let (lots, plan, rests) = self.planned(actor, order, &checked, Vec::new())?;
        let market = &self.markets[order.market.0 as usize];
        let stand = checked.stand.side;
        let fills = quote_fills(order, stand, &plan);
        let odds_after = market.odds_after(&self.orders, checked.stand, &plan, rests);
        Ok(QuoteView {
            as_of: self.last,
            fills,
            filled: plan.filled,
            amount: contract_amount(order.side, stand, plan.money(), plan.filled),
            fee: plan.fee,
            rests,
            rules_version: u32::try_from(market.clarifications.len()).unwrap_or(u32::MAX),
            required: match (order.side, order.size) {
                (Side::Sell, _) => Micros::ZERO,
                (Side::Buy, crate::command::Size::Spend(budget)) => budget,
                (Side::Buy, crate::command::Size::Quantity(_)) => {
                    let fee = largest_fee(market.spec.taker_fee, checked.limit, lots);
                    lots.at(checked.limit) + fee
                }
            },
            odds_after,
            would_halt: self.swing_of(at, order.market, checked.stand, &plan),
        })
    }
}

fn quote_fills(order: &PlaceOrder, stand: BookSide, plan: &Plan) -> Vec<QuoteFill> {
    let yes = Stand::is_yes(order.side, stand);
    let own = |money: Micros, lots: Lots| if yes { money } else { other_side(money, lots) };
    let mut fills = Vec::new();
    if plan.from_maker > Lots::ZERO {
        fills.push(QuoteFill::Maker {
            lots: plan.from_maker,
            amount: own(plan.maker_money, plan.from_maker),
        });
    }
    if plan.from_sets > Lots::ZERO {
        fills.push(QuoteFill::Set {
            lots: plan.from_sets,
            amount: own(plan.set_money, plan.from_sets),
        });
    }
    for step in &plan.steps {
        if let Step::Take { price, lots, .. } = *step {
            let price = if yes { price } else { price.complement() };
            match fills.last_mut() {
                Some(QuoteFill::Book {
                    price: last,
                    lots: sum,
                }) if *last == price => *sum += lots,
                _ => fills.push(QuoteFill::Book { price, lots }),
            }
        }
    }
    fills
}

fn mirrored(levels: Vec<LevelView>) -> Vec<LevelView> {
    let mirror = |level: LevelView| LevelView {
        price: level.price.complement(),
        ..level
    };
    levels.into_iter().map(mirror).collect()
}

/// What lots are worth at odds, rounded down.
fn worth(lots: Lots, odds: Odds) -> Micros {
    let micros = i128::from(lots.get()) * i128::from(odds) * i128::from(MICROS_PER_LOT) / 1_000_000;
    Micros::new(i64::try_from(micros).expect("at most what the lots pay"))
}

impl Engine {
    /// The resting orders of an outcome's book, which with two outcomes is the first one's: price of
    /// Yes, lots, id, and whether it is a bid. Bids before asks, best price first, oldest first.
    pub fn resting_orders(
        &self,
        id: MarketId,
        outcome: Outcome,
    ) -> Vec<(Price, Lots, OrderId, bool)> {
        let row = |slot| {
            let order = self.orders.at(slot);
            let Stand { price, side, .. } = order.stand();
            (price, order.remaining, order.id, side == BookSide::Bid)
        };
        let book = self.markets[id.0 as usize].book(outcome);
        self.resting_on(book).map(row).collect()
    }
}
