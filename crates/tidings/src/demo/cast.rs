//! Who plays in the demonstration, and the file that keeps their keys.

use std::io::{Error, ErrorKind};
use std::path::Path;

use serde_json::{Value, json};
use tidings_client::types::Role;

use crate::keys;

/// What somebody does in the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Sponsors and opens the markets.
    Operator,
    /// Confirms what the operator proposes.
    SecondOperator,
    /// Publishes the articles.
    Editor,
    /// Quotes on both sides.
    Maker,
    /// Follows what moved.
    Follower,
    /// Stands against what moved.
    Contrarian,
    /// Trades for the fun of it.
    Dabbler,
    /// Reads the articles first.
    Reader,
    /// Does nothing: its key is for whoever tries the server.
    Visitor,
}

impl Part {
    /// Everyone, in the order in which accounts are opened.
    pub(super) const ALL: [Part; 9] = [
        Part::Operator,
        Part::SecondOperator,
        Part::Editor,
        Part::Maker,
        Part::Follower,
        Part::Contrarian,
        Part::Dabbler,
        Part::Reader,
        Part::Visitor,
    ];

    /// Those who trade by themselves.
    pub(super) const TRADERS: [Part; 5] = [
        Part::Maker,
        Part::Follower,
        Part::Contrarian,
        Part::Dabbler,
        Part::Reader,
    ];

    /// Its word in the file.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Part::Operator => "operator",
            Part::SecondOperator => "second_operator",
            Part::Editor => "editor",
            Part::Maker => "maker",
            Part::Follower => "follower",
            Part::Contrarian => "contrarian",
            Part::Dabbler => "dabbler",
            Part::Reader => "reader",
            Part::Visitor => "visitor",
        }
    }

    /// The account's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Part::Operator => "Newsroom desk",
            Part::SecondOperator => "Standards desk",
            Part::Editor => "Night editor",
            Part::Maker => "Sample market maker",
            Part::Follower => "Sample trend follower",
            Part::Contrarian => "Sample contrarian",
            Part::Dabbler => "Sample dabbler",
            Part::Reader => "Sample news reader",
            Part::Visitor => "Visitor",
        }
    }

    /// The account's role.
    pub(super) const fn role(self) -> Role {
        match self {
            Part::Operator | Part::SecondOperator => Role::Operator,
            Part::Editor => Role::Editor,
            _ => Role::Trader,
        }
    }

    /// The money to start with. The operator's covers the subsidies several times; a trader's lasts
    /// for months of fees and poor guesses.
    pub(super) const fn deposit(self) -> Option<u32> {
        match self {
            Part::Operator => Some(100_000),
            Part::SecondOperator | Part::Editor => None,
            Part::Visitor => Some(10_000),
            _ => Some(1_000_000),
        }
    }

    /// Whether they work in the console.
    pub(super) const fn signs_in(self) -> bool {
        matches!(self, Part::Operator | Part::SecondOperator | Part::Editor)
    }

    fn of_word(word: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.word() == word)
    }
}

/// Somebody with an account and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) part: Part,
    pub(crate) account: String,
    pub(crate) key: String,
    /// How they sign in to the console, where they may.
    pub(crate) sign_in: Option<SignIn>,
}

/// A name with its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// Everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cast {
    /// The first start, in microseconds since 1970: the sample's dates hang on it.
    pub(crate) started: i64,
    pub(crate) members: Vec<Member>,
}

impl Cast {
    pub(super) fn of(&self, part: Part) -> Option<&Member> {
        self.members.iter().find(|member| member.part == part)
    }

    /// The key of somebody; one that opens nothing when there is nobody.
    pub(super) fn key(&self, part: Part) -> &str {
        self.of(part).map_or("missing", |member| &member.key)
    }

    /// Reads the file; nothing where there is none.
    pub(super) fn read(path: &Path) -> std::io::Result<Option<Cast>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let value: Value = serde_json::from_str(&text)?;
        let parsed = Cast::parse(&value);
        parsed
            .map(Some)
            .ok_or_else(|| Error::new(ErrorKind::InvalidData, "not as it was written"))
    }

    /// Writes the file, for its owner's eyes only.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let text = format!("{:#}\n", self.to_json());
        keys::write_for_owner(path, text.as_bytes())
    }

    fn to_json(&self) -> Value {
        let member = |member: &Member| {
            let mut line = json!({
                "part": member.part.word(),
                "name": member.part.name(),
                "role": member.part.role(),
                "account": member.account,
                "key": member.key,
            });
            if let Some(SignIn { name, password }) = &member.sign_in {
                line["sign_in"] = json!({ "name": name, "password": password });
            }
            line
        };
        let members: Vec<Value> = self.members.iter().map(member).collect();
        json!({ "about": ABOUT, "started": self.started, "members": members })
    }

    fn parse(value: &Value) -> Option<Cast> {
        let member = |member: &Value| {
            Some(Member {
                part: Part::of_word(member["part"].as_str()?)?,
                account: member["account"].as_str()?.to_owned(),
                key: member["key"].as_str()?.to_owned(),
                sign_in: sign_in(&member["sign_in"]),
            })
        };
        let members = value["members"]
            .as_array()?
            .iter()
            .map(member)
            .collect::<Option<_>>()?;
        Some(Cast {
            started: value["started"].as_i64()?,
            members,
        })
    }
}

fn sign_in(value: &Value) -> Option<SignIn> {
    Some(SignIn {
        name: value["name"].as_str()?.to_owned(),
        password: value["password"].as_str()?.to_owned(),
    })
}

const ABOUT: &str = "Keys and passwords of the sample newsroom in this directory's database. Its money is play money.";

#[cfg(test)]
mod tests;
