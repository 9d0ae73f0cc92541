use super::*;

fn after(millis: u64) -> impl Future<Output = ()> {
    tokio::time::advance(Duration::from_millis(millis))
}

#[tokio::test(start_paused = true)]
async fn a_bucket_gives_its_burst_and_then_so_many_a_second() {
    let buckets = Buckets::new(Rate::new(20, 40));
    for taken in 1..=40 {
        let standing = buckets.take("ann", 1).expect("within the burst");
        assert_eq!(standing.remaining, 40 - taken);
    }
    let few = buckets.take("ann", 1).expect_err("one more");
    assert_eq!(few.wait, Duration::from_millis(50));
    assert_eq!(few.standing.remaining, 0);
    assert_eq!(few.standing.full_in, Duration::from_secs(2));
    after(49).await;
    assert!(buckets.take("ann", 1).is_err(), "not a moment too early");
    after(1).await;
    assert!(buckets.take("ann", 1).is_ok(), "when it was said");
    assert!(buckets.take("bob", 40).is_ok(), "another's is another");
    let mut passed = 0;
    for _ in 0..1_000 {
        after(10).await;
        passed += u32::from(buckets.take("ann", 1).is_ok());
    }
    assert_eq!(passed, 200, "ten seconds' worth");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_takes_nothing() {
    let buckets = Buckets::new(Rate::new(1, 10));
    buckets.take((), 8).expect("enough");
    for _ in 0..100 {
        let few = buckets.take((), 3).expect_err("too few");
        assert_eq!(few.wait, Duration::from_secs(1));
    }
    assert_eq!(buckets.look(()).remaining, 2);
    buckets.take((), 2).expect("they are still there");
}

#[tokio::test(start_paused = true)]
async fn what_costs_more_than_a_bucket_holds_takes_all_of_it() {
    let buckets = Buckets::new(Rate::new(1, 5));
    assert_eq!(buckets.take((), 50).expect("all").remaining, 0);
    assert!(buckets.take((), 50).is_err());
    after(5_000).await;
    buckets.take((), 50).expect("all again");
}

/// Of most buckets here.
const RATE: Rate = Rate::new(20, 40);

#[tokio::test(start_paused = true)]
async fn a_bucket_that_grows_or_shrinks_is_full_when_it_would_have_been() {
    let buckets = Buckets::new(RATE);
    buckets.take("ann", 20).expect("enough");
    let large = buckets.look_at(Rate::new(200, 400), "ann");
    assert_eq!((large.burst, large.remaining), (400, 200));
    assert_eq!(large.full_in, Duration::from_secs(1));
    let small = Rate::new(2, 4);
    let standing = buckets.take_at(small, "ann", 1).expect("two are there");
    assert_eq!((standing.burst, standing.remaining), (4, 1));
    assert!(buckets.take_at(small, "ann", 2).is_err(), "one is there");
    assert_eq!(
        buckets.look("ann").remaining,
        10,
        "it owes more than it did"
    );
    after(1_500).await;
    assert_eq!(buckets.look_at(small, "ann").remaining, 4);
}

#[test]
fn a_share_of_a_rate_is_never_nothing() {
    assert_eq!(RATE.scaled(100), RATE);
    assert_eq!(RATE.scaled(250), Rate::new(50, 100));
    assert_eq!(RATE.scaled(1), Rate::new(1, 1));
    let most = Rate::new(u32::MAX, u32::MAX);
    assert_eq!(most.scaled(10_000), most);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_cost_as_much_as_one_by_one() {
    let buckets = Buckets::new(Rate::new(20, 40));
    // One at the door, and 99 more: a full bucket lets them through and is owed 60.
    buckets.take("ann", 1).expect("the door");
    let standing = buckets.take_rest(RATE, "ann", 99).expect("a full bucket");
    assert_eq!(standing.remaining, 0);
    assert_eq!(standing.full_in, Duration::from_secs(5));
    assert_eq!(
        buckets.take("ann", 1).expect_err("owed").wait,
        Duration::from_millis(3_050)
    );
    after(5_000).await;
    assert_eq!(buckets.look("ann").remaining, 40);
}

#[tokio::test(start_paused = true)]
async fn many_that_are_refused_take_nothing_and_pass_when_it_was_said() {
    let buckets = Buckets::new(Rate::new(20, 40));
    buckets.take("ann", 31).expect("enough");
    for _ in 0..100 {
        buckets.take("ann", 1).expect("the door");
        let few = buckets
            .take_rest(RATE, "ann", 19)
            .expect_err("11 more are missing");
        assert_eq!(few.wait, Duration::from_millis(550));
        assert_eq!(few.standing.remaining, 9);
    }
    after(549).await;
    buckets.take("ann", 1).expect("the door");
    assert!(buckets.take_rest(RATE, "ann", 19).is_err(), "not yet");
    after(1).await;
    buckets.take("ann", 1).expect("the door");
    buckets
        .take_rest(RATE, "ann", 19)
        .expect("when it was said");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_idle_is_forgotten() {
    let buckets = Buckets::new(Rate::new(20, 40));
    for key in 0..200_000_u64 {
        buckets.take(key, 1).expect("each its own");
        if key % 1_000 == 0 {
            after(50).await;
        }
    }
    assert!(
        buckets.kept() <= 4 * FEW_KEYS,
        "{} are kept",
        buckets.kept()
    );
}

#[tokio::test(start_paused = true)]
async fn however_many_come_at_once_memory_is_bounded_and_the_greediest_are_remembered() {
    let buckets = Buckets::new(Rate::new(1, 100));
    for key in 0..1_000_u64 {
        buckets.take(key, 100).expect("a greedy one");
    }
    for key in 1_000..300_000_u64 {
        buckets.take(key, 1).expect("nobody is turned away");
    }
    assert!(buckets.kept() <= MOST_KEYS, "{} are kept", buckets.kept());
    for key in 0..1_000_u64 {
        assert!(buckets.take(key, 1).is_err(), "{key} has taken all it had");
    }
}

#[tokio::test(start_paused = true)]
async fn the_fastest_rate_and_the_largest_burst_are_counted() {
    let buckets = Buckets::new(Rate::new(u32::MAX, u32::MAX));
    for _ in 0..3 {
        buckets.take((), 1).expect("plenty");
    }
    let slow = Buckets::new(Rate::new(1, u32::MAX));
    assert_eq!(slow.take((), u32::MAX).expect("all").remaining, 0);
    assert!(slow.take((), 1).is_err());
}
