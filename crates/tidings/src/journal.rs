//! `tidings journal …`: the journal read, taken along and put in place, without a server.

mod cat;
mod export;
mod import;
pub(crate) mod json;
mod noted;
mod portable;

use std::process::ExitCode;

use crate::cli::JournalCommand;
use crate::failure::Failure;

pub(crate) use cat::account;
pub(crate) use noted::{NotThere, Noted};

/// Does what is asked of the journal.
pub(crate) async fn run(command: JournalCommand) -> Result<ExitCode, Failure> {
    match command {
        JournalCommand::Cat(args) => cat::cat(args).await,
        JournalCommand::Export(args) => export::export(args).await,
        JournalCommand::Import(args) => import::import(args).await,
    }
}
