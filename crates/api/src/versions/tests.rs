use tidings_core::id::AccountId;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn version(number: u32, updated: i64, embargo: Option<i64>, status: ArticleStatus) -> Article {
    Article {
        key: 1,
        slug: "a".to_owned(),
        version: number,
        canonical_url: None,
        publisher: None,
        language: "en".to_owned(),
        section: Vec::new(),
        tags: Vec::new(),
        flags: Vec::new(),
        title: "A".to_owned(),
        summary: String::new(),
        body_html: String::new(),
        body_text: String::new(),
        body_hash: [0; 32],
        byline: None,
        published_at: None,
        first_seen_at: at(0),
        updated_at: at(updated),
        embargoed_until: embargo.map(at),
        status,
        author: AccountId(1),
    }
}

#[test]
fn what_was_never_said_in_public_stays_so() {
    use ArticleStatus::{Cancelled, Usable, Withheld};
    let cases = [
        // Replaced before the embargo ended.
        (
            vec![(10, Some(50), Usable), (20, Some(50), Usable)],
            vec![2],
        ),
        // Replaced after it had ended.
        (
            vec![(10, Some(50), Usable), (60, Some(50), Usable)],
            vec![2, 1],
        ),
        // Replaced when it ended.
        (
            vec![(10, Some(50), Usable), (50, Some(50), Usable)],
            vec![2],
        ),
        (vec![(10, None, Withheld), (20, None, Usable)], vec![2]),
        (
            vec![(10, None, Usable), (20, None, Withheld), (30, None, Usable)],
            vec![3, 1],
        ),
        (vec![(10, None, Cancelled)], vec![]),
        (vec![(10, Some(101), Usable)], vec![]),
        (vec![(10, Some(100), Usable)], vec![1]),
    ];
    for (told, expected) in cases {
        let mut versions: Vec<Article> = (1..)
            .zip(&told)
            .map(|(number, (updated, embargo, status))| {
                version(number, *updated, *embargo, *status)
            })
            .collect();
        versions.reverse();
        let shown = public_ones(versions, at(100));
        let numbers: Vec<u32> = shown.iter().map(|version| version.version).collect();
        assert_eq!(numbers, expected, "{told:?}");
    }
}
