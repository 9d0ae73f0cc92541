//! What can be typed. What it means, with the settings file and the defaults, is in `settings`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use tidings_api::digest::Week;
use tidings_api::records::Kind;

use crate::journal::Noted;

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

/// The kinds of commands, by their words.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::word)).try_map(|word| word.parse::<Kind>())
}

const ALSO: &str = "\
Also from the environment:
  TIDINGS_ADMIN_KEY      the first admin key; a random one is printed at the first start otherwise
  TIDINGS_SMTP_PASSWORD  the password of the relay for mail
  RUST_LOG               what is logged to standard error [default: info]";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (this is what happens without a command)
    Serve(ServeArgs),
    /// Check a database that no server has open: chain, replay, every invariant
    Verify(VerifyArgs),
    /// Issue a new admin key for a database that no server has open, or make a key pair
    Keys(KeysArgs),
    /// Print the headers that sign a request, for `curl -H @-`
    Sign(SignArgs),
    /// Read the journal, take it along, or put it in place
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Copy the database into a file, also while the server runs
    Backup(BackupArgs),
    /// Put a backup in the place of a database that no server has open
    Restore(RestoreArgs),
    /// Go on with a database that lacks what was answered, such as an older copy
    AcceptLoss(AcceptLossArgs),
    /// Make the read tables again from the journal
    Rebuild(RebuildArgs),
    /// Show the exchange as it stood at a place in its journal
    Replay(ReplayArgs),
    /// Show a week as it is told, or mail it, on a database that no server has open
    Digest(DigestArgs),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// The year and the week of ISO 8601 [default: the last one that is over]
    #[arg(long, value_name = "2026-w48")]
    pub(crate) week: Option<Week>,
    /// Mail it to those who had confirmed when the week was over, and have not got it
    #[arg(long)]
    pub(crate) send: bool,
    /// In which form it is shown
    #[arg(long, value_enum, default_value_t = DigestForm::Text, conflicts_with = "send")]
    pub(crate) form: DigestForm,
    #[command(flatten)]
    pub(crate) mail: MailArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The address that readers use
    #[arg(
        long,
        value_name = "URL",
        env = "TIDINGS_PUBLIC_URL",
        hide_env_values = true
    )]
    pub(crate) public_url: Option<String>,
}

/// A form of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigestForm {
    /// As plain text
    Text,
    /// As the HTML of a mail
    Html,
    /// As it is kept
    Json,
}

/// How mail is sent.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct MailArgs {
    /// The relay for mail: smtps://USER@HOST, or smtp://USER@HOST, which has to offer TLS unless it is this
    /// machine. Its password is in TIDINGS_SMTP_PASSWORD [default: no mail is sent]
    #[arg(long, value_name = "URL", env = "TIDINGS_SMTP", hide_env_values = true)]
    pub(crate) smtp: Option<String>,
    /// From whom mail comes, such as "Tidings <week@paper.example>"
    #[arg(
        long,
        value_name = "SENDER",
        env = "TIDINGS_MAIL_FROM",
        hide_env_values = true
    )]
    pub(crate) mail_from: Option<String>,
    /// The certificate, in PEM, of the authority that vouches for the relay, in the place of the public ones;
    /// with it, a relay on this machine has to offer TLS, too
    #[arg(
        long,
        value_name = "FILE",
        env = "TIDINGS_SMTP_CA",
        hide_env_values = true
    )]
    pub(crate) smtp_ca: Option<PathBuf>,
    /// The relay's password. Only from the environment, because command lines can be read by others.
    #[arg(skip = std::env::var("TIDINGS_SMTP_PASSWORD").ok())]
    pub(crate) smtp_password: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A head of the journal that was noted earlier, as its place and its hash: the journal has to hold
    /// it. May be given more than once
    #[arg(long, value_name = "SEQ:HASH")]
    pub(crate) against: Vec<Noted>,
    /// Make the read tables again in memory, and compare them row by row
    #[arg(long)]
    pub(crate) deep: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RebuildArgs {
    /// Go on from where the tables end rather than from nothing
    #[arg(long)]
    pub(crate) resume: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file, which is not there yet
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup, which stays as it is
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptLossArgs {
    /// Do it: without this, what would be given up is only said
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// Print records: who asked for what, when, why, and what came of it
    Cat(CatArgs),
    /// Write the whole journal into a file that proves itself; articles are not in it
    Export(ExportArgs),
    /// Put an exported journal into an empty database
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file, as `tidings journal export` wrote it
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file, which is not there yet
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CatArgs {
    /// The first record to print [default: the journal's first]
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from: Option<u64>,
    /// The last record to print [default: the journal's last]
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) until: Option<u64>,
    /// Only records that are about an account, such as acc_3: its own, and those that touched it
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// Only records that are about a market
    #[arg(long, value_name = "SLUG|ID")]
    pub(crate) market: Option<String>,
    /// Only commands of these kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
    pub(crate) kind: Vec<Kind>,
    /// Only commands of administrators, operators and editors
    #[arg(long)]
    pub(crate) privileged: bool,
    /// Only commands that were refused
    #[arg(long)]
    pub(crate) refused: bool,
    /// One JSON document a line, with every field
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The last record to carry out [default: the journal's last]
    #[arg(long, value_name = "SEQ")]
    pub(crate) until: Option<u64>,
    /// Only this market, with its open orders
    #[arg(long, value_name = "SLUG|ID")]
    pub(crate) market: Option<String>,
    /// Only this account, with its shares and open orders
    #[arg(long, value_name = "ID", conflicts_with = "market")]
    pub(crate) account: Option<String>,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// Where the data is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PlaceArgs {
    /// The directory of everything that is kept [default: ./tidings-data]
    #[arg(long, value_name = "DIR", env = "TIDINGS_DATA", hide_env_values = true)]
    pub(crate) data: Option<PathBuf>,
    /// The database: a path, sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, which is better given
    /// in the environment than where others read it [default: tidings.db in the data directory]
    #[arg(
        long,
        value_name = "URL",
        env = "TIDINGS_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// A settings file in TOML: listen, metrics, data, database, demo, review, public_url, snapshot_every,
    /// limits, smtp, mail_from, smtp_ca
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
    /// Where to serve /metrics without a key, such as 127.0.0.1:9100: whoever reaches it may see it
    /// [default: on the public port alone, for admin keys]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TIDINGS_METRICS",
        hide_env_values = true
    )]
    pub(crate) metrics: Option<String>,
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
    /// Which markets another operator has to review before they open: required for all, asked for those whose
    /// authors ask for it [default: asked]
    #[arg(
        long,
        value_name = "required|asked",
        env = "TIDINGS_REVIEW",
        hide_env_values = true
    )]
    pub(crate) review: Option<ReviewOf>,
    /// Records after which another snapshot is made, 0 for none [default: 10000, or more for a large
    /// state]
    #[arg(
        long,
        value_name = "RECORDS",
        env = "TIDINGS_SNAPSHOT_EVERY",
        hide_env_values = true
    )]
    pub(crate) snapshot_every: Option<u64>,
    /// A limit on what anybody may ask for, such as orders=20:40 for 20 a second and 40 at once; more with
    /// commas. GET /v1/limits shows them, the README says which can be set
    #[arg(
        long = "limit",
        value_name = "NAME=VALUE",
        env = "TIDINGS_LIMITS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub(crate) limits: Vec<String>,
    #[command(flatten)]
    pub(crate) mail: MailArgs,
    /// The first admin key; a random one is printed otherwise. Only from the environment, because
    /// command lines can be read by others.
    #[arg(skip = std::env::var("TIDINGS_ADMIN_KEY").ok())]
    pub(crate) admin_key: Option<String>,
}

/// Which markets are reviewed before they open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewOf {
    /// All of them.
    Required,
    /// Those whose authors ask for it.
    #[default]
    Asked,
}

#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// The method, such as POST
    pub(crate) method: String,
    /// The address that is asked, with its query
    pub(crate) url: String,
    /// The key, as `tidings keys generate` writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The body
    #[arg(long, value_name = "TEXT", conflicts_with = "data_file")]
    pub(crate) data: Option<String>,
    /// A file with the body, - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) data_file: Option<PathBuf>,
    /// The Idempotency-Key of a command [default: a random one]
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make an Ed25519 key pair: the secret half in a file, the public half printed, for `public_key`
    Generate(GenerateArgs),
    /// Make a link with which somebody chooses a password for the console, on a database that no server has
    /// open
    Password(PasswordArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Whose: an administrator's, an operator's or an editor's account
    #[arg(default_value = "acc_2")]
    pub(crate) account: String,
    /// What they sign in as [default: what they did, or their account's name in small letters]
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// The file, which is not there yet; nobody else may read it
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    pub(crate) command: Option<KeysCommand>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Why, in up to 500 characters; the journal keeps it
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(crate) reason: Option<String>,
    /// End every other key of the admin account
    #[arg(long)]
    pub(crate) revoke_others: bool,
}

/// The same rules as for reasons over HTTP: see the API's `Why`.
fn reason(text: &str) -> Result<String, String> {
    let bad = |c: &char| tidings_news::text::not_allowed(*c).is_some() && !matches!(c, '\n' | '\t');
    if let Some(bad) = text.chars().find(bad) {
        return Err(format!("U+{:04X} may not be in it", u32::from(bad)));
    }
    match text.chars().count() {
        _ if text.trim().is_empty() => Err("it says nothing".to_owned()),
        1..=500 => Ok(text.to_owned()),
        more => Err(format!("it has {more} characters, at most 500 are allowed")),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("0 or 1".to_owned()),
    }
}
