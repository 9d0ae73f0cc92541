//! The kinds of commands, under the names by which the journal is asked for them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tidings_core::command::Command;
use utoipa::ToSchema;

/// What a record's command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecordKind)]
#[expect(missing_docs, reason = "each is the command of its name")]
pub enum Kind {
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
    SetAllowance,
}

impl Kind {
    /// Every kind, in the order of their commands.
    pub const ALL: [Kind; 38] = [
        Kind::Tick,
        Kind::OpenAccount,
        Kind::IssueKey,
        Kind::RevokeKey,
        Kind::Deposit,
        Kind::Withdraw,
        Kind::CreateMarket,
        Kind::OpenMarket,
        Kind::HaltMarket,
        Kind::ResumeMarket,
        Kind::CloseMarket,
        Kind::Clarify,
        Kind::LinkArticle,
        Kind::ProposeResolution,
        Kind::Dispute,
        Kind::ConfirmResolution,
        Kind::VoidMarket,
        Kind::AddLiquidity,
        Kind::Place,
        Kind::Amend,
        Kind::Cancel,
        Kind::CancelAll,
        Kind::RotateKey,
        Kind::CancelAfter,
        Kind::ReviseMarket,
        Kind::KeepOut,
        Kind::ProposeVoid,
        Kind::ConfirmVoid,
        Kind::ProposeCorrection,
        Kind::ConfirmCorrection,
        Kind::ReviewMarket,
        Kind::HaltMany,
        Kind::ResumeMany,
        Kind::FreezeAccount,
        Kind::UnfreezeAccount,
        Kind::SetLargeDeposits,
        Kind::DecideFunds,
        Kind::SetAllowance,
    ];

    /// A command's.
    pub fn of(command: &Command) -> Kind {
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
            Command::SetAllowance { .. } => Kind::SetAllowance,
        }
    }

    /// Its name, on the command line and in the documents.
    pub const fn word(self) -> &'static str {
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
            Kind::SetAllowance => "set_allowance",
        }
    }

    /// Whether a command takes more than a trader's rights. Time passes by itself, and everyone has a
    /// say in their own keys.
    pub fn is_privileged(command: &Command) -> bool {
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

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Kind, &'static str> {
        let mut all = Kind::ALL.into_iter();
        all.find(|kind| kind.word() == word)
            .ok_or("no command has this name")
    }
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::Kind;

    #[test]
    fn every_kind_has_one_word_on_the_wire_and_on_the_command_line() {
        for (ix, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.word().parse(), Ok(kind));
            let wire = serde_json::to_value(kind).unwrap();
            assert_eq!(wire, kind.word());
            assert!(!Kind::ALL[..ix].contains(&kind), "{wire}");
        }
    }

    /// The document lists every kind that there is, whoever forgot one here.
    #[test]
    fn no_kind_is_missing() {
        let schema = serde_json::to_value(Kind::schema()).unwrap();
        let words = Kind::ALL.map(Kind::word).to_vec();
        assert_eq!(schema["enum"], serde_json::json!(words));
    }
}
