use super::*;

fn change(seq: u64) -> Arc<AccountChange> {
    Arc::new(AccountChange {
        seq: Seq(seq),
        at: Timestamp::from_micros(0),
        orders: Vec::new(),
        fills: Vec::new(),
        balance: None,
        ends: Vec::new(),
    })
}

fn seqs(listener: &Listener, after: u64) -> Option<Vec<u64>> {
    let changes = listener.after(Seq(after))?;
    Some(changes.iter().map(|change| change.seq.0).collect())
}

#[test]
fn a_reader_gets_all_that_came_after_its_place_or_learns_that_it_is_not_kept() {
    let feed = Arc::new(Feed::starting_after(Seq(10)));
    let listener = feed.listener();
    let now = Instant::now();
    assert_eq!(seqs(&listener, 9), None, "before anybody listened");
    assert_eq!(seqs(&listener, 10), Some(vec![]));
    feed.keep(change(12), now);
    feed.keep(change(15), now);
    assert_eq!(seqs(&listener, 10), Some(vec![12, 15]));
    assert_eq!(seqs(&listener, 12), Some(vec![15]));
    assert_eq!(seqs(&listener, 14), Some(vec![15]));
    assert_eq!(seqs(&listener, 99), Some(vec![]));
}

#[test]
fn so_many_changes_are_kept_and_no_more() {
    let feed = Arc::new(Feed::starting_after(Seq(0)));
    let listener = feed.listener();
    let now = Instant::now();
    for seq in 1..=KEPT as u64 {
        feed.keep(change(seq), now);
    }
    assert_eq!(seqs(&listener, 0).map(|seqs| seqs.len()), Some(KEPT));
    feed.keep(change(KEPT as u64 + 1), now);
    assert_eq!(seqs(&listener, 0), None);
    assert_eq!(seqs(&listener, 1).map(|seqs| seqs.len()), Some(KEPT));
}

#[test]
fn changes_are_kept_for_a_minute() {
    let feed = Arc::new(Feed::starting_after(Seq(0)));
    let listener = feed.listener();
    let start = Instant::now();
    feed.keep(change(1), start);
    feed.keep(change(2), start + KEPT_FOR);
    assert_eq!(seqs(&listener, 0), Some(vec![1, 2]));
    feed.keep(change(3), start + KEPT_FOR + Duration::from_millis(1));
    assert_eq!(seqs(&listener, 0), None);
    assert_eq!(seqs(&listener, 1), Some(vec![2, 3]));
}
