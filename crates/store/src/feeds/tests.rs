use super::*;
use crate::testing::stores;

const NOON: Timestamp = Timestamp::from_micros(1_763_000_000_000_000);
const URL: &str = "https://paper.example/feed.xml";

fn after_noon(hours: u32) -> Timestamp {
    NOON.plus_hours(hours)
}

#[tokio::test]
async fn a_feed_is_added_once_and_dropped_for_good() {
    for store in stores().await {
        let (first, new) = store.add_feed(URL, AccountId(3), NOON).await.unwrap();
        assert!(new);
        assert_eq!(
            (first.next_at, first.looked_at, first.failures),
            (NOON, None, 0)
        );
        let again = store
            .add_feed(URL, AccountId(4), after_noon(1))
            .await
            .unwrap();
        assert_eq!(again, (first.clone(), false));
        let (other, _) = store
            .add_feed("https://b.example/", AccountId(3), NOON)
            .await
            .unwrap();
        assert_eq!(
            store.feeds(9).await.unwrap(),
            [first.clone(), other.clone()]
        );
        assert_eq!(store.feeds(1).await.unwrap(), std::slice::from_ref(&first));
        assert_eq!(
            store.drop_feed(other.id).await.unwrap(),
            Some(other.clone())
        );
        assert_eq!(store.drop_feed(other.id).await.unwrap(), None);
        let (third, _) = store
            .add_feed("https://c.example/", AccountId(3), NOON)
            .await
            .unwrap();
        assert!(third.id > other.id, "a number is never used again");
    }
}

#[tokio::test]
async fn a_feed_is_taken_by_one_when_its_time_has_come() {
    for store in stores().await {
        let (feed, _) = store
            .add_feed(URL, AccountId(3), after_noon(1))
            .await
            .unwrap();
        assert_eq!(store.take_feed(NOON, after_noon(9)).await.unwrap(), None);
        let taken = store.take_feed(after_noon(1), after_noon(2)).await.unwrap();
        assert_eq!(taken.map(|feed| feed.id), Some(feed.id));
        assert_eq!(
            store.take_feed(after_noon(1), after_noon(2)).await.unwrap(),
            None
        );
        // Whoever took it has died over it.
        assert!(
            store
                .take_feed(after_noon(2), after_noon(3))
                .await
                .unwrap()
                .is_some()
        );
    }
}

#[tokio::test]
async fn how_a_look_went_is_kept() {
    for store in stores().await {
        let (feed, _) = store.add_feed(URL, AccountId(3), NOON).await.unwrap();
        let look = |hours, came| Look {
            at: after_noon(hours),
            next_at: after_noon(hours + 1),
            came,
        };
        let content = Came::Content {
            title: Some("The Paper".to_owned()),
            etag: Some("\"1\"".to_owned()),
            last_modified: None,
            articles: 3,
            refused: 1,
            versions: 2,
            held: 4,
        };
        let nothing = || Came::Nothing {
            code: "source_failed".to_owned(),
            detail: "it answered with 500".to_owned(),
        };
        store.note_look(feed.id, &look(1, content)).await.unwrap();
        store.note_look(feed.id, &look(2, nothing())).await.unwrap();
        store.note_look(feed.id, &look(3, nothing())).await.unwrap();
        let told = store.feeds(1).await.unwrap().remove(0);
        assert_eq!((told.articles, told.refused, told.failures), (3, 1, 2));
        assert_eq!((told.versions, told.held), (2, 4));
        assert_eq!(
            (told.looked_at, told.worked_at),
            (Some(after_noon(3)), Some(after_noon(1)))
        );
        assert_eq!(
            told.error.as_ref().map(|(code, _)| code.as_str()),
            Some("source_failed")
        );
        assert_eq!(told.etag.as_deref(), Some("\"1\""));
        store
            .note_look(feed.id, &look(4, Came::Same))
            .await
            .unwrap();
        let told = store.feeds(1).await.unwrap().remove(0);
        assert_eq!(
            (told.failures, told.error, told.next_at),
            (0, None, after_noon(5))
        );
        assert_eq!(told.title.as_deref(), Some("The Paper"));
        store.drop_feed(feed.id).await.unwrap();
        store.note_look(feed.id, &look(5, nothing())).await.unwrap();
        assert_eq!(store.feeds(1).await.unwrap(), []);
    }
}
