//! Records as JSON: every field of a command, its events and its refusal, under names that stay. Ids,
//! money, prices and moments are written as the API writes them. A field that the journal learns has to be
//! named here before this compiles.

mod keys;
mod value;

use tidings_api::records::words::book_side;
use tidings_api::records::{Kind, Names, mentions};
use tidings_api::wire::account::RoleWord;
use tidings_api::wire::journal::hex;
use tidings_api::wire::unit::OddsText;
use tidings_api::wire::words::{
    ContractWord, KindWord, LinkRoleWord, SelfTradeWord, SideWord, StatusWord,
};
use tidings_core::Reject;
use tidings_core::band::{PriceBand, Swing};
use tidings_core::command::{
    AmendOrder, Command, HaltMany, OpenAccount, PlaceOrder, Request, RequestKey, ReviewMarket,
    Size, TimeInForce, Transfer,
};
use tidings_core::event::{BookFill, Event, OrderTook, Record};
use tidings_core::evidence::Item;
use tidings_core::halt::Scope;
use tidings_core::market::{
    ArticleLink, Ending, HaltReason, MarketSpec, OutcomeSpec, Payout, Rules, Scale, Source,
};
use tidings_core::passage::Passage;
use tidings_core::review::{ReviewPlan, Verdict, World};
use tidings_core::units::Micros;

pub(crate) use value::Json;
use value::{list, object, word};

/// A record as one document. `names` has the names of the accounts and markets in it, by their ids.
pub(crate) fn record(record: &Record, known: &Names) -> Json {
    let Record {
        stamp,
        request,
        events,
        refusal,
    } = record;
    let Request {
        actor,
        key,
        command,
        reason,
        batch,
    } = request;
    object! {
        "seq": stamp.seq.0,
        "at": stamp.at,
        "actor": *actor,
        "idempotency_key": key.as_ref().map(request_key),
        "reason": reason.as_deref(),
        "batch": batch.map(u64::from),
        "command": self::command(command),
        "events": list(events, event),
        "refusal": refusal.as_ref().map(self::refusal),
        "names": names(record, known),
    }
}

/// The names of whoever and whatever a record is about.
fn names(record: &Record, known: &Names) -> Json {
    let accounts = mentions::accounts(record)
        .into_iter()
        .filter_map(|id| Some((tidings_api::wire::id::account(id), known.account_name(id)?)));
    let markets = mentions::markets(record)
        .into_iter()
        .filter_map(|id| Some((tidings_api::wire::id::market(id), known.slug(id)?)));
    let named = accounts.chain(markets);
    Json::Object(named.map(|(id, name)| (id.into(), name.into())).collect())
}

fn request_key(key: &RequestKey) -> Json {
    let RequestKey { key, fingerprint } = key;
    object! { "key": key.as_str(), "fingerprint": hex(fingerprint) }
}

fn command(command: &Command) -> Json {
    let kind = Kind::of(command).word();
    match command {
        Command::Tick => object! { "kind": kind },
        Command::OpenAccount(OpenAccount { name, role, grant }) => object! {
            "kind": kind, "name": name.as_str(), "role": word(RoleWord::from(*role)),
            "grant": grant.as_deref().map(keys::grant),
        },
        Command::IssueKey { account, grant, by } => object! {
            "kind": kind, "account": *account, "grant": keys::grant(grant), "by_key": *by,
        },
        Command::RevokeKey { account, key, by } => object! {
            "kind": kind, "account": *account, "key": *key, "by_key": *by,
        },
        Command::RotateKey(rotate) => keys::rotate(kind, rotate),
        Command::Deposit(transfer) | Command::Withdraw(transfer) => {
            let Transfer { account, amount } = *transfer;
            object! { "kind": kind, "account": account, "amount": amount }
        }
        Command::CreateMarket(spec) => object! { "kind": kind, "market": self::spec(spec) },
        Command::ReviseMarket {
            market,
            spec,
            revises,
        } => object! {
            "kind": kind, "market": *market, "draft": self::spec(spec), "revises": hex(revises),
        },
        Command::OpenMarket { market }
        | Command::ResumeMarket { market }
        | Command::ConfirmResolution { market }
        | Command::ConfirmVoid { market }
        | Command::ConfirmCorrection { market } => object! { "kind": kind, "market": *market },
        Command::HaltMarket { market, reason } => object! {
            "kind": kind, "market": *market, "halt": halt(reason),
        },
        Command::HaltMany(halt) => {
            let HaltMany { scope, reason } = &**halt;
            object! { "kind": kind, "scope": self::scope(scope), "reason": reason.as_str() }
        }
        Command::ResumeMany { scope } => object! { "kind": kind, "scope": self::scope(scope) },
        Command::SetLargeDeposits { from } => object! { "kind": kind, "from": *from },
        Command::DecideFunds { proposal, confirm } => object! {
            "kind": kind, "proposal": *proposal, "confirm": *confirm,
        },
        Command::FreezeAccount { account, reason } => object! {
            "kind": kind, "account": *account, "reason": reason.as_str(),
        },
        Command::UnfreezeAccount { account } => object! { "kind": kind, "account": *account },
        Command::SetAllowance {
            account,
            percent,
            reason,
        } => object! {
            "kind": kind, "account": *account, "percent": u64::from(*percent), "reason": reason.as_str(),
        },
        Command::CloseMarket {
            market,
            reason,
            clause,
        } => object! {
            "kind": kind, "market": *market, "reason": reason.as_str(),
            "clause": clause.map(|clause| clause.to_string()),
        },
        Command::VoidMarket { market, reason } => {
            object! { "kind": kind, "market": *market, "reason": reason.as_str() }
        }
        Command::Clarify {
            market,
            text,
            about,
        } => object! {
            "kind": kind, "market": *market, "text": text.as_str(), "about": about.map(passage),
        },
        Command::LinkArticle { market, link } => object! {
            "kind": kind, "market": *market, "link": self::link(link),
        },
        Command::ProposeResolution {
            market,
            payout,
            evidence,
            note,
            items,
        } => object! {
            "kind": kind, "market": *market, "payout": self::payout(payout),
            "evidence": list(evidence, |text| text.as_str().into()), "note": note.as_str(),
            "items": self::items(items.as_deref()),
        },
        Command::Dispute {
            market,
            reason,
            evidence,
            items,
            clause,
        } => object! {
            "kind": kind, "market": *market, "reason": reason.as_str(),
            "evidence": list(evidence, |text| text.as_str().into()),
            "items": self::items(items.as_deref()), "clause": clause.map(|clause| clause.to_string()),
        },
        Command::ProposeVoid(propose) => object! {
            "kind": kind, "market": propose.market, "rule": propose.rule.word(),
            "reason": propose.reason.as_str(),
            "evidence": list(&propose.evidence, |text| text.as_str().into()),
            "items": self::items(propose.items.as_deref()),
        },
        Command::ProposeCorrection(propose) => {
            let (payout, rule) = match &propose.ending {
                Ending::Paid(payout) => (self::payout(payout), Json::Null),
                Ending::Void(rule) => (Json::Null, rule.word().into()),
            };
            object! {
                "kind": kind, "market": propose.market, "payout": payout, "rule": rule,
                "reason": propose.reason.as_str(),
                "evidence": list(&propose.evidence, |text| text.as_str().into()),
                "items": self::items(propose.items.as_deref()),
            }
        }
        Command::Place(order) => place(kind, order),
        Command::Amend(AmendOrder {
            order,
            quantity,
            limit,
            valid_until,
        }) => object! {
            "kind": kind, "order": *order, "quantity": *quantity, "price": *limit,
            "valid_until": *valid_until,
        },
        Command::Cancel { order } => object! { "kind": kind, "order": *order },
        Command::CancelAll { market } => object! { "kind": kind, "market": *market },
        Command::CancelAfter { seconds } => object! { "kind": kind, "seconds": *seconds },
        Command::KeepOut {
            market,
            account,
            out,
        } => object! { "kind": kind, "market": *market, "account": *account, "out": *out },
        Command::ReviewMarket(review) => {
            let ReviewMarket {
                market,
                text,
                verdicts,
                approve,
                note,
            } = &**review;
            object! {
                "kind": kind, "market": *market, "text": hex(text), "verdicts": list(verdicts, verdict),
                "approve": *approve, "note": note.as_deref(),
            }
        }
        Command::AddLiquidity {
            market,
            liquidity,
            reason,
        } => object! {
            "kind": kind, "market": *market, "liquidity": *liquidity, "reason": reason.as_deref(),
        },
    }
}

fn place(kind: &'static str, order: &PlaceOrder) -> Json {
    let PlaceOrder {
        market,
        outcome,
        contract,
        side,
        size,
        limit,
        time_in_force,
        post_only,
        self_trade,
        client_order_id,
        valid_until,
    } = order;
    let (quantity, amount) = match *size {
        Size::Quantity(lots) => (Some(lots), None),
        Size::Spend(money) => (None, Some(money)),
    };
    let (waits, expires_at) = match *time_in_force {
        TimeInForce::Gtc => ("gtc", None),
        TimeInForce::Gtd(until) => ("gtd", Some(until)),
        TimeInForce::Ioc => ("ioc", None),
        TimeInForce::Fok => ("fok", None),
    };
    object! {
        "kind": kind, "market": *market, "outcome": *outcome,
        "contract": word(ContractWord::from(*contract)), "side": word(SideWord::from(*side)),
        "quantity": quantity, "amount": amount, "price": *limit,
        "time_in_force": waits, "expires_at": expires_at, "post_only": *post_only,
        "self_trade": word(SelfTradeWord::from(*self_trade)),
        "client_order_id": client_order_id.as_deref(), "valid_until": *valid_until,
    }
}

fn halt(reason: &HaltReason) -> Json {
    match reason {
        HaltReason::Operator(words) => object! { "by": "operator", "reason": words.as_str() },
        HaltReason::Embargo => object! { "by": "embargo" },
        HaltReason::Band(swing) => object! { "by": "price_band", "swing": self::swing(swing) },
        HaltReason::Many { scope, reason } => object! {
            "by": "many", "scope": self::scope(scope), "reason": reason.as_str(),
        },
    }
}

fn swing(swing: &Swing) -> Json {
    let Swing {
        outcome,
        from,
        to,
        seconds,
    } = swing;
    object! {
        "outcome": *outcome, "from": OddsText(*from).to_string(), "to": OddsText(*to).to_string(),
        "seconds": *seconds,
    }
}

fn price_band(band: &PriceBand) -> Json {
    let PriceBand { width, seconds } = band;
    object! { "width": *width, "seconds": *seconds }
}

fn scope(scope: &Scope) -> Json {
    match scope {
        Scope::Everything => object! { "everything": true },
        Scope::Tag(tag) => object! { "tag": tag.as_str() },
    }
}

fn link(link: &ArticleLink) -> Json {
    let ArticleLink { article, role } = link;
    object! { "article": article.as_str(), "role": word(LinkRoleWord::from(*role)) }
}

/// Pieces of evidence; null, where there are none, as before there could be any.
fn items(items: Option<&[Item]>) -> Json {
    let item = |item: &Item| {
        let Item {
            url,
            publisher,
            published_at,
            sha256,
            quotation,
            clause,
            primary,
            article,
        } = item;
        object! {
            "url": url.as_str(), "publisher": publisher.as_str(), "published_at": *published_at,
            "sha256": hex(sha256), "quotation": quotation.as_str(), "clause": clause.to_string(),
            "primary": *primary, "article": article.as_deref(),
        }
    };
    items.map_or(Json::Null, |items| list(items, item))
}

fn payout(payout: &Payout) -> Json {
    list(payout.shares(), |share| (*share).into())
}

fn spec(spec: &MarketSpec) -> Json {
    let MarketSpec {
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
        review,
        price_band,
    } = spec;
    object! {
        "slug": slug.as_str(), "kind": word(KindWord::from(*kind)), "question": question.as_str(),
        "outcomes": list(outcomes, outcome), "rules": self::rules(rules), "liquidity": *liquidity,
        "tick": tidings_core::units::Price::new(*tick), "taker_fee": *taker_fee,
        "opens_at": *opens_at, "closes_at": *closes_at, "dispute_hours": *dispute_hours,
        "tags": list(tags, |tag| tag.as_str().into()), "articles": list(articles, link),
        "scale": scale.as_ref().map(self::scale), "review": review.as_ref().map(self::review),
        "price_band": price_band.as_ref().map(self::price_band),
    }
}

fn review(plan: &ReviewPlan) -> Json {
    let ReviewPlan { required, worlds } = plan;
    let world = |world: &World| {
        let World { story, comes_to } = world;
        object! { "story": story.as_str(), "comes_to": verdict(comes_to) }
    };
    object! { "required": *required, "worlds": list(worlds, world) }
}

/// An outcome by its place, and everything else by its word.
fn passage(passage: Passage) -> Json {
    match passage {
        Passage::Outcome(outcome) => object! { "outcome": outcome },
        other => Json::from(other.word(|outcome| outcome.to_string())),
    }
}

/// An outcome by its place, and a number in millionths of its unit, as money is.
fn verdict(verdict: &Verdict) -> Json {
    match *verdict {
        Verdict::Outcome(outcome) => object! { "outcome": outcome },
        Verdict::Value(value) => object! { "value": Micros::new(value) },
        Verdict::Void => object! { "void": true },
    }
}

fn outcome(outcome: &OutcomeSpec) -> Json {
    let OutcomeSpec { key, name, prior } = outcome;
    object! { "key": key.as_str(), "name": name.as_str(), "prior": *prior }
}

fn rules(rules: &Rules) -> Json {
    let Rules {
        criteria,
        edge_cases,
        sources,
        early_close,
    } = rules;
    let source = |source: &Source| {
        let Source { name, url, primary } = source;
        object! { "name": name.as_str(), "url": url.as_str(), "primary": *primary }
    };
    object! {
        "criteria": criteria.as_str(), "edge_cases": list(edge_cases, |case| case.as_str().into()),
        "sources": list(sources, source),
        "early_close": early_close.as_deref().map(|clauses| list(clauses, |clause| clause.as_str().into())),
    }
}

/// The ends of a scale are millionths of its unit, as money is.
fn scale(scale: &Scale) -> Json {
    let Scale { low, high, unit } = scale;
    let end = |end: i64| tidings_core::units::Micros::new(end);
    object! { "low": end(*low), "high": end(*high), "unit": unit.as_str() }
}

fn event(event: &Event) -> Json {
    match event {
        Event::AccountOpened { account, role } => object! {
            "kind": "account_opened", "account": *account, "role": word(RoleWord::from(*role)),
        },
        Event::KeyIssued { account, key } => object! {
            "kind": "key_issued", "account": *account, "key": *key,
        },
        Event::KeyRevoked { account, key } => object! {
            "kind": "key_revoked", "account": *account, "key": *key,
        },
        Event::KeyRotated {
            account,
            key,
            successor,
            ends_at,
        } => object! {
            "kind": "key_rotated", "account": *account, "key": *key, "successor": *successor,
            "ends_at": *ends_at,
        },
        Event::SwitchSet {
            account,
            cancels_at,
        } => object! {
            "kind": "switch_set", "account": *account, "cancels_at": *cancels_at,
        },
        Event::SwitchFired { account } => object! {
            "kind": "switch_fired", "account": *account,
        },
        Event::AccountFrozen { account } => object! {
            "kind": "account_frozen", "account": *account,
        },
        Event::AccountUnfrozen { account } => object! {
            "kind": "account_unfrozen", "account": *account,
        },
        Event::AllowanceSet { account, percent } => object! {
            "kind": "allowance_set", "account": *account, "percent": u64::from(*percent),
        },
        Event::DepositProposed {
            proposal,
            account,
            amount,
        } => object! {
            "kind": "deposit_proposed", "proposal": *proposal, "account": *account,
            "amount": *amount,
        },
        Event::ThresholdProposed { proposal, from } => object! {
            "kind": "threshold_proposed", "proposal": *proposal, "from": *from,
        },
        Event::ThresholdSet { from } => object! { "kind": "threshold_set", "from": *from },
        Event::FundsConfirmed { proposal } => object! {
            "kind": "funds_confirmed", "proposal": *proposal,
        },
        Event::FundsDropped { proposal } => object! {
            "kind": "funds_dropped", "proposal": *proposal,
        },
        Event::ManyHalted { markets } => object! { "kind": "many_halted", "markets": *markets },
        Event::ManyResumed { markets } => object! { "kind": "many_resumed", "markets": *markets },
        Event::Deposited { account, amount } => object! {
            "kind": "deposited", "account": *account, "amount": *amount,
        },
        Event::Withdrawn { account, amount } => object! {
            "kind": "withdrawn", "account": *account, "amount": *amount,
        },
        Event::MarketCreated {
            market,
            sponsor,
            subsidy,
        } => object! {
            "kind": "market_created", "market": *market, "sponsor": *sponsor, "subsidy": *subsidy,
        },
        Event::MarketRevised {
            market,
            sponsor,
            locked,
            subsidy,
        } => object! {
            "kind": "market_revised", "market": *market, "sponsor": *sponsor, "locked": *locked,
            "subsidy": *subsidy,
        },
        Event::PhaseChanged { market, status } => object! {
            "kind": "phase_changed", "market": *market, "status": word(StatusWord::from(*status)),
        },
        Event::BandLeft { market, swing } => object! {
            "kind": "band_left", "market": *market, "swing": self::swing(swing),
        },
        Event::ClosedEarly { market, clause } => object! {
            "kind": "closed_early", "market": *market, "clause": clause.map(|clause| clause.to_string()),
        },
        Event::Clarified { market, version } => object! {
            "kind": "clarified", "market": *market, "version": *version,
        },
        Event::ArticleLinked { market } => object! { "kind": "article_linked", "market": *market },
        Event::KeptOut {
            market,
            account,
            out,
        } => object! { "kind": "kept_out", "market": *market, "account": *account, "out": *out },
        Event::EndRemembered { market, until } => object! {
            "kind": "end_remembered", "market": *market, "until": *until,
        },
        Event::EndForgotten { market } => object! { "kind": "end_forgotten", "market": *market },
        Event::CorrectionProposed { market } => object! {
            "kind": "correction_proposed", "market": *market,
        },
        Event::Amended {
            account,
            market,
            amount,
        } => object! {
            "kind": "amended", "account": *account, "market": *market, "amount": *amount,
        },
        Event::CorrectionMade { market } => {
            object! { "kind": "correction_made", "market": *market }
        }
        Event::MarketReviewed {
            market,
            by,
            alike,
            approved,
        } => object! {
            "kind": "market_reviewed", "market": *market, "by": *by, "alike": *alike, "approved": *approved,
        },
        Event::OrderAccepted {
            order,
            account,
            market,
        } => object! {
            "kind": "order_accepted", "order": *order, "account": *account, "market": *market,
        },
        Event::BookFill(fill) => book_fill(fill),
        Event::MakerFill {
            taker,
            market,
            outcome,
            lots,
            amount,
        } => object! {
            "kind": "maker_fill", "taker": *taker, "market": *market, "outcome": *outcome,
            "quantity": *lots, "amount": *amount,
        },
        Event::OrderTook(OrderTook {
            order,
            account,
            market,
            lots,
            cash,
            fee,
        }) => object! {
            "kind": "order_took", "order": *order, "account": *account, "market": *market,
            "quantity": *lots, "cash": *cash, "fee": *fee,
        },
        Event::OrderRested {
            order,
            remaining,
            reserved,
        } => object! {
            "kind": "order_rested", "order": *order, "remaining": *remaining,
            "reserved": *reserved,
        },
        Event::OrderAmended {
            order,
            remaining,
            limit,
            market,
        } => object! {
            "kind": "order_amended", "order": *order, "market": *market,
            "remaining": *remaining, "price": *limit,
        },
        Event::OrderClosed {
            order,
            account,
            market,
            reason,
            cancelled,
        } => object! {
            "kind": "order_closed", "order": *order, "account": *account, "market": *market,
            "reason": reason.word(), "cancelled": *cancelled,
        },
        Event::SetsMerged {
            account,
            market,
            sets,
        } => object! {
            "kind": "sets_merged", "account": *account, "market": *market, "quantity": *sets,
        },
        Event::PaidOut {
            account,
            market,
            amount,
        } => paid("paid_out", *account, *market, *amount),
        Event::Refunded {
            account,
            market,
            amount,
        } => paid("refunded", *account, *market, *amount),
        Event::SponsorReturned {
            account,
            market,
            amount,
        } => paid("sponsor_returned", *account, *market, *amount),
        Event::LiquidityAdded {
            market,
            sponsor,
            liquidity,
            locked,
        } => object! {
            "kind": "liquidity_added", "market": *market, "sponsor": *sponsor,
            "liquidity": *liquidity, "locked": *locked,
        },
        Event::SetFill {
            taker,
            market,
            outcome,
            side,
            lots,
            amount,
        } => object! {
            "kind": "set_fill", "taker": *taker, "market": *market, "outcome": *outcome,
            "side": book_side(*side), "quantity": *lots, "amount": *amount,
        },
    }
}

fn book_fill(fill: &BookFill) -> Json {
    let BookFill {
        taker,
        maker,
        account,
        market,
        outcome,
        price,
        lots,
        left,
        cash,
        side,
    } = *fill;
    // Order 0 stands for none: the maker grew deeper and served a resting order.
    let taker = (taker.0 != 0).then_some(taker);
    object! {
        "kind": "book_fill", "taker": taker, "maker": maker, "account": account,
        "market": market, "outcome": outcome, "price": price, "quantity": lots, "left": left,
        "cash": cash, "side": book_side(side),
    }
}

fn paid(
    kind: &'static str,
    account: tidings_core::id::AccountId,
    market: tidings_core::id::MarketId,
    amount: tidings_core::units::Micros,
) -> Json {
    object! { "kind": kind, "account": account, "market": market, "amount": amount }
}

fn refusal(reject: &Reject) -> Json {
    let mut told = vec![
        ("code".into(), reject.code().into()),
        ("detail".into(), reject.to_string().into()),
    ];
    let Json::Object(numbers) = numbers(reject) else {
        return Json::Object(told);
    };
    told.extend(numbers);
    Json::Object(told)
}

/// What explains a refusal.
fn numbers(reject: &Reject) -> Json {
    match *reject {
        Reject::InsufficientFunds {
            available,
            required,
        } => object! { "available": available, "required": required },
        Reject::InsufficientPosition {
            available,
            required,
        } => object! { "available": available, "required": required },
        Reject::MarketNotOpen { status } | Reject::WrongPhase { status } => {
            object! { "market_status": word(StatusWord::from(status)) }
        }
        Reject::PriceOffTick { tick } => {
            object! { "tick": tidings_core::units::Price::new(tick) }
        }
        Reject::FokNotFilled { fillable } => object! { "fillable": fillable },
        Reject::TooManyOrders { most }
        | Reject::TooManyKeys { most }
        | Reject::TooManyKeptOut { most } => object! { "most": most },
        Reject::KeyRotated { successor } => object! { "successor": successor },
        Reject::SecondOperatorNeeded { proposed_by } => object! { "proposed_by": proposed_by },
        Reject::DisputeWindowOpen { until } => object! { "until": until },
        Reject::CorrectionUncovered { missing } => object! { "missing": missing },
        Reject::EvidenceInsufficient {
            primary,
            publishers,
            others,
        } => object! { "primary": primary, "publishers": publishers, "others": others },
        // What is at fault with it is in the words.
        Reject::EvidenceInvalid { item, fault: _ } => object! { "item": item },
        // Which part is at fault is in the words.
        Reject::OrderInvalid { fault: _ } | Reject::MarketInvalid { fault: _ } => Json::Null,
        Reject::AccountNotFound
        | Reject::RoleNotAllowed
        | Reject::MarketNotFound
        | Reject::OutcomeNotFound
        | Reject::OrderNotFound
        | Reject::KeyNotFound
        | Reject::KeyTaken
        | Reject::LimitExceeded
        | Reject::PostOnlyWouldTake
        | Reject::NothingToFill
        | Reject::TooLate
        | Reject::ClientOrderIdTaken
        | Reject::RestingNotSupported
        | Reject::SlugTaken
        | Reject::PayoutInvalid
        | Reject::ConflictOfInterest
        | Reject::DisputeWindowClosed
        | Reject::NotAHolder
        | Reject::IdempotencyKeyReused
        | Reject::BookFull
        | Reject::LinkNotPossible
        | Reject::NotTheSponsor
        | Reject::LiquidityInvalid
        | Reject::GrantTooWide
        | Reject::GrantInvalid
        | Reject::KeyInvalid
        | Reject::DraftChanged
        | Reject::KeptOut
        | Reject::AccountFrozen
        | Reject::AllowanceInvalid
        | Reject::HaltNotFound
        | Reject::ProposalNotFound
        | Reject::CorrectionTooLate
        | Reject::NothingToCorrect
        | Reject::ClauseUnknown
        | Reject::EarlyCloseClauseMissing
        | Reject::ReviewMissing
        | Reject::ReviewByAuthor
        | Reject::WorldsDiffer
        | Reject::ReviewedAlready
        | Reject::NothingToReview => Json::Null,
    }
}
