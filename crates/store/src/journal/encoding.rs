//! Records as bytes. A group's bytes are its records one after the other, each in an envelope of
//! three: what it is, in which version of its format, and its body. The body is a byte string, so a
//! reader can tell where a record ends without understanding it.

use std::sync::Arc;

use minicbor::{Decoder, Encoder};
use tidings_core::event::Record;

use crate::journal::JournalError;

/// Records as a group's bytes.
pub fn encode(records: &[Arc<Record>]) -> Vec<u8> {
    let mut out = Encoder::new(Vec::with_capacity(records.len() * 128));
    let mut body = Vec::new();
    for record in records {
        body.clear();
        minicbor::encode(record.as_ref(), &mut body).expect("writing to memory does not fail");
        let envelope = out
            .array(3)
            .and_then(|out| out.u16(RECORD)?.u16(RECORD_VERSION)?.bytes(&body));
        envelope.expect("writing to memory does not fail");
    }
    out.into_writer()
}

/// A group's bytes as records.
///
/// # Errors
/// When a record is of an unknown kind or version, or bytes are no record: reading on would mean
/// guessing.
pub fn decode(blob: &[u8]) -> Result<Vec<Record>, JournalError> {
    let mut records = Vec::new();
    let mut input = Decoder::new(blob);
    while input.position() < blob.len() {
        records.push(decode_one(&mut input)?);
    }
    Ok(records)
}

fn decode_one(input: &mut Decoder<'_>) -> Result<Record, JournalError> {
    if input.array().map_err(malformed)? != Some(3) {
        return Err(JournalError::Malformed {
            fault: "an envelope is not of three".to_owned(),
        });
    }
    let kind = input.u16().map_err(malformed)?;
    let version = input.u16().map_err(malformed)?;
    let body = input.bytes().map_err(malformed)?;
    match (kind, version) {
        (RECORD, RECORD_VERSION) => whole(body),
        (RECORD, version) => Err(JournalError::UnknownVersion { kind, version }),
        (kind, _) => Err(JournalError::UnknownKind { kind }),
    }
}

/// All of `body` as one record.
fn whole(body: &[u8]) -> Result<Record, JournalError> {
    let mut input = Decoder::new(body);
    let record = input.decode().map_err(malformed)?;
    match input.position() == body.len() {
        true => Ok(record),
        false => Err(JournalError::Malformed {
            fault: "bytes after the record".to_owned(),
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
