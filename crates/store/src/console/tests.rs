use super::*;
use crate::testing::stores;

const NOON: Timestamp = Timestamp::from_micros(1_763_000_000_000_000);
const ADMIN: AccountId = AccountId(2);
const ANN: AccountId = AccountId(3);
const BOB: AccountId = AccountId(4);

fn later(hours: u32) -> Timestamp {
    NOON.plus_hours(hours)
}

fn session(digest: &[u8; 32], account: AccountId, at: Timestamp) -> NewSession<'_> {
    NewSession {
        digest,
        account,
        at,
        ends_at: at.plus_hours(12),
        address: Some("192.0.2.7"),
        agent: None,
    }
}

#[tokio::test]
async fn a_name_is_one_accounts_and_its_password_stays_until_another_comes() {
    for store in stores().await {
        let set = store
            .set_sign_in(ANN, "ann", None, ADMIN, NOON)
            .await
            .unwrap();
        assert_eq!(set.unwrap().hash, None);
        let set = store
            .set_sign_in(ANN, "ann", Some("h1"), ADMIN, NOON)
            .await
            .unwrap();
        assert_eq!(set.unwrap().hash.as_deref(), Some("h1"));
        let renamed = store
            .set_sign_in(ANN, "anna", None, ADMIN, later(1))
            .await
            .unwrap();
        assert_eq!(renamed.unwrap().hash.as_deref(), Some("h1"));
        let taken = store
            .set_sign_in(BOB, "anna", Some("h2"), ADMIN, NOON)
            .await
            .unwrap();
        assert_eq!(taken, None);
        assert_eq!(store.sign_in_of(BOB).await.unwrap(), None);
        assert_eq!(store.sign_in_named("ann").await.unwrap(), None);
        let found = store.sign_in_named("anna").await.unwrap().unwrap();
        assert_eq!((found.account, found.set_at), (ANN, later(1)));
        assert_eq!(store.sign_in_of(ANN).await.unwrap(), Some(found));
    }
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_in_time() {
    for store in stores().await {
        store
            .set_sign_in(ANN, "ann", Some("h1"), ADMIN, NOON)
            .await
            .unwrap();
        let (first, second) = ([1; 32], [2; 32]);
        for link in [&first, &second] {
            store
                .add_password_link(link, ANN, ADMIN, NOON, later(24))
                .await
                .unwrap();
        }
        let whose = async |link: &[u8; 32], at| {
            let found = store.password_link(link, at).await.unwrap();
            found.map(|found| found.account)
        };
        assert_eq!(whose(&first, NOON).await, None, "another took its place");
        assert_eq!(whose(&second, later(24)).await, None, "too late");
        assert_eq!(whose(&second, NOON).await, Some(ANN));
        let held = store.begin_session(session(&[9; 32], ANN, NOON), later(0), 9);
        held.await.unwrap();
        assert_eq!(
            store
                .use_password_link(&second, "h2", later(24))
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            store
                .use_password_link(&second, "h2", later(1))
                .await
                .unwrap(),
            Some(ANN)
        );
        let set = store.sign_in_of(ANN).await.unwrap().unwrap();
        assert_eq!((set.hash.as_deref(), set.set_by), (Some("h2"), ANN));
        assert_eq!(store.session(&[9; 32]).await.unwrap(), None);
        // Used, it stays used, also when the same request makes it again.
        store
            .add_password_link(&second, ANN, ADMIN, NOON, later(24))
            .await
            .unwrap();
        assert_eq!(
            store
                .use_password_link(&second, "h3", later(1))
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn sessions_are_seen_listed_and_ended() {
    for store in stores().await {
        let begun = async |digest: [u8; 32], account, at| {
            let begun = store.begin_session(session(&digest, account, at), NOON, 2);
            begun.await.unwrap()
        };
        let first = begun([1; 32], ANN, later(1)).await;
        let second = begun([2; 32], ANN, later(1)).await;
        let bobs = begun([3; 32], BOB, later(1)).await;
        assert_eq!(store.session(&[1; 32]).await.unwrap(), Some(first.clone()));
        assert_eq!(store.session(&[4; 32]).await.unwrap(), None);
        store.see_session(first.id, later(2)).await.unwrap();
        let seen = store.session(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(seen.seen_at, later(2));
        assert_eq!(
            store.sessions_of(ANN, 9).await.unwrap(),
            [second.clone(), seen]
        );
        assert!(!store.end_session(ANN, bobs.id).await.unwrap(), "another's");
        let third = begun([4; 32], ANN, later(2)).await;
        let left = store.sessions_of(ANN, 9).await.unwrap();
        assert_eq!(left, [third.clone(), second], "the oldest made room");
        assert!(store.end_session(ANN, third.id).await.unwrap());
        assert!(!store.end_session(ANN, third.id).await.unwrap());
        assert_eq!(store.end_sessions(ANN).await.unwrap(), 1);
        assert_eq!(store.sessions_of(BOB, 9).await.unwrap().len(), 1);
        let fourth = begun([5; 32], ANN, later(13)).await;
        assert!(fourth.id > third.id, "a number is never used again");
        assert_eq!(store.sessions_of(BOB, 9).await.unwrap(), [], "it has ended");
    }
}

#[tokio::test]
async fn whoever_loses_the_sign_in_is_signed_in_nowhere() {
    for store in stores().await {
        for change in ["another password", "none"] {
            store
                .set_sign_in(ANN, "ann", Some("h1"), ADMIN, NOON)
                .await
                .unwrap();
            store
                .begin_session(session(&[1; 32], ANN, NOON), later(0), 9)
                .await
                .unwrap();
            store
                .add_password_link(&[2; 32], ANN, ADMIN, NOON, later(24))
                .await
                .unwrap();
            if change == "none" {
                assert!(store.drop_sign_in(ANN, NOON).await.unwrap());
                assert!(!store.drop_sign_in(ANN, NOON).await.unwrap());
            } else {
                store
                    .set_sign_in(ANN, "ann", Some("h2"), ADMIN, NOON)
                    .await
                    .unwrap();
                assert_eq!(store.password_link(&[2; 32], NOON).await.unwrap(), None);
            }
            assert_eq!(store.session(&[1; 32]).await.unwrap(), None, "{change}");
        }
    }
}
