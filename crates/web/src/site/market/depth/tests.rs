use tidings_core::units::{Lots, Price};
use tidings_core::view::LevelView;

use super::Depth;

fn level(price: u16, resting: i64, maker: i64) -> LevelView {
    LevelView {
        price: Price::new(price).unwrap(),
        resting: Lots::new(resting * 100),
        implied: Lots::ZERO,
        maker: Lots::new(maker * 100),
    }
}

#[test]
fn both_sides_rise_from_the_spread_to_the_edges() {
    // The last is too far away to be drawn.
    let bids = [
        level(4_000, 10, 0),
        level(3_900, 0, 30),
        level(900, 0, 9_000),
    ];
    let asks = [level(4_200, 20, 0)];
    let depth = Depth::draw(&bids, &asks, 100).unwrap();
    let [sell, buy] = &depth.sides;
    // From 0.15 to 0.67. 40 shares are the most: ten of them reach a quarter of the height.
    assert_eq!(sell.total, "M480 1000H480V750H461V0H0V1000Z");
    assert_eq!(sell.resting, "M480 1000H480V750H461V750H0V1000Z");
    assert_eq!(buy.total, "M519 1000H519V500H1000V1000Z");
    let labels: Vec<_> = depth
        .labels
        .iter()
        .map(|label| label.text.as_str())
        .collect();
    assert_eq!(labels, ["0.15", "0.28", "0.41", "0.54", "0.67"]);
    assert_eq!((depth.most.as_str(), depth.half.as_str()), ("40", "20"));
    let rows: Vec<_> = sell
        .rows
        .iter()
        .map(|row| (row.price.as_str(), row.resting.as_str(), row.total.as_str()))
        .collect();
    assert_eq!(rows, [("0.40", "10", "10"), ("0.39", "10", "40")]);
    assert_eq!(
        depth.summary,
        "40 shares can be sold down to 0.39, and 20 bought up to 0.42."
    );
}

#[test]
fn an_empty_book_has_no_drawing_and_a_side_may_be_empty() {
    assert!(Depth::draw(&[], &[], 100).is_none());
    let one = Depth::draw(&[], &[level(9_900, 1, 0)], 100).unwrap();
    assert_eq!(one.sides[0].total, "");
    assert!(
        one.summary
            .starts_with("0 shares can be sold down to no price")
    );
}
