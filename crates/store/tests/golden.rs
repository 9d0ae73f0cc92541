//! The journal's format, locked. The files in `golden` hold one record for every command, every event
//! and every refusal; what is written here must be those bytes, and those bytes must be read as this.
//!
//! A journal that was written once has to be readable for ever. When this fails, the format changed:
//! number a field anew and make it optional, or add a version beside the old one with a golden file of
//! its own. A file itself never changes. What the format learns later has a file of its own, too:
//! `journal-v1.bin` is what version 0.1 wrote, and `journal-v1-sets.bin` what sets, added liquidity and
//! scales brought, `journal-v1-reasons.bin` reasons of requests, `journal-v1-odds.bin` the odds that
//! a group ends with, `journal-v1-keys.bin` what keys learned: names, addresses, public halves,
//! rotation, and that their owners ask for them, `journal-v1-rsa.bin` RSA public keys,
//! `journal-v1-review.bin` drafts that somebody else reads, `journal-v1-brakes.bin` halts of many
//! markets and frozen accounts, `journal-v1-deposits.bin` deposits that take two, `journal-v1-evidence.bin`
//! evidence piece by piece, `journal-v1-early-close.bin` markets that close before their time,
//! `journal-v1-clarify.bin` what of a market a clarification is about, and `journal-v1-allowance.bin` accounts that may
//! ask for more or less than others.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tidings_core::Reject;
use tidings_core::access::{Grant, PublicKey, Role, RsaPublicKey, Scopes};
use tidings_core::band::{PriceBand, Swing};
use tidings_core::book::BookSide;
use tidings_core::command::{
    AmendOrder, Command, Contract, HaltMany, OpenAccount, PlaceOrder, ProposeCorrection,
    ProposeVoid, Request, RequestKey, ReviewMarket, RotateKey, SelfTrade, Side, Size, Stamp,
    TimeInForce, Transfer,
};
use tidings_core::event::{BookFill, CloseReason, Event, OrderTook, Record};
use tidings_core::evidence::{Clause, EvidenceFault, Item};
use tidings_core::halt::Scope;
use tidings_core::id::{AccountId, MarketId, OrderId, Outcome, Seq};
use tidings_core::market::{
    ArticleLink, Ending, HaltReason, Kind, LinkRole, MarketSpec, OutcomeSpec, Payout, Rules, Scale,
    Source, Status, VoidRule,
};
use tidings_core::passage::Passage;
use tidings_core::reject::{MarketFault, OrderFault};
use tidings_core::review::{ReviewPlan, Verdict, World};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_store::OddsPoint;
use tidings_store::journal::{decode, encode};

/// A golden file: its name, its bytes, and the records and odds that they mean.
type Golden = (
    &'static str,
    &'static [u8],
    Vec<Arc<Record>>,
    Vec<OddsPoint>,
);

fn golden() -> [Golden; 18] {
    [
        (
            "journal-v1.bin",
            include_bytes!("golden/journal-v1.bin"),
            records(commands(), events(), refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-sets.bin",
            include_bytes!("golden/journal-v1-sets.bin"),
            records(later_commands(), later_events(), later_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-reasons.bin",
            include_bytes!("golden/journal-v1-reasons.bin"),
            records(reasoned(), Vec::new(), Vec::new()),
            Vec::new(),
        ),
        (
            "journal-v1-odds.bin",
            include_bytes!("golden/journal-v1-odds.bin"),
            records(reasoned(), Vec::new(), Vec::new()),
            odds(),
        ),
        (
            "journal-v1-keys.bin",
            include_bytes!("golden/journal-v1-keys.bin"),
            records(keys(), key_events(), key_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-trade.bin",
            include_bytes!("golden/journal-v1-trade.bin"),
            records(trade_commands(), trade_events(), vec![Reject::DraftChanged]),
            Vec::new(),
        ),
        (
            "journal-v1-rsa.bin",
            include_bytes!("golden/journal-v1-rsa.bin"),
            records(rsa_keys(), Vec::new(), Vec::new()),
            Vec::new(),
        ),
        (
            "journal-v1-desk.bin",
            include_bytes!("golden/journal-v1-desk.bin"),
            records(desk_commands(), desk_events(), desk_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-void.bin",
            include_bytes!("golden/journal-v1-void.bin"),
            records(void_commands(), Vec::new(), Vec::new()),
            Vec::new(),
        ),
        (
            "journal-v1-corrections.bin",
            include_bytes!("golden/journal-v1-corrections.bin"),
            records(
                correction_commands(),
                correction_events(),
                correction_refusals(),
            ),
            Vec::new(),
        ),
        (
            "journal-v1-review.bin",
            include_bytes!("golden/journal-v1-review.bin"),
            records(review_commands(), review_events(), review_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-brakes.bin",
            include_bytes!("golden/journal-v1-brakes.bin"),
            records(brake_commands(), brake_events(), brake_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-band.bin",
            include_bytes!("golden/journal-v1-band.bin"),
            records(band_commands(), band_events(), band_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-early-close.bin",
            include_bytes!("golden/journal-v1-early-close.bin"),
            records(early_commands(), early_events(), early_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-deposits.bin",
            include_bytes!("golden/journal-v1-deposits.bin"),
            records(
                deposit_commands(),
                deposit_events(),
                vec![Reject::ProposalNotFound],
            ),
            Vec::new(),
        ),
        (
            "journal-v1-evidence.bin",
            include_bytes!("golden/journal-v1-evidence.bin"),
            records(evidence_commands(), Vec::new(), evidence_refusals()),
            Vec::new(),
        ),
        (
            "journal-v1-allowance.bin",
            include_bytes!("golden/journal-v1-allowance.bin"),
            records(
                allowance_commands(),
                allowance_events(),
                vec![Reject::AllowanceInvalid],
            ),
            Vec::new(),
        ),
        (
            "journal-v1-clarify.bin",
            include_bytes!("golden/journal-v1-clarify.bin"),
            records(clarify_commands(), Vec::new(), Vec::new()),
            Vec::new(),
        ),
    ]
}

#[test]
fn the_golden_journals_are_read_as_they_were_meant() {
    for (name, bytes, records, odds) in golden() {
        let read = decode(bytes).expect(name);
        assert_eq!(read.records.len(), records.len(), "{name}");
        for (read, meant) in read.records.iter().zip(&records) {
            assert_eq!(read, meant.as_ref(), "{name}");
        }
        assert_eq!(read.odds, odds, "{name}");
    }
}

#[test]
fn what_is_written_is_the_golden_journals() {
    for (name, bytes, records, odds) in golden() {
        let written = encode(&records, &odds, Vec::new());
        if written != bytes {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            std::fs::write(&path, &written).expect("the target directory takes files");
            panic!(
                "the journal's format changed; what is written now is in {}",
                path.display()
            );
        }
    }
}

#[test]
fn every_variant_is_in_a_golden_journal() {
    let records: Vec<Arc<Record>> = golden()
        .into_iter()
        .flat_map(|(_, _, records, _)| records)
        .collect();
    let commands: BTreeSet<u32> = records
        .iter()
        .map(|r| command_ix(&r.request.command))
        .collect();
    assert!(commands.into_iter().eq(0..COMMANDS));
    let events = records.iter().flat_map(|record| &record.events);
    let kinds: BTreeSet<u32> = events.map(event_ix).collect();
    assert!(kinds.into_iter().eq(0..EVENTS));
    let refusals = records.iter().filter_map(|record| record.refusal.as_ref());
    let kinds: BTreeSet<u32> = refusals.map(refusal_ix).collect();
    assert!(kinds.into_iter().eq(0..REFUSALS));
    let statuses = odds().into_iter().map(|point| point.status);
    assert!(statuses.eq(STATUSES));
}

/// One record for each command, then one for each event, then one for each refusal.
fn records(commands: Vec<Request>, events: Vec<Event>, refusals: Vec<Reject>) -> Vec<Arc<Record>> {
    let ticks = |events: Vec<Event>, refusal| (Request::new(ADMIN, Command::Tick), events, refusal);
    let asked = commands
        .into_iter()
        .map(|request| (request, Vec::new(), None));
    let happened = events
        .clone()
        .into_iter()
        .map(|event| ticks(vec![event], None));
    let refused = refusals
        .into_iter()
        .map(|reject| ticks(Vec::new(), Some(reject)));
    let several = ticks(events, None);
    let all = asked.chain(happened).chain(refused).chain([several]);
    let record = |(seq, (request, events, refusal))| {
        let at = Timestamp::from_micros(1_763_000_000_000_000 + i64::from(seq));
        let stamp = Stamp {
            seq: Seq(u64::from(seq)),
            at,
        };
        Arc::new(Record {
            stamp,
            request,
            events,
            refusal,
        })
    };
    (1_u32..).zip(all).map(record).collect()
}

const ADMIN: AccountId = AccountId::ADMIN;
const MARKET: MarketId = MarketId(300);
const ORDER: OrderId = OrderId(70_000);
const FAR: Timestamp = Timestamp::from_micros(i64::MAX);

fn price(ticks: u16) -> Price {
    Price::new(ticks).expect("a price")
}

fn fraction(ticks: u16) -> Fraction {
    Fraction::new(ticks).expect("a fraction")
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// A grant as version 0.1 wrote them.
fn plain_grant() -> Grant {
    Grant {
        manages: None,
        ..Grant::bearer([0xab; 32], Scopes::of(Role::Trader))
    }
}

/// Keys with a name, addresses, a scope for keys and a public half, and what their owners ask for.
fn keys() -> Vec<Request> {
    let account = AccountId(7);
    let by = Some(3);
    let networks = ["203.0.113.0/24", "2001:db8::1", "::/0"].map(|text| text.parse().expect(text));
    let public_key = PublicKey([0xcd; 32]);
    let full = Grant {
        expires_at: Some(FAR),
        name: Some("Nara 奈良".into()),
        networks: Some(networks.into()),
        ..Grant::signer(public_key, Scopes::all(Role::Trader))
    };
    let narrow = Grant::bearer([0xab; 32], Scopes::READ);
    let rotate = RotateKey {
        account,
        key: 70_000,
        digest: [0xef; 32],
        overlap: 86_400,
        public_key: None,
        by: None,
        rsa_public_key: None,
    };
    let signs = RotateKey {
        public_key: Some(public_key),
        by,
        ..rotate.clone()
    };
    let all = [
        Command::IssueKey {
            account,
            grant: Box::new(full),
            by,
        },
        Command::IssueKey {
            account,
            grant: Box::new(narrow),
            by: None,
        },
        Command::RevokeKey {
            account,
            key: 1,
            by,
        },
        Command::RotateKey(Box::new(rotate)),
        Command::RotateKey(Box::new(signs)),
    ];
    all.map(|command| Request::new(account, command)).into()
}

/// RSA public keys, with what is asked of them as their owners ask it.
fn rsa_keys() -> Vec<Request> {
    let account = AccountId(7);
    let rsa = RsaPublicKey::new(&[0xcd; 256]).expect("a modulus of 2048 bits");
    let issue = Command::IssueKey {
        account,
        grant: Box::new(Grant::rsa_signer(rsa.clone(), Scopes::all(Role::Trader))),
        by: None,
    };
    let rotate = RotateKey {
        account,
        key: 1,
        digest: rsa.digest(),
        overlap: 86_400,
        public_key: None,
        by: Some(0),
        rsa_public_key: Some(rsa),
    };
    let all = [issue, Command::RotateKey(Box::new(rotate))];
    all.map(|command| Request::new(account, command)).into()
}

fn key_events() -> Vec<Event> {
    vec![Event::KeyRotated {
        account: AccountId(7),
        key: 0,
        successor: 70_000,
        ends_at: FAR,
    }]
}

fn key_refusals() -> Vec<Reject> {
    vec![
        Reject::GrantTooWide,
        Reject::GrantInvalid,
        Reject::TooManyKeys { most: 50 },
        Reject::KeyRotated { successor: 1 },
        Reject::KeyInvalid,
    ]
}

fn commands() -> Vec<Request> {
    let grant = plain_grant();
    let account = AccountId(7);
    let roles = [
        Role::System,
        Role::Admin,
        Role::Operator,
        Role::Editor,
        Role::Trader,
    ];
    let opened = roles.map(|role| {
        let expiring = Grant {
            expires_at: Some(FAR),
            scopes: Scopes::of(role),
            ..grant.clone()
        };
        Command::OpenAccount(OpenAccount {
            name: text("Ana 안나"),
            role,
            grant: Some(Box::new(expiring)),
        })
    });
    let keyless = OpenAccount {
        name: String::new(),
        role: Role::Trader,
        grant: None,
    };
    let transfer = Transfer {
        account,
        amount: Micros::MAX,
    };
    let market = MARKET;
    let link = |role| ArticleLink {
        article: text("a-cautious-path"),
        role,
    };
    let roles = [
        LinkRole::Subject,
        LinkRole::Context,
        LinkRole::Trigger,
        LinkRole::Evidence,
    ];
    let links = roles.map(link);
    let payout = Payout::new(vec![fraction(2_500), fraction(7_500)]).expect("a whole");
    let mut all = vec![
        Command::Tick,
        Command::OpenAccount(keyless),
        Command::IssueKey {
            account,
            grant: Box::new(grant),
            by: None,
        },
        Command::RevokeKey {
            account,
            key: 1,
            by: None,
        },
        Command::Deposit(transfer),
        Command::Withdraw(Transfer {
            account,
            amount: Micros::new(1),
        }),
        Command::CreateMarket(Box::new(full_market(links.to_vec()))),
        Command::CreateMarket(Box::new(plain_market())),
        Command::OpenMarket { market },
        Command::HaltMarket {
            market,
            reason: HaltReason::Operator(text("a leak")),
        },
        Command::HaltMarket {
            market,
            reason: HaltReason::Embargo,
        },
        Command::ResumeMarket { market },
        Command::CloseMarket {
            market,
            reason: text("the summit began"),
            clause: None,
        },
        Command::Clarify {
            market,
            text: text("A video call is no summit."),
            about: None,
        },
        Command::ProposeResolution {
            market,
            payout,
            evidence: vec![text("https://example.com/1"), text("https://example.com/2")],
            note: text("as reported"),
            items: None,
        },
        Command::Dispute {
            market,
            reason: text("not so"),
            evidence: vec![text("a photograph")],
            items: None,
            clause: None,
        },
        Command::ConfirmResolution { market },
        Command::VoidMarket {
            market,
            reason: text("never decided"),
        },
        Command::Cancel { order: ORDER },
        Command::CancelAll { market: None },
        Command::CancelAll {
            market: Some(market),
        },
    ];
    all.extend(opened);
    all.extend(links.map(|link| Command::LinkArticle { market, link }));
    all.extend(orders().into_iter().map(Command::Place));
    all.extend(amendments().map(Command::Amend));
    let mut requests: Vec<Request> = all
        .into_iter()
        .map(|command| Request::new(account, command))
        .collect();
    let key = RequestKey {
        key: text("a-17"),
        fingerprint: [0xcd; 32],
    };
    requests.push(Request {
        key: Some(key),
        ..Request::new(account, Command::Tick)
    });
    requests
}

/// With a reason, under a key and without one.
fn reasoned() -> Vec<Request> {
    let request = || Request::new(ADMIN, Command::Tick).because(Some(text("A reason, 理由")));
    let key = RequestKey {
        key: text("a-17"),
        fingerprint: [0xcd; 32],
    };
    vec![request(), request().under(Some(key))]
}

/// A market in every status, with odds known, unknown, and at their ends; none without outcomes.
fn odds() -> Vec<OddsPoint> {
    let records = records(reasoned(), Vec::new(), Vec::new());
    let end = records.last().expect("records").stamp;
    let known = [Some(0), None, Some(350_000), Some(1_000_000)];
    let point = |(ix, status): (u32, Status)| OddsPoint {
        market: MarketId(ix * 300),
        seq: end.seq,
        at: end.at,
        odds: known[..(ix as usize).min(known.len())].to_vec(),
        status,
    };
    (0..).zip(STATUSES).map(point).collect()
}

fn full_market(articles: Vec<ArticleLink>) -> MarketSpec {
    let outcome = |key: &str, prior| OutcomeSpec {
        key: text(key),
        name: key.to_uppercase(),
        prior: fraction(prior),
    };
    MarketSpec {
        slug: text("jpkr-summit-2026"),
        kind: Kind::Categorical,
        question: text("Where will the summit be held? 首脳会談"),
        outcomes: vec![
            outcome("nara", 5_000),
            outcome("tokyo", 3_000),
            outcome("none", 2_000),
        ],
        rules: Rules {
            criteria: text("As announced by both governments."),
            edge_cases: vec![text("A meeting at sea counts for none.")],
            sources: vec![Source {
                name: text("Ministry"),
                url: text("https://example.com"),
                primary: true,
            }],
            early_close: None,
        },
        liquidity: Some(Lots::new(100_000)),
        tick: 10,
        taker_fee: fraction(200),
        opens_at: Some(Timestamp::from_micros(0)),
        closes_at: Some(FAR),
        dispute_hours: 24,
        tags: vec![text("diplomacy")],
        articles,
        scale: None,
        review: None,
        price_band: None,
    }
}

/// What sets, added liquidity and scales brought to the format.
fn later_commands() -> Vec<Request> {
    let scalar = MarketSpec {
        slug: text("visitors-november"),
        kind: Kind::Scalar,
        scale: Some(Scale {
            low: -1_500_000,
            high: 1_000_000_000_000_000,
            unit: text("visitors 訪日客"),
        }),
        ..plain_market()
    };
    [
        Command::AddLiquidity {
            market: MARKET,
            liquidity: Lots::new(200_000),
            reason: Some(text("The accord is front-page news.")),
        },
        Command::CreateMarket(Box::new(scalar)),
    ]
    .map(|command| Request::new(AccountId(7), command))
    .to_vec()
}

fn later_events() -> Vec<Event> {
    let (account, market, order) = (AccountId(70_000), MARKET, ORDER);
    let set = |side, amount| Event::SetFill {
        taker: order,
        market,
        outcome: Outcome(2),
        side,
        lots: Lots::new(180),
        amount: Micros::new(amount),
    };
    vec![
        Event::LiquidityAdded {
            market,
            sponsor: account,
            liquidity: Lots::new(200_000),
            locked: Micros::new(12_345_678),
        },
        set(BookSide::Bid, -90_000),
        set(BookSide::Ask, 702_000),
        Event::OrderClosed {
            order,
            account,
            market,
            reason: CloseReason::FillLimit,
            cancelled: Lots::new(5),
        },
    ]
}

fn later_refusals() -> Vec<Reject> {
    let fault = MarketFault::Scale;
    vec![
        Reject::NotTheSponsor,
        Reject::LiquidityInvalid,
        Reject::MarketInvalid { fault },
    ]
}

/// What dead man's switches, drafts written anew and requests that were sent at once brought to the format.
fn trade_commands() -> Vec<Request> {
    let account = AccountId(7);
    let key = RequestKey {
        key: text("a-17"),
        fingerprint: [0xcd; 32],
    };
    let ticks = |count| vec![Command::Tick; count];
    let mut all = Request::batch(account, Some(&key), ticks(2));
    all.extend(Request::batch(account, None, ticks(1)));
    let more = [
        Command::CancelAfter { seconds: 86_400 },
        Command::CancelAfter { seconds: 0 },
        Command::ReviseMarket {
            market: MARKET,
            spec: Box::new(plain_market()),
            revises: [0xef; 32],
        },
    ];
    all.extend(more.map(|command| Request::new(account, command)));
    all
}

/// What keeping accounts out of markets brought to the format.
fn desk_commands() -> Vec<Request> {
    let commands = [true, false].map(|out| Command::KeepOut {
        market: MARKET,
        account: AccountId(70_000),
        out,
    });
    commands
        .map(|command| Request::new(AccountId(7), command))
        .to_vec()
}

fn desk_events() -> Vec<Event> {
    let event = |out| Event::KeptOut {
        market: MARKET,
        account: AccountId(70_000),
        out,
    };
    vec![event(true), event(false)]
}

fn desk_refusals() -> Vec<Reject> {
    vec![Reject::KeptOut, Reject::TooManyKeptOut { most: 2_048 }]
}

/// What calling markets off by two operators brought to the format.
fn void_commands() -> Vec<Request> {
    let rules = [
        VoidRule::AmbiguousQuestion,
        VoidRule::OccurrenceCalledOff,
        VoidRule::SourceGone,
        VoidRule::OperatorMistake,
        VoidRule::Other,
    ];
    let propose = |rule| {
        Command::ProposeVoid(Box::new(ProposeVoid {
            market: MARKET,
            rule,
            reason: "It has two readings.".to_owned(),
            evidence: vec!["https://example.com/1".to_owned(), "a log".to_owned()],
            items: None,
        }))
    };
    let mut all: Vec<Command> = rules.into_iter().map(propose).collect();
    all.push(Command::ConfirmVoid { market: MARKET });
    let asked = |command| Request::new(AccountId(7), command);
    all.into_iter().map(asked).collect()
}

/// What corrections brought to the format.
fn correction_commands() -> Vec<Request> {
    let payout = Payout::new(vec![fraction(2_500), fraction(7_500)]).expect("a payout");
    let propose = |ending| {
        Command::ProposeCorrection(Box::new(ProposeCorrection {
            market: MARKET,
            ending,
            reason: "It was misread.".to_owned(),
            evidence: vec!["https://example.com/1".to_owned(), "a log".to_owned()],
            items: None,
        }))
    };
    let all = [
        propose(Ending::Paid(payout)),
        propose(Ending::Void(VoidRule::OperatorMistake)),
        Command::ConfirmCorrection { market: MARKET },
    ];
    all.map(|command| Request::new(AccountId(7), command))
        .to_vec()
}

fn correction_events() -> Vec<Event> {
    let market = MARKET;
    let amended = |amount| Event::Amended {
        account: AccountId(70_000),
        market,
        amount: Micros::new(amount),
    };
    vec![
        Event::EndRemembered { market, until: FAR },
        Event::EndForgotten { market },
        Event::CorrectionProposed { market },
        amended(-12_345_678),
        amended(5),
        Event::CorrectionMade { market },
    ]
}

fn correction_refusals() -> Vec<Reject> {
    let missing = Micros::new(12_345_678);
    vec![
        Reject::CorrectionTooLate,
        Reject::NothingToCorrect,
        Reject::CorrectionUncovered { missing },
    ]
}

/// What evidence piece by piece brought to the format.
fn evidence_commands() -> Vec<Request> {
    let piece = |clause, published_at, primary, article: Option<&str>| Item {
        url: text("https://www.mofa.go.jp/press/1.html"),
        publisher: text("外務省"),
        published_at,
        sha256: [0xcd; 32],
        quotation: text("Both sides put out one text. 共同文書"),
        clause,
        primary,
        article: article.map(str::to_owned),
    };
    let items = || {
        vec![
            piece(Clause::Criteria, Some(FAR), true, None),
            piece(Clause::EdgeCase(2), None, false, Some("the-story")),
            piece(Clause::Clarification(300), None, false, None),
        ]
    };
    let payout = || Payout::new(vec![fraction(2_500), fraction(7_500)]).expect("a payout");
    let market = MARKET;
    let (evidence, reason) = (vec![text("a log")], text("It is so."));
    let dispute = |items, clause| Command::Dispute {
        market,
        reason: text("It is not."),
        evidence: Vec::new(),
        items,
        clause,
    };
    [
        Command::ProposeResolution {
            market,
            payout: payout(),
            evidence: evidence.clone(),
            note: text("as reported"),
            items: Some(items()),
        },
        Command::ProposeResolution {
            market,
            payout: payout(),
            evidence: Vec::new(),
            note: String::new(),
            items: Some(Vec::new()),
        },
        dispute(Some(items()), Some(Clause::EdgeCase(1))),
        dispute(None, Some(Clause::Criteria)),
        dispute(None, Some(Clause::Clarification(1))),
        Command::ProposeVoid(Box::new(ProposeVoid {
            market,
            rule: VoidRule::SourceGone,
            reason: reason.clone(),
            evidence: evidence.clone(),
            items: Some(items()),
        })),
        Command::ProposeCorrection(Box::new(ProposeCorrection {
            market,
            ending: Ending::Paid(payout()),
            reason,
            evidence,
            items: Some(items()),
        })),
    ]
    .map(|command| Request::new(AccountId(7), command))
    .to_vec()
}

fn evidence_refusals() -> Vec<Reject> {
    let faults = [
        EvidenceFault::Address,
        EvidenceFault::Publisher,
        EvidenceFault::Quotation,
        EvidenceFault::Published,
        EvidenceFault::NotPrimary,
        EvidenceFault::TooMany,
    ];
    let invalid = faults.map(|fault| Reject::EvidenceInvalid { item: 2, fault });
    let lacks = Reject::EvidenceInsufficient {
        primary: 0,
        publishers: 1,
        others: 300,
    };
    let mut all = vec![lacks, Reject::ClauseUnknown];
    all.extend(invalid);
    all
}

/// What reading a draft before it opens brought to the format.
fn review_commands() -> Vec<Request> {
    let story = |comes_to| World {
        story: text("Both ministries put the same two pages online. 共同文書"),
        comes_to,
    };
    let (yes, value) = (Verdict::Outcome(Outcome(1)), Verdict::Value(-1_500_000));
    let reviewed = |required, worlds| MarketSpec {
        review: Some(ReviewPlan { required, worlds }),
        ..plain_market()
    };
    let review = |approve, note| {
        Command::ReviewMarket(Box::new(ReviewMarket {
            market: MARKET,
            text: [0xab; 32],
            verdicts: vec![yes, value, Verdict::Void],
            approve,
            note,
        }))
    };
    let worlds = vec![story(yes), story(value), story(Verdict::Void)];
    [
        Command::CreateMarket(Box::new(reviewed(true, worlds))),
        Command::CreateMarket(Box::new(reviewed(false, Vec::new()))),
        review(true, Some(text("The second one is close."))),
        review(false, None),
    ]
    .map(|command| Request::new(AccountId(7), command))
    .to_vec()
}

fn review_events() -> Vec<Event> {
    let event = |alike, approved| Event::MarketReviewed {
        market: MARKET,
        by: AccountId(70_000),
        alike,
        approved,
    };
    vec![event(true, true), event(true, false), event(false, false)]
}

fn review_refusals() -> Vec<Reject> {
    let fault = MarketFault::Worlds;
    vec![
        Reject::ReviewMissing,
        Reject::ReviewByAuthor,
        Reject::WorldsDiffer,
        Reject::ReviewedAlready,
        Reject::NothingToReview,
        Reject::MarketInvalid { fault },
    ]
}

/// What price bands brought to the format.
fn band_commands() -> Vec<Request> {
    let spec = MarketSpec {
        price_band: Some(PriceBand {
            width: fraction(2_000),
            seconds: 300,
        }),
        ..plain_market()
    };
    let halted = Command::HaltMarket {
        market: MARKET,
        reason: HaltReason::Band(far_swing()),
    };
    [Command::CreateMarket(Box::new(spec)), halted]
        .map(|command| Request::new(AccountId(7), command))
        .to_vec()
}

fn band_events() -> Vec<Event> {
    let swing = far_swing();
    vec![Event::BandLeft {
        market: MARKET,
        swing,
    }]
}

fn band_refusals() -> Vec<Reject> {
    let fault = MarketFault::PriceBand;
    vec![Reject::MarketInvalid { fault }]
}

fn far_swing() -> Swing {
    Swing {
        outcome: Outcome(255),
        from: 500_000,
        to: 999_999,
        seconds: 299,
    }
}

/// What closing before its time brought to the format.
/// A clarification about each passage that there may be.
fn clarify_commands() -> Vec<Request> {
    let passages = [
        Passage::Rules(Clause::Criteria),
        Passage::Rules(Clause::EdgeCase(300)),
        Passage::Rules(Clause::Clarification(1)),
        Passage::Rules(Clause::EarlyClose(2)),
        Passage::Source(70_000),
        Passage::Outcome(Outcome(255)),
        Passage::Question,
        Passage::ClosesAt,
        Passage::Scale,
    ];
    let clarify = |about| Command::Clarify {
        market: MARKET,
        text: text("A video call is no summit. 公表"),
        about: Some(about),
    };
    let request = |about| Request::new(ADMIN, clarify(about));
    passages.into_iter().map(request).collect()
}

fn early_commands() -> Vec<Request> {
    let mut spec = plain_market();
    spec.rules.early_close = Some(vec![
        text("Once both have it online. 公表"),
        text("Once it fails."),
    ]);
    let market = MARKET;
    let close = |clause| Command::CloseMarket {
        market,
        reason: text("It is online."),
        clause,
    };
    let dispute = Command::Dispute {
        market,
        reason: text("It was not."),
        evidence: Vec::new(),
        items: None,
        clause: Some(Clause::EarlyClose(1)),
    };
    let create = Command::CreateMarket(Box::new(spec));
    [
        create,
        close(Some(Clause::EarlyClose(300))),
        close(None),
        dispute,
    ]
    .map(|command| Request::new(AccountId(7), command))
    .to_vec()
}

fn early_events() -> Vec<Event> {
    let closed = |clause| Event::ClosedEarly {
        market: MARKET,
        clause,
    };
    vec![closed(Some(Clause::EarlyClose(300))), closed(None)]
}

fn early_refusals() -> Vec<Reject> {
    let fault = MarketFault::EarlyClose;
    vec![
        Reject::EarlyCloseClauseMissing,
        Reject::MarketInvalid { fault },
    ]
}

/// What the operators' brakes brought to the format.
fn brake_commands() -> Vec<Request> {
    let (account, reason) = (AccountId(70_000), text("A feed is wrong. 오류"));
    let scopes = [Scope::Everything, Scope::Tag(text("asia"))];
    let mut all = Vec::new();
    for scope in scopes {
        let halt = HaltMany {
            scope: scope.clone(),
            reason: reason.clone(),
        };
        all.push(Command::HaltMany(Box::new(halt)));
        all.push(Command::HaltMarket {
            market: MARKET,
            reason: HaltReason::Many {
                scope: scope.clone(),
                reason: reason.clone(),
            },
        });
        all.push(Command::ResumeMany { scope });
    }
    all.push(Command::FreezeAccount { account, reason });
    all.push(Command::UnfreezeAccount { account });
    let asked = |command| Request::new(AccountId(7), command);
    all.into_iter().map(asked).collect()
}

fn brake_events() -> Vec<Event> {
    let account = AccountId(70_000);
    vec![
        Event::ManyHalted { markets: 70_000 },
        Event::ManyResumed { markets: 0 },
        Event::AccountFrozen { account },
        Event::AccountUnfrozen { account },
        Event::OrderClosed {
            order: ORDER,
            account,
            market: MARKET,
            reason: CloseReason::AccountFrozen,
            cancelled: Lots::new(5),
        },
    ]
}

fn brake_refusals() -> Vec<Reject> {
    vec![Reject::AccountFrozen, Reject::HaltNotFound]
}

/// What accounts that may ask for more or less than others brought to the format.
fn allowance_commands() -> Vec<Request> {
    let asked = |percent| {
        let command = Command::SetAllowance {
            account: AccountId(70_000),
            percent,
            reason: text("It makes the summit's markets."),
        };
        Request::new(AccountId(7), command)
    };
    vec![asked(1), asked(10_000)]
}

fn allowance_events() -> Vec<Event> {
    let account = AccountId(70_000);
    let percent = 500;
    vec![Event::AllowanceSet { account, percent }]
}

/// What deposits that take two administrators brought to the format.
fn deposit_commands() -> Vec<Request> {
    let from = |from: Option<i64>| Command::SetLargeDeposits {
        from: from.map(Micros::new),
    };
    let decide = |confirm| Command::DecideFunds {
        proposal: 70_000,
        confirm,
    };
    [
        from(Some(12_345_678)),
        from(None),
        decide(true),
        decide(false),
    ]
    .map(|command| Request::new(ADMIN, command))
    .to_vec()
}

fn deposit_events() -> Vec<Event> {
    let proposal = 70_000;
    let from = Some(Micros::new(12_345_678));
    vec![
        Event::DepositProposed {
            proposal,
            account: AccountId(70_000),
            amount: Micros::MAX,
        },
        Event::ThresholdProposed { proposal, from },
        Event::ThresholdProposed {
            proposal,
            from: None,
        },
        Event::ThresholdSet { from },
        Event::ThresholdSet { from: None },
        Event::FundsConfirmed { proposal },
        Event::FundsDropped { proposal },
    ]
}

fn trade_events() -> Vec<Event> {
    let (account, market, order) = (AccountId(70_000), MARKET, ORDER);
    let revised = |locked| Event::MarketRevised {
        market,
        sponsor: account,
        locked: Micros::new(locked),
        subsidy: Micros::new(12_345_678),
    };
    vec![
        Event::SwitchSet {
            account,
            cancels_at: Some(FAR),
        },
        Event::SwitchSet {
            account,
            cancels_at: None,
        },
        Event::SwitchFired { account },
        Event::OrderClosed {
            order,
            account,
            market,
            reason: CloseReason::DeadManSwitch,
            cancelled: Lots::new(5),
        },
        revised(5),
        revised(-5),
    ]
}

fn plain_market() -> MarketSpec {
    let full = full_market(Vec::new());
    MarketSpec {
        kind: Kind::Binary,
        liquidity: None,
        tick: 1,
        taker_fee: Fraction::ZERO,
        opens_at: None,
        closes_at: None,
        dispute_hours: 0,
        tags: Vec::new(),
        ..full
    }
}

fn orders() -> Vec<PlaceOrder> {
    let plain = PlaceOrder {
        market: MARKET,
        outcome: Outcome(0),
        contract: Contract::Yes,
        side: Side::Buy,
        size: Size::Quantity(Lots::MAX),
        limit: Some(Price::MAX),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        client_order_id: None,
        valid_until: None,
    };
    let rich = PlaceOrder {
        outcome: Outcome(255),
        contract: Contract::No,
        side: Side::Sell,
        size: Size::Quantity(Lots::new(1)),
        limit: Some(Price::MIN),
        time_in_force: TimeInForce::Gtd(FAR),
        post_only: true,
        self_trade: SelfTrade::CancelOldest,
        client_order_id: Some(text("a-17")),
        valid_until: Some(FAR),
        ..plain.clone()
    };
    let by_amount = PlaceOrder {
        size: Size::Spend(Micros::new(1)),
        limit: None,
        time_in_force: TimeInForce::Ioc,
        ..plain.clone()
    };
    let all_or_none = PlaceOrder {
        time_in_force: TimeInForce::Fok,
        ..plain.clone()
    };
    vec![plain, rich, by_amount, all_or_none]
}

fn amendments() -> [AmendOrder; 2] {
    let nothing = AmendOrder {
        order: ORDER,
        quantity: None,
        limit: None,
        valid_until: None,
    };
    let everything = AmendOrder {
        quantity: Some(Lots::new(250)),
        limit: Some(price(4_100)),
        valid_until: Some(FAR),
        ..nothing.clone()
    };
    [nothing, everything]
}

fn events() -> Vec<Event> {
    let (account, market, order) = (AccountId(70_000), MARKET, ORDER);
    let amount = Micros::new(12_345_678);
    let fill = BookFill {
        taker: OrderId(70_001),
        maker: order,
        account,
        market,
        outcome: Outcome(1),
        price: price(3_800),
        lots: Lots::new(100),
        left: Lots::ZERO,
        cash: Micros::new(-380_000),
        side: BookSide::Bid,
    };
    let took = OrderTook {
        order,
        account,
        market,
        lots: Lots::new(180),
        cash: Micros::new(-71_002_913),
        fee: Micros::new(859_900),
    };
    let mut all = vec![
        Event::AccountOpened {
            account,
            role: Role::Editor,
        },
        Event::KeyIssued { account, key: 0 },
        Event::KeyRevoked {
            account,
            key: u32::MAX,
        },
        Event::Deposited { account, amount },
        Event::Withdrawn { account, amount },
        Event::MarketCreated {
            market,
            sponsor: account,
            subsidy: amount,
        },
        Event::Clarified { market, version: 2 },
        Event::ArticleLinked { market },
        Event::OrderAccepted {
            order,
            account,
            market,
        },
        Event::BookFill(fill),
        Event::BookFill(BookFill {
            side: BookSide::Ask,
            ..fill
        }),
        Event::MakerFill {
            taker: order,
            market,
            outcome: Outcome(0),
            lots: Lots::new(-80),
            amount: Micros::new(-33_002_913),
        },
        Event::OrderTook(took),
        Event::OrderRested {
            order,
            remaining: Lots::new(70),
            reserved: Micros::new(28_700_000),
        },
        Event::OrderAmended {
            order,
            remaining: Lots::new(20),
            limit: price(4_200),
            market,
        },
        Event::SetsMerged {
            account,
            market,
            sets: Lots::new(10),
        },
        Event::PaidOut {
            account,
            market,
            amount: Micros::ZERO,
        },
        Event::Refunded {
            account,
            market,
            amount,
        },
        Event::SponsorReturned {
            account,
            market,
            amount,
        },
    ];
    all.extend(STATUSES.map(|status| Event::PhaseChanged { market, status }));
    let reasons = [
        CloseReason::Filled,
        CloseReason::NotFilledAtOnce,
        CloseReason::Cancelled,
        CloseReason::SelfTrade,
        CloseReason::Expired,
        CloseReason::MarketClosed,
        CloseReason::MarketVoided,
    ];
    let cancelled = Lots::new(5);
    let closed = |reason| Event::OrderClosed {
        order,
        account,
        market,
        reason,
        cancelled,
    };
    all.extend(reasons.map(closed));
    all
}

const STATUSES: [Status; 8] = [
    Status::Draft,
    Status::Open,
    Status::Halted,
    Status::Closed,
    Status::Proposed,
    Status::Disputed,
    Status::Settled,
    Status::Voided,
];

fn refusals() -> Vec<Reject> {
    let mut all = vec![
        Reject::AccountNotFound,
        Reject::RoleNotAllowed,
        Reject::MarketNotFound,
        Reject::OutcomeNotFound,
        Reject::OrderNotFound,
        Reject::KeyNotFound,
        Reject::KeyTaken,
        Reject::InsufficientFunds {
            available: Micros::ZERO,
            required: Micros::MAX,
        },
        Reject::InsufficientPosition {
            available: Lots::ZERO,
            required: Lots::MAX,
        },
        Reject::LimitExceeded,
        Reject::PriceOffTick { tick: 100 },
        Reject::PostOnlyWouldTake,
        Reject::FokNotFilled {
            fillable: Lots::new(99),
        },
        Reject::NothingToFill,
        Reject::TooLate,
        Reject::TooManyOrders { most: 1_000 },
        Reject::ClientOrderIdTaken,
        Reject::RestingNotSupported,
        Reject::SlugTaken,
        Reject::PayoutInvalid,
        Reject::SecondOperatorNeeded {
            proposed_by: AccountId(3),
        },
        Reject::ConflictOfInterest,
        Reject::DisputeWindowOpen { until: FAR },
        Reject::DisputeWindowClosed,
        Reject::NotAHolder,
        Reject::IdempotencyKeyReused,
        Reject::BookFull,
        Reject::LinkNotPossible,
    ];
    all.extend(STATUSES.map(|status| Reject::MarketNotOpen { status }));
    all.extend(STATUSES.map(|status| Reject::WrongPhase { status }));
    let order_faults = [
        OrderFault::SpendSells,
        OrderFault::PostOnlyCannotRest,
        OrderFault::MarketOrderCannotRest,
        OrderFault::SpendCannotRest,
        OrderFault::NotPositive,
        OrderFault::AmendsNothing,
    ];
    all.extend(order_faults.map(|fault| Reject::OrderInvalid { fault }));
    let market_faults = [
        MarketFault::Slug,
        MarketFault::Question,
        MarketFault::Outcomes,
        MarketFault::OutcomeKey,
        MarketFault::Prior,
        MarketFault::Liquidity,
        MarketFault::Tick,
        MarketFault::Fee,
        MarketFault::Times,
        MarketFault::Rules,
    ];
    all.extend(market_faults.map(|fault| Reject::MarketInvalid { fault }));
    all
}

/// Counts the commands: whoever adds one is told here to add it above.
fn command_ix(command: &Command) -> u32 {
    match command {
        Command::Tick => 0,
        Command::OpenAccount(_) => 1,
        Command::IssueKey { .. } => 2,
        Command::RevokeKey { .. } => 3,
        Command::Deposit(_) => 4,
        Command::Withdraw(_) => 5,
        Command::CreateMarket(_) => 6,
        Command::OpenMarket { .. } => 7,
        Command::HaltMarket { .. } => 8,
        Command::ResumeMarket { .. } => 9,
        Command::CloseMarket { .. } => 10,
        Command::Clarify { .. } => 11,
        Command::LinkArticle { .. } => 12,
        Command::ProposeResolution { .. } => 13,
        Command::Dispute { .. } => 14,
        Command::ConfirmResolution { .. } => 15,
        Command::VoidMarket { .. } => 16,
        Command::Place(_) => 17,
        Command::Amend(_) => 18,
        Command::Cancel { .. } => 19,
        Command::CancelAll { .. } => 20,
        Command::AddLiquidity { .. } => 21,
        Command::RotateKey(_) => 22,
        Command::CancelAfter { .. } => 23,
        Command::ReviseMarket { .. } => 24,
        Command::KeepOut { .. } => 25,
        Command::ProposeVoid(_) => 26,
        Command::ConfirmVoid { .. } => 27,
        Command::ProposeCorrection(_) => 28,
        Command::ConfirmCorrection { .. } => 29,
        Command::ReviewMarket(_) => 30,
        Command::HaltMany(_) => 31,
        Command::ResumeMany { .. } => 32,
        Command::FreezeAccount { .. } => 33,
        Command::UnfreezeAccount { .. } => 34,
        Command::SetLargeDeposits { .. } => 35,
        Command::DecideFunds { .. } => 36,
        Command::SetAllowance { .. } => 37,
    }
}
const COMMANDS: u32 = 38;

/// Counts the events.
fn event_ix(event: &Event) -> u32 {
    match event {
        Event::AccountOpened { .. } => 0,
        Event::KeyIssued { .. } => 1,
        Event::KeyRevoked { .. } => 2,
        Event::Deposited { .. } => 3,
        Event::Withdrawn { .. } => 4,
        Event::MarketCreated { .. } => 5,
        Event::PhaseChanged { .. } => 6,
        Event::Clarified { .. } => 7,
        Event::ArticleLinked { .. } => 8,
        Event::OrderAccepted { .. } => 9,
        Event::BookFill(_) => 10,
        Event::MakerFill { .. } => 11,
        Event::OrderTook(_) => 12,
        Event::OrderRested { .. } => 13,
        Event::OrderAmended { .. } => 14,
        Event::OrderClosed { .. } => 15,
        Event::SetsMerged { .. } => 16,
        Event::PaidOut { .. } => 17,
        Event::Refunded { .. } => 18,
        Event::SponsorReturned { .. } => 19,
        Event::LiquidityAdded { .. } => 20,
        Event::SetFill { .. } => 21,
        Event::KeyRotated { .. } => 22,
        Event::SwitchSet { .. } => 23,
        Event::SwitchFired { .. } => 24,
        Event::MarketRevised { .. } => 25,
        Event::KeptOut { .. } => 26,
        Event::EndRemembered { .. } => 27,
        Event::EndForgotten { .. } => 28,
        Event::CorrectionProposed { .. } => 29,
        Event::Amended { .. } => 30,
        Event::CorrectionMade { .. } => 31,
        Event::MarketReviewed { .. } => 32,
        Event::ManyHalted { .. } => 33,
        Event::ManyResumed { .. } => 34,
        Event::AccountFrozen { .. } => 35,
        Event::AccountUnfrozen { .. } => 36,
        Event::DepositProposed { .. } => 37,
        Event::ThresholdProposed { .. } => 38,
        Event::ThresholdSet { .. } => 39,
        Event::FundsConfirmed { .. } => 40,
        Event::FundsDropped { .. } => 41,
        Event::BandLeft { .. } => 42,
        Event::ClosedEarly { .. } => 43,
        Event::AllowanceSet { .. } => 44,
    }
}
const EVENTS: u32 = 45;

/// Counts the refusals.
fn refusal_ix(refusal: &Reject) -> u32 {
    match refusal {
        Reject::AccountNotFound => 0,
        Reject::RoleNotAllowed => 1,
        Reject::MarketNotFound => 2,
        Reject::OutcomeNotFound => 3,
        Reject::OrderNotFound => 4,
        Reject::KeyNotFound => 5,
        Reject::KeyTaken => 6,
        Reject::InsufficientFunds { .. } => 7,
        Reject::InsufficientPosition { .. } => 8,
        Reject::LimitExceeded => 9,
        Reject::MarketNotOpen { .. } => 10,
        Reject::PriceOffTick { .. } => 11,
        Reject::PostOnlyWouldTake => 12,
        Reject::FokNotFilled { .. } => 13,
        Reject::NothingToFill => 14,
        Reject::TooLate => 15,
        Reject::OrderInvalid { .. } => 16,
        Reject::TooManyOrders { .. } => 17,
        Reject::ClientOrderIdTaken => 18,
        Reject::RestingNotSupported => 19,
        Reject::MarketInvalid { .. } => 20,
        Reject::SlugTaken => 21,
        Reject::WrongPhase { .. } => 22,
        Reject::PayoutInvalid => 23,
        Reject::SecondOperatorNeeded { .. } => 24,
        Reject::ConflictOfInterest => 25,
        Reject::DisputeWindowOpen { .. } => 26,
        Reject::DisputeWindowClosed => 27,
        Reject::NotAHolder => 28,
        Reject::IdempotencyKeyReused => 29,
        Reject::BookFull => 30,
        Reject::LinkNotPossible => 31,
        Reject::NotTheSponsor => 32,
        Reject::LiquidityInvalid => 33,
        Reject::GrantTooWide => 34,
        Reject::GrantInvalid => 35,
        Reject::TooManyKeys { .. } => 36,
        Reject::KeyRotated { .. } => 37,
        Reject::KeyInvalid => 38,
        Reject::DraftChanged => 39,
        Reject::KeptOut => 40,
        Reject::TooManyKeptOut { .. } => 41,
        Reject::CorrectionTooLate => 42,
        Reject::NothingToCorrect => 43,
        Reject::CorrectionUncovered { .. } => 44,
        Reject::ReviewMissing => 45,
        Reject::ReviewByAuthor => 46,
        Reject::WorldsDiffer => 47,
        Reject::ReviewedAlready => 48,
        Reject::NothingToReview => 49,
        Reject::AccountFrozen => 50,
        Reject::HaltNotFound => 51,
        Reject::ProposalNotFound => 52,
        Reject::EvidenceInsufficient { .. } => 53,
        Reject::EvidenceInvalid { .. } => 54,
        Reject::ClauseUnknown => 55,
        Reject::EarlyCloseClauseMissing => 56,
        Reject::AllowanceInvalid => 57,
    }
}
const REFUSALS: u32 = 58;
