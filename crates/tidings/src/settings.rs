//! What was typed, set in the environment or written in the settings file, as what it means.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidings_api::limits::Limits;
use tidings_post::Smtp;

use crate::cli::{MailArgs, PlaceArgs, ReviewOf, ServeArgs};
use crate::failure::{Failure, failed};

/// The settings file. A misspelt name is an error rather than a surprise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    metrics: Option<String>,
    data: Option<PathBuf>,
    database: Option<String>,
    demo: Option<bool>,
    review: Option<ReviewOf>,
    public_url: Option<String>,
    snapshot_every: Option<u64>,
    limits: Option<Vec<String>>,
    smtp: Option<String>,
    mail_from: Option<String>,
    smtp_ca: Option<PathBuf>,
}

/// Where everything is kept.
#[derive(Clone)]
pub(crate) struct Place {
    /// The directory for everything but, perhaps, the database.
    pub(crate) data: PathBuf,
    /// The database as the store understands it.
    pub(crate) database: String,
}

/// How to serve.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) place: Place,
    pub(crate) listen: String,
    /// A port for metrics alone.
    pub(crate) metrics: Option<String>,
    /// Without a slash at its end.
    pub(crate) public_url: Option<String>,
    pub(crate) demo: bool,
    /// Which markets are reviewed before they open.
    pub(crate) review: ReviewOf,
    /// Records between two snapshots; none where nothing was said, and 0 for no snapshots.
    pub(crate) snapshot_every: Option<u64>,
    /// How much anybody may ask for.
    pub(crate) limits: Limits,
    /// How mail is sent; none where it is not.
    pub(crate) smtp: Option<Smtp>,
    pub(crate) admin_key: Option<String>,
}

impl Settings {
    pub(crate) fn of(args: ServeArgs) -> Result<Settings, Failure> {
        let file = read(args.place.config.as_deref())?;
        let demo = if args.no_demo {
            Some(false)
        } else {
            args.demo.or(file.demo)
        };
        let review = args.review.or(file.review).unwrap_or_default();
        // The sample newsroom has nobody who would review its markets.
        let samples = review != ReviewOf::Required;
        if demo == Some(true) && !samples {
            return Err(Failure::new("--review required takes --no-demo as well"));
        }
        let public_url = given(args.public_url).or(given(file.public_url));
        let listen = given(args.listen).or(given(file.listen));
        Ok(Settings {
            place: Place::new(args.place, file.data, file.database)?,
            listen: listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            metrics: given(args.metrics).or(given(file.metrics)),
            public_url: public_url.map(public).transpose()?,
            demo: demo.unwrap_or(samples),
            review,
            snapshot_every: args.snapshot_every.or(file.snapshot_every),
            limits: limits(file.limits.unwrap_or_default(), args.limits)?,
            smtp: smtp(args.mail, (file.smtp, file.mail_from, file.smtp_ca))?,
            admin_key: given(args.admin_key).map(admin_key).transpose()?,
        })
    }
}

/// How mail is sent, as a tool is told.
pub(crate) fn mail_of(place: &PlaceArgs, mail: MailArgs) -> Result<Option<Smtp>, Failure> {
    let file = read(place.config.as_deref())?;
    smtp(mail, (file.smtp, file.mail_from, file.smtp_ca))
}

/// A relay and a sender: both, or none of them.
fn smtp(
    args: MailArgs,
    (file_smtp, file_from, file_ca): (Option<String>, Option<String>, Option<PathBuf>),
) -> Result<Option<Smtp>, Failure> {
    let url = given(args.smtp).or(given(file_smtp));
    let from = given(args.mail_from).or(given(file_from));
    let password = given(args.smtp_password);
    let authority = args.smtp_ca.filter(|path| !path.as_os_str().is_empty());
    let authority = authority.or(file_ca);
    let what = "mail cannot be sent";
    match (url, from) {
        (Some(url), Some(from)) => {
            let smtp = Smtp::read(&url, &from, password.as_deref()).map_err(failed(what))?;
            let Some(path) = authority else {
                return Ok(Some(smtp));
            };
            let unreadable = format!("the certificate {} cannot be used", path.display());
            let pem = std::fs::read(&path).map_err(failed(unreadable.clone()))?;
            smtp.trusting(&pem).map(Some).map_err(failed(unreadable))
        }
        (None, None) if authority.is_some() => Err(Failure::new(
            "--smtp-ca takes --smtp and --mail-from as well",
        )),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Failure::new("--smtp takes --mail-from as well")),
        (None, Some(_)) => Err(Failure::new("--mail-from takes --smtp as well")),
    }
}

impl Place {
    pub(crate) fn of(args: PlaceArgs) -> Result<Place, Failure> {
        let file = read(args.config.as_deref())?;
        Place::new(args, file.data, file.database)
    }

    fn new(
        args: PlaceArgs,
        file_data: Option<PathBuf>,
        file_database: Option<String>,
    ) -> Result<Place, Failure> {
        let data = args
            .data
            .filter(|path| !path.as_os_str().is_empty())
            .or(file_data);
        let data = data.unwrap_or_else(|| PathBuf::from("tidings-data"));
        let database = match given(args.database).or(given(file_database)) {
            Some(url) => known(url)?,
            None => data.join("tidings.db").display().to_string(),
        };
        Ok(Place { data, database })
    }

    /// The database as it may be shown: without a password, nor what may hold one.
    pub(crate) fn shown(&self) -> String {
        if !self.is_served() {
            return self.database.clone();
        }
        let (scheme, rest) = self.database.split_once("://").unwrap_or_default();
        let bare = |text: &str| text.split('?').next().unwrap_or_default().to_owned();
        match rest.rsplit_once('@') {
            None => format!("{scheme}://{}", bare(rest)),
            // Where the password ends cannot be told.
            Some((who, _)) if who.contains('?') => format!("{scheme}://…"),
            Some((who, place)) => {
                let user = who.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}@{}", bare(place))
            }
        }
    }

    /// Whether the database has a server of its own.
    pub(crate) fn is_served(&self) -> bool {
        let scheme = self.database.split_once("://").map(|(scheme, _)| scheme);
        matches!(scheme, Some("postgres" | "postgresql"))
    }

    /// The file behind the database; none when it is in memory or has a server of its own.
    pub(crate) fn file(&self) -> Option<&Path> {
        if self.is_served() {
            return None;
        }
        let path = match self.database.strip_prefix("sqlite:") {
            Some(":memory:") => return None,
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None => &self.database,
        };
        Some(Path::new(path))
    }
}

impl std::fmt::Debug for Place {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("data", &self.data)
            .field("database", &self.shown())
            .finish()
    }
}

fn read(path: Option<&Path>) -> Result<File, Failure> {
    let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(File::default());
    };
    let unreadable = format!("the settings file {} cannot be used", path.display());
    let text = std::fs::read_to_string(path).map_err(failed(unreadable.clone()))?;
    basic_toml::from_str(&text).map_err(failed(unreadable))
}

/// The usual limits, with what the file and then the flags set otherwise: name by name.
fn limits(file: Vec<String>, flags: Vec<String>) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    for setting in file
        .iter()
        .chain(&flags)
        .filter(|setting| !setting.is_empty())
    {
        limits
            .set(setting)
            .map_err(|fault| Failure::new(format!("a limit cannot be set: {fault}")))?;
    }
    Ok(limits)
}

/// A variable that is set to nothing is as good as not set.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The kinds of databases there are. A name is not repeated: it may hold a password.
fn known(url: String) -> Result<String, Failure> {
    match url.split_once("://") {
        None | Some(("sqlite" | "postgres" | "postgresql", _)) => Ok(url),
        Some(_) => Err(Failure::new(
            "a database is a SQLite file, or postgres://user:password@host/name",
        )),
    }
}

pub(crate) fn public(url: String) -> Result<String, Failure> {
    match url.starts_with("http://") || url.starts_with("https://") {
        true => Ok(url.trim_end_matches('/').to_owned()),
        false => Err(Failure::new("--public-url starts with http:// or https://")),
    }
}

/// A key is sent in a header, and one that can be guessed is none.
fn admin_key(key: String) -> Result<String, Failure> {
    match (16..=256).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(key),
        false => Err(Failure::new(
            "TIDINGS_ADMIN_KEY is 16 to 256 visible ASCII characters",
        )),
    }
}

#[cfg(test)]
mod tests;
