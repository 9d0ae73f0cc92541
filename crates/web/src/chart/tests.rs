use super::*;

const HOUR: i64 = 60 * MINUTE;
/// 2026-11-23 00:00:00 UTC.
const DAY: i64 = 1_795_392_000_000_000;

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

fn binary(hours: &[(i64, Odds)]) -> Vec<Point> {
    let point = |(hour, yes): &(i64, Odds)| Point {
        at: Timestamp::from_micros(DAY + hour * HOUR),
        odds: vec![Some(*yes), Some(CERTAIN - yes)],
    };
    hours.iter().map(point).collect()
}

fn drawn(points: &[Point], until: i64) -> Chart {
    let until = Timestamp::from_micros(DAY + until * HOUR);
    Chart::draw(&names(&["Yes", "No"]), points, &[], until).unwrap()
}

#[test]
fn odds_hold_until_they_change() {
    let chart = drawn(&binary(&[(0, 500_000), (5, 600_000), (8, 600_000)]), 10);
    assert_eq!(chart.lines.len(), 1, "the other outcome is the mirror");
    assert_eq!(chart.lines[0].path, "M0 500H500V400H1000");
    assert_eq!(chart.lines[0].shown, "60 %");
}

#[test]
fn the_first_and_the_last_moment_are_at_the_edges() {
    let chart = drawn(&binary(&[(0, 10_000), (24, 990_000)]), 24);
    assert_eq!(chart.lines[0].path, "M0 990H1000V10H1000");
}

#[test]
fn small_odds_get_a_closer_look_that_says_so() {
    let chart = drawn(&binary(&[(0, 100_000), (5, 200_000)]), 10);
    let texts: Vec<&str> = chart
        .levels
        .iter()
        .map(|level| level.text.as_str())
        .collect();
    assert_eq!(texts, ["0 %", "12.5 %", "25 %"]);
    assert_eq!(chart.lines[0].path, "M0 600H500V200H1000");
}

#[test]
fn a_line_breaks_where_nothing_is_known() {
    let mut points = binary(&[(0, 500_000), (2, 500_000), (4, 500_000)]);
    points[1].odds = vec![None, None];
    assert_eq!(drawn(&points, 10).lines[0].path, "M0 500H200M400 500H1000");
}

#[test]
fn the_time_axis_has_few_round_moments() {
    let texts = |until: i64| -> Vec<String> {
        drawn(&binary(&[(0, 500_000)]), until)
            .labels
            .into_iter()
            .map(|l| l.text)
            .collect()
    };
    assert_eq!(texts(0).len(), 2, "an hour to draw on");
    assert_eq!(texts(10), ["23 Nov", "03:00", "06:00", "09:00"]);
    assert_eq!(
        texts(30),
        ["23 Nov", "12:00", "24 Nov"],
        "each day once, and no words that would touch"
    );
    for hours in [1, 7, 23, 25, 100, 500, 2_000, 9_000, 40_000] {
        assert!(
            (1..=6).contains(&texts(hours).len()),
            "{hours}: {:?}",
            texts(hours)
        );
    }
}

#[test]
fn articles_are_marked_when_they_are_in_the_span() {
    let mark = |hour: i64, number| Mark {
        at: Timestamp::from_micros(DAY + hour * HOUR),
        number,
        title: format!("article {number}"),
    };
    let marks = [mark(-1, 1), mark(5, 2), mark(10, 3), mark(11, 4)];
    let until = Timestamp::from_micros(DAY + 10 * HOUR);
    let points = binary(&[(0, 500_000)]);
    let chart = Chart::draw(&names(&["Yes", "No"]), &points, &marks, until).unwrap();
    let placed: Vec<_> = chart
        .marks
        .iter()
        .map(|m| (m.text.as_str(), m.x, m.anchor))
        .collect();
    assert_eq!(placed, [("2", 500, "middle"), ("3", 1_000, "end")]);
}

#[test]
fn articles_that_come_close_together_share_a_flag() {
    let mark = |minutes: i64, number| Mark {
        at: Timestamp::from_micros(DAY + minutes * MINUTE),
        number,
        title: format!("article {number}"),
    };
    // Not in the order of their moments, as they were linked.
    let marks = [mark(305, 3), mark(300, 1), mark(320, 2), mark(500, 4)];
    let until = Timestamp::from_micros(DAY + 10 * HOUR);
    let points = binary(&[(0, 500_000)]);
    let chart = Chart::draw(&names(&["Yes", "No"]), &points, &marks, until).unwrap();
    let placed: Vec<_> = chart
        .marks
        .iter()
        .map(|m| (m.text.as_str(), m.x, m.title.as_str()))
        .collect();
    assert_eq!(
        placed,
        [
            ("1–3", 500, "article 1"),
            ("", 508, "article 3"),
            ("", 533, "article 2"),
            ("4", 833, "article 4")
        ]
    );
}

#[test]
fn of_many_outcomes_the_likeliest_are_drawn_and_all_are_in_the_table() {
    let all: Vec<String> = (0..9).map(|ix| format!("o{ix}")).collect();
    let odds = (0..9).map(|ix| Some(20_000 * (ix + 1))).collect();
    let point = Point {
        at: Timestamp::from_micros(DAY),
        odds,
    };
    let chart = Chart::draw(&all, &[point], &[], Timestamp::from_micros(DAY)).unwrap();
    let lines: Vec<&str> = chart.lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(lines, ["o8", "o7", "o6", "o5", "o4"]);
    assert_eq!(chart.table.names.len(), 9);
    assert!(chart.summary.starts_with("o8 from 18 % to 18 %; o7"));
}

#[test]
fn a_long_history_has_a_short_table_with_both_ends() {
    let points = binary(&(0..1_000).map(|hour| (hour, 500_000)).collect::<Vec<_>>());
    let chart = drawn(&points, 1_000);
    assert_eq!(chart.table.rows.len(), MOST_ROWS);
    assert_eq!(
        chart.table.rows.last().unwrap().0.iso,
        "2026-11-23T00:00:00Z"
    );
    assert_eq!(chart.table.rows[0].0, Moment::exact(points[999].at));
}

#[test]
fn nothing_known_is_no_drawing() {
    let nothing = Point {
        at: Timestamp::from_micros(DAY),
        odds: vec![None, None],
    };
    let at = Timestamp::from_micros(DAY);
    assert!(Chart::draw(&names(&["Yes", "No"]), &[nothing], &[], at).is_none());
    assert!(Chart::draw(&names(&["Yes", "No"]), &[], &[], at).is_none());
}
