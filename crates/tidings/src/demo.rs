//! The demonstration: a sample newsroom with markets, and a few simulated traders who keep its odds
//! moving. It is a client of the server like any other: everything it does goes over HTTP, with
//! keys that the administrator's key opened.
//!
//! Only the first start of an empty database sets it up. Later starts find the keys in a file beside
//! the database and let the traders go on. It trades in the sample's markets and touches no other.

mod cast;
mod floor;
mod newsroom;
mod random;
mod stall;
mod strategy;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_api::auth::key_digest;
use tidings_api::console::passkey_origin_at;
use tidings_client::{Client, Error};
use tidings_exchange::Exchange;
use tokio_util::sync::CancellationToken;

use crate::say::say;
use crate::serve::FirstKey;
use crate::settings::Settings;
use cast::{Cast, Part};
use floor::Floor;

/// Where the demonstration's keys are, in the data directory.
const KEYS_FILE: &str = "demo-keys.txt";
/// The pause before the traders come back from a failure that no retry of theirs got over.
const PAUSE: Duration = Duration::from_secs(30);
/// How long one call is tried.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a start has to do for the demonstration.
pub(crate) enum Demo {
    /// Nothing.
    Off,
    /// Set it up, then trade.
    Open {
        /// The administrator's key.
        admin_key: String,
        /// Where the keys go.
        keys_file: PathBuf,
    },
    /// Trade.
    GoOn {
        /// Who.
        cast: Cast,
        /// Where their keys were read.
        keys_file: PathBuf,
    },
}

impl Demo {
    /// What this start has to do.
    pub(crate) fn plan(
        settings: &Settings,
        exchange: &Exchange,
        first_key: Option<&FirstKey>,
    ) -> Demo {
        let keys_file = settings.place.data.join(KEYS_FILE);
        if !settings.demo {
            return Demo::Off;
        }
        if let Some(first) = first_key {
            return Demo::Open {
                admin_key: first.text.clone(),
                keys_file,
            };
        }
        match Cast::read(&keys_file) {
            // The file may be left over from another database.
            Ok(Some(cast)) if is_known(&cast, exchange) => Demo::GoOn { cast, keys_file },
            Ok(_) => Demo::Off,
            Err(error) => {
                tracing::warn!(%error, file = %keys_file.display(), "the sample's keys cannot be read");
                Demo::Off
            }
        }
    }
}

fn is_known(cast: &Cast, exchange: &Exchange) -> bool {
    cast.members
        .iter()
        .any(|member| exchange.key(&key_digest(&member.key)).is_some())
}

/// Runs the demonstration at `local` until `shutdown`. It never fails: a server whose demonstration
/// stands still is a server.
pub(crate) async fn run(demo: Demo, local: String, public: String, shutdown: CancellationToken) {
    let client = match Client::new(&local) {
        Ok(client) => client.within(PATIENCE),
        Err(error) => {
            tracing::warn!(%error, "the sample newsroom has no way to the server");
            return;
        }
    };
    let work = async {
        match demo {
            Demo::Off => {}
            Demo::Open {
                admin_key,
                keys_file,
            } => match open(&client, &admin_key, &keys_file, &public).await {
                Ok(cast) => trade(client, cast, true).await,
                Err(error) => tracing::warn!(%error, "the sample newsroom was not set up"),
            },
            Demo::GoOn { cast, .. } => {
                // A start that was cut short may have left articles and markets out.
                if let Err(error) = newsroom::publish(&client, &cast).await {
                    tracing::warn!(%error, "the sample newsroom is not complete");
                }
                trade(client, cast, false).await;
            }
        }
    };
    // Whether it ended or was cancelled is the same here: the server stops.
    shutdown.run_until_cancelled(work).await;
}

async fn open(
    client: &Client,
    admin_key: &str,
    keys_file: &Path,
    public: &str,
) -> Result<Cast, Error> {
    let cast = newsroom::open_accounts(client, admin_key).await?;
    if let Err(error) = cast.write(keys_file) {
        tracing::warn!(%error, file = %keys_file.display(), "the sample's keys were not kept");
    }
    newsroom::publish(client, &cast).await?;
    announce(&cast, keys_file, public);
    Ok(cast)
}

async fn trade(client: Client, cast: Cast, first: bool) {
    let mut floor = Floor::new(client.clone(), cast.clone());
    if first {
        floor.open_with_a_burst().await;
    }
    if let Err(error) = newsroom::publish_last(&client, &cast).await {
        tracing::warn!(%error, "the sample's last article was not published");
    }
    loop {
        floor.run().await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// What a visitor can do next, with a key of their own.
fn announce(cast: &Cast, keys_file: &Path, public: &str) {
    let Some(visitor) = cast.of(Part::Visitor) else {
        return;
    };
    let market = newsroom::first_market();
    let key = &visitor.key;
    let order = format!(
        r#"{{"market":"{market}","outcome":"yes","side":"buy","type":"market","amount":"25"}}"#
    );
    say(&format!(
        "\n  The sample newsroom is open, and its traders trade. A key to join them, with 10000 to \
         spend,\n  and a few things to try; all keys are in {file}\n
    KEY={key}
    curl {public}/v1/markets/{market}
    curl -N {public}/v1/markets/{market}/events
    curl {public}/v1/orders -H \"Authorization: Bearer $KEY\" -H 'Content-Type: application/json' \\
      -d '{order}'
    curl {public}/v1/account -H \"Authorization: Bearer $KEY\"\n",
        file = keys_file.display()
    ));
    announce_console(cast, public);
}

/// Where its desk is run, and how to come in: at the name under which browsers have passkeys, where there is one.
fn announce_console(cast: &Cast, public: &str) {
    let signs_in = |part: Part| cast.of(part)?.sign_in.as_ref();
    let Some(first) = signs_in(Part::Operator) else {
        return;
    };
    let at = passkey_origin_at(public).unwrap_or_else(|| public.to_owned());
    say(&format!(
        "  The console, where its markets are run: {at}/console\n"
    ));
    let line = |name: &str, password: &str| say(&format!("    {name:<16} {password}"));
    line(&first.name, &first.password);
    for other in [Part::SecondOperator, Part::Editor] {
        if let Some(other) = signs_in(other) {
            line(&other.name, &other.password);
        }
    }
    say("");
}
