//! Whom and what a record is about: who asked, and whose money, keys, orders and markets it touched.

use tidings_core::command::Command;
use tidings_core::event::{Event, Record};
use tidings_core::id::{AccountId, MarketId};

/// The accounts, each once.
pub fn accounts(record: &Record) -> Vec<AccountId> {
    let asked = match record.request.command {
        Command::IssueKey { account, .. }
        | Command::RevokeKey { account, .. }
        | Command::FreezeAccount { account, .. }
        | Command::UnfreezeAccount { account }
        | Command::SetAllowance { account, .. }
        | Command::KeepOut { account, .. } => Some(account),
        Command::RotateKey(ref rotate) => Some(rotate.account),
        Command::Deposit(transfer) | Command::Withdraw(transfer) => Some(transfer.account),
        _ => None,
    };
    let touched = record.events.iter().filter_map(account);
    once(
        [record.request.actor]
            .into_iter()
            .chain(asked)
            .chain(touched),
    )
}

/// The markets, each once.
pub fn markets(record: &Record) -> Vec<MarketId> {
    let touched = record.events.iter().filter_map(Event::market);
    once(asked_of(&record.request.command).into_iter().chain(touched))
}

/// The market that a command names by its place.
pub fn asked_of(command: &Command) -> Option<MarketId> {
    match command {
        Command::OpenMarket { market }
        | Command::HaltMarket { market, .. }
        | Command::ResumeMarket { market }
        | Command::CloseMarket { market, .. }
        | Command::Clarify { market, .. }
        | Command::LinkArticle { market, .. }
        | Command::ProposeResolution { market, .. }
        | Command::Dispute { market, .. }
        | Command::ConfirmResolution { market }
        | Command::VoidMarket { market, .. }
        | Command::AddLiquidity { market, .. }
        | Command::ReviseMarket { market, .. }
        | Command::ConfirmVoid { market }
        | Command::ConfirmCorrection { market }
        | Command::KeepOut { market, .. } => Some(*market),
        Command::ProposeVoid(propose) => Some(propose.market),
        Command::ProposeCorrection(propose) => Some(propose.market),
        Command::Place(order) => Some(order.market),
        Command::ReviewMarket(review) => Some(review.market),
        Command::CancelAll { market } => *market,
        Command::Tick
        | Command::OpenAccount(_)
        | Command::IssueKey { .. }
        | Command::RevokeKey { .. }
        | Command::RotateKey(_)
        | Command::Deposit(_)
        | Command::Withdraw(_)
        | Command::FreezeAccount { .. }
        | Command::UnfreezeAccount { .. }
        | Command::SetAllowance { .. }
        | Command::SetLargeDeposits { .. }
        | Command::DecideFunds { .. }
        | Command::HaltMany(_)
        | Command::ResumeMany { .. }
        | Command::CreateMarket(_)
        | Command::Amend(_)
        | Command::Cancel { .. }
        | Command::CancelAfter { .. } => None,
    }
}

/// Whose account an event is about.
fn account(event: &Event) -> Option<AccountId> {
    match *event {
        Event::AccountOpened { account, .. }
        | Event::KeyIssued { account, .. }
        | Event::KeyRevoked { account, .. }
        | Event::KeyRotated { account, .. }
        | Event::SwitchSet { account, .. }
        | Event::SwitchFired { account }
        | Event::AccountFrozen { account }
        | Event::AccountUnfrozen { account }
        | Event::AllowanceSet { account, .. }
        | Event::DepositProposed { account, .. }
        | Event::KeptOut { account, .. }
        | Event::MarketReviewed { by: account, .. }
        | Event::Deposited { account, .. }
        | Event::Withdrawn { account, .. }
        | Event::OrderAccepted { account, .. }
        | Event::OrderClosed { account, .. }
        | Event::SetsMerged { account, .. }
        | Event::PaidOut { account, .. }
        | Event::Refunded { account, .. }
        | Event::Amended { account, .. }
        | Event::SponsorReturned { account, .. } => Some(account),
        Event::BookFill(fill) => Some(fill.account),
        Event::OrderTook(took) => Some(took.account),
        Event::MarketCreated { sponsor, .. }
        | Event::MarketRevised { sponsor, .. }
        | Event::LiquidityAdded { sponsor, .. } => Some(sponsor),
        Event::PhaseChanged { .. }
        | Event::BandLeft { .. }
        | Event::ClosedEarly { .. }
        | Event::ManyHalted { .. }
        | Event::ThresholdProposed { .. }
        | Event::ThresholdSet { .. }
        | Event::FundsConfirmed { .. }
        | Event::FundsDropped { .. }
        | Event::ManyResumed { .. }
        | Event::EndRemembered { .. }
        | Event::EndForgotten { .. }
        | Event::CorrectionProposed { .. }
        | Event::CorrectionMade { .. }
        | Event::Clarified { .. }
        | Event::ArticleLinked { .. }
        | Event::MakerFill { .. }
        | Event::SetFill { .. }
        | Event::OrderRested { .. }
        | Event::OrderAmended { .. } => None,
    }
}

fn once<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}
