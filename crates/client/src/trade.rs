//! `/v1/orders`, `/v1/quotes`, `/v1/account`, `/v1/requests`: what traders do, and see of their own.

use jiff::Timestamp;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::list::List;
use crate::problem::Problem;
use crate::send::Ask;
use crate::types::{
    Account, AllCancelled, Amend, Amended, Cancelled, LedgerEntry, NewOrder, Order, OrderFilter,
    OwnFill, Placed, PlacedAll, Quote, Recalled, Statement, SwitchSet,
};

impl Client {
    /// Places an order.
    pub fn place(&self, order: &NewOrder) -> Command<Placed> {
        self.post(&["orders"], order)
    }

    /// Places 1 to 100 orders, one after the other with nobody else's between them. Each has an answer of its
    /// own; all of them are sent, and sent again, under one key.
    pub fn place_all(&self, orders: &[NewOrder]) -> Command<PlacedAll> {
        self.post(&["orders", "batch"], &json!({ "orders": orders }))
    }

    /// Sets the account's dead man's switch: when it is not set again within so many seconds, 1 to 86,400,
    /// all of the account's open orders are cancelled. 0 turns it off.
    pub fn cancel_after(&self, seconds: u32) -> Command<SwitchSet> {
        self.post(&["orders", "cancel-after"], &json!({ "seconds": seconds }))
    }

    /// Changes an open order.
    pub fn amend(&self, order: &str, change: &Amend) -> Command<Amended> {
        self.command(Method::PATCH, &["orders", order], &(), Some(change))
    }

    /// Cancels an open order. It overtakes commands that wait, and has an allowance of its own.
    pub fn cancel(&self, order: &str) -> Command<Cancelled> {
        self.command(Method::DELETE, &["orders", order], &(), None::<&()>)
    }

    /// Cancels all open orders, in one market or in all. An order that was not answered yet may still be
    /// placed after it.
    pub fn cancel_all(&self, market: Option<&str>) -> Command<AllCancelled> {
        #[derive(Serialize)]
        struct Query<'a> {
            market: Option<&'a str>,
        }
        self.command(Method::DELETE, &["orders"], &Query { market }, None::<&()>)
    }

    /// What an order would do now. Changes nothing.
    ///
    /// # Errors
    /// With the refusal that the order would get.
    pub async fn quote(&self, order: &NewOrder) -> Result<Quote, Error> {
        let ask = Ask::new(Method::POST, self.url(&["quotes"])?, Some(order));
        self.read(&ask).await
    }

    /// One of the account's orders, open or ended.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time; so for all reads.
    pub async fn order(&self, order: &str) -> Result<Order, Error> {
        self.own().get(&["orders", order], &()).await
    }

    /// The account's orders, newest first.
    pub fn orders(&self, which: &OrderFilter) -> List<Order> {
        self.list(&["account", "orders"], which, true)
    }

    /// The account's money and shares.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn account(&self) -> Result<Account, Error> {
        self.own().get(&["account"], &()).await
    }

    /// The movements of the account's money, newest first.
    pub fn ledger(&self) -> List<LedgerEntry> {
        self.list(&["account", "ledger"], &(), true)
    }

    /// The fills of the account's orders, in one market or in all, newest first.
    pub fn fills(&self, market: Option<&str>) -> List<OwnFill> {
        #[derive(Serialize)]
        struct Query<'a> {
            market: Option<&'a str>,
        }
        self.list(&["account", "fills"], &Query { market }, true)
    }

    /// What the account had, what came and went from a moment on and before another one, and what it has.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn statement(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Statement, Error> {
        #[derive(Serialize)]
        struct Query {
            from: Option<Timestamp>,
            to: Option<Timestamp>,
        }
        let query = Query { from, to };
        self.own().get(&["account", "statement"], &query).await
    }

    /// What became of the account's command with an idempotency key. `T` is what the command is answered
    /// with, such as [`Placed`].
    ///
    /// # Errors
    /// When no answer comes in time, or it is about a command of another kind.
    pub async fn recall<T: DeserializeOwned>(&self, key: &str) -> Result<Recalled<T>, Error> {
        #[derive(Deserialize)]
        struct Request {
            status: String,
            seq: Option<u64>,
            answer: Option<Value>,
        }
        let request: Request = self.get(&["requests", key], &()).await?;
        let answer = request.answer.unwrap_or_default();
        let unreadable = |source| Error::Unreadable {
            status: 200,
            body: answer.to_string(),
            source,
        };
        match request.status.as_str() {
            "applied" => {
                self.saw(request.seq.unwrap_or(0));
                let answer = T::deserialize(&answer).map_err(unreadable)?;
                Ok(Recalled::Applied(answer))
            }
            "refused" => {
                let problem = Problem::deserialize(&answer).map_err(unreadable)?;
                Ok(Recalled::Refused(problem))
            }
            _ => Ok(Recalled::Unknown),
        }
    }
}
