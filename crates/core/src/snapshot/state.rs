//! What a snapshot stores, field by field, and how it is gathered from an engine.
//! In: an engine. Out: plain data that borrows from it. The way back is `restore`.

use std::borrow::Cow;

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

use crate::band::Watch;
use crate::command::PlaceOrder;
use crate::deposit::Deposits;
use crate::engine::Engine;
use crate::halt::StandingHalt;
use crate::id::{AccountId, OrderId};
use crate::ledger::{Cash, Position};
use crate::market::{
    ArticleLink, Clarification, ClosedEarly, Corrected, Correction, MarketSpec, Phase,
};
use crate::orders::{Order, Slot};
use crate::review::Review;
use crate::state::{Account, Ended, Market};
use crate::units::{Lots, Micros, Price, Timestamp};

/// Everything that a later command can depend on, but for the last stamp, which is in the head.
#[derive(Encode, Decode)]
pub(super) struct State<'a> {
    /// In order of opening.
    #[n(0)]
    pub(super) accounts: Cow<'a, [Account]>,
    /// Each account's cash.
    #[n(1)]
    pub(super) cash: Cow<'a, [Cash]>,
    /// In order of creation.
    #[n(2)]
    pub(super) markets: Vec<MarketState<'a>>,
    /// In order of their first share: those of a market are paid in that order.
    #[n(3)]
    pub(super) positions: Vec<Position>,
    /// Account by account, and of each account in the order in which a cancel-all ends them. That is not
    /// the order of their ids: an amended order goes behind the others.
    #[n(4)]
    pub(super) orders: Vec<OrderState>,
    #[n(5)]
    pub(super) last_order: OrderId,
    /// The memory of idempotency keys: see `requests`. Of a million keys these are nearly all bytes that
    /// there are, so they are not copied.
    #[b(6)]
    #[cbor(with = "minicbor::bytes")]
    pub(super) requests: &'a [u8],
    /// Halts of many markets that stand, the oldest first; absent when there are none.
    #[n(7)]
    pub(super) halts: Option<Cow<'a, [StandingHalt]>>,
    /// Absent where no deposit ever took two administrators.
    #[n(8)]
    pub(super) deposits: Option<Cow<'a, Deposits>>,
}

/// A market, with its escrow and its books.
#[derive(Encode, Decode)]
pub(super) struct MarketState<'a> {
    #[n(0)]
    pub(super) spec: Cow<'a, MarketSpec>,
    #[n(1)]
    pub(super) sponsor: AccountId,
    #[n(2)]
    pub(super) subsidy: Micros,
    #[n(3)]
    pub(super) phase: Cow<'a, Phase>,
    #[n(4)]
    pub(super) clarifications: Cow<'a, [Clarification]>,
    #[n(5)]
    pub(super) links: Cow<'a, [ArticleLink]>,
    #[n(6)]
    pub(super) maker: Option<MakerState<'a>>,
    #[n(7)]
    pub(super) volume: Lots,
    #[n(8)]
    #[cbor(with = "crate::snapshot::small_list")]
    pub(super) last: SmallVec<[Option<Price>; 2]>,
    #[n(9)]
    pub(super) created_at: Timestamp,
    #[n(10)]
    pub(super) opened_at: Option<Timestamp>,
    /// Money in its escrow.
    #[n(11)]
    pub(super) money: Micros,
    /// Shares that accounts hold, by outcome.
    #[n(12)]
    #[cbor(with = "crate::snapshot::small_list")]
    pub(super) outstanding: SmallVec<[Lots; 2]>,
    /// Its orders, as places in the list of all orders: those at one price oldest first.
    #[n(13)]
    pub(super) resting: Vec<u32>,
    /// Accounts that do not trade in it, in order; absent when there are none.
    #[n(14)]
    pub(super) kept_out: Option<Cow<'a, [AccountId]>>,
    /// Who held what at its end; absent, when that is not known.
    #[n(15)]
    pub(super) ended: Option<Cow<'a, Ended>>,
    #[n(16)]
    pub(super) correction: Option<Cow<'a, Correction>>,
    /// Absent when there are none.
    #[n(17)]
    pub(super) corrections: Option<Cow<'a, [Corrected]>>,
    /// What others made of its draft; absent when nobody read it.
    #[n(24)]
    pub(super) reviews: Option<Cow<'a, [Review]>>,
    /// Where its odds stood lately; absent where its price band is not watched.
    #[n(25)]
    pub(super) watch: Option<Cow<'a, Watch>>,
    /// Absent unless somebody ended its trading before its time.
    #[n(26)]
    pub(super) closed_early: Option<Cow<'a, ClosedEarly>>,
}

#[derive(Encode, Decode)]
pub(super) struct MakerState<'a> {
    #[n(0)]
    pub(super) liquidity: Lots,
    /// Not those of the market's spec any more once liquidity was added.
    #[n(1)]
    pub(super) weights: Cow<'a, [u64]>,
    #[n(2)]
    #[cbor(with = "crate::snapshot::small_list")]
    pub(super) sold: SmallVec<[Lots; 2]>,
}

/// An open order: its terms with the quantity and price that it has by now, and what became of it so far.
#[derive(Encode, Decode)]
pub(super) struct OrderState {
    #[n(0)]
    pub(super) id: OrderId,
    #[n(1)]
    pub(super) account: AccountId,
    #[n(2)]
    pub(super) terms: PlaceOrder,
    #[n(3)]
    pub(super) filled: Lots,
    #[n(4)]
    pub(super) amount: Micros,
    #[n(5)]
    pub(super) fee: Micros,
    #[n(6)]
    pub(super) placed_at: Timestamp,
}

impl<'a> State<'a> {
    /// What there is to store of an engine, whose memory of keys is `requests`.
    pub(super) fn of(engine: &'a Engine, requests: &'a [u8]) -> State<'a> {
        let mut orders = Vec::with_capacity(engine.orders.len());
        let mut places = vec![0; engine.orders.slots()];
        for account in (0..).map(AccountId).take(engine.accounts.len()) {
            let mut chain: Vec<Slot> = engine.orders.slots_of(account).collect();
            if cfg!(planted = "snapshot_chains_by_id") {
                chain.sort_unstable_by_key(|slot| engine.orders.at(*slot).id);
            }
            for slot in chain {
                places[slot as usize] = u32::try_from(orders.len()).expect("as many as slots");
                orders.push(OrderState::of(engine, engine.orders.at(slot)));
            }
        }
        let market = |market| MarketState::of(engine, market, &places);
        State {
            accounts: Cow::Borrowed(&engine.accounts),
            cash: Cow::Borrowed(engine.ledger.all_cash()),
            markets: engine.markets.iter().map(market).collect(),
            positions: engine.ledger.positions().iter().cloned().collect(),
            orders,
            last_order: engine.last_order,
            requests,
            deposits: (engine.deposits != Deposits::default())
                .then_some(Cow::Borrowed(&engine.deposits)),
            halts: (!engine.halts.is_empty()).then_some(Cow::Borrowed(engine.halts.as_slice())),
        }
    }
}

impl<'a> MarketState<'a> {
    /// `places` says of each slot where its order is in the list of all.
    fn of(engine: &Engine, market: &'a Market, places: &[u32]) -> MarketState<'a> {
        let escrow = engine.ledger.escrow(market.id);
        let maker = market.maker.as_ref().map(|maker| MakerState {
            liquidity: maker.curve.liquidity(),
            weights: Cow::Borrowed(maker.curve.prior()),
            sold: maker.sold.clone(),
        });
        let resting = engine.resting(market.id).into_iter();
        MarketState {
            spec: Cow::Borrowed(&market.spec),
            sponsor: market.sponsor,
            subsidy: market.subsidy,
            phase: Cow::Borrowed(&market.phase),
            clarifications: Cow::Borrowed(&market.clarifications),
            links: Cow::Borrowed(&market.links),
            maker,
            volume: market.volume,
            last: market.last.clone(),
            created_at: market.created_at,
            opened_at: market.opened_at,
            money: escrow.money,
            outstanding: escrow.outstanding.clone(),
            resting: resting.map(|slot| places[slot as usize]).collect(),
            kept_out: (!market.kept_out.is_empty())
                .then_some(Cow::Borrowed(market.kept_out.as_slice())),
            ended: market.ended.as_deref().map(Cow::Borrowed),
            correction: market.correction.as_deref().map(Cow::Borrowed),
            corrections: (!market.corrections.is_empty())
                .then_some(Cow::Borrowed(market.corrections.as_slice())),
            reviews: (!market.reviews.is_empty())
                .then_some(Cow::Borrowed(market.reviews.as_slice())),
            watch: market.watch.as_deref().map(Cow::Borrowed),
            closed_early: market.closed_early.as_deref().map(Cow::Borrowed),
        }
    }
}

impl OrderState {
    fn of(engine: &Engine, order: &Order) -> OrderState {
        OrderState {
            id: order.id,
            account: order.account,
            terms: engine.orders.terms(order),
            filled: order.filled,
            amount: order.amount,
            fee: order.fee,
            placed_at: order.placed_at,
        }
    }
}
