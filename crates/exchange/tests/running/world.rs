//! What the tests share: an exchange on a database file of its own, and people who trade on it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, ProposeVoid, Request, RequestKey, SelfTrade, Side,
    Size, TimeInForce, Transfer,
};
use tidings_core::event::Record;
use tidings_core::id::{AccountId, MarketId, Outcome};
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Rules, Source, VoidRule};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_exchange::{Clock, Exchange, Options};
use tidings_store::Store;

pub(crate) const OPERATOR: AccountId = AccountId(3);
pub(crate) const ANN: AccountId = AccountId(4);
pub(crate) const MARKET: MarketId = MarketId(0);
/// For what comes at once, on a machine that may be busy with other tests.
pub(crate) const WAIT: Duration = Duration::from_secs(60);

/// On a file, with the machine's clock or another.
pub(crate) async fn start(folder: &tempfile::TempDir, clock: Clock) -> Exchange {
    let options = Options {
        clock,
        ..Options::default()
    };
    let store = open(folder.path()).await;
    Exchange::start(store, options).await.unwrap()
}

pub(crate) async fn open(folder: &Path) -> Store {
    let path = folder.join("exchange.db");
    Store::open(path.to_str().unwrap()).await.unwrap()
}

pub(crate) async fn stop(exchange: Exchange) {
    exchange.shutdown().await;
    exchange.store().close().await;
}

pub(crate) async fn give(exchange: &Exchange, actor: AccountId, command: Command) -> Arc<Record> {
    let record = exchange.submit(Request::new(actor, command)).await.unwrap();
    assert_eq!(record.refusal, None);
    record
}

pub(crate) fn grant(digest: u8) -> Grant {
    Grant::bearer([digest; 32], Scopes::READ)
}

/// An administrator, an operator and a trader with money, and a market that is open.
pub(crate) async fn furnish(exchange: &Exchange, closes_at: Option<Timestamp>) {
    let open = |name: &str, role, digest| {
        let grant = Some(Box::new(grant(digest)));
        Command::OpenAccount(OpenAccount {
            name: name.to_owned(),
            role,
            grant,
        })
    };
    give(exchange, AccountId::WORLD, open("admin", Role::Admin, 1)).await;
    give(
        exchange,
        AccountId::ADMIN,
        open("operator", Role::Operator, 2),
    )
    .await;
    give(exchange, AccountId::ADMIN, open("ann", Role::Trader, 3)).await;
    for account in [OPERATOR, ANN] {
        let transfer = Transfer {
            account,
            amount: Micros::new(1_000_000_000),
        };
        give(exchange, AccountId::ADMIN, Command::Deposit(transfer)).await;
    }
    let outcome = |key: &str| OutcomeSpec {
        key: key.to_owned(),
        name: key.to_owned(),
        prior: Fraction::new(5_000).unwrap(),
    };
    let source = Source {
        name: "gazette".to_owned(),
        url: String::new(),
        primary: true,
    };
    let spec = MarketSpec {
        slug: "a-market".to_owned(),
        kind: Kind::Binary,
        question: "Will it?".to_owned(),
        outcomes: vec![outcome("yes"), outcome("no")],
        rules: Rules {
            criteria: "If it does.".to_owned(),
            edge_cases: Vec::new(),
            sources: vec![source],
            early_close: None,
        },
        liquidity: Some(Lots::new(10_000)),
        tick: 1,
        taker_fee: Fraction::ZERO,
        opens_at: None,
        closes_at,
        dispute_hours: 0,
        tags: Vec::new(),
        articles: Vec::new(),
        scale: None,
        review: None,
        price_band: None,
    };
    give(exchange, OPERATOR, Command::CreateMarket(Box::new(spec))).await;
    give(exchange, OPERATOR, Command::OpenMarket { market: MARKET }).await;
}

/// Two operators call a market off.
pub(crate) async fn void(exchange: &Exchange, market: MarketId, second: AccountId) {
    let propose = Command::ProposeVoid(Box::new(ProposeVoid {
        market,
        rule: VoidRule::OccurrenceCalledOff,
        reason: "It was called off.".to_owned(),
        evidence: vec!["a notice".to_owned()],
        items: None,
    }));
    give(exchange, OPERATOR, propose).await;
    give(exchange, second, Command::ConfirmVoid { market }).await;
}

pub(crate) fn buy(price: u16, lots: i64) -> Command {
    Command::Place(PlaceOrder {
        market: MARKET,
        outcome: Outcome(0),
        contract: Contract::Yes,
        side: Side::Buy,
        size: Size::Quantity(Lots::new(lots)),
        limit: Price::new(price),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    })
}

pub(crate) fn keyed(key: &str, fingerprint: u8, command: Command) -> Request {
    let key = Some(RequestKey {
        key: key.to_owned(),
        fingerprint: [fingerprint; 32],
    });
    Request {
        key,
        ..Request::new(ANN, command)
    }
}
