//! Orders as the other venue's clients write them, in either of its two forms, brought to ours.
//!
//! There, selling Yes is buying No, whether or not the seller has any. Here a sale is of shares that are
//! there, and both come to the same: what completes a set is merged, and paid out. So an order sells what
//! the account has when that is enough for all of it, and otherwise buys the other side. `reduce_only`
//! means that nothing is bought.
//!
//! A `client_order_id` is an order's idempotency key, under which `GET /v1/requests/kalshi:{id}` finds
//! it: the same request sent again is answered as it was, with the order or with the refusal, and another
//! request under the same name is refused. There are never two orders.

use serde::{Deserialize, Deserializer, de};
use tidings_api::{App, Problem};
use tidings_core::command::{Contract, PlaceOrder, RequestKey, SelfTrade, Side, Size, TimeInForce};
use tidings_core::id::AccountId;
use tidings_core::units::{Lots, Price, Timestamp};

use crate::amount::price_of_cents;
use crate::ticker::{self, Listing};

/// An order in the first form, with words for the side and for the action.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateBody {
    ticker: String,
    client_order_id: Option<ClientOrderId>,
    side: LegWord,
    action: ActionWord,
    count: Option<u32>,
    count_fp: Option<Lots>,
    r#type: Option<TypeWord>,
    yes_price: Option<u16>,
    no_price: Option<u16>,
    yes_price_dollars: Option<Price>,
    no_price_dollars: Option<Price>,
    expiration_ts: Option<i64>,
    time_in_force: Option<TifWord>,
    #[serde(default)]
    post_only: bool,
    #[serde(default)]
    reduce_only: bool,
    self_trade_prevention_type: Option<StpWord>,
    #[serde(default)]
    cancel_order_on_pause: bool,
}

/// An order in the second form: bids and asks for Yes, and nothing but decimal strings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateV2Body {
    ticker: String,
    client_order_id: Option<ClientOrderId>,
    side: BookWord,
    count: Lots,
    price: Price,
    expiration_time: Option<i64>,
    time_in_force: Option<TifWord>,
    #[serde(default)]
    post_only: bool,
    #[serde(default)]
    reduce_only: bool,
    self_trade_prevention_type: Option<StpWord>,
    #[serde(default)]
    cancel_order_on_pause: bool,
}

/// A caller's name for an order: 1 to 64 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientOrderId(String);

impl<'de> Deserialize<'de> for ClientOrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ClientOrderId, D::Error> {
        let text = String::deserialize(deserializer)?;
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        match (1..=64).contains(&text.len()) && visible {
            true => Ok(ClientOrderId(text)),
            false => Err(de::Error::custom("1 to 64 visible ASCII characters")),
        }
    }
}

impl ClientOrderId {
    /// The idempotency key of a request that says this.
    fn key(&self, fingerprint: [u8; 32]) -> RequestKey {
        RequestKey {
            key: format!("kalshi:{}", self.0),
            fingerprint,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LegWord {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ActionWord {
    Buy,
    Sell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TypeWord {
    Limit,
    Market,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BookWord {
    Bid,
    Ask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TifWord {
    GoodTillCanceled,
    ImmediateOrCancel,
    FillOrKill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StpWord {
    /// The incoming order stops at its own account's.
    TakerAtCross,
    /// The resting one is cancelled.
    Maker,
}

/// What either form asks for.
#[derive(Debug)]
pub(crate) struct Wanted {
    ticker: String,
    client_order_id: Option<ClientOrderId>,
    /// Whether it bids for Yes; otherwise it asks.
    is_bid: bool,
    count: Lots,
    /// Of Yes; none takes any.
    price: Option<Price>,
    time_in_force: TimeInForce,
    post_only: bool,
    reduce_only: bool,
    self_trade: SelfTrade,
}

impl CreateBody {
    pub(crate) fn wanted(self) -> Result<Wanted, Problem> {
        never_on_pause(self.cancel_order_on_pause)?;
        let whole = self.count.map(|count| Lots::new(i64::from(count) * 100));
        let count = match (whole, self.count_fp) {
            (Some(count), None) | (None, Some(count)) => count,
            (Some(whole), Some(exact)) if whole == exact => exact,
            _ => return fault("count", "count or count_fp; if both, the same"),
        };
        if count <= Lots::ZERO {
            return fault("count", "at least 1");
        }
        let price = self.price()?;
        let is_market = self.r#type == Some(TypeWord::Market);
        if price.is_none() != is_market {
            return fault(
                "yes_price",
                "one price for a limit order, none for a market order",
            );
        }
        let usual = match is_market {
            true => TifWord::ImmediateOrCancel,
            false => TifWord::GoodTillCanceled,
        };
        Ok(Wanted {
            is_bid: (self.side == LegWord::Yes) == (self.action == ActionWord::Buy),
            count,
            price,
            time_in_force: time_in_force(self.time_in_force.unwrap_or(usual), self.expiration_ts)?,
            post_only: self.post_only,
            reduce_only: self.reduce_only,
            self_trade: self_trade(self.self_trade_prevention_type),
            ticker: self.ticker,
            client_order_id: self.client_order_id,
        })
    }

    /// The price of Yes, however it was said.
    fn price(&self) -> Result<Option<Price>, Problem> {
        let of_cents = |cents: Option<u16>| match cents.map(price_of_cents) {
            None => Ok(None),
            Some(Some(price)) => Ok(Some(price)),
            Some(None) => fault("yes_price", "1 to 99 cents"),
        };
        let no = |price: Option<Price>| price.map(Price::complement);
        let said = [
            of_cents(self.yes_price)?,
            no(of_cents(self.no_price)?),
            self.yes_price_dollars,
            no(self.no_price_dollars),
        ];
        let mut said = said.into_iter().flatten();
        let price = said.next();
        match said.next() {
            None => Ok(price),
            Some(_) => fault("yes_price", "one price, in cents or in dollars"),
        }
    }
}

impl CreateV2Body {
    pub(crate) fn wanted(self) -> Result<Wanted, Problem> {
        never_on_pause(self.cancel_order_on_pause)?;
        let word = self.time_in_force.unwrap_or(TifWord::GoodTillCanceled);
        Ok(Wanted {
            is_bid: self.side == BookWord::Bid,
            count: self.count,
            price: Some(self.price),
            time_in_force: time_in_force(word, self.expiration_time)?,
            post_only: self.post_only,
            reduce_only: self.reduce_only,
            self_trade: self_trade(self.self_trade_prevention_type),
            ticker: self.ticker,
            client_order_id: self.client_order_id,
        })
    }
}

impl Wanted {
    /// The idempotency key that the order's name is.
    pub(crate) fn key(&self, fingerprint: [u8; 32]) -> Option<RequestKey> {
        let name = self.client_order_id.as_ref()?;
        Some(name.key(fingerprint))
    }

    /// The order, for an account as it stands.
    pub(crate) async fn into_order(
        self,
        app: &App,
        account: AccountId,
    ) -> Result<PlaceOrder, Problem> {
        let Listing { market, outcome } = ticker::find(app, &self.ticker)?;
        let id = market.id;
        // What a sale would give: a bid for Yes gives No.
        let given = match self.is_bid {
            true => Contract::No,
            false => Contract::Yes,
        };
        let free = app.read(move |engine| engine.ledger().free_lots(account, id, outcome, given));
        let sells = self.reduce_only || free.await? >= self.count;
        let (contract, side) = match (sells, given) {
            (true, given) => (given, Side::Sell),
            (false, Contract::No) => (Contract::Yes, Side::Buy),
            (false, Contract::Yes) => (Contract::No, Side::Buy),
        };
        let own = |yes: Price| match contract {
            Contract::Yes => yes,
            Contract::No => yes.complement(),
        };
        Ok(PlaceOrder {
            market: id,
            outcome,
            contract,
            side,
            size: Size::Quantity(self.count),
            limit: self.price.map(own),
            time_in_force: self.time_in_force,
            post_only: self.post_only,
            self_trade: self.self_trade,
            client_order_id: self.client_order_id.map(|name| name.0),
            valid_until: None,
        })
    }
}

fn time_in_force(word: TifWord, end: Option<i64>) -> Result<TimeInForce, Problem> {
    match (word, end) {
        (TifWord::GoodTillCanceled, None) => Ok(TimeInForce::Gtc),
        (TifWord::GoodTillCanceled, Some(seconds)) => {
            let micros = seconds.checked_mul(1_000_000).filter(|micros| *micros > 0);
            match micros.filter(|_| seconds < END_OF_TIME) {
                Some(micros) => Ok(TimeInForce::Gtd(Timestamp::from_micros(micros))),
                None => fault(
                    "expiration_ts",
                    "in seconds since 1970, before the year 10000",
                ),
            }
        }
        (TifWord::ImmediateOrCancel, None) => Ok(TimeInForce::Ioc),
        (TifWord::FillOrKill, None) => Ok(TimeInForce::Fok),
        (_, Some(_)) => fault(
            "expiration_ts",
            "only an order that is good till canceled has one",
        ),
    }
}

/// The first second of the year 10000.
const END_OF_TIME: i64 = 253_402_300_800;

fn self_trade(word: Option<StpWord>) -> SelfTrade {
    match word {
        None | Some(StpWord::TakerAtCross) => SelfTrade::CancelNewest,
        Some(StpWord::Maker) => SelfTrade::CancelOldest,
    }
}

/// Orders outlast a halt here, and whoever asks for the opposite must not believe that they have it.
fn never_on_pause(asked: bool) -> Result<(), Problem> {
    match asked {
        false => Ok(()),
        true => fault("cancel_order_on_pause", "orders outlast a halt here"),
    }
}

fn fault<T>(field: &str, why: &str) -> Result<T, Problem> {
    Err(Problem::invalid_body(field, why))
}
