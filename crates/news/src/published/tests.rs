use super::*;

/// 31 October 2025, 00:00 UTC.
const DAY: i64 = 1_761_868_800_000_000;
const HOUR: i64 = 3_600_000_000;

#[test]
fn dates_in_the_forms_that_pages_print() {
    for line in [
        "31 October 2025",
        "31 Oct 2025",
        "31st of October, 2025",
        "October 31, 2025",
        "Oct. 31, 2025",
        "Friday, October 31, 2025",
        "Fri 31 Oct 2025",
        "2025-10-31",
        "2025/10/31",
        "2025.10.31.",
        "2025年10月31日",
        "2025年10月31日(金)",
        "2025년 10월 31일",
        "2025년 10월 31일 금요일",
        "Published: 31 October 2025",
        "Published on October 31, 2025",
        "PUBLISHED 31 OCT 2025",
        "First published: 31 October 2025",
        "Date: 2025-10-31",
        "公開日：2025年10月31日",
        "입력 2025.10.31",
    ] {
        assert_eq!(
            date_line(line),
            Some(DateLine::Published(Some(DAY))),
            "{line}"
        );
    }
}

#[test]
fn times_and_zones_are_read_when_they_are_named() {
    for (line, hours) in [
        ("31 October 2025, 14:00", 14),
        ("31 October 2025 at 2 pm", 14),
        ("31 October 2025, 12:00am UTC", 0),
        ("31 October 2025 12:00 p.m. GMT", 12),
        ("October 31, 2025 2:00pm EDT", 18),
        ("2025年10月31日 15:00 JST", 6),
        ("입력 2025.10.31 15:00:00", 15),
        ("31 October 2025, 09:00 UTC+9", 0),
        ("2025-10-31T09:00:00+09:00", 0),
        ("Published 2025-10-31T05:00:00Z", 5),
        ("31 October 2025 01:00 -0300", 4),
    ] {
        assert_eq!(
            date_line(line),
            Some(DateLine::Published(Some(DAY + hours * HOUR))),
            "{line}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_not_guessed() {
    for line in ["Published: 03/04/2025", "Published", "Posted: 99/99/9999"] {
        assert_eq!(date_line(line), Some(DateLine::Published(None)), "{line}");
    }
    for line in [
        "Updated: 1 November 2025",
        "Last updated 2025-11-01",
        "更新 2025-11-01",
    ] {
        assert_eq!(date_line(line), Some(DateLine::Updated), "{line}");
    }
    for line in [
        "",
        "October surprise",
        "Dateless ferry sails",
        "Published figures show a fall in trade",
        "Updated rules for ferries",
        "31 October",
        "31 February 2025",
        "31 October 2025 in the harbour",
        "31 October 2025, 14:00 CST",
        "31 October 2025, 25:00",
        "2025-13-01",
        "31 October 0025",
    ] {
        assert_eq!(date_line(line), None, "{line}");
    }
}

#[test]
fn a_dateline_counts_when_it_names_the_year() {
    for text in [
        "LANMOUTH, 31 October 2025 — The ferry sails.",
        "PORT ANSELM, Oct. 31, 2025 (Agency) – The ferry sails.",
        "KESTRIN, October 31, 2025 - The ferry sails.",
    ] {
        assert_eq!(dateline(text), Some(DAY), "{text}");
    }
    for text in [
        "LANMOUTH, Oct. 31 — The ferry sails.",
        "Lanmouth, 31 October 2025 — a day to remember.",
        "The ferry sails, they say — at last.",
        "No dash at all",
    ] {
        assert_eq!(dateline(text), None, "{text}");
    }
}
