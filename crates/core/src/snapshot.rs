//! The whole state as bytes, so that a start need not replay the journal from its first record.
//! In: an engine between two commands. Out: bytes, and from bytes the same engine again: it gives the
//! same answers and events to whatever comes later.
//!
//! Nothing that can be made again from the rest is stored: tables to look things up in, the agenda, lists
//! by account. Fields are numbered as in the journal's format: a number is never used twice, and what is
//! added later is optional. A change that this cannot express is another [`FORMAT`].
//!
//! Whether the bytes are the ones that were written is the store's affair. Here every byte is doubted:
//! whatever is read is an engine that passes [`audit::check`] and has the hashes that its head names, or
//! an error, and never a panic.
//!
//! ```text
//! 8 bytes  "tidings\n"
//! 4 bytes  FORMAT, little-endian
//! CBOR     Head: last stamp, hash of the state, hash of the memory of keys
//! CBOR     State: see `state`
//! ```

mod restore;
mod state;

use minicbor::{Decode, Decoder, Encode, Encoder};
use thiserror::Error;

use crate::audit::{self, Broken};
use crate::command::Stamp;
use crate::engine::Engine;
use state::State;

/// The format that is written, and the only one that is read.
pub const FORMAT: u32 = 1;

/// What every snapshot begins with, whatever its format.
const MAGIC: &[u8; 8] = b"tidings\n";

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Head {
    /// The last command that it knows.
    #[n(0)]
    pub last: Stamp,
    /// [`Engine::state_hash`].
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub state_hash: [u8; 32],
    /// [`crate::requests::Requests::hash`].
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub requests_hash: [u8; 32],
}

/// Why bytes are not an engine.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// They begin with something else.
    #[error("these bytes are no snapshot")]
    NoSnapshot,
    /// Another version of the program wrote them.
    #[error("the snapshot has format {found}, and this program reads format {FORMAT}")]
    OtherFormat {
        /// Its format.
        found: u32,
    },
    /// They end too early, or are not what their format says.
    #[error("the snapshot cannot be read")]
    Unreadable(#[from] minicbor::decode::Error),
    /// Something in it is out of its range or points at nothing.
    #[error("the snapshot has {0}")]
    Unsound(&'static str),
    /// It can be read, and is of a state that cannot be.
    #[error("the snapshot breaks an invariant")]
    Broken(#[from] Broken),
    /// It led to another state than it was taken of.
    #[error("the snapshot leads to another state than it was taken of")]
    OtherState {
        /// What it led to.
        restored: [u8; 32],
    },
    /// It led to another memory of idempotency keys than it was taken of.
    #[error("the snapshot leads to another memory of keys than it was taken of")]
    OtherRequests {
        /// What it led to.
        restored: [u8; 32],
    },
}

/// What a snapshot is of, without reading the rest.
///
/// # Errors
/// When the bytes do not begin as a snapshot of this format.
pub fn head(bytes: &[u8]) -> Result<Head, SnapshotError> {
    Ok(split(bytes)?.0)
}

/// The head, and a reader of what follows it.
fn split(bytes: &[u8]) -> Result<(Head, Decoder<'_>), SnapshotError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(SnapshotError::NoSnapshot)?;
    let (format, rest) = rest.split_first_chunk().ok_or(SnapshotError::NoSnapshot)?;
    let found = u32::from_le_bytes(*format);
    if found != FORMAT {
        return Err(SnapshotError::OtherFormat { found });
    }
    let mut decoder = Decoder::new(rest);
    Ok((decoder.decode()?, decoder))
}

impl Engine {
    /// The whole state as bytes; see [`crate::snapshot`]. The same state gives the same bytes.
    ///
    /// # Panics
    /// Never: memory takes what it is given.
    pub fn snapshot(&self) -> Vec<u8> {
        let requests = match cfg!(planted = "snapshot_forgets_requests") {
            true => Vec::new(),
            false => self.requests.to_bytes(),
        };
        let head = Head {
            last: self.last,
            state_hash: self.state_hash(),
            requests_hash: blake3::hash(&requests).into(),
        };
        let expected = usize::try_from(self.weight()).expect("what is in memory");
        let mut bytes = Vec::with_capacity(requests.len() + expected * BYTES_EACH);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        let mut encoder = Encoder::new(bytes);
        encoder
            .encode(head)
            .and_then(|encoder| encoder.encode(State::of(self, &requests)))
            .expect("memory takes what it is given");
        encoder.into_writer()
    }

    /// The engine that [`Engine::snapshot`] was asked of.
    ///
    /// # Errors
    /// When the bytes are not a sound snapshot of this [`FORMAT`].
    pub fn restore(bytes: &[u8]) -> Result<Engine, SnapshotError> {
        let (head, mut decoder) = split(bytes)?;
        let state: State<'_> = decoder.decode()?;
        if decoder.position() != decoder.input().len() {
            return Err(SnapshotError::Unsound("more bytes than it should"));
        }
        // The memory of keys has one form as bytes, so their hash is its hash.
        let restored = blake3::hash(state.requests).into();
        if restored != head.requests_hash {
            return Err(SnapshotError::OtherRequests { restored });
        }
        let engine = state.into_engine(head.last)?;
        audit::check(&engine)?;
        let restored = engine.state_hash();
        match restored == head.state_hash {
            true => Ok(engine),
            false => Err(SnapshotError::OtherState { restored }),
        }
    }

    /// How many things a hash of the state walks through: accounts, markets, positions, open orders.
    pub fn weight(&self) -> u64 {
        let all = [
            self.accounts.len(),
            self.markets.len(),
            self.ledger.positions().len(),
            self.orders.len(),
        ];
        all.into_iter().sum::<usize>() as u64
    }
}

/// About what an order, a position or an account takes: room for most snapshots without growing.
const BYTES_EACH: usize = 80;

/// Short lists, which minicbor does not know.
pub(crate) mod small_list {
    use minicbor::decode::{self as reading, Decode, Decoder};
    use minicbor::encode::{self as writing, Encode, Encoder, Write};
    use smallvec::{Array, SmallVec};

    pub(crate) fn encode<C, A, W>(
        list: &SmallVec<A>,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), writing::Error<W::Error>>
    where
        A: Array<Item: Encode<C>>,
        W: Write,
    {
        list.as_slice().encode(encoder, context)
    }

    pub(crate) fn decode<'b, C, A>(
        decoder: &mut Decoder<'b>,
        context: &mut C,
    ) -> Result<SmallVec<A>, reading::Error>
    where
        A: Array<Item: Decode<'b, C>>,
    {
        decoder.array_iter_with(context)?.collect()
    }
}
