//! `/v1/limits`: the table for whoever has to keep to it, and what they have left.

use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use tidings_core::access::Role;
use tidings_core::id::AccountId;
use utoipa::ToSchema;

use super::cost::{Allowance, COSTS, Cost, FACADE, Kind};
use super::limiter::{Limiter, millis};
use crate::app::App;
use crate::auth::MaybeAccount;
use crate::extract::{NoQuery, Params};
use crate::hub::HEARTBEAT;
use crate::problem::Problem;
use crate::public::{document, private};

/// Every limit, what each endpoint takes, and with a key what its account has left. Takes nothing itself.
#[utoipa::path(get, path = "/v1/limits", tag = "limits", security((), ("key" = [])),
    responses((status = 200, body = LimitsJson)))]
pub(crate) async fn get_limits(
    State(app): State<App>,
    MaybeAccount(caller): MaybeAccount,
    Params(NoQuery {}): Params<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let whose = caller.map(|caller| Whose {
        account: caller.account,
        role: caller.role,
        percent: app.exchange().allowance(caller.account),
    });
    let limits = LimitsJson::of(app.limiter(), whose);
    match caller {
        Some(_) => private(&limits),
        None => document(&headers, 0, &limits),
    }
}

/// Every limit of this server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits)]
pub(crate) struct LimitsJson {
    allowances: Vec<AllowanceJson>,
    endpoints: Vec<EndpointJson>,
    /// The endpoints that speak another venue's language.
    facade: Vec<EndpointJson>,
    bytes: BytesJson,
    json: FormJson,
    seconds: SecondsJson,
    /// Connections and streams that may be open at once.
    open: OpenJson,
    /// What a stream over a WebSocket may carry.
    stream: StreamJson,
    /// Open orders that may be there at once.
    orders: OrdersJson,
    /// Rows of a page at most.
    page_rows: u32,
    /// Digits of a decimal string at most.
    decimal_digits: usize,
}

/// Whose allowances are told: an account's of a role, with so many per cent of what everyone may ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose {
    pub(crate) account: AccountId,
    pub(crate) role: Role,
    pub(crate) percent: u16,
}

/// A bucket of tokens that fills by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Allowance)]
pub struct AllowanceJson {
    #[schema(example = "orders")]
    name: &'static str,
    /// Whose it is: of an `account`, whichever key is sent, or of an `address`.
    #[schema(example = "account")]
    of: &'static str,
    /// Tokens that come back each second: with a key the caller's own, where an operator gave them more or less.
    #[schema(example = 20)]
    per_second: u32,
    /// Tokens that can be taken at once.
    #[schema(example = 40)]
    burst: u32,
    /// Tokens that the caller has left; null without a key, and for what is not theirs.
    remaining: Option<u32>,
    /// Milliseconds until the caller has all of them again.
    full_in_ms: Option<u64>,
}

/// What an endpoint takes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndpointCost)]
struct EndpointJson {
    #[schema(example = "POST")]
    method: &'static str,
    #[schema(example = "/v1/orders")]
    path: &'static str,
    /// Tokens that it takes; what is refused takes them, too.
    tokens: u32,
    /// What for: the `request`, or each `order` in it.
    #[schema(example = "request")]
    per: &'static str,
    /// What a trader's request takes from; null where it is free.
    trader: Option<&'static str>,
    /// What any other account's request takes from.
    staff: Option<&'static str>,
    /// What a request without a key takes from.
    nobody: Option<&'static str>,
}

/// Bytes at most.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ByteLimits)]
struct BytesJson {
    /// The body of a trader's command.
    order: usize,
    /// The body of a trader's command of many orders.
    orders: usize,
    /// The body of an operator's or administrator's command.
    operator: usize,
    /// The body of an article.
    article: usize,
    /// All headers together.
    head: usize,
    /// The address with its query.
    uri: usize,
    /// What may wait for a stream's reader.
    behind_a_stream: usize,
}

/// How a body may look.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FormLimits)]
struct FormJson {
    /// Levels of nesting.
    depth: usize,
    /// Keys of one object, but for a payout, which has as many as there are outcomes.
    keys: usize,
    /// Items of one list, but for a market's outcomes.
    items: usize,
    /// Bytes of a short text.
    text_bytes: usize,
    /// Characters of a title, a question or a name.
    title_characters: usize,
    /// Characters of a market's rules.
    rules_characters: usize,
    /// Headers of a request.
    headers: usize,
}

/// Seconds at most.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimeLimits)]
struct SecondsJson {
    /// For a request's head.
    head: u64,
    /// For its body.
    body: u64,
    /// For the answer; what has not come by then may still happen.
    answer: u64,
    /// Between two requests on a connection.
    idle: u64,
    /// That a reader may take nothing of what waits for it.
    stall: u64,
}

/// Connections and streams.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenLimits)]
struct OpenJson {
    connections: usize,
    connections_per_address: usize,
    streams: usize,
    streams_per_address: usize,
    streams_per_account: usize,
    /// Milliseconds between two odds, and two books, of a market on a stream at least.
    stream_interval_ms: u64,
}

/// What a stream over a WebSocket may carry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamLimits)]
struct StreamJson {
    /// Bytes of a frame.
    frame_bytes: usize,
    /// Messages of a frame.
    frame_messages: usize,
    /// Commands that wait for their answers; while there are so many, nothing more is read.
    in_flight: usize,
    /// Channels of markets that are listened to.
    subscriptions: usize,
    /// Seconds between two signs of life.
    heartbeat_seconds: u64,
    /// Seconds in which a stream without a key has to say something.
    silence_seconds: u64,
}

/// Open orders.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLimits)]
struct OrdersJson {
    per_account: u32,
    per_market: u32,
}

impl LimitsJson {
    fn of(limiter: &Limiter, whose: Option<Whose>) -> LimitsJson {
        let limits = limiter.limits();
        let whole = |time: Duration| time.as_secs();
        LimitsJson {
            allowances: Allowance::ALL
                .map(|allowance| AllowanceJson::of(limiter, allowance, whose))
                .into(),
            endpoints: COSTS.iter().map(EndpointJson::of).collect(),
            facade: FACADE.iter().map(EndpointJson::of).collect(),
            bytes: BytesJson {
                order: super::ORDER_BYTES,
                orders: super::BATCH_BYTES,
                operator: super::OPERATOR_BYTES,
                article: super::ARTICLE_BYTES,
                head: super::HEAD_BYTES,
                uri: super::URI_BYTES,
                behind_a_stream: super::STREAM_BYTES,
            },
            json: FormJson {
                depth: super::JSON_DEPTH,
                keys: super::JSON_KEYS,
                items: super::JSON_ITEMS,
                text_bytes: super::TEXT_BYTES,
                title_characters: super::TITLE_CHARS,
                rules_characters: super::RULES_CHARS,
                headers: super::HEAD_LINES,
            },
            seconds: SecondsJson {
                head: whole(super::HEAD_TIME),
                body: whole(super::BODY_TIME),
                answer: whole(super::ANSWER_TIME),
                idle: whole(super::IDLE_TIME),
                stall: whole(super::STALL_TIME),
            },
            open: OpenJson {
                connections: limits.connections,
                connections_per_address: limits.connections_per_address,
                streams: limits.streams,
                streams_per_address: limits.streams_per_address,
                streams_per_account: limits.streams_per_account,
                stream_interval_ms: millis(limits.stream_interval),
            },
            stream: StreamJson {
                frame_bytes: super::FRAME_BYTES,
                frame_messages: super::FRAME_MESSAGES,
                in_flight: super::IN_FLIGHT,
                subscriptions: super::SUBSCRIPTIONS,
                heartbeat_seconds: whole(HEARTBEAT),
                silence_seconds: whole(super::SILENCE_TIME),
            },
            orders: OrdersJson {
                per_account: super::OPEN_ORDERS_PER_ACCOUNT,
                per_market: super::OPEN_ORDERS_PER_MARKET,
            },
            page_rows: super::PAGE_ROWS,
            decimal_digits: super::DECIMAL_DIGITS,
        }
    }
}

impl AllowanceJson {
    /// Those that an account takes from, as it stands with them.
    pub(crate) fn of_account(limiter: &Limiter, whose: Whose) -> Vec<AllowanceJson> {
        let of = |allowance| AllowanceJson::of(limiter, allowance, Some(whose));
        let all = Allowance::ALL.map(of);
        all.into_iter()
            .filter(|allowance| allowance.remaining.is_some())
            .collect()
    }

    fn of(limiter: &Limiter, allowance: Allowance, whose: Option<Whose>) -> AllowanceJson {
        let theirs = |whose: &Whose| {
            let kinds = [Kind::Own, Kind::Command, Kind::Out];
            let mut theirs = kinds.iter().map(|kind| kind.of_account(whose.role));
            theirs.any(|own| own == Some(allowance))
        };
        let whose = whose.filter(theirs);
        let rate = match whose {
            Some(whose) => limiter.own(allowance, whose.percent),
            None => limiter.rate(allowance),
        };
        let standing = whose.map(|whose| limiter.look(whose.account, allowance, whose.percent));
        AllowanceJson {
            name: allowance.word(),
            of: match allowance.is_of_account() {
                true => "account",
                false => "address",
            },
            per_second: rate.per_second.get(),
            burst: rate.burst.get(),
            remaining: standing.map(|standing| standing.remaining),
            full_in_ms: standing.map(|standing| millis(standing.full_in)),
        }
    }
}

impl EndpointJson {
    fn of(cost: &Cost) -> EndpointJson {
        EndpointJson {
            method: cost.method,
            path: cost.path,
            tokens: cost.tokens,
            per: cost.per.word(),
            trader: cost.kind.of_account(Role::Trader).map(Allowance::word),
            staff: cost.kind.of_account(Role::Operator).map(Allowance::word),
            nobody: cost.kind.of_address(false).map(Allowance::word),
        }
    }
}
