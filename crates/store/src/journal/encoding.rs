//! Records as bytes. A group's bytes are its records one after the other and then its odds, each in an
//! envelope of three: what it is, in which version of its format, and its body. The body is a byte
//! string, so a reader can tell where it ends without understanding it.

use std::sync::Arc;

use minicbor::{Decode, Decoder, Encode, Encoder};
use tidings_core::event::Record;
use tidings_core::id::MarketId;
use tidings_core::market::Status;

use crate::journal::{Contents, JournalError};
use crate::projection::OddsPoint;

/// Records and the odds after them as a group's bytes, in a room that may have been used before.
pub fn encode(records: &[Arc<Record>], odds: &[OddsPoint], mut room: Vec<u8>) -> Vec<u8> {
    room.clear();
    room.reserve(records.len() * 128);
    let mut out = Encoder::new(room);
    let mut body = Vec::new();
    for record in records {
        put(
            &mut out,
            &mut body,
            (RECORD, RECORD_VERSION),
            record.as_ref(),
        );
    }
    if !odds.is_empty() {
        let markets = odds.iter().map(MarketOdds::of).collect();
        put(&mut out, &mut body, (ODDS, ODDS_VERSION), &Odds { markets });
    }
    out.into_writer()
}

/// A group's bytes as records and odds.
///
/// # Errors
/// When something is of an unknown kind or version, or bytes are neither: reading on would mean
/// guessing.
pub fn decode(blob: &[u8]) -> Result<Contents, JournalError> {
    let mut contents = Contents::default();
    let mut input = Decoder::new(blob);
    while input.position() < blob.len() {
        let envelope = Envelope::take(&mut input)?;
        match (envelope.kind, envelope.version) {
            (RECORD, RECORD_VERSION) => contents.records.push(whole(envelope.body)?),
            (ODDS, ODDS_VERSION) => {
                let odds: Odds = whole(envelope.body)?;
                let last = contents.records.last();
                let last = last.ok_or(JournalError::OddsMisplaced)?.stamp;
                if input.position() < blob.len() {
                    return Err(JournalError::OddsMisplaced);
                }
                let point = |market: MarketOdds| OddsPoint {
                    market: market.market,
                    seq: last.seq,
                    at: last.at,
                    odds: market.odds,
                    status: market.status,
                };
                contents.odds = odds.markets.into_iter().map(point).collect();
            }
            (kind @ (RECORD | ODDS), version) => {
                return Err(JournalError::UnknownVersion { kind, version });
            }
            (kind, _) => return Err(JournalError::UnknownKind { kind }),
        }
    }
    Ok(contents)
}

/// One thing in a group's bytes.
struct Envelope<'a> {
    kind: u16,
    version: u16,
    body: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn take(input: &mut Decoder<'a>) -> Result<Envelope<'a>, JournalError> {
        if input.array().map_err(malformed)? != Some(3) {
            return Err(JournalError::Malformed {
                fault: "an envelope is not of three".to_owned(),
            });
        }
        Ok(Envelope {
            kind: input.u16().map_err(malformed)?,
            version: input.u16().map_err(malformed)?,
            body: input.bytes().map_err(malformed)?,
        })
    }
}

/// Odds as a group keeps them: their place and moment are its last record's.
#[derive(Decode, Encode)]
struct Odds {
    #[n(0)]
    markets: Vec<MarketOdds>,
}

/// One market's.
#[derive(Decode, Encode)]
struct MarketOdds {
    #[n(0)]
    market: MarketId,
    /// Millionths by outcome.
    #[n(1)]
    odds: Vec<Option<u32>>,
    #[n(2)]
    status: Status,
}

impl MarketOdds {
    fn of(point: &OddsPoint) -> MarketOdds {
        MarketOdds {
            market: point.market,
            odds: point.odds.clone(),
            status: point.status,
        }
    }
}

fn put<T: Encode<()>>(
    out: &mut Encoder<Vec<u8>>,
    body: &mut Vec<u8>,
    (kind, version): (u16, u16),
    thing: &T,
) {
    body.clear();
    minicbor::encode(thing, &mut *body).expect("writing to memory does not fail");
    let envelope = out
        .array(3)
        .and_then(|out| out.u16(kind)?.u16(version)?.bytes(body));
    envelope.expect("writing to memory does not fail");
}

/// All of `body` as one thing.
fn whole<'b, T: Decode<'b, ()>>(body: &'b [u8]) -> Result<T, JournalError> {
    let mut input = Decoder::new(body);
    let thing = input.decode().map_err(malformed)?;
    match input.position() == body.len() {
        true => Ok(thing),
        false => Err(JournalError::Malformed {
            fault: "bytes after the end".to_owned(),
        }),
    }
}

fn malformed(error: minicbor::decode::Error) -> JournalError {
    JournalError::Malformed {
        fault: error.to_string(),
    }
}

/// A command with all that came of it.
const RECORD: u16 = 1;
/// Its fields as numbered in the core. Adding an optional field does not change the version.
const RECORD_VERSION: u16 = 1;

/// The odds after a group; the last thing in it. Groups that version 0.1 wrote have none.
const ODDS: u16 = 2;
/// Its fields as numbered above.
const ODDS_VERSION: u16 = 1;
