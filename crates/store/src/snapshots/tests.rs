use super::*;
use crate::testing::stores;

/// A snapshot at a record, of so many bytes, all different from their neighbours.
fn snapshot(seq: u64, length: usize) -> (SnapshotInfo, Vec<u8>) {
    let byte = |ix: usize| (ix as u64 * seq % 251) as u8;
    let bytes: Vec<u8> = (0..length).map(byte).collect();
    let info = SnapshotInfo {
        seq: Seq(seq),
        chain_hash: [u8::try_from(seq).unwrap(); 32],
        format: 3,
        bytes: length as u64,
        hash: blake3::hash(&bytes).into(),
        at: Timestamp::from_micros(1_763_000_000_000_000),
    };
    (info, bytes)
}

async fn save(store: &Store, (info, bytes): &(SnapshotInfo, Vec<u8>)) {
    store.save_snapshot(info, bytes).await.unwrap();
}

async fn seqs(store: &Store) -> Vec<u64> {
    let infos = store.snapshots().await.unwrap();
    infos.iter().map(|info| info.seq.0).collect()
}

/// How many parts there are, of snapshots and of what is none.
async fn parts(store: &Store) -> usize {
    let sql = "SELECT part FROM snapshot_parts";
    store.database.run(Part::Derived, sql).await.len()
}

#[tokio::test]
async fn a_snapshot_comes_back_as_it_was_saved() {
    for store in stores().await {
        assert_eq!(store.snapshots().await.unwrap(), []);
        assert_eq!(store.snapshot(Seq(7)).await.unwrap(), None);
        // Less than a part, exactly as many as some parts, and a byte more and less.
        let lengths = [0, 1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 17];
        for length in lengths {
            let (info, bytes) = snapshot(7, length);
            store.save_snapshot(&info, &bytes).await.unwrap();
            assert_eq!(store.snapshots().await.unwrap(), [info]);
            let read = store.snapshot(Seq(7)).await.unwrap().unwrap();
            assert!(read == bytes, "{length} bytes");
            assert_eq!(parts(&store).await, length.div_ceil(PART));
        }
    }
}

#[tokio::test]
async fn the_newest_comes_first() {
    for store in stores().await {
        for seq in [20, 10, 30] {
            save(&store, &snapshot(seq, 100)).await;
        }
        assert_eq!(seqs(&store).await, [30, 20, 10]);
        for seq in [10, 20, 30] {
            let (_, bytes) = snapshot(seq, 100);
            assert_eq!(store.snapshot(Seq(seq)).await.unwrap(), Some(bytes));
        }
        assert_eq!(store.snapshot(Seq(15)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn one_at_the_same_record_takes_its_place() {
    for store in stores().await {
        save(&store, &snapshot(7, 2 * PART)).await;
        let (info, bytes) = snapshot(7, 9);
        store.save_snapshot(&info, &bytes).await.unwrap();
        assert_eq!(store.snapshots().await.unwrap(), [info]);
        assert_eq!(store.snapshot(Seq(7)).await.unwrap(), Some(bytes));
        assert_eq!(parts(&store).await, 1);
    }
}

#[tokio::test]
async fn what_was_dropped_is_gone_with_its_parts_and_nothing_else_is() {
    for store in stores().await {
        for seq in [10, 20] {
            save(&store, &snapshot(seq, 2 * PART)).await;
        }
        store.drop_snapshot(Seq(10)).await.unwrap();
        store.drop_snapshot(Seq(11)).await.unwrap();
        assert_eq!(seqs(&store).await, [20]);
        assert_eq!(store.snapshot(Seq(10)).await.unwrap(), None);
        let (_, bytes) = snapshot(20, 2 * PART);
        assert!(store.snapshot(Seq(20)).await.unwrap() == Some(bytes));
        assert_eq!(parts(&store).await, 2);
    }
}

#[tokio::test]
async fn half_a_snapshot_is_none_and_the_next_one_clears_it_away() {
    for store in stores().await {
        save(&store, &snapshot(10, 100)).await;
        // As a crash leaves it after two parts, be they the first of a long one or all of a short.
        for part in 0_u32..2 {
            let args = [
                Arg::from(PARTITION),
                Arg::from(20_u32),
                Arg::from(part),
                Arg::from(&[7; 100]),
            ];
            let saved = store.database.change(Part::Derived, SAVE_PART, &args).await;
            assert_eq!(saved.unwrap(), 1);
        }
        assert_eq!(seqs(&store).await, [10]);
        assert_eq!(store.snapshot(Seq(20)).await.unwrap(), None);

        save(&store, &snapshot(30, 100)).await;
        assert_eq!((seqs(&store).await, parts(&store).await), (vec![30, 10], 2));
    }
}

#[tokio::test]
async fn one_that_cannot_be_finished_is_none() {
    for store in stores().await {
        let (info, bytes) = snapshot(10, 100);
        save(&store, &snapshot(9, 100)).await;
        // The last statement, which makes a snapshot of the parts, fails.
        let blocked = "CREATE UNIQUE INDEX one_snapshot_alone ON snapshots (partition_id)";
        store.database.run(Part::Derived, blocked).await;
        assert!(store.save_snapshot(&info, &bytes).await.is_err());
        assert_eq!(seqs(&store).await, [9]);
        assert_eq!(store.snapshot(Seq(10)).await.unwrap(), None);
    }
}
