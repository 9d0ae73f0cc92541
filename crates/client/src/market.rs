//! `/v1/markets`: seen by everyone, drafted, run and resolved by operators.

use jiff::Timestamp;
use reqwest::Method;
use serde::Serialize;
use serde_json::json;

use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::events::Events;
use crate::list::{List, Page};
use crate::types::{
    Book, BookQuery, Candle, CandleQuery, CorrectionPreview, Decided, Dispute, HaltScope,
    ManyHalted, ManyResumed, Market, MarketFilter, MarketRevised, MarketStep, NewMarket, Odds,
    OddsPoint, Propose, ProposeCorrection, ProposeVoid, ResolutionPreview, ReviseMarket,
    StandingHalt, Trade, VoidPreview,
};
use rust_decimal::Decimal;

/// The body of a halt of many markets.
#[derive(Serialize)]
struct HaltMany<'a> {
    #[serde(flatten)]
    scope: &'a HaltScope,
    reason: &'a str,
}

impl Client {
    /// Markets, newest first.
    pub fn markets(&self, which: &MarketFilter) -> List<Market> {
        self.list(&["markets"], which, false)
    }

    /// A market, by its slug or id.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time; so for all reads.
    pub async fn market(&self, market: &str) -> Result<Market, Error> {
        self.get(&["markets", market], &()).await
    }

    /// How a market was decided: each step with its evidence and its place in the journal.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn evidence(&self, market: &str) -> Result<Decided, Error> {
        self.get(&["markets", market, "evidence"], &()).await
    }

    /// How much can be traded at which price.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn book(&self, market: &str, part: &BookQuery) -> Result<Book, Error> {
        self.get(&["markets", market, "book"], part).await
    }

    /// A market's trades, newest first.
    pub fn trades(&self, market: &str) -> List<Trade> {
        self.list(&["markets", market, "trades"], &(), false)
    }

    /// A market's odds as they stand.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn odds(&self, market: &str) -> Result<Odds, Error> {
        self.get(&["markets", market, "odds"], &()).await
    }

    /// A market's odds as they were at a moment.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn odds_at(&self, market: &str, at: Timestamp) -> Result<OddsPoint, Error> {
        #[derive(Serialize)]
        struct Query {
            at: Timestamp,
        }
        self.get(&["markets", market, "odds"], &Query { at }).await
    }

    /// A market's odds between two moments, oldest first, thinned evenly to at most so many points, 2 to
    /// 1,000.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn odds_between(
        &self,
        market: &str,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        points: u32,
    ) -> Result<Vec<OddsPoint>, Error> {
        #[derive(Serialize)]
        struct Query {
            since: Option<Timestamp>,
            until: Option<Timestamp>,
            points: u32,
        }
        let query = Query {
            since,
            until,
            points,
        };
        let page: Page<OddsPoint> = self.get(&["markets", market, "odds"], &query).await?;
        Ok(page.data)
    }

    /// What an outcome's odds and prices did, interval by interval, newest first.
    pub fn candles(&self, market: &str, which: &CandleQuery) -> List<Candle> {
        self.list(&["markets", market, "candles"], which, false)
    }

    /// A market's odds, trades and phases as they come. It goes on by itself after a lost connection, and
    /// says so: see [`Events`].
    pub fn market_events(&self, market: &str) -> Events {
        Events::open(self.clone(), self.url(&["markets", market, "events"]))
    }

    /// Drafts a market. The operator who does sponsors it.
    pub fn create_market(&self, market: &NewMarket) -> Command<Market> {
        self.post(&["markets"], market)
    }

    /// Changes a draft. Only its sponsor can.
    pub fn revise_market(&self, market: &str, change: &ReviseMarket) -> Command<MarketRevised> {
        self.command(Method::PATCH, &["markets", market], &(), Some(change))
    }

    /// Opens a draft for trading.
    pub fn open_market(&self, market: &str) -> Command<MarketStep> {
        self.post(&["markets", market, "open"], &json!({}))
    }

    /// Stops trading for a while. Resting orders stay, and can be cancelled.
    pub fn halt_market(&self, market: &str, reason: &str) -> Command<MarketStep> {
        self.post(&["markets", market, "halt"], &json!({ "reason": reason }))
    }

    /// Lets trading go on.
    pub fn resume_market(&self, market: &str) -> Command<MarketStep> {
        self.post(&["markets", market, "resume"], &json!({}))
    }

    /// Stops trading in many markets at one moment, and in those that open while the halt stands.
    pub fn halt_many(&self, scope: &HaltScope, reason: &str) -> Command<ManyHalted> {
        let body = HaltMany { scope, reason };
        self.post(&["halts"], &body)
    }

    /// Lifts a halt of many markets. What was halted by itself stays halted.
    pub fn resume_many(&self, scope: &HaltScope) -> Command<ManyResumed> {
        self.post(&["halts", "resume"], scope)
    }

    /// The halts of many markets that stand, the oldest first.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn halts(&self) -> Result<Vec<StandingHalt>, Error> {
        let page: Page<StandingHalt> = self.get(&["halts"], &()).await?;
        Ok(page.data)
    }

    /// Ends trading before its time and cancels what rests, by one of the early closes that the market's rules name:
    /// `early_close_1` is the first.
    pub fn close_market_by(&self, market: &str, clause: &str, reason: &str) -> Command<MarketStep> {
        let body = json!({ "reason": reason, "clause": clause });
        self.post(&["markets", market, "close"], &body)
    }

    /// Ends trading and cancels what rests, in a market whose rules name no early close.
    pub fn close_market(&self, market: &str, reason: &str) -> Command<MarketStep> {
        self.post(&["markets", market, "close"], &json!({ "reason": reason }))
    }

    /// Appends a clarification to the rules.
    pub fn clarify(&self, market: &str, text: &str) -> Command<MarketStep> {
        let body = json!({ "text": text });
        self.post(&["markets", market, "clarifications"], &body)
    }

    /// Appends a clarification to the rules, and says which of the market's terms it is about, as in `edge_case_1`,
    /// `source_2`, `outcome_yes` or `closes_at`.
    pub fn clarify_passage(&self, market: &str, about: &str, text: &str) -> Command<MarketStep> {
        let body = json!({ "text": text, "about": about });
        self.post(&["markets", market, "clarifications"], &body)
    }

    /// Makes the maker deeper, to so many shares of liquidity. Only the sponsor can.
    pub fn add_liquidity(&self, market: &str, liquidity: Decimal) -> Command<MarketStep> {
        let body = json!({ "liquidity": liquidity });
        self.post(&["markets", market, "liquidity"], &body)
    }

    /// Withdraws a draft: what its sponsor locked goes back.
    pub fn withdraw_market(&self, market: &str, reason: &str) -> Command<MarketStep> {
        let body = json!({ "reason": reason });
        self.post(&["markets", market, "withdraw"], &body)
    }

    /// Proposes to call a market off, and ends its trading. Refunds nobody.
    pub fn propose_void(&self, market: &str, proposal: &ProposeVoid) -> Command<MarketStep> {
        self.post(&["markets", market, "void"], proposal)
    }

    /// What calling a market off would refund, whether it is proposed or not.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn preview_void(&self, market: &str) -> Result<VoidPreview, Error> {
        self.get(&["markets", market, "void", "preview"], &()).await
    }

    /// Confirms that a market is called off, as another operator proposed, and refunds everyone.
    pub fn confirm_void(&self, market: &str) -> Command<MarketStep> {
        self.post(&["markets", market, "void", "confirm"], &json!({}))
    }

    /// Proposes how a closed market resolves. Pays nobody.
    pub fn propose_resolution(&self, market: &str, proposal: &Propose) -> Command<MarketStep> {
        self.post(&["markets", market, "resolution"], proposal)
    }

    /// What the proposed payout, or another one such as `yes:1`, would pay.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn preview_resolution(
        &self,
        market: &str,
        payout: Option<&str>,
    ) -> Result<ResolutionPreview, Error> {
        #[derive(Serialize)]
        struct Query<'a> {
            payout: Option<&'a str>,
        }
        let path = ["markets", market, "resolution", "preview"];
        self.get(&path, &Query { payout }).await
    }

    /// Confirms what another operator proposed, and pays everyone.
    pub fn confirm_resolution(&self, market: &str) -> Command<MarketStep> {
        let path = ["markets", market, "resolution", "confirm"];
        self.post(&path, &json!({}))
    }

    /// Proposes another end for a market that has ended. Moves no money.
    pub fn propose_correction(
        &self,
        market: &str,
        proposal: &ProposeCorrection,
    ) -> Command<MarketStep> {
        self.post(&["markets", market, "correction"], proposal)
    }

    /// What the proposed correction, or that of another payout such as `no:1`, would book.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn preview_correction(
        &self,
        market: &str,
        payout: Option<&str>,
    ) -> Result<CorrectionPreview, Error> {
        #[derive(Serialize)]
        struct Query<'a> {
            payout: Option<&'a str>,
        }
        let path = ["markets", market, "correction", "preview"];
        self.get(&path, &Query { payout }).await
    }

    /// Confirms the correction that another operator proposed, and books it.
    pub fn confirm_correction(&self, market: &str) -> Command<MarketStep> {
        let path = ["markets", market, "correction", "confirm"];
        self.post(&path, &json!({}))
    }

    /// Objects to a proposed resolution or void, within its window and while holding shares.
    pub fn dispute(&self, market: &str, dispute: &Dispute) -> Command<MarketStep> {
        self.post(&["markets", market, "disputes"], dispute)
    }
}
