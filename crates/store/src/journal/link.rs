//! One link of the journal's chain without what is in its group: hashes are asked for by everyone, and a
//! group may have a megabyte of records.

use tidings_core::id::Seq;
use tidings_core::units::Timestamp;

use crate::database::{Arg, Part, Sql};
use crate::error::StoreError;
use crate::journal::PARTITION;
use crate::row::{hash, number};
use crate::store::Store;

/// A group's place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its first record's place.
    pub first: Seq,
    /// Its last record's place.
    pub last: Seq,
    /// The hash of the group before it.
    pub prev_hash: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
    /// Its last record's moment.
    pub at: Timestamp,
}

impl Store {
    /// The link of the group that holds a place; none past the journal's end. What it says is what is
    /// stored: nothing is held against its records.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link(&self, seq: Seq) -> Result<Option<Link>, StoreError> {
        let args = [Arg::from(PARTITION), Arg::from(seq.0)];
        let row = self.database.read_one(Part::Journal, LINK, &args).await?;
        let Some(row) = row else { return Ok(None) };
        let link = Link {
            first: number(&row, "first_seq")?,
            last: number(&row, "last_seq")?,
            prev_hash: hash(&row, "prev_hash")?,
            hash: hash(&row, "hash")?,
            at: number(&row, "at")?,
        };
        Ok(Some(link).filter(|link| link.last >= seq))
    }

    /// The link of the first group that ends at a moment or after it; none past the journal's end. No index
    /// goes by time: moments come in the order of places, so the journal is halved until it is found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_at(&self, at: Timestamp) -> Result<Option<Link>, StoreError> {
        let (mut low, mut high) = (1, self.head().await?.last_seq.0 + 1);
        while low < high {
            let Some(link) = self.link(Seq(low + (high - low) / 2)).await? else {
                return Ok(None);
            };
            match link.at < at {
                true => low = link.last.0 + 1,
                false => high = link.first.0,
            }
        }
        self.link(Seq(low)).await
    }
}

/// The group that holds a place is the last one that does not start after it.
pub(crate) const LINK: Sql = Sql::both(
    "
    SELECT first_seq, last_seq, prev_hash, hash, at FROM journal
    WHERE partition_id = $1 AND first_seq <= $2 ORDER BY first_seq DESC LIMIT 1",
);

#[cfg(test)]
mod tests {
    use tidings_core::id::Seq;
    use tidings_core::units::Timestamp;

    use super::Link;
    use crate::journal::{Group, StoredGroup};
    use crate::testing::{LEASE, Run, claim, stores};

    #[tokio::test]
    async fn every_place_of_a_group_leads_to_its_link_and_no_other_does() {
        for store in stores().await {
            let run = Run::started();
            let mut head = claim(&store).await;
            assert_eq!(store.link(Seq(1)).await.unwrap(), None);
            for records in run.records.chunks(3) {
                let group = Group {
                    records,
                    odds: &[],
                    state_hash: None,
                };
                let group = StoredGroup::seal(&head, &group);
                store.append(&group, LEASE).await.unwrap();
                head = group.head();
            }
            for place in 1..=head.last_seq.0 {
                let group = store.groups(Seq(place), 1).await.unwrap().remove(0);
                let link = Link {
                    first: group.first,
                    last: group.last,
                    prev_hash: group.prev_hash,
                    hash: group.hash,
                    at: group.at,
                };
                assert_eq!(store.link(Seq(place)).await.unwrap(), Some(link), "{place}");
            }
            for nothing in [0, head.last_seq.0 + 1] {
                assert_eq!(store.link(Seq(nothing)).await.unwrap(), None, "{nothing}");
            }
        }
    }

    #[tokio::test]
    async fn a_moment_leads_to_the_first_group_that_is_not_before_it() {
        for store in stores().await {
            let run = Run::started();
            let mut head = claim(&store).await;
            let start = Timestamp::from_micros(0);
            assert_eq!(store.link_at(start).await.unwrap(), None);
            let mut links = Vec::new();
            for records in run.records.chunks(2) {
                let group = Group {
                    records,
                    odds: &[],
                    state_hash: None,
                };
                let group = StoredGroup::seal(&head, &group);
                store.append(&group, LEASE).await.unwrap();
                head = group.head();
                links.push(store.link(group.first).await.unwrap().unwrap());
            }
            assert!(links.len() > 2, "there is something to halve");
            let moments = links.iter().map(|link| link.at.as_micros());
            for at in moments.flat_map(|at| [at - 1, at, at + 1]) {
                let at = Timestamp::from_micros(at);
                let wanted = links.iter().find(|link| link.at >= at).copied();
                assert_eq!(store.link_at(at).await.unwrap(), wanted, "{at:?}");
            }
        }
    }
}
