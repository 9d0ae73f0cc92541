//! The journal as one file: a line that says what it is, every group as it is stored, and where it ends.
//! The chain of hashes is followed whenever such a file is written or read, so a file that was changed,
//! cut or put together from several ones is never taken for a journal.
//!
//! Numbers are little-endian. A group is `G`, its first and last place, its epoch, the hash before it, its
//! own hash, whether it has a state hash (0 or 1) and that or zeros, its moment, the length of its records
//! and the records. The end is `E`, the last place and the last hash.

use std::io::{self, Read, Write};

use tidings_core::id::Seq;
use tidings_core::units::Timestamp;
use tidings_store::{Chain, Head, JournalError, StoredGroup};

/// What it is, and in which version of its form.
const TITLE: &[u8; 18] = b"tidings journal 1\n";
const GROUP: u8 = b'G';
const END: u8 = b'E';

/// Bytes of one group's records: a group has at most 1,024 records, and the longest ones pay out every
/// holder of a market. More is no group of ours but a broken length.
const LONGEST: u64 = 1 << 30;

/// Why a file is no journal.
#[derive(Debug)]
pub(crate) enum NotPortable {
    /// It cannot be read or written.
    Io(io::Error),
    /// It is something else, or of a version that this one does not know.
    Title,
    /// It stops in the middle.
    Cut,
    /// It goes on after its end.
    Longer,
    /// What stands there is nothing that is in such a file.
    Malformed,
    /// Its groups are no chain, or their records cannot be read.
    Journal(JournalError),
}

/// Writes a journal group by group.
pub(crate) struct Writer<W> {
    out: W,
    end: Follower,
}

impl<W: Write> Writer<W> {
    pub(crate) fn start(mut out: W) -> Result<Writer<W>, NotPortable> {
        out.write_all(TITLE)?;
        Ok(Writer {
            out,
            end: Follower::start(),
        })
    }

    /// Writes the next group, if it follows.
    pub(crate) fn group(&mut self, group: &StoredGroup) -> Result<(), NotPortable> {
        self.end.follow(group)?;
        let out = &mut self.out;
        out.write_all(&[GROUP])?;
        for number in [group.first.0, group.last.0, group.epoch] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&group.prev_hash)?;
        out.write_all(&group.hash)?;
        out.write_all(&[u8::from(group.state_hash.is_some())])?;
        out.write_all(&group.state_hash.unwrap_or([0; 32]))?;
        out.write_all(&group.at.as_micros().to_le_bytes())?;
        out.write_all(&(group.blob.len() as u64).to_le_bytes())?;
        out.write_all(&group.blob)?;
        Ok(())
    }

    /// Ends the file, and says where the journal in it ends.
    pub(crate) fn finish(mut self) -> Result<(W, Head), NotPortable> {
        let Head {
            last_seq,
            last_hash,
            ..
        } = self.end.head;
        self.out.write_all(&[END])?;
        self.out.write_all(&last_seq.0.to_le_bytes())?;
        self.out.write_all(&last_hash)?;
        self.out.flush()?;
        Ok((self.out, self.end.head))
    }
}

/// Reads a journal group by group.
pub(crate) struct Reader<R> {
    from: R,
    end: Follower,
}

impl<R: Read> Reader<R> {
    pub(crate) fn start(mut from: R) -> Result<Reader<R>, NotPortable> {
        let mut title = [0; TITLE.len()];
        match from.read_exact(&mut title) {
            Ok(()) if title == *TITLE => Ok(Reader {
                from,
                end: Follower::start(),
            }),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error.into()),
            _ => Err(NotPortable::Title),
        }
    }

    /// The next group, which follows the one before; none at the end, where the file has to say that it
    /// ends there.
    pub(crate) fn next(&mut self) -> Result<Option<StoredGroup>, NotPortable> {
        match self.bytes::<1>()? {
            [GROUP] => self.group().map(Some),
            [END] => self.finish().map(|()| None),
            _ => Err(NotPortable::Malformed),
        }
    }

    /// Where the journal ends, as far as it was read.
    pub(crate) fn head(&self) -> Head {
        self.end.head
    }

    fn group(&mut self) -> Result<StoredGroup, NotPortable> {
        let (first, last) = (Seq(self.number()?), Seq(self.number()?));
        let epoch = self.number()?;
        let (prev_hash, hash) = (self.bytes()?, self.bytes()?);
        let has_state_hash = self.bytes::<1>()?;
        let state_hash = match (has_state_hash, self.bytes()?) {
            ([1], hash) => Some(hash),
            ([0], hash) if hash == [0; 32] => None,
            _ => return Err(NotPortable::Malformed),
        };
        let at = Timestamp::from_micros(i64::from_le_bytes(self.bytes()?));
        let blob = self.blob()?;
        let group = StoredGroup {
            first,
            last,
            epoch,
            prev_hash,
            hash,
            state_hash,
            at,
            blob,
        };
        self.end.follow(&group)?;
        Ok(group)
    }

    fn finish(&mut self) -> Result<(), NotPortable> {
        let (last_seq, last_hash) = (Seq(self.number()?), self.bytes()?);
        if (last_seq, last_hash) != (self.end.head.last_seq, self.end.head.last_hash) {
            return Err(JournalError::Cut {
                expected: last_seq,
                found: self.end.head.last_seq,
            }
            .into());
        }
        match self.from.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(NotPortable::Longer),
        }
    }

    fn blob(&mut self) -> Result<Vec<u8>, NotPortable> {
        let length = self.number()?;
        if length > LONGEST {
            return Err(NotPortable::Malformed);
        }
        // Grows with what is there rather than by what a broken length says.
        let mut blob = Vec::new();
        self.from.by_ref().take(length).read_to_end(&mut blob)?;
        match blob.len() as u64 == length {
            true => Ok(blob),
            false => Err(NotPortable::Cut),
        }
    }

    fn number(&mut self) -> Result<u64, NotPortable> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], NotPortable> {
        let mut bytes = [0; N];
        match self.from.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(NotPortable::Cut),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(bytes),
        }
    }
}

/// The chain, and where it is.
struct Follower {
    chain: Chain,
    head: Head,
}

impl Follower {
    fn start() -> Follower {
        Follower {
            chain: Chain::start(),
            head: Head {
                epoch: 0,
                last_seq: Seq(0),
                last_hash: [0; 32],
            },
        }
    }

    fn follow(&mut self, group: &StoredGroup) -> Result<(), NotPortable> {
        self.chain.follow(group)?;
        crate::database::records(group)?;
        self.head = Head {
            epoch: group.epoch,
            last_seq: group.last,
            last_hash: group.hash,
        };
        Ok(())
    }
}

impl From<io::Error> for NotPortable {
    fn from(error: io::Error) -> NotPortable {
        NotPortable::Io(error)
    }
}

impl From<JournalError> for NotPortable {
    fn from(error: JournalError) -> NotPortable {
        NotPortable::Journal(error)
    }
}

impl std::fmt::Display for NotPortable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotPortable::Io(error) => error.fmt(f),
            NotPortable::Title => f.write_str("it is no journal that this version can read"),
            NotPortable::Cut => f.write_str("it stops in the middle: a part of it is missing"),
            NotPortable::Longer => f.write_str("it goes on after its end"),
            NotPortable::Malformed => f.write_str("it is not as it was written"),
            NotPortable::Journal(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotPortable {}

#[cfg(test)]
mod tests;
