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

fn passkey(account: AccountId, credential: &'static [u8]) -> NewPasskey<'static> {
    NewPasskey {
        account,
        handle: b"whose",
        credential,
        name: "Phone",
        key: "k1",
        at: NOON,
    }
}

#[tokio::test]
async fn passkeys_are_added_used_doubted_and_removed() {
    for store in stores().await {
        assert!(store.add_passkey(passkey(ANN, b"one"), 2).await.unwrap());
        let others = store.add_passkey(passkey(BOB, b"one"), 2).await.unwrap();
        assert!(!others, "it is somebody's");
        assert!(store.add_passkey(passkey(ANN, b"two"), 2).await.unwrap());
        let third = store.add_passkey(passkey(ANN, b"three"), 2).await.unwrap();
        assert!(!third, "as many as an account may have");
        let found = store.passkey(b"one").await.unwrap().unwrap();
        assert_eq!(
            (found.account, &*found.handle, &*found.name, &*found.key),
            (ANN, &b"whose"[..], "Phone", "k1")
        );
        assert_eq!((found.used_at, found.doubted_at), (None, None));
        assert_eq!(store.passkey(b"none").await.unwrap(), None);
        let all = store.passkeys_of(ANN, 9).await.unwrap();
        assert_eq!(all[0], found);
        assert_eq!((all.len(), all[1].id > found.id), (2, true));

        let used = async |before, key, at| store.use_passkey(found.id, before, key, at).await;
        assert!(used("k1", "k2", later(1)).await.unwrap());
        assert!(
            !used("k1", "k3", later(2)).await.unwrap(),
            "another was faster"
        );
        let seen = store.passkey(b"one").await.unwrap().unwrap();
        assert_eq!((&*seen.key, seen.used_at), ("k2", Some(later(1))));
        store.doubt_passkey(found.id, later(3)).await.unwrap();
        store.doubt_passkey(found.id, later(4)).await.unwrap();
        let seen = store.passkey(b"one").await.unwrap().unwrap();
        assert_eq!(seen.doubted_at, Some(later(3)));
        assert!(!used("k2", "k3", later(5)).await.unwrap(), "it is doubted");

        assert!(
            !store.remove_passkey(BOB, found.id).await.unwrap(),
            "another's"
        );
        assert!(store.remove_passkey(ANN, found.id).await.unwrap());
        assert!(!store.remove_passkey(ANN, found.id).await.unwrap());
        assert_eq!(store.passkey(b"one").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_password_that_somebody_else_sets_ends_passkeys() {
    for store in stores().await {
        let sign_in = async |hash, by| {
            let set = store.set_sign_in(ANN, "ann", hash, by, NOON).await;
            set.unwrap().unwrap();
        };
        let add = async || {
            store.add_passkey(passkey(ANN, b"one"), 9).await.unwrap();
        };
        let left = async || store.passkeys_of(ANN, 9).await.unwrap().len();
        sign_in(Some("h1"), ADMIN).await;
        store.add_passkey(passkey(BOB, b"bobs"), 9).await.unwrap();
        add().await;
        sign_in(Some("h2"), ANN).await;
        assert_eq!(left().await, 1, "its owner's own change");
        sign_in(None, ADMIN).await;
        assert_eq!(left().await, 1, "another name, or a link that nobody used");
        sign_in(Some("h3"), ADMIN).await;
        assert_eq!(left().await, 0);
        add().await;
        let link = store.add_password_link(&[1; 32], ANN, ADMIN, NOON, later(24));
        link.await.unwrap();
        assert_eq!(left().await, 1);
        let used = store.use_password_link(&[1; 32], "h4", NOON);
        used.await.unwrap().unwrap();
        assert_eq!(left().await, 0);
        add().await;
        store.drop_sign_in(ANN, NOON).await.unwrap();
        assert_eq!(left().await, 0);
        assert_eq!(store.passkeys_of(BOB, 9).await.unwrap().len(), 1);
    }
}
