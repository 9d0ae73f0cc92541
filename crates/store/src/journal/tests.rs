mod flips;

use tidings_core::id::AccountId;

use super::*;
use crate::database::Part;
use crate::error::StoreError;
use crate::store::Store;
use crate::testing::{LEASE, Run, claim, on_postgres, stores};

/// The records of a small exchange's first steps, in groups of three.
fn records() -> Vec<Arc<Record>> {
    Run::started().records
}

async fn append_all(store: &Store, records: &[Arc<Record>]) -> Head {
    let mut head = claim(store).await;
    for group in records.chunks(3) {
        let group = Group {
            records: group,
            odds: &[],
            state_hash: None,
        };
        head = append(store, &head, &group).await.unwrap();
    }
    head
}

/// A journal of these groups, in no database.
fn sealed(groups: &[&[Arc<Record>]]) -> Vec<StoredGroup> {
    let mut head = Head {
        epoch: 1,
        last_seq: Seq(0),
        last_hash: [0; 32],
    };
    let seal = |records: &&[Arc<Record>]| {
        let (odds, state_hash) = (&[][..], None);
        let group = Group {
            records,
            odds,
            state_hash,
        };
        let group = StoredGroup::seal(&head, &group);
        head = group.head();
        group
    };
    groups.iter().map(seal).collect()
}

async fn append(store: &Store, head: &Head, group: &Group<'_>) -> Result<Head, AppendError> {
    let sealed = StoredGroup::seal(head, group);
    store.append(&sealed, LEASE).await?;
    Ok(sealed.head())
}

/// A server that has not counted the table yet does not know that all groups are of one partition.
#[tokio::test]
async fn the_next_groups_are_found_without_looking_at_all_that_follow() {
    let Some(store) = on_postgres().await else {
        return;
    };
    let run = async |sql: &str| store.database.run(Part::Journal, sql).await;
    run("ALTER TABLE journal SET (autovacuum_enabled = off)").await;
    run("
        INSERT INTO journal (partition_id, first_seq, last_seq, epoch, prev_hash, hash, at, records)
        SELECT 0, place, place, 1, last_hash, last_hash, 1, last_hash
        FROM partitions, generate_series(1, 20000) AS place
    ")
    .await;
    let asked = [("$1", "0"), ("$2", "1000"), ("$3", "64")];
    let mut sql = format!("EXPLAIN (ANALYZE, TIMING OFF) {}", rows::GROUPS.postgres);
    for (name, value) in asked {
        sql = sql.replace(name, value);
    }
    let plan = run(&sql).await;
    let lines: Vec<String> = plan
        .iter()
        .map(|line| crate::row::text(line, "QUERY PLAN").unwrap())
        .collect();
    let plan = lines.join("\n");
    assert!(
        plan.contains("Index Scan") && !plan.contains("Sort"),
        "{plan}"
    );
    store.close().await;
}

#[tokio::test]
async fn what_is_appended_is_read_again() {
    for store in stores().await {
        let records = records();
        let head = append_all(&store, &records).await;
        assert_eq!(store.head().await.unwrap(), head);

        let mut chain = Chain::start();
        let mut read = Vec::new();
        for group in store.groups(Seq(1), 1_000).await.unwrap() {
            chain.follow(&group).unwrap();
            read.extend(group.contents().unwrap().records);
        }
        chain.finish(&head).unwrap();
        assert!(read.iter().eq(records.iter().map(Arc::as_ref)));
    }
}

#[tokio::test]
async fn groups_are_read_from_the_one_that_holds_a_place() {
    for store in stores().await {
        let records = records();
        append_all(&store, &records).await;
        for from in 1..=9 {
            let groups = store.groups(Seq(from), 2).await.unwrap();
            let first = (from - 1) / 3 * 3 + 1;
            assert_eq!(
                (groups[0].first, groups[0].last),
                (Seq(first), Seq(first + 2))
            );
            assert_eq!((groups.len(), groups[1].first), (2, Seq(first + 3)));
        }
        assert_eq!(store.groups(Seq(0), 1).await.unwrap()[0].first, Seq(1));
        let end = records.len() as u64;
        assert_eq!(store.groups(Seq(end + 1), 2).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_record_is_found_by_its_place() {
    for store in stores().await {
        let records = records();
        append_all(&store, &records).await;
        for record in &records {
            let found = store.record(record.stamp.seq).await.unwrap();
            assert_eq!(found.as_ref(), Some(record.as_ref()));
        }
        assert_eq!(store.record(Seq(0)).await.unwrap(), None);
        assert_eq!(
            store.record(Seq(records.len() as u64 + 1)).await.unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn a_former_owner_appends_nothing() {
    for store in stores().await {
        let records = records();
        let former = append_all(&store, &records[..3]).await;
        let owner = claim(&store).await;
        assert_eq!(
            (owner.epoch, owner.last_seq),
            (former.epoch + 1, former.last_seq)
        );

        let group = Group {
            records: &records[3..6],
            odds: &[],
            state_hash: None,
        };
        let refused = append(&store, &former, &group).await;
        assert!(matches!(refused, Err(AppendError::NotOwner)));
        assert_eq!(store.head().await.unwrap(), owner);
        assert_eq!(store.groups(Seq(1), 10).await.unwrap().len(), 1);
        append(&store, &owner, &group).await.unwrap();
    }
}

#[tokio::test]
async fn a_group_is_appended_once() {
    for store in stores().await {
        let records = records();
        let head = claim(&store).await;
        let group = Group {
            records: &records[..3],
            odds: &[],
            state_hash: Some([7; 32]),
        };
        let after = append(&store, &head, &group).await.unwrap();
        // As if the first answer had been lost.
        assert!(matches!(
            append(&store, &head, &group).await,
            Err(AppendError::NotOwner)
        ));
        assert_eq!(store.head().await.unwrap(), after);
        assert_eq!(
            store.groups(Seq(1), 10).await.unwrap()[0].state_hash,
            Some([7; 32])
        );
    }
}

#[tokio::test]
async fn an_owner_with_another_past_appends_nothing() {
    for store in stores().await {
        let records = records();
        let head = append_all(&store, &records[..3]).await;
        let group = Group {
            records: &records[3..6],
            odds: &[],
            state_hash: None,
        };
        let other = Head {
            last_hash: [1; 32],
            ..head
        };
        assert!(matches!(
            append(&store, &other, &group).await,
            Err(AppendError::NotOwner)
        ));
        assert_eq!(store.head().await.unwrap(), head);
    }
}

#[tokio::test]
#[should_panic(expected = "records follow the head")]
async fn records_that_do_not_follow_are_our_bug() {
    for store in stores().await {
        let records = records();
        let head = claim(&store).await;
        let group = Group {
            records: &records[1..3],
            odds: &[],
            state_hash: None,
        };
        let _never = append(&store, &head, &group).await;
    }
}

#[tokio::test]
async fn every_flipped_bit_is_found() {
    for store in stores().await {
        let records = records();
        append_all(&store, &records[..6]).await;
        let group = store.groups(Seq(4), 1).await.unwrap().remove(0);
        group.verify().unwrap();

        let mut changed = Vec::new();
        for bit in 0..64 {
            let flipped = |number: u64| number ^ (1 << bit);
            changed.push(StoredGroup {
                first: Seq(flipped(group.first.0)),
                ..group.clone()
            });
            changed.push(StoredGroup {
                last: Seq(flipped(group.last.0)),
                ..group.clone()
            });
            changed.push(StoredGroup {
                epoch: flipped(group.epoch),
                ..group.clone()
            });
            let at = Timestamp::from_micros(group.at.as_micros() ^ (1 << bit));
            changed.push(StoredGroup {
                at,
                ..group.clone()
            });
        }
        for bit in 0..256 {
            let flipped = |hash: [u8; 32]| {
                let mut hash = hash;
                hash[bit / 8] ^= 1 << (bit % 8);
                hash
            };
            changed.push(StoredGroup {
                prev_hash: flipped(group.prev_hash),
                ..group.clone()
            });
            changed.push(StoredGroup {
                hash: flipped(group.hash),
                ..group.clone()
            });
        }
        changed.push(StoredGroup {
            state_hash: Some([0; 32]),
            ..group.clone()
        });
        for byte in 0..group.blob.len() {
            for bit in 0..8 {
                let mut blob = group.blob.clone();
                blob[byte] ^= 1 << bit;
                changed.push(StoredGroup {
                    blob,
                    ..group.clone()
                });
            }
            let blob = group.blob[..byte].to_vec();
            changed.push(StoredGroup {
                blob,
                ..group.clone()
            });
        }
        for changed in changed {
            assert_eq!(
                changed.verify(),
                Err(JournalError::Changed {
                    first: changed.first
                })
            );
        }
    }
}

#[tokio::test]
async fn a_changed_row_is_found_by_whoever_reads_it() {
    let changes = [
        "UPDATE journal SET records = hash WHERE first_seq = 4",
        "UPDATE journal SET state_hash = hash WHERE first_seq = 4",
        "UPDATE journal SET epoch = 2 WHERE first_seq = 4",
        "UPDATE journal SET at = at + 1 WHERE first_seq = 4",
        "UPDATE journal SET last_seq = 7 WHERE first_seq = 4",
        "UPDATE journal SET prev_hash = hash WHERE first_seq = 4",
    ];
    let records = records();
    for change in changes {
        for store in stores().await {
            append_all(&store, &records[..9]).await;
            store.database.run(Part::Journal, change).await;
            let read = store.record(Seq(5)).await;
            let found = matches!(read, Err(StoreError::Corrupt(JournalError::Changed { .. })));
            assert!(found, "{change}: {read:?}");
        }
    }
}

#[tokio::test]
async fn a_record_that_must_be_there_is_missed() {
    let changes = [
        "DELETE FROM journal WHERE first_seq = 4",
        "DELETE FROM journal WHERE first_seq >= 4",
        "UPDATE journal SET first_seq = 5 WHERE first_seq = 4",
    ];
    let records = records();
    for change in changes {
        for store in stores().await {
            append_all(&store, &records[..9]).await;
            store.database.run(Part::Journal, change).await;
            let read = store.record(Seq(4)).await;
            let missed = matches!(
                read,
                Err(StoreError::Corrupt(JournalError::Missing { seq: Seq(4) }))
            );
            assert!(missed, "{change}: {read:?}");
        }
    }
}

#[tokio::test]
async fn a_missing_group_is_found() {
    for store in stores().await {
        let records = records();
        let head = append_all(&store, &records[..9]).await;
        let mut groups = store.groups(Seq(1), 10).await.unwrap();

        let mut cut = Chain::start();
        groups[..2]
            .iter()
            .for_each(|group| cut.follow(group).unwrap());
        assert_eq!(
            cut.finish(&head),
            Err(JournalError::Cut {
                expected: Seq(9),
                found: Seq(6)
            })
        );

        groups.remove(1);
        let mut chain = Chain::start();
        chain.follow(&groups[0]).unwrap();
        let broken = JournalError::Broken {
            first: Seq(7),
            last: Seq(3),
        };
        assert_eq!(chain.follow(&groups[1]), Err(broken));
    }
}

#[test]
fn a_chain_has_no_gaps_and_goes_back_to_no_former_owner() {
    let records = records();
    let after = |epoch, last| Head {
        epoch,
        last_seq: Seq(last),
        last_hash: [9; 32],
    };
    let first = &Group {
        records: &records[3..4],
        odds: &[],
        state_hash: None,
    };
    let cases = [
        (after(2, 3), true),
        (after(1, 3), true),
        (after(3, 3), false),
    ];
    for (chain, follows) in cases {
        let group = StoredGroup::seal(&after(2, 3), first);
        assert_eq!(
            Chain::after(chain).follow(&group).is_ok(),
            follows,
            "{chain:?}"
        );
    }
    for last in [2, 4] {
        let group = StoredGroup::seal(&after(2, 3), first);
        let broken = JournalError::Broken {
            first: Seq(4),
            last: Seq(last),
        };
        assert_eq!(Chain::after(after(2, last)).follow(&group), Err(broken));
    }
}

#[test]
fn a_chain_ends_at_its_head() {
    let end = Head {
        epoch: 2,
        last_seq: Seq(3),
        last_hash: [9; 32],
    };
    let chain = Chain::after(end);
    assert_eq!(chain.finish(&end), Ok(()));
    assert_eq!(chain.finish(&Head { epoch: 3, ..end }), Ok(()));
    let others = [
        Head { epoch: 1, ..end },
        Head {
            last_seq: Seq(4),
            ..end
        },
        Head {
            last_hash: [8; 32],
            ..end
        },
    ];
    for other in others {
        let cut = JournalError::Cut {
            expected: other.last_seq,
            found: Seq(3),
        };
        assert_eq!(chain.finish(&other), Err(cut));
    }
}

#[test]
fn a_group_of_another_past_is_found() {
    let records = records();
    let one = sealed(&[&records[..3], &records[3..6]]);
    // The same records, grouped otherwise: as good a journal, but not this one's.
    let other = sealed(&[&records[..2], &records[2..3], &records[3..6]]);
    let mut chain = Chain::start();
    chain.follow(&one[0]).unwrap();
    let broken = JournalError::Broken {
        first: Seq(4),
        last: Seq(3),
    };
    assert_eq!(chain.follow(&other[2]), Err(broken));
}

#[test]
fn unknown_kinds_and_versions_stop_the_reader() {
    let envelope = |kind: u16, version: u16, body: &[u8]| {
        let mut out = minicbor::Encoder::new(Vec::new());
        out.array(3)
            .unwrap()
            .u16(kind)
            .unwrap()
            .u16(version)
            .unwrap()
            .bytes(body)
            .unwrap();
        out.into_writer()
    };
    let body = minicbor::to_vec(records()[0].as_ref()).unwrap();
    let read = decode(&envelope(1, 1, &body)).unwrap();
    assert_eq!(read.records, [records()[0].as_ref().clone()]);
    assert_eq!(
        decode(&envelope(3, 1, &body)),
        Err(JournalError::UnknownKind { kind: 3 })
    );
    for kind in [1, 2] {
        let version = JournalError::UnknownVersion { kind, version: 2 };
        assert_eq!(decode(&envelope(kind, 2, &body)), Err(version));
    }

    let longer = [body.as_slice(), &[0]].concat();
    let blobs = [
        envelope(1, 1, &longer),
        envelope(1, 1, &body[1..]),
        vec![0x82, 1, 1],
        vec![0xff],
    ];
    for blob in blobs {
        assert!(
            matches!(decode(&blob), Err(JournalError::Malformed { .. })),
            "{blob:?}"
        );
    }
}

#[test]
fn a_field_that_a_later_version_adds_is_passed_over() {
    #[derive(minicbor::Encode)]
    struct Later {
        #[n(0)]
        stamp: tidings_core::command::Stamp,
        #[n(1)]
        request: tidings_core::command::Request,
        #[n(2)]
        events: Vec<tidings_core::event::Event>,
        #[n(3)]
        refusal: Option<tidings_core::Reject>,
        #[n(99)]
        added: Vec<String>,
    }
    for record in records() {
        let Record {
            stamp,
            request,
            events,
            refusal,
        } = record.as_ref().clone();
        let added = vec!["of no use here".to_owned()];
        let later = Later {
            stamp,
            request,
            events,
            refusal,
            added,
        };
        let body = minicbor::to_vec(later).unwrap();
        assert_eq!(minicbor::decode::<Record>(&body).unwrap(), *record);
    }
}

#[test]
fn a_group_has_the_records_that_it_says() {
    let records = records();
    let head = Head {
        epoch: 1,
        last_seq: Seq(0),
        last_hash: [0; 32],
    };
    let group = StoredGroup::seal(
        &head,
        &Group {
            records: &records[..3],
            odds: &[],
            state_hash: None,
        },
    );
    assert_eq!(group.contents().unwrap().records.len(), 3);
    for (first, last) in [(1, 2), (1, 4), (2, 3), (0, 3)] {
        let other = StoredGroup {
            first: Seq(first),
            last: Seq(last),
            ..group.clone()
        };
        assert!(
            matches!(other.contents(), Err(JournalError::Misplaced { .. })),
            "{first}…{last}"
        );
    }
}

#[tokio::test]
async fn replaying_the_journal_gives_the_same_state() {
    for store in stores().await {
        let run = Run::started();
        append_all(&store, &run.records).await;
        let mut engine = tidings_core::Engine::new();
        for group in store.groups(Seq(1), 1_000).await.unwrap() {
            for record in group.contents().unwrap().records {
                let mut events = Vec::new();
                engine.apply(record.stamp, &record.request, &mut events);
                assert_eq!(events, record.events);
            }
        }
        assert_eq!(engine.state_hash(), run.engine.state_hash());
        assert_ne!(engine.ledger().cash(AccountId::WORLD).available.get(), 0);
    }
}
