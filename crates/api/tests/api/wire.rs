//! Values on the wire: what is read, what is refused, and how they are written.

use tidings_api::wire::id;
use tidings_api::wire::time::Time;
use tidings_api::wire::unit::{AveragePrice, OddsText};
use tidings_core::id::{AccountId, MarketId, OrderId};
use tidings_core::units::{Lots, Micros};

#[test]
fn times_are_rfc_3339_and_written_in_utc() {
    for (read, written) in [
        ("2026-06-30T15:00:00Z", "2026-06-30T15:00:00Z"),
        ("2026-07-01T00:00:00+09:00", "2026-06-30T15:00:00Z"),
        ("2026-06-30T15:00:00.5Z", "2026-06-30T15:00:00.5Z"),
        (
            "2026-06-30T15:00:00.123456789Z",
            "2026-06-30T15:00:00.123456Z",
        ),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("2024-02-29T00:00:00-00:30", "2024-02-29T00:30:00Z"),
    ] {
        assert_eq!(
            read.parse::<Time>().map(|time| time.to_string()),
            Ok(written.to_owned())
        );
    }
    for refused in [
        "",
        "2026-06-30",
        "2026-06-30T15:00:00",
        "2026-06-30 15:00:00Z",
        "2026-06-30T15:00Z",
        "2026-6-30T15:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-30T24:00:00Z",
        "20260630T150000Z",
        "2026-06-30T15:00:00.Z",
        "2026-06-30T15:00:00.1234567890Z",
        "2026-06-30T15:00:00+9:00",
        "2026-06-30T15:00:00+09",
        "2026-06-30t15:00:00z",
        " 2026-06-30T15:00:00Z",
        "now",
        "2026-06-30T15:00:00Z[UTC]",
        "-000001-01-01T00:00:00Z",
        "２０26-06-30T15:00:00Z",
    ] {
        assert!(refused.parse::<Time>().is_err(), "{refused}");
    }
}

#[test]
fn an_average_is_the_nearest_millionth() {
    let average = |amount, lots| {
        let average = AveragePrice::of(Micros::new(amount), Lots::new(lots));
        average.map(|average| serde_json::to_value(average).expect("a text"))
    };
    // The worked example of the design: 71.002913 for 180 shares.
    assert_eq!(average(71_002_913, 18_000), Some("0.394461".into()));
    assert_eq!(average(38_000_000, 10_000), Some("0.38".into()));
    assert_eq!(average(1, 3), Some("0.000033".into()));
    assert_eq!(
        average(5, 1_000),
        Some("0.000001".into()),
        "half a millionth goes up"
    );
    assert_eq!(average(-1, 3), Some("-0.000033".into()));
    assert_eq!(average(-10_000_000, 10_000), Some("-0.1".into()));
    assert_eq!(average(0, 0), None);
    let most = Lots::MAX.get();
    assert_eq!(average(most * 9_999, most), Some("0.9999".into()));
}

#[test]
fn odds_are_exact_to_the_millionth() {
    let shown = |odds| OddsText(odds).to_string();
    assert_eq!(
        [
            shown(412_345),
            shown(350_000),
            shown(0),
            shown(1_000_000),
            shown(1)
        ],
        ["0.412345", "0.35", "0", "1", "0.000001"]
    );
}

#[test]
fn ids_are_read_as_they_were_written_and_in_no_other_way() {
    assert_eq!(
        id::parse_account(&id::account(AccountId(3))),
        Some(AccountId(3))
    );
    assert_eq!(
        id::parse_market(&id::market(MarketId(0))),
        Some(MarketId(0))
    );
    assert_eq!(
        id::parse_order(&id::order(OrderId(u64::MAX))),
        Some(OrderId(u64::MAX))
    );
    for refused in [
        "",
        "acc_",
        "acc_03",
        "acc_+3",
        "acc_4294967296",
        "3",
        "mkt_3",
        "acc_3 ",
    ] {
        assert_eq!(id::parse_account(refused), None, "{refused}");
    }
}
