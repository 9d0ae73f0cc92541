//! The one binary: reads what it is asked on the command line, puts the crates together, and says in
//! one sentence what went wrong. No rule of trading lives here.
//!
//! `cli` and `settings` say what was typed and what it means; `serve` runs the server, `demo` is a
//! client of it like any other, `verify` and `keys` work on a database that no server has open.

mod backup;
mod cli;
mod database;
mod demo;
mod digest;
mod failure;
mod journal;
mod keys;
mod loss;
mod rebuild;
mod replay;
mod restore;
mod say;
mod serve;
mod settings;
mod sign;
mod verify;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use cli::{Cli, Command, KeysCommand};
use failure::{Failure, failed};
use say::say;
use settings::Settings;

/// Requests come in on one thread and their records go on another: the system's allocator is slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What blocking work may take after everything else has ended.
const LAST_WAIT: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("tidings: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => {
            let settings = Settings::of(args)?;
            log_to_stderr("info,sqlx=warn,hyper=warn,reqwest=warn");
            block_on(serve::serve(settings))
        }
        Command::Verify(args) => {
            log_to_stderr("warn");
            block_on(verify::verify(args))
        }
        Command::Keys(args) => {
            log_to_stderr("warn");
            match args.command {
                Some(KeysCommand::Generate(args)) => keys::generate(&args),
                Some(KeysCommand::Password(args)) => block_on(keys::password(args)),
                None => block_on(keys::issue(args)),
            }
        }
        Command::Sign(args) => sign::sign(&args),
        Command::Journal(command) => {
            log_to_stderr("warn");
            block_on(journal::run(command))
        }
        Command::Replay(args) => {
            log_to_stderr("warn");
            block_on(replay::show(args))
        }
        Command::Backup(args) => {
            log_to_stderr("warn");
            block_on(backup::backup(args))
        }
        Command::Restore(args) => {
            log_to_stderr("warn");
            block_on(restore::restore(args))
        }
        Command::Rebuild(args) => {
            log_to_stderr("warn");
            block_on(rebuild::rebuild(args))
        }
        Command::AcceptLoss(args) => {
            log_to_stderr("warn");
            block_on(loss::accept(args))
        }
        Command::Digest(args) => {
            log_to_stderr("warn");
            block_on(digest::digest(args))
        }
        Command::Openapi => {
            let document = serde_json::to_string_pretty(&tidings_api::openapi());
            say(&document.map_err(failed("the document cannot be written"))?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn block_on(work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(failed("the threads cannot be started"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WAIT);
    done
}

/// `RUST_LOG` decides; `otherwise` where it is silent.
fn log_to_stderr(otherwise: &str) {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;

    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(otherwise));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}
