use super::stated;

/// What is stated: each day as a moment in UTC, or `no zone`, and whether a time stands beside it.
fn told(text: &str) -> Vec<String> {
    let all = stated(text).into_iter();
    all.map(|one| {
        let at = one.at.map_or("no zone".to_owned(), |at| at.to_string());
        let time = if one.has_time { "" } else { ", no time" };
        format!("{at}{time}")
    })
    .collect()
}

#[test]
fn dates_are_read_with_the_time_and_zone_beside_them() {
    for (text, expected) in [
        (
            "before 1 July 2026, 00:00 JST",
            &["2026-06-30T15:00:00Z"][..],
        ),
        (
            "before July 1, 2026 at 12:30 UTC+2",
            &["2026-07-01T10:30:00Z"],
        ),
        (
            "by 23:59 UTC on the 3rd of May 2026",
            &["2026-05-03T23:59:00Z"],
        ),
        ("until 5 pm GMT on 3 May 2026", &["2026-05-03T17:00:00Z"]),
        ("2026-07-01T00:00:00+09:00", &["2026-06-30T15:00:00Z"]),
        ("2026-07-01T00:00Z", &["2026-07-01T00:00:00Z"]),
        ("by 1 July 2026 UTC", &["2026-07-02T00:00:00Z, no time"]),
        ("by 1 July 2026", &["no zone, no time"]),
        ("by 1 July 2026, 09:00 CST", &["no zone"]),
        ("by 1 July 2026, 24:00 UTC", &["2026-07-02T00:00:00Z"]),
        ("by 1 July 2026, 09:00 local time", &["no zone"]),
        (
            "2026年7月1日午前0時（日本時間）より前に",
            &["2026-06-30T15:00:00Z"],
        ),
        ("2026年7月1日 15時30分 JSTまで", &["2026-07-01T06:30:00Z"]),
        (
            "２０２６年７月１日０時（日本時間）",
            &["2026-06-30T15:00:00Z"],
        ),
        (
            "2026년 7월 1일 0시(한국 시간) 이전",
            &["2026-06-30T15:00:00Z"],
        ),
        ("2026년 7월 1일 오후 3시 KST까지", &["2026-07-01T06:00:00Z"]),
        (
            "between 1 March 2026, 00:00 UTC and 1 April 2026, 00:00 UTC",
            &["2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"],
        ),
        ("by the end of June", &[]),
        ("on 31 February 2026, 00:00 UTC", &[]),
        ("in July 2026", &[]),
        ("room 1, 2026 chairs", &[]),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}
