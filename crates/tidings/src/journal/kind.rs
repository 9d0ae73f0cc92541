//! The kinds of commands, under the names by which the journal is asked for them.

use clap::ValueEnum;
use tidings_core::command::Command;

/// What a record's command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    Tick,
    OpenAccount,
    IssueKey,
    RevokeKey,
    Deposit,
    Withdraw,
    CreateMarket,
    OpenMarket,
    HaltMarket,
    ResumeMarket,
    CloseMarket,
    Clarify,
    LinkArticle,
    ProposeResolution,
    Dispute,
    ConfirmResolution,
    VoidMarket,
    AddLiquidity,
    Place,
    Amend,
    Cancel,
    CancelAll,
    RotateKey,
    CancelAfter,
    ReviseMarket,
    KeepOut,
    ProposeVoid,
    ConfirmVoid,
    ProposeCorrection,
    ConfirmCorrection,
    ReviewMarket,
    HaltMany,
    ResumeMany,
    FreezeAccount,
    UnfreezeAccount,
    SetLargeDeposits,
    DecideFunds,
}

impl Kind {
    pub(crate) fn of(command: &Command) -> Kind {
        match command {
            Command::Tick => Kind::Tick,
            Command::OpenAccount(_) => Kind::OpenAccount,
            Command::IssueKey { .. } => Kind::IssueKey,
            Command::RevokeKey { .. } => Kind::RevokeKey,
            Command::Deposit(_) => Kind::Deposit,
            Command::Withdraw(_) => Kind::Withdraw,
            Command::CreateMarket(_) => Kind::CreateMarket,
            Command::OpenMarket { .. } => Kind::OpenMarket,
            Command::HaltMarket { .. } => Kind::HaltMarket,
            Command::ResumeMarket { .. } => Kind::ResumeMarket,
            Command::CloseMarket { .. } => Kind::CloseMarket,
            Command::Clarify { .. } => Kind::Clarify,
            Command::LinkArticle { .. } => Kind::LinkArticle,
            Command::ProposeResolution { .. } => Kind::ProposeResolution,
            Command::Dispute { .. } => Kind::Dispute,
            Command::ConfirmResolution { .. } => Kind::ConfirmResolution,
            Command::VoidMarket { .. } => Kind::VoidMarket,
            Command::AddLiquidity { .. } => Kind::AddLiquidity,
            Command::Place(_) => Kind::Place,
            Command::Amend(_) => Kind::Amend,
            Command::Cancel { .. } => Kind::Cancel,
            Command::CancelAll { .. } => Kind::CancelAll,
            Command::RotateKey(_) => Kind::RotateKey,
            Command::CancelAfter { .. } => Kind::CancelAfter,
            Command::ReviseMarket { .. } => Kind::ReviseMarket,
            Command::KeepOut { .. } => Kind::KeepOut,
            Command::ProposeVoid(_) => Kind::ProposeVoid,
            Command::ConfirmVoid { .. } => Kind::ConfirmVoid,
            Command::ProposeCorrection(_) => Kind::ProposeCorrection,
            Command::ConfirmCorrection { .. } => Kind::ConfirmCorrection,
            Command::ReviewMarket(_) => Kind::ReviewMarket,
            Command::HaltMany(_) => Kind::HaltMany,
            Command::ResumeMany { .. } => Kind::ResumeMany,
            Command::FreezeAccount { .. } => Kind::FreezeAccount,
            Command::UnfreezeAccount { .. } => Kind::UnfreezeAccount,
            Command::SetLargeDeposits { .. } => Kind::SetLargeDeposits,
            Command::DecideFunds { .. } => Kind::DecideFunds,
        }
    }

    /// Its name, on the command line and in the documents.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Kind::Tick => "tick",
            Kind::OpenAccount => "open_account",
            Kind::IssueKey => "issue_key",
            Kind::RevokeKey => "revoke_key",
            Kind::Deposit => "deposit",
            Kind::Withdraw => "withdraw",
            Kind::CreateMarket => "create_market",
            Kind::OpenMarket => "open_market",
            Kind::HaltMarket => "halt_market",
            Kind::ResumeMarket => "resume_market",
            Kind::CloseMarket => "close_market",
            Kind::Clarify => "clarify",
            Kind::LinkArticle => "link_article",
            Kind::ProposeResolution => "propose_resolution",
            Kind::Dispute => "dispute",
            Kind::ConfirmResolution => "confirm_resolution",
            Kind::VoidMarket => "void_market",
            Kind::AddLiquidity => "add_liquidity",
            Kind::Place => "place",
            Kind::Amend => "amend",
            Kind::Cancel => "cancel",
            Kind::CancelAll => "cancel_all",
            Kind::RotateKey => "rotate_key",
            Kind::CancelAfter => "cancel_after",
            Kind::ReviseMarket => "revise_market",
            Kind::KeepOut => "keep_out",
            Kind::ProposeVoid => "propose_void",
            Kind::ConfirmVoid => "confirm_void",
            Kind::ProposeCorrection => "propose_correction",
            Kind::ConfirmCorrection => "confirm_correction",
            Kind::ReviewMarket => "review_market",
            Kind::HaltMany => "halt_many",
            Kind::ResumeMany => "resume_many",
            Kind::FreezeAccount => "freeze_account",
            Kind::UnfreezeAccount => "unfreeze_account",
            Kind::SetLargeDeposits => "set_large_deposits",
            Kind::DecideFunds => "decide_funds",
        }
    }

    /// Whether a command takes more than a trader's rights. Time passes by itself, and everyone has a
    /// say in their own keys.
    pub(crate) fn is_privileged(command: &Command) -> bool {
        let everyones = matches!(
            command,
            Command::Tick
                | Command::Dispute { .. }
                | Command::Place(_)
                | Command::Amend(_)
                | Command::Cancel { .. }
                | Command::CancelAll { .. }
                | Command::CancelAfter { .. }
        );
        !everyones && command.own_key().is_none()
    }
}
