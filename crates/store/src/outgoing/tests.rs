use tidings_core::id::{AccountId, MarketId, Seq};
use tidings_core::market::Status;
use tidings_core::units::Timestamp;

use crate::outgoing::deliveries::{DeliveryStatus, DeliveryTried};
use crate::outgoing::digests::StoredDigest;
use crate::outgoing::hooks::{HookMark, HookStatus};
use crate::outgoing::mails::{MailStatus, MailTried};
use crate::outgoing::subscribers::{Asking, Patience, SubscriberStatus};
use crate::projection::{OddsPoint, Projection};
use crate::store::Store;
use crate::testing::{self, PLACE, Run, SUMMIT, stores};

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_763_000_000_000_000 + second * 1_000_000)
}

/// An hour between two mails to one address, and any number of addresses.
fn patience(second: i64) -> Patience {
    Patience {
        asked_before: at(second - 3_600),
        counted_from: at(second - 3_600),
        most: 100,
    }
}

async fn ask(store: &Store, address: &str, second: i64) -> Asking {
    let asked = store.ask_subscriber(address, at(second), patience(second));
    asked.await.unwrap()
}

/// Somebody who confirmed at once.
async fn subscribed(store: &Store, address: &str, second: i64) -> i64 {
    assert_eq!(ask(store, address, second).await, Asking::Asked);
    let due = store.due_mails(at(second), 100).await.unwrap();
    let mail = due.last().unwrap();
    assert_eq!(mail.about, "confirm-1");
    let (id, mail) = (mail.subscriber, mail.id);
    end(store, mail, MailStatus::Sent, second).await;
    assert!(store.confirm_subscriber(id, 1, at(second)).await.unwrap());
    id
}

async fn end(store: &Store, mail: i64, status: MailStatus, second: i64) {
    let tried = MailTried {
        status,
        due_at: at(second + 60),
        at: at(second),
        reply: "250 OK".to_owned(),
    };
    store.end_mail(mail, &tried).await.unwrap();
}

#[tokio::test]
async fn a_week_is_kept_once() {
    for store in stores().await {
        let week = |week: &str, document: &str, second| StoredDigest {
            week: week.to_owned(),
            made_at: at(second),
            document: document.to_owned(),
        };
        let first = week("2026-w48", "{\"a\":1}", 1);
        assert_eq!(store.told_week("2026-w48").await.unwrap(), None);
        assert_eq!(store.keep_digest(&first).await.unwrap(), first);
        let other = week("2026-w48", "{\"a\":2}", 2);
        assert_eq!(store.keep_digest(&other).await.unwrap(), first);
        assert_eq!(
            store.told_week("2026-w48").await.unwrap(),
            Some(first.clone())
        );
        let older = week("2026-w09", "{}", 3);
        store.keep_digest(&older).await.unwrap();
        assert_eq!(store.told_weeks(9).await.unwrap(), [first.clone(), older]);
        assert_eq!(store.told_weeks(1).await.unwrap(), [first]);
    }
}

#[tokio::test]
async fn an_address_is_asked_once_an_hour_until_it_is_confirmed() {
    for store in stores().await {
        assert_eq!(ask(&store, "ann@paper.example", 0).await, Asking::Asked);
        assert_eq!(ask(&store, "ann@paper.example", 60).await, Asking::Known);
        assert_eq!(ask(&store, "bob@paper.example", 60).await, Asking::Asked);
        let due = store.due_mails(at(60), 100).await.unwrap();
        assert_eq!(due.len(), 2);
        let ann = due[0].subscriber;
        assert_eq!(ask(&store, "ann@paper.example", 3_600).await, Asking::Asked);
        let found = store.subscriber(ann).await.unwrap().unwrap();
        assert_eq!((found.round, found.status), (2, SubscriberStatus::Asked));
        let confirm = async |round| {
            store
                .confirm_subscriber(ann, round, at(4_000))
                .await
                .unwrap()
        };
        assert!(!confirm(1).await, "an older link opens nothing");
        assert!(confirm(2).await);
        assert!(confirm(2).await, "a second click does no harm");
        assert_eq!(
            ask(&store, "ann@paper.example", 90_000).await,
            Asking::Known
        );
        assert!(store.end_subscriber(ann, at(90_001)).await.unwrap());
        let ended = store.subscriber(ann).await.unwrap().unwrap();
        assert_eq!(
            (ended.status, ended.address),
            (SubscriberStatus::Ended, None)
        );
        assert!(!confirm(2).await, "what has ended begins with a mail");
        assert_eq!(
            ask(&store, "ann@paper.example", 90_002).await,
            Asking::Asked
        );
        let due = store.due_mails(at(90_002), 100).await.unwrap();
        assert_ne!(
            due.last().unwrap().subscriber,
            ann,
            "and is another subscription"
        );
    }
}

#[tokio::test]
async fn no_more_wait_than_may_and_those_that_wait_too_long_are_forgotten() {
    for store in stores().await {
        let few = Patience {
            most: 2,
            ..patience(0)
        };
        for (name, expected) in [
            ("a", Asking::Asked),
            ("b", Asking::Asked),
            ("c", Asking::TooMany),
        ] {
            let asked = store.ask_subscriber(name, at(0), few).await.unwrap();
            assert_eq!(asked, expected, "{name}");
        }
        let kept = subscribed(&store, "d", 0).await;
        assert_eq!(store.forget_unconfirmed(at(-1), at(9)).await.unwrap(), 0);
        assert_eq!(store.forget_unconfirmed(at(0), at(9)).await.unwrap(), 2);
        let kept = store.subscriber(kept).await.unwrap().unwrap();
        assert_eq!(kept.address.as_deref(), Some("d"));
        let asked = store.ask_subscriber("c", at(9), few).await.unwrap();
        assert_eq!(asked, Asking::Asked, "there is room again");
    }
}

#[tokio::test]
async fn each_subscriber_has_one_mail_a_week() {
    for store in stores().await {
        let ann = subscribed(&store, "ann@paper.example", 0).await;
        let bob = subscribed(&store, "bob@paper.example", 10).await;
        let late = subscribed(&store, "late@paper.example", 20).await;
        ask(&store, "unconfirmed@paper.example", 5).await;
        assert_eq!(
            store.add_mails("2026-w48", at(10), at(30)).await.unwrap(),
            2
        );
        assert_eq!(
            store.add_mails("2026-w48", at(10), at(40)).await.unwrap(),
            0
        );
        assert_eq!(
            store.add_mails("2026-w49", at(20), at(30)).await.unwrap(),
            3
        );
        let due = store.due_mails(at(30), 100).await.unwrap();
        let to = |about: &str| -> Vec<i64> {
            let about = due.iter().filter(|mail| mail.about == about);
            about.map(|mail| mail.subscriber).collect()
        };
        assert_eq!(to("2026-w48"), [ann, bob]);
        assert_eq!(to("2026-w49"), [ann, bob, late]);
        assert_eq!(
            store.due_mails(at(29), 100).await.unwrap().len(),
            1,
            "of the one who was asked"
        );
        assert_eq!(store.due_mails(at(30), 2).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_was_under_way_is_never_sent_again() {
    for store in stores().await {
        for name in ["a", "b", "c"] {
            subscribed(&store, name, 0).await;
        }
        store.add_mails("2026-w48", at(0), at(1)).await.unwrap();
        let due = store.due_mails(at(1), 100).await.unwrap();
        let [a, b, c] = [due[0].id, due[1].id, due[2].id];
        assert!(store.begin_mail(a, at(2)).await.unwrap());
        assert!(!store.begin_mail(a, at(2)).await.unwrap(), "by nobody else");
        assert!(store.begin_mail(b, at(2)).await.unwrap());
        end(&store, b, MailStatus::Sent, 3).await;
        end(&store, c, MailStatus::Due, 3).await;
        assert_eq!(store.doubt_mails(at(4)).await.unwrap(), 1);
        let due = store.due_mails(at(100), 100).await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].id, due[0].attempts), (c, 1));
        assert_eq!(due[0].reply.as_deref(), Some("250 OK"));
        assert!(
            store.due_mails(at(62), 100).await.unwrap().is_empty(),
            "not before its time"
        );
        assert!(!store.begin_mail(a, at(5)).await.unwrap());
        // A late answer does not make it certain.
        end(&store, a, MailStatus::Sent, 6).await;
        let counts = store.mails_about("2026-w48").await.unwrap();
        let expected = [
            (MailStatus::Due, 1),
            (MailStatus::Sent, 1),
            (MailStatus::Unknown, 1),
        ];
        assert_eq!(counts, expected);
    }
}

#[tokio::test]
async fn a_hook_is_one_for_an_account_and_an_address() {
    for store in stores().await {
        let (ed, eve) = (AccountId(5), AccountId(6));
        let add = async |account, url: &str| {
            let added = store.add_hook((account, url), (at(0), Seq(9)), 2);
            added.await.unwrap()
        };
        let (first, is_new) = add(ed, "https://a.example/hook").await.unwrap();
        assert!(is_new);
        assert_eq!(first.since_seq, Seq(9));
        let again = add(ed, "https://a.example/hook").await.unwrap();
        assert_eq!(again, (first.clone(), false));
        let (second, _) = add(ed, "https://b.example/hook").await.unwrap();
        assert_eq!(
            add(ed, "https://c.example/hook").await,
            None,
            "no more than two"
        );
        let (other, _) = add(eve, "https://a.example/hook").await.unwrap();
        assert_eq!(
            store.hooks_of(ed).await.unwrap(),
            [first.clone(), second.clone()]
        );
        assert!(
            store
                .end_hook(second.id, HookStatus::Disabled, at(1))
                .await
                .unwrap()
        );
        let active = store.active_hooks(0, 9).await.unwrap();
        assert_eq!(active, [first.clone(), other.clone()]);
        assert_eq!(store.active_hooks(first.id, 9).await.unwrap(), [other]);
        assert!(
            store
                .end_hook(first.id, HookStatus::Deleted, at(1))
                .await
                .unwrap()
        );
        assert!(
            !store
                .end_hook(first.id, HookStatus::Deleted, at(1))
                .await
                .unwrap()
        );
        let left = store.hooks_of(ed).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(
            (left[0].status, left[0].ended_at),
            (HookStatus::Disabled, Some(at(1)))
        );
        store.note_hook(second.id, Some(at(3))).await.unwrap();
        assert_eq!(
            store.hook(second.id).await.unwrap().unwrap().failing_since,
            Some(at(3))
        );
    }
}

#[tokio::test]
async fn a_hook_is_told_each_thing_until_it_took_it() {
    for store in stores().await {
        let hook = store.add_hook((AccountId(5), "https://a.example"), (at(0), Seq(0)), 9);
        let (hook, _) = hook.await.unwrap().unwrap();
        let tell = async |event: &str| {
            store
                .add_delivery(hook.id, (event, "{}"), at(1))
                .await
                .unwrap()
        };
        tell("mkt_1-7-halted").await;
        tell("mkt_1-7-halted").await;
        tell("mkt_1-9-settled").await;
        let due = store.due_deliveries(at(1), 9).await.unwrap();
        assert_eq!(due.len(), 2);
        assert_eq!(
            (due[0].event.as_str(), due[0].attempts),
            ("mkt_1-7-halted", 0)
        );
        let tried = |status| DeliveryTried {
            status,
            due_at: at(60),
            at: at(2),
            reply: "503".to_owned(),
        };
        store
            .end_delivery(due[0].id, &tried(DeliveryStatus::Due))
            .await
            .unwrap();
        store
            .end_delivery(due[1].id, &tried(DeliveryStatus::Delivered))
            .await
            .unwrap();
        assert!(store.due_deliveries(at(59), 9).await.unwrap().is_empty());
        let again = store.due_deliveries(at(60), 9).await.unwrap();
        assert_eq!((again.len(), again[0].attempts), (1, 1));
        let all = store.deliveries_of(hook.id, 9).await.unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].status, DeliveryStatus::Delivered, "newest first");
        store
            .end_hook(hook.id, HookStatus::Disabled, at(3))
            .await
            .unwrap();
        assert!(
            store.due_deliveries(at(99), 9).await.unwrap().is_empty(),
            "nobody is called"
        );
    }
}

#[tokio::test]
async fn a_mark_only_moves_on() {
    for store in stores().await {
        let mark = |seq| HookMark {
            market: MarketId(3),
            seq: Seq(seq),
            at: at(1),
        };
        assert_eq!(store.hook_marks().await.unwrap(), []);
        for seq in [5, 7, 6] {
            store.move_hook_mark(mark(seq)).await.unwrap();
        }
        assert_eq!(store.hook_marks().await.unwrap(), [mark(7)]);
    }
}

#[tokio::test]
async fn a_market_turns_when_it_stands_otherwise_than_before() {
    use Status::{Disputed, Halted, Open, Proposed, Settled};
    let run = Run::started();
    let rows = [
        (1, 10, Open),
        (2, 20, Halted),
        (3, 30, Halted),
        (4, 40, Open),
        (5, 40, Halted),
        (6, 60, Open),
        (7, 70, Proposed),
        (8, 80, Disputed),
        (9, 90, Proposed),
        (10, 99, Settled),
    ];
    let points: Vec<OddsPoint> = rows
        .iter()
        .map(|(seq, second, status)| OddsPoint {
            market: SUMMIT,
            seq: Seq(*seq),
            at: at(*second),
            odds: vec![None, None],
            status: *status,
        })
        .collect();
    for store in stores().await {
        let projection = Projection::new(&run.records, &points);
        testing::project(&store, &projection).await.unwrap();
        let turns = async |after, from, until| -> Vec<(u64, Status, Option<Status>)> {
            let turns = store.turns_of(SUMMIT, (Seq(after), at(from)), Seq(until), 9);
            let turns = turns.await.unwrap();
            turns
                .iter()
                .map(|turn| (turn.seq.0, turn.status, turn.before))
                .collect()
        };
        let all = [
            (2, Halted, Some(Open)),
            (5, Halted, Some(Open)),
            (7, Proposed, Some(Open)),
            (8, Disputed, Some(Proposed)),
            (9, Proposed, Some(Disputed)),
            (10, Settled, Some(Proposed)),
        ];
        assert_eq!(turns(0, 0, 99).await, all);
        assert_eq!(turns(2, 20, 8).await, all[1..4]);
        assert_eq!(turns(9, 90, 9).await, []);
        assert_eq!(
            store
                .turns_of(PLACE, (Seq(0), at(0)), Seq(99), 9)
                .await
                .unwrap(),
            []
        );
    }
}

#[tokio::test]
async fn who_takes_it_back_is_gone() {
    for store in stores().await {
        let (ann, bob) = (AccountId(5), AccountId(6));
        let agreed = store.agree(ann, "Ann", at(1)).await.unwrap();
        assert_eq!(agreed.agreed_at, at(1));
        store.agree(bob, "Bob", at(2)).await.unwrap();
        let renamed = store.agree(ann, "Ann of the North", at(9)).await.unwrap();
        assert_eq!(renamed.agreed_at, at(1), "she agreed then");
        let names = async |after| -> Vec<String> {
            let all = store.agreed(after, 9).await.unwrap();
            all.into_iter().map(|agreed| agreed.name).collect()
        };
        assert_eq!(names(None).await, ["Ann of the North", "Bob"]);
        assert_eq!(names(Some(ann)).await, ["Bob"]);
        store.disagree(ann).await.unwrap();
        store.disagree(ann).await.unwrap();
        assert_eq!(names(None).await, ["Bob"]);
    }
}

#[tokio::test]
async fn mails_that_ended_long_ago_are_forgotten_some_at_a_time() {
    for store in stores().await {
        for name in ["a", "b", "c", "d", "e"] {
            subscribed(&store, name, 0).await;
        }
        store.add_mails("2026-w48", at(0), at(1_000)).await.unwrap();
        store.add_mails("2026-w49", at(0), at(1_000)).await.unwrap();
        let due = store.due_mails(at(1_000), 100).await.unwrap();
        let (week, next): (Vec<_>, Vec<_>) = due.iter().partition(|mail| mail.about == "2026-w48");
        let ended = [MailStatus::Sent, MailStatus::Refused, MailStatus::Dropped];
        for (mail, status) in week.iter().zip(ended) {
            end(&store, mail.id, status, 1_100).await;
        }
        // One is under way, one still due; and of the next week one was sent later.
        assert!(store.begin_mail(week[3].id, at(1_100)).await.unwrap());
        end(&store, next[0].id, MailStatus::Sent, 5_000).await;
        // Those of asking ended at the very beginning.
        assert_eq!(store.forget_mails(at(0), 100).await.unwrap(), 0);
        assert_eq!(
            store.forget_mails(at(1_000), 2).await.unwrap(),
            2,
            "no more at once"
        );
        assert_eq!(store.forget_mails(at(1_000), 100).await.unwrap(), 3);
        assert_eq!(store.forget_mails(at(4_000), 2).await.unwrap(), 2);
        assert_eq!(store.forget_mails(at(4_000), 2).await.unwrap(), 1);
        assert_eq!(store.forget_mails(at(4_000), 2).await.unwrap(), 0);
        let counts = store.mails_about("2026-w48").await.unwrap();
        assert_eq!(counts, [(MailStatus::Due, 1), (MailStatus::Sending, 1)]);
        let counts = store.mails_about("2026-w49").await.unwrap();
        assert_eq!(counts, [(MailStatus::Due, 4), (MailStatus::Sent, 1)]);
        // Nobody knows of the one that was under way: that is an end, too.
        store.doubt_mails(at(4_000)).await.unwrap();
        assert_eq!(store.forget_mails(at(4_000), 9).await.unwrap(), 0);
        assert_eq!(store.forget_mails(at(4_001), 9).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn deliveries_that_ended_long_ago_are_forgotten_and_those_of_hooks_that_are_gone() {
    for store in stores().await {
        let add = async |url| {
            let added = store.add_hook((AccountId(5), url), (at(0), Seq(0)), 9);
            added.await.unwrap().unwrap().0.id
        };
        let (kept, gone) = (
            add("https://a.example").await,
            add("https://b.example").await,
        );
        for hook in [kept, gone] {
            for event in ["1", "2", "3", "4"] {
                let noted = store.add_delivery(hook, (event, "{}"), at(1));
                noted.await.unwrap();
            }
        }
        let ends = [
            (DeliveryStatus::Delivered, 10),
            (DeliveryStatus::Failed, 20),
            (DeliveryStatus::Due, 30),
            (DeliveryStatus::Delivered, 900),
        ];
        let due = store.due_deliveries(at(1), 99).await.unwrap();
        let own = due.iter().filter(|delivery| delivery.hook == kept);
        for (delivery, (status, second)) in own.zip(ends) {
            let tried = DeliveryTried {
                status,
                due_at: at(second),
                at: at(second),
                reply: "200".to_owned(),
            };
            store.end_delivery(delivery.id, &tried).await.unwrap();
        }
        let ended = store.end_hook(gone, HookStatus::Disabled, at(40));
        assert!(ended.await.unwrap());
        let left = async |hook| {
            let left = store.deliveries_of(hook, 9).await.unwrap();
            let events = left.into_iter().map(|delivery| delivery.event);
            events.collect::<Vec<_>>().concat()
        };
        assert_eq!(store.forget_deliveries(at(1), 9).await.unwrap(), 0);
        assert_eq!(
            store.forget_deliveries(at(500), 1).await.unwrap(),
            2,
            "one of each"
        );
        assert_eq!(store.forget_deliveries(at(500), 9).await.unwrap(), 4);
        assert_eq!(store.forget_deliveries(at(500), 9).await.unwrap(), 0);
        assert_eq!(
            (left(kept).await, left(gone).await),
            ("43".into(), String::new())
        );
        // What was told and forgotten could be noted anew: whoever notes has to know better.
        store
            .add_delivery(kept, ("1", "{}"), at(501))
            .await
            .unwrap();
        assert_eq!(left(kept).await, "143");
    }
}
