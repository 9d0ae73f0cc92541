//! Whose the journal is, and what became of a group.

mod doubt;

use std::sync::Arc;

use super::*;
use crate::database::DatabaseKind;
use crate::journal::{Chain, Group};
use crate::testing::{LEASE, ME, Run, claim, on_postgres, stores};

const OTHER: Instance = Instance([2; 16]);
/// Shorter than any test's way to its end, where a lease has to run out.
const MOMENT: Duration = Duration::from_millis(300);

/// Groups of a record each, as many as are asked for. What a record says is nothing to the store:
/// it is the same one, so that all groups are nearly of a length.
struct Records {
    record: Record,
}

impl Records {
    fn new() -> Records {
        let record = Record::clone(&Run::started().records[0]);
        Records { record }
    }

    /// The group that follows a head.
    fn after(&self, head: &Head) -> StoredGroup {
        let place = head.last_seq.0 + 1;
        let mut record = self.record.clone();
        record.stamp.seq = Seq(place);
        let group = Group {
            records: &[Arc::new(record)],
            odds: &[],
            state_hash: None,
        };
        StoredGroup::seal(head, &group)
    }
}

/// What is in the journal, all of it checked.
async fn checked(store: &Store) -> Head {
    let head = store.head().await.unwrap();
    let mut chain = Chain::start();
    for group in store.groups(Seq(1), 100_000).await.unwrap() {
        chain.follow(&group).unwrap();
        group.contents().unwrap();
    }
    chain.finish(&head).unwrap();
    head
}

async fn claimed_by(store: &Store, owner: Instance, lease: Duration) -> Head {
    match store.claim(owner, lease).await.unwrap() {
        Claim::Granted(head) => head,
        Claim::Held { remaining } => panic!("held for {remaining:?}"),
    }
}

async fn refused(store: &Store, group: &StoredGroup) {
    let (before, appended) = (
        store.head().await.unwrap(),
        store.append(group, LEASE).await,
    );
    assert!(
        matches!(appended, Err(AppendError::NotOwner)),
        "{appended:?}"
    );
    assert_eq!(checked(store).await, before);
}

#[tokio::test]
async fn the_same_instance_claims_again_at_once() {
    for store in stores().await {
        let first = claimed_by(&store, ME, LEASE).await;
        let second = claimed_by(&store, ME, LEASE).await;
        assert_eq!((first.epoch, second.epoch), (1, 2));
        assert_eq!(store.head().await.unwrap(), second);
    }
}

#[tokio::test]
async fn a_leased_journal_is_held_for_the_time_that_remains() {
    for store in stores().await {
        claimed_by(&store, ME, LEASE).await;
        let claim = store.claim(OTHER, LEASE).await.unwrap();
        match store.kind() {
            // The file has nobody else.
            DatabaseKind::Sqlite => assert!(matches!(claim, Claim::Granted(_)), "{claim:?}"),
            DatabaseKind::Postgres => {
                let Claim::Held { remaining } = claim else {
                    panic!("{claim:?}")
                };
                let passed = LEASE.checked_sub(remaining).unwrap();
                assert!(passed < LEASE / 2, "{remaining:?} of {LEASE:?}");
                assert_eq!(store.head().await.unwrap().epoch, 1);
            }
        }
    }
}

#[tokio::test]
async fn after_its_lease_a_former_owner_is_kept_out_for_good() {
    let records = Records::new();
    for store in stores().await {
        let mine = claimed_by(&store, ME, MOMENT).await;
        let group = records.after(&mine);
        store.append(&group, MOMENT).await.unwrap();
        tokio::time::sleep(MOMENT * 2).await;
        let theirs = claimed_by(&store, OTHER, LEASE).await;
        assert_eq!(theirs.epoch, mine.epoch + 1);

        refused(&store, &records.after(&group.head())).await;
        assert!(!store.renew(mine.epoch, LEASE).await.unwrap());
        assert_eq!(store.reclaim(mine.epoch, LEASE).await.unwrap(), None);
        // What a former owner gives up is not its own any more.
        store.release(mine.epoch).await.unwrap();
        if store.kind() == DatabaseKind::Postgres {
            let held = store.claim(ME, LEASE).await.unwrap();
            assert!(matches!(held, Claim::Held { .. }), "{held:?}");
        }
        store.append(&records.after(&theirs), LEASE).await.unwrap();
        assert_eq!(checked(&store).await.last_seq, Seq(2));
    }
}

#[tokio::test]
async fn a_lease_that_ran_out_harms_nobody_while_nobody_claims() {
    let records = Records::new();
    for store in stores().await {
        let head = claimed_by(&store, ME, Duration::ZERO).await;
        let group = records.after(&head);
        store.append(&group, Duration::ZERO).await.unwrap();
        assert!(store.renew(head.epoch, Duration::ZERO).await.unwrap());
        store
            .append(&records.after(&group.head()), LEASE)
            .await
            .unwrap();
        assert_eq!(checked(&store).await.last_seq, Seq(2));
    }
}

#[tokio::test]
async fn renewals_and_appends_prolong_a_lease_and_a_release_ends_it() {
    let records = Records::new();
    let Some(store) = on_postgres().await else {
        return;
    };
    let held = async || matches!(store.claim(OTHER, LEASE).await.unwrap(), Claim::Held { .. });
    let head = claimed_by(&store, ME, MOMENT).await;
    assert!(store.renew(head.epoch, LEASE).await.unwrap());
    tokio::time::sleep(MOMENT * 2).await;
    assert!(held().await);

    let head = claimed_by(&store, ME, MOMENT).await;
    let group = records.after(&head);
    store.append(&group, LEASE).await.unwrap();
    tokio::time::sleep(MOMENT * 2).await;
    assert!(held().await);

    let head = claimed_by(&store, ME, MOMENT).await;
    let head = store.reclaim(head.epoch, LEASE).await.unwrap().unwrap();
    tokio::time::sleep(MOMENT * 2).await;
    assert!(held().await);

    store.release(head.epoch).await.unwrap();
    assert!(!held().await);
}

#[tokio::test]
async fn a_group_for_another_place_is_refused() {
    let records = Records::new();
    for store in stores().await {
        let start = claim(&store).await;
        let first = records.after(&start);
        let ahead = records.after(&first.head());
        refused(&store, &ahead).await;
        store.append(&first, LEASE).await.unwrap();
        refused(&store, &first).await;
        let other_past = Head {
            last_hash: [9; 32],
            ..first.head()
        };
        refused(&store, &records.after(&other_past)).await;
        let later_epoch = Head {
            epoch: start.epoch + 1,
            ..first.head()
        };
        refused(&store, &records.after(&later_epoch)).await;
        store.append(&ahead, LEASE).await.unwrap();
    }
}

#[tokio::test]
async fn to_reclaim_ends_the_epoch_and_tells_what_is_in() {
    let records = Records::new();
    for store in stores().await {
        let head = claim(&store).await;
        let group = records.after(&head);
        // It never arrived.
        let there = store.reclaim(head.epoch, LEASE).await.unwrap().unwrap();
        assert_eq!((there.epoch, there.last_seq), (head.epoch + 1, Seq(0)));
        // It arrives late.
        refused(&store, &group).await;

        let group = group.moved_to(&there);
        store.append(&group, LEASE).await.unwrap();
        let there = store.reclaim(group.epoch, LEASE).await.unwrap().unwrap();
        assert_eq!((there.last_seq, there.last_hash), (Seq(1), group.hash));

        // Its answer was lost, twice: it was the same owner all the time.
        for _ in 0..2 {
            let again = store.reclaim(group.epoch, LEASE).await.unwrap().unwrap();
            assert_eq!(again.last_hash, group.hash);
        }
        // An epoch that has not come is nobody's.
        let end = store.head().await.unwrap();
        let future = store.reclaim(end.epoch + 1, LEASE).await.unwrap();
        assert_eq!(future, None);
        store.append(&records.after(&end), LEASE).await.unwrap();
        assert_eq!(checked(&store).await.last_seq, Seq(2));
    }
}
