//! What was typed, set in the environment or written in the settings file, as what it means.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::{PlaceArgs, ServeArgs};
use crate::failure::{Failure, failed};

/// The settings file. A misspelt name is an error rather than a surprise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    data: Option<PathBuf>,
    database: Option<String>,
    demo: Option<bool>,
    public_url: Option<String>,
    snapshot_every: Option<u64>,
}

/// Where everything is kept.
#[derive(Clone, Debug)]
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
    /// Without a slash at its end.
    pub(crate) public_url: Option<String>,
    pub(crate) demo: bool,
    /// Records between two snapshots; none where nothing was said, and 0 for no snapshots.
    pub(crate) snapshot_every: Option<u64>,
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
        let public_url = given(args.public_url).or(given(file.public_url));
        let listen = given(args.listen).or(given(file.listen));
        Ok(Settings {
            place: Place::new(args.place, file.data, file.database)?,
            listen: listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_url: public_url.map(public).transpose()?,
            demo: demo.unwrap_or(true),
            snapshot_every: args.snapshot_every.or(file.snapshot_every),
            admin_key: given(args.admin_key).map(admin_key).transpose()?,
        })
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
            Some(url) => sqlite_only(url)?,
            None => data.join("tidings.db").display().to_string(),
        };
        Ok(Place { data, database })
    }

    /// The database as it may be shown.
    pub(crate) fn shown(&self) -> &str {
        &self.database
    }

    /// The file behind the database; none when it is in memory.
    pub(crate) fn file(&self) -> Option<&Path> {
        let path = match self.database.strip_prefix("sqlite:") {
            Some(":memory:") => return None,
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None => &self.database,
        };
        Some(Path::new(path))
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

/// A variable that is set to nothing is as good as not set.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn sqlite_only(url: String) -> Result<String, Failure> {
    match url.split_once("://") {
        Some(("postgres" | "postgresql", _)) => Err(Failure::new(
            "PostgreSQL is not supported yet: leave --database out, or name a SQLite file",
        )),
        Some((scheme, _)) if scheme != "sqlite" => Err(Failure::new(format!(
            "databases of the kind {scheme}:// are not supported: name a SQLite file"
        ))),
        _ => Ok(url),
    }
}

fn public(url: String) -> Result<String, Failure> {
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
