use super::*;
use crate::hub::event::Place;

fn trade(seq: u64) -> Frame {
    let seq = Seq(seq);
    Frame::made(Event::Trade, None, Some(Place { epoch: 1, seq }), &seq.0)
}

fn places<'a>(frames: impl Iterator<Item = &'a Arc<Frame>>) -> Vec<u64> {
    frames.map(|frame| frame.order().0.0).collect()
}

#[test]
fn a_reader_goes_on_from_where_it_is() {
    let mut log = Log::after(Seq(0));
    (1..=5).for_each(|seq| log.push(trade(seq)));
    let next = log.end();
    assert_eq!(places(log.from(next).expect("kept")), [0; 0]);
    (6..=7).for_each(|seq| log.push(trade(seq)));
    assert_eq!(places(log.from(next).expect("kept")), [6, 7]);
    assert_eq!(places(log.trades_after(Seq(4)).expect("kept")), [5, 6, 7]);
}

#[test]
fn so_much_is_kept_and_whoever_is_further_behind_is_told_so() {
    let mut log = Log::after(Seq(0));
    let kept = KEPT as u64;
    (1..=kept).for_each(|seq| log.push(trade(seq)));
    assert_eq!(places(log.from(0).expect("kept")).len(), KEPT);
    assert_eq!(log.trades_after(Seq(0)).expect("kept").count(), KEPT);
    log.push(trade(kept + 1));
    assert!(log.from(0).is_none(), "the first one is gone");
    assert_eq!(places(log.from(1).expect("kept")).len(), KEPT);
    assert!(log.trades_after(Seq(0)).is_none());
    assert_eq!(log.trades_after(Seq(1)).expect("kept").count(), KEPT);
}

#[test]
fn what_was_lost_was_missed_by_all_who_were_there_and_by_nobody_who_comes() {
    let mut log = Log::after(Seq(0));
    (1..=5).for_each(|seq| log.push(trade(seq)));
    let up_to_date = log.end();
    log.lose(Seq(9));
    assert!(log.from(up_to_date).is_none());
    let next = log.end();
    log.push(trade(10));
    assert_eq!(places(log.from(next).expect("kept")), [10]);
    assert!(log.trades_after(Seq(8)).is_none());
    assert_eq!(places(log.trades_after(Seq(9)).expect("kept")), [10]);
}

#[test]
fn trades_before_the_log_began_are_not_promised() {
    let log = Log::after(Seq(7));
    assert!(log.trades_after(Seq(6)).is_none());
    assert!(log.trades_after(Seq(7)).is_some());
}
