//! A record as a line: its place and moment, who asked for what, what came of it, and why.

use tidings_core::access::Role;
use tidings_core::book::BookSide;
use tidings_core::command::{AmendOrder, Command, Contract, PlaceOrder, Side, Size, TimeInForce};
use tidings_core::event::{BookFill, Event, OrderTook, Record};
use tidings_core::evidence::Item;
use tidings_core::halt::Scope;
use tidings_core::id::MarketId;
use tidings_core::market::{Ending, HaltReason, LinkRole, Payout};
use tidings_core::units::Micros;

use super::names::{Names, shown};
use crate::wire::account::RoleWord;
use crate::wire::id;
use crate::wire::time::Time;
use crate::wire::unit::OddsText;

/// Events that a line tells; a settlement has one for each holder.
const EVENTS: usize = 8;
/// Characters of one text in a line.
const TEXT: usize = 160;

/// A record as a line.
pub fn line(record: &Record, names: &Names) -> String {
    let request = &record.request;
    let mut line = format!(
        "{:>7}  {:<27}  {} {}",
        record.stamp.seq,
        Time(record.stamp.at).to_string(),
        names.who(request.actor),
        asked(&request.command, names)
    );
    let outcome = outcome(record, names);
    if !outcome.is_empty() {
        line.push_str(" -> ");
        line.push_str(&outcome);
    }
    if let Some(reason) = &request.reason {
        line.push_str(&format!(" (because: {})", quoted(reason)));
    }
    line
}

/// What was asked, with a verb.
pub fn asked(command: &Command, names: &Names) -> String {
    let which = |market| names.which(market);
    match command {
        Command::Tick => "lets deadlines take effect".to_owned(),
        Command::OpenAccount(open) => {
            format!(
                "opens an account for {} as {}",
                quoted(&open.name),
                role(open.role)
            )
        }
        Command::IssueKey { account, .. } => format!("issues a key to {}", names.who(*account)),
        Command::RevokeKey { account, key, .. } => {
            format!("revokes key {key} of {}", names.who(*account))
        }
        Command::RotateKey(rotate) => {
            format!(
                "rotates key {} of {}",
                rotate.key,
                names.who(rotate.account)
            )
        }
        Command::Deposit(transfer) => {
            format!(
                "pays {} in for {}",
                transfer.amount,
                names.who(transfer.account)
            )
        }
        Command::Withdraw(transfer) => {
            format!(
                "pays {} out to {}",
                transfer.amount,
                names.who(transfer.account)
            )
        }
        Command::CreateMarket(spec) => {
            format!("drafts {}: {}", shown(&spec.slug), quoted(&spec.question))
        }
        Command::ReviseMarket { market, spec, .. } => {
            format!("writes {} anew: {}", which(*market), quoted(&spec.question))
        }
        Command::OpenMarket { market } => format!("opens {}", which(*market)),
        Command::HaltMarket { market, reason } => match reason {
            HaltReason::Operator(reason) => format!("halts {}: {}", which(*market), quoted(reason)),
            HaltReason::Embargo => format!("halts {} for an embargo", which(*market)),
            HaltReason::Band(_) => format!("halts {} for its price band", which(*market)),
            HaltReason::Many { scope, reason } => format!(
                "halts {} with {}: {}",
                which(*market),
                scoped(scope),
                quoted(reason)
            ),
        },
        Command::HaltMany(halt) => {
            format!("halts {}: {}", scoped(&halt.scope), quoted(&halt.reason))
        }
        Command::ResumeMany { scope } => format!("resumes {}", scoped(scope)),
        Command::FreezeAccount { account, reason } => {
            format!("freezes {}: {}", names.who(*account), quoted(reason))
        }
        Command::SetAllowance {
            account,
            percent,
            reason,
        } => format!(
            "lets {} ask for {percent} % of what everyone may: {}",
            names.who(*account),
            quoted(reason)
        ),
        Command::SetLargeDeposits { from: Some(from) } => {
            format!("has deposits from {from} on take two")
        }
        Command::SetLargeDeposits { from: None } => "has no deposit take two".to_owned(),
        Command::DecideFunds {
            proposal,
            confirm: true,
        } => format!("confirms {}", id::proposal(*proposal)),
        Command::DecideFunds { proposal, .. } => format!("takes {} back", id::proposal(*proposal)),
        Command::UnfreezeAccount { account } => format!("lets {} go on", names.who(*account)),
        Command::ResumeMarket { market } => format!("resumes {}", which(*market)),
        Command::CloseMarket {
            market,
            reason,
            clause,
        } => {
            let by = clause.map_or(String::new(), |clause| format!(" by {clause}"));
            format!("closes {}{by}: {}", which(*market), quoted(reason))
        }
        Command::Clarify {
            market,
            text,
            about,
        } => {
            let key = |outcome| names.outcome(*market, outcome);
            let on = about.map_or(String::new(), |about| format!(" on {}", about.word(key)));
            format!("clarifies {}{on}: {}", which(*market), quoted(text))
        }
        Command::LinkArticle { market, link } => {
            let role = link_role(link.role);
            format!(
                "links {} to {} as {role}",
                shown(&link.article),
                which(*market)
            )
        }
        Command::ProposeResolution {
            market,
            payout,
            evidence,
            note,
            items,
        } => {
            let shares = shares(*market, payout, names);
            let (which, pieces) = (which(*market), pieces(evidence, items.as_deref()));
            format!(
                "proposes for {which}: {shares}, on {pieces} of evidence: {}",
                quoted(note)
            )
        }
        Command::Dispute {
            market,
            reason,
            clause,
            ..
        } => {
            let by = clause.map_or_else(String::new, |clause| format!(" by {clause}"));
            format!("disputes {}{by}: {}", which(*market), quoted(reason))
        }
        Command::ConfirmResolution { market } => {
            format!("confirms the resolution of {}", which(*market))
        }
        Command::VoidMarket { market, reason } => {
            format!("voids {}: {}", which(*market), quoted(reason))
        }
        Command::ProposeVoid(propose) => {
            let (which, rule) = (which(propose.market), propose.rule.word());
            let pieces = pieces(&propose.evidence, propose.items.as_deref());
            format!(
                "proposes to call {which} off as {rule}, on {pieces} of evidence: {}",
                quoted(&propose.reason)
            )
        }
        Command::ProposeCorrection(propose) => {
            let market = propose.market;
            let ending = match &propose.ending {
                Ending::Paid(payout) => shares(market, payout, names),
                Ending::Void(rule) => format!("called off as {}", rule.word()),
            };
            let pieces = pieces(&propose.evidence, propose.items.as_deref());
            let which = which(market);
            format!(
                "proposes to correct {which}: {ending}, on {pieces} of evidence: {}",
                quoted(&propose.reason)
            )
        }
        Command::ConfirmCorrection { market } => {
            format!("confirms the correction of {}", which(*market))
        }
        Command::ConfirmVoid { market } => {
            format!("confirms that {} is called off", which(*market))
        }
        Command::Place(order) => placed(order, names),
        Command::Amend(amend) => amended(amend),
        Command::Cancel { order } => format!("cancels {}", id::order(*order)),
        Command::CancelAll { market: None } => "cancels all open orders".to_owned(),
        Command::CancelAll {
            market: Some(market),
        } => {
            format!("cancels all open orders in {}", which(*market))
        }
        Command::CancelAfter { seconds: 0 } => "turns its dead man's switch off".to_owned(),
        Command::CancelAfter { seconds } => {
            format!("has all open orders cancelled unless it asks again within {seconds} s")
        }
        Command::KeepOut {
            market,
            account,
            out: true,
        } => format!("keeps {} out of {}", names.who(*account), which(*market)),
        Command::KeepOut {
            market,
            account,
            out: false,
        } => format!("lets {} into {} again", names.who(*account), which(*market)),
        Command::ReviewMarket(review) => {
            let note = review.note.as_ref();
            let said = note.map_or_else(String::new, |note| format!(": {note}"));
            let word = if review.approve {
                "approves"
            } else {
                "returns"
            };
            format!("reads {} and {word} it{said}", which(review.market))
        }
        Command::AddLiquidity {
            market,
            liquidity,
            reason,
        } => {
            let why = reason.as_ref().map(|why| format!(": {}", quoted(why)));
            let which = which(*market);
            format!("deepens {which} to {liquidity}{}", why.unwrap_or_default())
        }
    }
}

fn scoped(scope: &Scope) -> String {
    match scope {
        Scope::Everything => "everything".to_owned(),
        Scope::Tag(tag) => format!("everything tagged {}", shown(tag)),
    }
}

/// What each outcome pays, by its name.
fn shares(market: MarketId, payout: &Payout, names: &Names) -> String {
    let each = (0..).zip(payout.shares()).map(|(ix, share)| {
        let outcome = names.outcome(market, tidings_core::id::Outcome(ix));
        format!("{outcome} {share}")
    });
    each.collect::<Vec<String>>().join(", ")
}

fn placed(order: &PlaceOrder, names: &Names) -> String {
    let verb = match order.side {
        Side::Buy => "buys",
        Side::Sell => "sells",
    };
    let size = match order.size {
        Size::Quantity(lots) => lots.to_string(),
        Size::Spend(money) => format!("for {money}"),
    };
    let contract = match order.contract {
        Contract::Yes => "Yes",
        Contract::No => "No",
    };
    let (which, on) = (
        names.which(order.market),
        names.outcome(order.market, order.outcome),
    );
    let price = order
        .limit
        .map_or_else(|| "at any price".to_owned(), |limit| format!("at {limit}"));
    let waits = match order.time_in_force {
        TimeInForce::Gtc => "gtc".to_owned(),
        TimeInForce::Gtd(until) => format!("gtd {}", Time(until)),
        TimeInForce::Ioc => "ioc".to_owned(),
        TimeInForce::Fok => "fok".to_owned(),
    };
    let post_only = if order.post_only { ", post_only" } else { "" };
    format!("{verb} {size} {contract} on {which}/{on} {price}, {waits}{post_only}")
}

fn amended(amend: &AmendOrder) -> String {
    let quantity = amend.quantity.map(|lots| format!(" to {lots}"));
    let price = amend.limit.map(|limit| format!(" at {limit}"));
    let order = id::order(amend.order);
    let (quantity, price) = (quantity.unwrap_or_default(), price.unwrap_or_default());
    format!("amends {order}{quantity}{price}")
}

/// What came of it. What deadlines brought about comes first, also before a refusal.
pub fn outcome(record: &Record, names: &Names) -> String {
    let events = &record.events;
    let told = events
        .iter()
        .take(EVENTS)
        .map(|event| happened(event, names));
    let mut told: Vec<String> = told.collect();
    if events.len() > EVENTS {
        told.push(format!("and {} more", events.len() - EVENTS));
    }
    if let Some(reject) = &record.refusal {
        told.push(format!("refused, {}: {reject}", reject.code()));
    }
    told.join("; ")
}

/// An event in a few words.
fn happened(event: &Event, names: &Names) -> String {
    let (who, which) = (|account| names.who(account), |market| names.which(market));
    match *event {
        Event::AccountOpened { account, .. } => format!("{} is open", id::account(account)),
        Event::KeyIssued { account, key } => format!("key {key} of {}", id::account(account)),
        Event::KeyRevoked { account, key } => {
            format!("key {key} of {} ended", id::account(account))
        }
        Event::KeyRotated {
            account,
            key,
            successor,
            ends_at,
        } => format!(
            "key {successor} follows key {key} of {}, which ends {}",
            id::account(account),
            Time(ends_at)
        ),
        Event::SwitchSet {
            cancels_at: Some(at),
            ..
        } => format!("orders end at {}", Time(at)),
        Event::SwitchSet { .. } => "orders stay".to_owned(),
        Event::SwitchFired { account } => {
            format!("{} did not ask again in time", who(account))
        }
        Event::DepositProposed { proposal, .. } | Event::ThresholdProposed { proposal, .. } => {
            format!("{} waits for another administrator", id::proposal(proposal))
        }
        Event::ThresholdSet { from: Some(from) } => format!("{from} and more take two"),
        Event::ThresholdSet { from: None } => "one is enough".to_owned(),
        Event::FundsConfirmed { .. } => "confirmed".to_owned(),
        Event::FundsDropped { .. } => "taken back".to_owned(),
        Event::ManyHalted { markets } => format!("{markets} halted"),
        Event::ManyResumed { markets } => format!("{markets} resumed"),
        Event::AccountFrozen { .. } => "frozen".to_owned(),
        Event::AccountUnfrozen { .. } => "not frozen".to_owned(),
        Event::AllowanceSet { percent, .. } => format!("{percent} % of the usual"),
        Event::Deposited { amount, .. } => format!("{amount} came in"),
        Event::Withdrawn { amount, .. } => format!("{amount} went out"),
        Event::MarketCreated {
            market,
            sponsor,
            subsidy,
        } => format!("{} with {subsidy} of {}", id::market(market), who(sponsor)),
        Event::MarketRevised { locked, .. } if locked < Micros::ZERO => {
            format!("{} unlocked", -locked)
        }
        Event::MarketRevised { locked, .. } => format!("{locked} more locked"),
        Event::PhaseChanged { market, status } => {
            format!("{} is {}", which(market), status.word())
        }
        Event::BandLeft { market, swing } => format!(
            "outcome {} of {} left its price band: from {} to {}",
            swing.outcome.0,
            which(market),
            OddsText(swing.from),
            OddsText(swing.to)
        ),
        Event::ClosedEarly { market, clause } => match clause {
            Some(clause) => format!("{} closes before its time by {clause}", which(market)),
            None => format!(
                "{} closes before its time, which its rules do not foresee",
                which(market)
            ),
        },
        Event::Clarified { version, .. } => format!("clarification {version}"),
        Event::ArticleLinked { .. } => "linked".to_owned(),
        Event::EndRemembered { until, .. } => {
            format!("correctable until {}", Time(until))
        }
        Event::EndForgotten { .. } => "not correctable any more".to_owned(),
        Event::CorrectionProposed { .. } => "a correction is proposed".to_owned(),
        Event::Amended {
            account, amount, ..
        } => format!("{} corrected by {amount}", who(account)),
        Event::CorrectionMade { .. } => "corrected".to_owned(),
        Event::MarketReviewed { alike: false, .. } => "read otherwise".to_owned(),
        Event::MarketReviewed { approved: true, .. } => "approved".to_owned(),
        Event::MarketReviewed { .. } => "returned".to_owned(),
        Event::KeptOut { out: true, .. } => "kept out".to_owned(),
        Event::KeptOut { out: false, .. } => "let in".to_owned(),
        Event::OrderAccepted { order, .. } => id::order(order),
        Event::BookFill(fill) => filled(&fill, names),
        Event::MakerFill {
            market,
            outcome,
            lots,
            amount,
            ..
        } => {
            let on = names.outcome(market, outcome);
            match amount < Micros::ZERO {
                false => format!("the maker sells {lots} {on} for {amount}"),
                true => format!("the maker buys {} {on} for {}", -lots, -amount),
            }
        }
        Event::OrderTook(OrderTook {
            order,
            lots,
            cash,
            fee,
            ..
        }) => format!("{} fills {lots} for {cash}, fee {fee}", id::order(order)),
        Event::OrderRested {
            order, remaining, ..
        } => format!("{} rests with {remaining}", id::order(order)),
        Event::OrderAmended {
            order,
            remaining,
            limit,
            ..
        } => format!("{} has {remaining} left at {limit}", id::order(order)),
        Event::OrderClosed {
            order,
            reason,
            cancelled,
            ..
        } => format!(
            "{} ends, {}, {cancelled} unfilled",
            id::order(order),
            reason.word()
        ),
        Event::SetsMerged { account, sets, .. } => {
            format!("{sets} sets of {} merged", who(account))
        }
        Event::PaidOut {
            account, amount, ..
        } => format!("{} gets {amount}", who(account)),
        Event::Refunded {
            account, amount, ..
        } => format!("{} gets {amount} back", who(account)),
        Event::SponsorReturned {
            account, amount, ..
        } => format!("the sponsor {} gets {amount} back", who(account)),
        Event::LiquidityAdded {
            liquidity, locked, ..
        } => format!("{liquidity} deep, {locked} locked"),
        Event::SetFill {
            market,
            outcome,
            side,
            lots,
            amount,
            ..
        } => {
            let on = names.outcome(market, outcome);
            format!("{} of {lots} sets on {on} for {amount}", book_side(side))
        }
    }
}

fn filled(fill: &BookFill, names: &Names) -> String {
    let on = names.outcome(fill.market, fill.outcome);
    let (order, who) = (id::order(fill.maker), names.who(fill.account));
    format!("{} {on} @ {} with {order} of {who}", fill.lots, fill.price)
}

fn role(role: Role) -> &'static str {
    match RoleWord::from(role) {
        RoleWord::Admin => "admin",
        RoleWord::Operator => "operator",
        RoleWord::Editor => "editor",
        RoleWord::Trader => "trader",
        RoleWord::System => "system",
    }
}

/// How many pieces of evidence and references there are.
fn pieces(evidence: &[String], items: Option<&[Item]>) -> usize {
    evidence.len() + items.map_or(0, <[Item]>::len)
}

fn link_role(role: LinkRole) -> &'static str {
    match role {
        LinkRole::Subject => "subject",
        LinkRole::Context => "context",
        LinkRole::Trigger => "trigger",
        LinkRole::Evidence => "evidence",
    }
}

/// A text in quotes, on one line and not longer than a line can bear.
fn quoted(text: &str) -> String {
    let mut start: String = text.chars().take(TEXT).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("\"{}\"", shown(&start))
}

/// The incoming order's side, as Yes on the outcome.
pub fn book_side(side: BookSide) -> &'static str {
    match side {
        BookSide::Bid => "bid",
        BookSide::Ask => "ask",
    }
}
