//! What can be typed. What it means, with the settings file and the defaults, is in `settings`.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

/// A prediction market beside the news: articles in, markets on them, live odds out.
///
/// Without a command it serves. Flags win over the environment, and both over the settings file.
#[derive(Debug, Parser)]
#[command(
    name = "tidings",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = ALSO
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

const ALSO: &str = "\
Also from the environment:
  TIDINGS_ADMIN_KEY  the first admin key; a random one is printed at the first start otherwise
  RUST_LOG           what is logged to standard error [default: info]";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (this is what happens without a command)
    Serve(ServeArgs),
    /// Check a database that no server has open: chain, replay, every invariant
    Verify(PlaceArgs),
    /// Issue a new admin key for a database that no server has open
    Keys(KeysArgs),
    /// Print the OpenAPI document
    Openapi,
}

/// Where the data is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PlaceArgs {
    /// The directory of everything that is kept [default: ./tidings-data]
    #[arg(long, value_name = "DIR", env = "TIDINGS_DATA", hide_env_values = true)]
    pub(crate) data: Option<PathBuf>,
    /// The database, a path or sqlite:PATH [default: tidings.db in the data directory]
    #[arg(
        long,
        value_name = "URL",
        env = "TIDINGS_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// A settings file in TOML: listen, data, database, demo, public_url
    #[arg(
        long,
        value_name = "FILE",
        env = "TIDINGS_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TIDINGS_LISTEN",
        hide_env_values = true
    )]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The address that readers use, when it is not the one listened on
    #[arg(
        long,
        value_name = "URL",
        env = "TIDINGS_PUBLIC_URL",
        hide_env_values = true
    )]
    pub(crate) public_url: Option<String>,
    /// Fill an empty database with a sample newsroom and trade in it [default]
    #[arg(
        long,
        value_name = "0|1",
        env = "TIDINGS_DEMO",
        hide_env_values = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_parser = switch,
        overrides_with = "no_demo"
    )]
    pub(crate) demo: Option<bool>,
    /// Leave an empty database empty, and a sample newsroom alone
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "demo")]
    pub(crate) no_demo: bool,
    /// The first admin key; a random one is printed otherwise. Only from the environment, because
    /// command lines can be read by others.
    #[arg(skip = std::env::var("TIDINGS_ADMIN_KEY").ok())]
    pub(crate) admin_key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// End every other key of the admin account
    #[arg(long)]
    pub(crate) revoke_others: bool,
}

fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("0 or 1".to_owned()),
    }
}
