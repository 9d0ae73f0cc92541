//! What an end of a market rests on, piece by piece, and whether that is enough. Knows no orders and moves no
//! money; fetches nothing: what is at an address, people say, and the hash lets anyone check what they read.
//!
//! A payout rests on a primary source of the market's rules, or on two independent publishers, and never on
//! the articles alone that the market hangs off: whoever writes the article would decide the market.
//!
//! Two pieces are independent when neither their publishers' names nor their addresses' sites are the same in
//! their normal forms ([`publisher`], [`site`]). Both forms know ASCII alone, so that they are the same with every
//! version of Unicode's tables, and so in every replay.

use std::fmt::{self, Display};
use std::str::FromStr;

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::market::{LinkRole, Source};
use crate::reject::Reject;
use crate::state::Market;
use crate::units::Timestamp;

/// Pieces that one proposal or objection names at most: nobody reads more.
pub const MOST_ITEMS: usize = 20;

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// Where it is: an address with `https` or `http`.
    #[n(0)]
    pub url: String,
    /// Who published it.
    #[n(1)]
    pub publisher: String,
    /// When it was published; none, where it does not say so.
    #[n(2)]
    pub published_at: Option<Timestamp>,
    /// SHA-256 of its text, as whoever read it took it down.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    /// The words that matter, out of that text.
    #[n(4)]
    pub quotation: String,
    /// Which part of the rules they satisfy.
    #[n(5)]
    pub clause: Clause,
    /// Whether it is what the rules call a primary source. Its address has to be at one's site.
    #[n(6)]
    pub primary: bool,
    /// The article that has this address, if one has that is known here.
    #[n(7)]
    pub article: Option<String>,
}

/// A part of a market's rules. Numbers start at 1, as they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Clause {
    /// What counts as each outcome.
    #[n(0)]
    Criteria,
    /// One of the cases that people will argue about.
    #[n(1)]
    EdgeCase(#[n(0)] u32),
    /// What was added to the rules later.
    #[n(2)]
    Clarification(#[n(0)] u32),
    /// One of the cases in which trading ends before its time.
    #[n(3)]
    EarlyClose(#[n(0)] u32),
}

/// What is wrong with a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Encode, Decode)]
#[cbor(index_only)]
pub enum EvidenceFault {
    /// Its address.
    #[n(0)]
    #[error("its address is one of the web, with https or http and a plain host")]
    Address,
    /// Its publisher.
    #[n(1)]
    #[error("its publisher has a name")]
    Publisher,
    /// Its quotation.
    #[n(2)]
    #[error("it quotes the words that matter")]
    Quotation,
    /// Its moment.
    #[n(3)]
    #[error("it cannot have been published later than it is named")]
    Published,
    /// It claims to be a primary source.
    #[n(4)]
    #[error("it is at the site of no primary source of the market's rules")]
    NotPrimary,
    /// There are too many.
    #[n(5)]
    #[error("no more than 20 pieces of evidence are named")]
    TooMany,
}

/// One of several things that are counted from 1, as they are read.
pub(crate) fn numbered<T>(all: &[T], number: u32) -> Option<&T> {
    let place = (number as usize).checked_sub(1)?;
    all.get(place)
}

impl Clause {
    /// Whether a market's rules have it.
    pub fn is_of(self, market: &Market) -> bool {
        let within = |number: u32, all: usize| (1..=all).contains(&(number as usize));
        match self {
            Clause::Criteria => true,
            Clause::EdgeCase(number) => within(number, market.spec.rules.edge_cases.len()),
            Clause::Clarification(number) => market.clarification(number).is_some(),
            Clause::EarlyClose(number) => within(number, market.spec.rules.early_close().len()),
        }
    }
}

/// Its word on the wire.
impl Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clause::Criteria => f.write_str("criteria"),
            Clause::EdgeCase(number) => write!(f, "edge_case_{number}"),
            Clause::Clarification(number) => write!(f, "clarification_{number}"),
            Clause::EarlyClose(number) => write!(f, "early_close_{number}"),
        }
    }
}

/// Such a word says no clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a clause is criteria, edge_case_N, clarification_N or early_close_N, counted from 1")]
pub struct NoClause;

impl FromStr for Clause {
    type Err = NoClause;

    fn from_str(word: &str) -> Result<Clause, NoClause> {
        match word.rsplit_once('_') {
            None if word == "criteria" => Ok(Clause::Criteria),
            Some(("edge_case", number)) => counted(number).map(Clause::EdgeCase),
            Some(("clarification", number)) => counted(number).map(Clause::Clarification),
            Some(("early_close", number)) => counted(number).map(Clause::EarlyClose),
            _ => Err(NoClause),
        }
    }
}

/// A number from 1, in the one form that is given out: no sign, no leading zero.
pub(crate) fn counted(number: &str) -> Result<u32, NoClause> {
    let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let number = number.parse().map_err(|_| NoClause)?;
    Some(number).filter(|_| plain).ok_or(NoClause)
}

/// Refuses pieces that are not what they say they are. `at` is the moment at which they are named.
pub(crate) fn check(market: &Market, items: &[Item], at: Timestamp) -> Result<(), Reject> {
    for (item, number) in items.iter().zip(1..) {
        if !item.clause.is_of(market) {
            return Err(Reject::ClauseUnknown);
        }
        if let Err(fault) = item.check(&market.spec.rules.sources, at) {
            return Err(Reject::EvidenceInvalid {
                item: number,
                fault,
            });
        }
    }
    match items.len() <= MOST_ITEMS {
        true => Ok(()),
        false => Err(Reject::EvidenceInvalid {
            item: count(MOST_ITEMS + 1),
            fault: EvidenceFault::TooMany,
        }),
    }
}

/// Refuses pieces that a payout cannot rest on.
pub(crate) fn require(market: &Market, items: &[Item]) -> Result<(), Reject> {
    let own = |item: &Item| {
        let of = |article: &str| {
            let mut links = market.links.iter();
            links.any(|link| link.article == article && link.role != LinkRole::Evidence)
        };
        item.article.as_deref().is_some_and(of)
    };
    let primary = items.iter().filter(|item| item.primary).count();
    let others = items.iter().filter(|item| !own(item)).count();
    let enough = (primary > 0 || have_two_publishers(items)) && others > 0;
    match enough || cfg!(planted = "no_evidence_needed") {
        true => Ok(()),
        false => Err(Reject::EvidenceInsufficient {
            primary: count(primary),
            publishers: count(publishers(items)),
            others: count(others),
        }),
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

/// Whether two of them are independent.
fn have_two_publishers(items: &[Item]) -> bool {
    let mut firsts = items.iter().enumerate();
    firsts.any(|(ix, first)| items.iter().skip(ix + 1).any(|item| item.is_apart(first)))
}

/// How many are independent of all that are named before them.
fn publishers(items: &[Item]) -> usize {
    let apart = |(ix, item): &(usize, &Item)| items.iter().take(*ix).all(|one| item.is_apart(one));
    items.iter().enumerate().filter(apart).count()
}

impl Item {
    fn check(&self, sources: &[Source], at: Timestamp) -> Result<(), EvidenceFault> {
        let host = host(&self.url).ok_or(EvidenceFault::Address)?;
        if publisher(&self.publisher).is_empty() {
            return Err(EvidenceFault::Publisher);
        }
        if self.quotation.trim().is_empty() {
            return Err(EvidenceFault::Quotation);
        }
        if self.published_at.is_some_and(|published| published > at) {
            return Err(EvidenceFault::Published);
        }
        match self.primary && !is_primary(&host, sources) {
            true => Err(EvidenceFault::NotPrimary),
            false => Ok(()),
        }
    }

    /// Whether it is independent of another one.
    fn is_apart(&self, other: &Item) -> bool {
        let site = |item: &Item| host(&item.url).map(|host| site(&host).to_owned());
        publisher(&self.publisher) != publisher(&other.publisher) && site(self) != site(other)
    }
}

/// Whether an address is one of the rules' primary sources', so that what is there may decide alone: its host is
/// that of one, or below it.
pub fn is_primary_url(url: &str, sources: &[Source]) -> bool {
    host(url).is_some_and(|host| is_primary(&host, sources))
}

fn is_primary(host: &str, sources: &[Source]) -> bool {
    let of = |source: &Source| {
        let Some(named) = self::host(&source.url) else {
            return false;
        };
        let below = host.strip_suffix(named.as_str());
        below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    sources.iter().any(|source| source.primary && of(source))
}

/// A publisher's name in its normal form: its letters and digits, ASCII ones as small letters, without what stands
/// between them and without a leading *The*.
pub fn publisher(name: &str) -> String {
    let small = name.trim().to_ascii_lowercase();
    let name = small.strip_prefix("the ").unwrap_or(&small);
    let counts = |c: &char| !c.is_ascii() || c.is_ascii_alphanumeric();
    name.chars()
        .filter(|c| counts(c) && *c != '\u{3000}')
        .collect()
}

/// An address's host in its normal form: small letters, without a port, a last dot and a leading `www.`. None, where
/// it is no plain address of the web.
pub fn host(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, port) = match rest[..end].split_once(':') {
        Some((host, port)) => (host, port),
        None => (&rest[..end], ""),
    };
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    let host = host.strip_prefix("www.").unwrap_or(host);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let is_plain = host.chars().all(plain) && host.split('.').all(|label| !label.is_empty());
    let is_port = port.chars().all(|c| c.is_ascii_digit());
    (is_plain && is_port).then(|| host.to_owned())
}

/// The site that a host is of: its last two labels, or three where the second last one is a kind that a country
/// has, as in `mofa.go.jp`. Two hosts of one site count as one publisher's.
pub fn site(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (last, second) = (dots.next(), dots.next());
    let (Some(last), Some(second)) = (last, second) else {
        return host;
    };
    let (kind, country) = (&host[second + 1..last], &host[last + 1..]);
    if country.chars().all(|c| c.is_ascii_digit()) {
        return host;
    }
    match country.len() == 2 && KINDS.contains(&kind) {
        true => dots.next().map_or(host, |third| &host[third + 1..]),
        false => &host[second + 1..],
    }
}

/// Second labels under which countries give out names.
const KINDS: [&str; 21] = [
    "ac", "ad", "asn", "co", "com", "ed", "edu", "go", "gob", "gouv", "gov", "gr", "id", "lg",
    "mil", "ne", "net", "nom", "or", "org", "re",
];

#[cfg(test)]
mod tests;
