//! What comes before a market trades: its draft is read, in every way that it can be, until it opens.

use tidings_core::command::{Command, Request, ReviewMarket};
use tidings_core::id::Outcome;
use tidings_core::review::{ReviewPlan, Verdict, World, text_digest};
use tidings_core::units::Timestamp;

use super::{MARKET, Scene};
use crate::model::Model;
use crate::model::review::Reading;
use crate::support::Desk;

/// Who reads: the author, and two others.
const READERS: [&str; 3] = ["op", "proposer", "confirmer"];

/// Two stories, which end differently.
pub(super) fn plan(required: bool) -> ReviewPlan {
    let world = |comes_to| World {
        story: "Something happens.".to_owned(),
        comes_to,
    };
    ReviewPlan {
        required,
        worlds: meant().map(world).into(),
    }
}

/// What the author means by them. A scalar market comes to numbers, and any market can be called off.
fn meant() -> [Verdict; 2] {
    [Verdict::Void, Verdict::Void]
}

/// Reads the draft as the scene says, and tries to open it after each reading. What cannot open by then is written
/// anew and read as it should be.
pub(super) fn open(desk: &mut Desk, model: &mut Model, scene: &Scene) {
    let at = desk.engine.last().at;
    let author = desk.account("op");
    model.draft.author = Some(author);
    model.draft.required = scene.readings.as_ref().map(|(required, _)| *required);
    let readings = scene.readings.iter().flat_map(|(_, readings)| readings);
    for reading in readings {
        if read_and_open(desk, model, at, *reading) {
            return;
        }
    }
    if model.draft.open().is_err() {
        let market = desk.engine.market(MARKET).expect("a draft");
        let mut spec = market.draft();
        let revises = spec.digest();
        spec.question = "Will it happen, in other words?".to_owned();
        let revise = Command::ReviseMarket {
            market: MARKET,
            spec: Box::new(spec),
            revises,
        };
        desk.give_at(at, Request::new(author, revise))
            .expect("other words");
        model.draft.rewrite();
        let well = Reading {
            by: 1,
            current: true,
            alike: true,
            short: false,
            approve: true,
        };
        if read_and_open(desk, model, at, well) {
            return;
        }
    }
    assert_eq!(model.draft.open(), Ok(()), "it can open");
    let open = Command::OpenMarket { market: MARKET };
    desk.give(author, open).expect("it opens");
}

/// Whether it is open after it was read so.
fn read_and_open(desk: &mut Desk, model: &mut Model, at: Timestamp, reading: Reading) -> bool {
    let reader = desk.account(READERS[reading.by]);
    let market = desk.engine.market(MARKET).expect("a draft");
    let mut text = text_digest(market);
    text[0] ^= u8::from(!reading.current);
    let mut verdicts = meant().to_vec();
    if !reading.alike {
        verdicts[1] = match market.spec.scale {
            Some(_) => Verdict::Value(0),
            None => Verdict::Outcome(Outcome(1)),
        };
    }
    verdicts.truncate(if reading.short { 1 } else { 2 });
    let review = Command::ReviewMarket(Box::new(ReviewMarket {
        market: MARKET,
        text,
        verdicts,
        approve: reading.approve,
        note: None,
    }));
    let before = desk.engine.state_hash();
    let read = desk.give_at(at, Request::new(reader, review)).map(drop);
    assert_eq!(read, model.draft.read(reader, reading), "{reading:?}");
    if read.is_err() {
        assert_eq!(
            desk.engine.state_hash(),
            before,
            "a refusal changes nothing"
        );
    }
    let open = Request::new(desk.account("op"), Command::OpenMarket { market: MARKET });
    let opened = desk.give_at(at, open).map(drop);
    assert_eq!(opened, model.draft.open(), "opened after {reading:?}");
    opened.is_ok()
}
