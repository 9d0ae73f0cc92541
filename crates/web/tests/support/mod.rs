//! A newsroom to show: a real exchange on a real store, with a clock that the story moves.
//! Its markets stand in every state of their life, and one of everything is hostile.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

#[path = "hostile.rs"]
pub mod hostile;
#[path = "markup.rs"]
pub mod markup;
#[path = "week.rs"]
pub mod week;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use tidings_api::{App, AppOptions};
use tidings_core::access::Role;
use tidings_core::command::{
    Command, Contract, OpenAccount, PlaceOrder, ProposeVoid, Request, SelfTrade, Side, Size,
    TimeInForce, Transfer,
};
use tidings_core::event::{Event, Record};
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::{AccountId, MarketId, Outcome};
use tidings_core::market::{
    ArticleLink, HaltReason, Kind, LinkRole, MarketSpec, OutcomeSpec, Payout, Rules, Scale, Source,
    VoidRule,
};
use tidings_core::units::{Fraction, Lots, Micros, Price, Timestamp};
use tidings_exchange::{Clock, Exchange, Options};
use tidings_store::{Added, ArticleStatus, NewArticle, OddsSnapshot, Store};
use tower::ServiceExt;

const OPERATOR: AccountId = AccountId(3);
pub const SECOND_OPERATOR: AccountId = AccountId(4);
pub const ANN: AccountId = AccountId(5);
pub const BOB: AccountId = AccountId(6);

/// 30 October 2025, 00:00 UTC.
const START: i64 = 1_761_782_400_000_000;
const HOUR: u64 = 3_600;

/// Where the pages say they are.
pub const BASE: &str = "https://odds.example";

/// Text that must never be markup.
pub const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;";

/// The running newsroom.
pub struct Newsroom {
    pub app: App,
    pub clock: Clock,
    folder: tempfile::TempDir,
}

impl Newsroom {
    /// An exchange with accounts and nothing else.
    pub async fn empty(base: &str) -> Newsroom {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Timestamp::from_micros(START));
        let newsroom = Newsroom::start(folder, clock, base).await;
        for (actor, name, role) in [
            (AccountId::WORLD, "admin", Role::Admin),
            (AccountId::ADMIN, "operator", Role::Operator),
            (AccountId::ADMIN, "second operator", Role::Operator),
            (AccountId::ADMIN, "ann", Role::Trader),
            (AccountId::ADMIN, "bob", Role::Trader),
        ] {
            let open = OpenAccount {
                name: name.to_owned(),
                role,
                grant: None,
            };
            newsroom.give(actor, Command::OpenAccount(open)).await;
        }
        for account in [OPERATOR, ANN, BOB] {
            let amount = Micros::new(1_000_000_000_000);
            let transfer = Transfer { account, amount };
            newsroom
                .give(AccountId::ADMIN, Command::Deposit(transfer))
                .await;
        }
        newsroom
    }

    async fn start(folder: tempfile::TempDir, clock: Clock, base: &str) -> Newsroom {
        let path = folder.path().join("exchange.db");
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        let options = Options {
            clock: clock.clone(),
            ..Options::default()
        };
        let exchange = Exchange::start(store, options).await.unwrap();
        let mut options = AppOptions::new([7; 32], base);
        options.sends_mail = true;
        // A test looks at more pages in a second than a person does in an hour.
        for limit in ["staff", "reads", "public"] {
            let set = options.limits.set(&format!("{limit}=100000:100000"));
            set.expect("a limit");
        }
        Newsroom {
            app: App::new(exchange, options),
            clock,
            folder,
        }
    }

    /// The process ends, and another one starts on the same files.
    pub async fn restart(self) -> Newsroom {
        let Newsroom { app, clock, folder } = self;
        let base = app.base_url().to_owned();
        app.exchange().shutdown().await;
        app.store().close().await;
        drop(app);
        Newsroom::start(folder, clock, &base).await
    }

    /// What a form is answered with.
    pub async fn post(&self, path: &str, form: &str) -> (StatusCode, HeaderMap, String) {
        let request = HttpRequest::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let answer = self.router().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        (parts.status, parts.headers, body)
    }

    /// Two weeks of news and trading, with markets in every state.
    pub async fn furnished(base: &str) -> Newsroom {
        let newsroom = Newsroom::empty(base).await;
        newsroom.tell().await;
        newsroom
    }

    /// Waits until what was done can be read as history.
    pub async fn written_down(&self) {
        let seq = self.app.exchange().committed().seq;
        assert!(
            self.app
                .exchange()
                .projected_past(seq, Duration::from_secs(60))
                .await
        );
    }

    pub fn router(&self) -> Router {
        tidings_web::router(self.app.clone())
    }

    /// What a page is answered with.
    pub async fn get(&self, path: &str) -> (StatusCode, HeaderMap, String) {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, String) {
        let (status, headers, bytes) = self.get_bytes_with(path, headers).await;
        (status, headers, String::from_utf8(bytes).unwrap())
    }

    /// What a picture is answered with.
    pub async fn get_bytes(&self, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = HttpRequest::builder().uri(path).body(Body::empty());
        self.ask(request.unwrap()).await
    }

    /// The bytes of whatever is answered to somebody who says more.
    pub async fn get_bytes_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let asked = HttpRequest::builder().uri(path);
        let asked = headers
            .iter()
            .fold(asked, |asked, (name, value)| asked.header(*name, *value));
        self.ask(asked.body(Body::empty()).unwrap()).await
    }

    async fn ask(&self, request: HttpRequest<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let answer = self.router().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        (parts.status, parts.headers, bytes.to_vec())
    }

    pub async fn give(&self, actor: AccountId, command: Command) -> Arc<Record> {
        let request = Request::new(actor, command);
        let record = self.app.exchange().submit(request).await.unwrap();
        assert_eq!(record.refusal, None, "{:?}", record.request);
        record
    }

    /// A command of the operator's.
    pub async fn operate(&self, command: Command) {
        self.give(OPERATOR, command).await;
    }

    /// The operator's words to a market's rules, about none of its terms alone.
    pub async fn clarify(&self, market: MarketId, text: &str) {
        let text = text.to_owned();
        let about = None;
        let clarify = Command::Clarify {
            market,
            text,
            about,
        };
        self.operate(clarify).await;
    }

    /// Calls a market off: it is proposed, and confirmed when its window has ended.
    pub async fn void(&self, market: MarketId, reason: String) {
        let evidence = vec!["https://www.mofa.go.jp/press/".to_owned()];
        self.void_on(market, reason, evidence).await;
    }

    /// The same, on other evidence.
    pub async fn void_on(&self, market: MarketId, reason: String, evidence: Vec<String>) {
        let propose = ProposeVoid {
            market,
            rule: VoidRule::OccurrenceCalledOff,
            reason,
            evidence,
            items: None,
        };
        self.operate(Command::ProposeVoid(Box::new(propose))).await;
        let view = self.app.exchange().market(market).expect("it is there");
        self.pass(u64::from(view.spec.dispute_hours));
        self.give(SECOND_OPERATOR, Command::ConfirmVoid { market })
            .await;
    }

    /// Lets time pass.
    pub fn pass(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * HOUR));
    }

    pub async fn market(&self, spec: MarketSpec) -> MarketId {
        let made = self
            .give(OPERATOR, Command::CreateMarket(Box::new(spec)))
            .await;
        let id = made.events.iter().find_map(|event| match event {
            Event::MarketCreated { market, .. } => Some(*market),
            _ => None,
        });
        id.unwrap()
    }

    pub async fn open(&self, market: MarketId) {
        self.give(OPERATOR, Command::OpenMarket { market }).await;
    }

    /// A market order by Ann: as many shares of an outcome, or of every other.
    pub async fn buy(&self, market: MarketId, outcome: u16, contract: Contract, shares: i64) {
        self.order(ANN, market, outcome, contract, shares, None)
            .await;
    }

    pub async fn order(
        &self,
        account: AccountId,
        market: MarketId,
        outcome: u16,
        contract: Contract,
        shares: i64,
        limit: Option<u16>,
    ) {
        let order = PlaceOrder {
            market,
            outcome: Outcome(outcome),
            contract,
            side: Side::Buy,
            size: Size::Quantity(Lots::new(shares * 100)),
            limit: limit.and_then(Price::new),
            time_in_force: if limit.is_some() {
                TimeInForce::Gtc
            } else {
                TimeInForce::Ioc
            },
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            client_order_id: None,
            valid_until: None,
        };
        self.give(account, Command::Place(order)).await;
    }

    /// Trading of no particular direction, the same every time.
    pub async fn wander(&self, market: MarketId, outcomes: u16, steps: u64, hours: u64, size: i64) {
        let seq = self.app.exchange().committed().seq.0;
        let mut dice = 0x9E37_79B9_7F4A_7C15_u64 ^ (seq << 20) ^ u64::from(market.0 + 1);
        for _ in 0..steps {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let roll = dice >> 33;
            let outcome = u16::try_from(roll % u64::from(outcomes)).unwrap();
            let contract = if roll & 64 == 0 {
                Contract::Yes
            } else {
                Contract::No
            };
            let shares = size / 4 + i64::try_from(roll >> 8).unwrap() % size;
            self.buy(market, outcome, contract, shares).await;
            self.pass(hours);
        }
    }

    /// Adds an article, linked as given, with a snapshot of each market's odds.
    pub async fn article(&self, article: NewArticle, links: &[(MarketId, LinkRole)]) {
        let added = self.app.store().add_article(&article).await.unwrap();
        let Added::New(article) = added else {
            panic!("it was here already")
        };
        for (market, role) in links {
            let link = ArticleLink {
                article: article.slug.clone(),
                role: *role,
            };
            self.give(
                OPERATOR,
                Command::LinkArticle {
                    market: *market,
                    link,
                },
            )
            .await;
            let view = self.app.exchange().market(*market).unwrap();
            if view.opened_at.is_some() && article.published_at.is_some() {
                let snapshot = OddsSnapshot {
                    article: article.slug.clone(),
                    market: *market,
                    seq: view.as_of.seq,
                    at: self.app.now(),
                    odds: view.outcomes.iter().map(|outcome| outcome.odds).collect(),
                    status: view.phase.status(),
                };
                self.app
                    .store()
                    .save_odds_snapshot(&snapshot)
                    .await
                    .unwrap();
            }
        }
    }

    /// An article that is published at this moment.
    pub fn written(&self, slug: &str, title: &str, section: &[&str], body: &[&str]) -> NewArticle {
        let strings = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let html: String = body.iter().map(|p| format!("<p>{p}</p>")).collect();
        NewArticle {
            slug: slug.to_owned(),
            canonical_url: Some(format!("https://news.example/{slug}")),
            publisher: Some("The Example".to_owned()),
            language: "en".to_owned(),
            section: strings(section),
            tags: strings(&["Japan", "South Korea", "diplomacy"]),
            flags: Vec::new(),
            title: title.to_owned(),
            summary: body.first().map(|p| (*p).to_owned()).unwrap_or_default(),
            body_html: html,
            body_text: body.join("\n\n"),
            byline: Some("Our correspondent".to_owned()),
            published_at: Some(self.app.now()),
            embargoed_until: None,
            status: ArticleStatus::Usable,
            author: AccountId::ADMIN,
            body_hash: *blake3::hash(slug.as_bytes()).as_bytes(),
            terms: title.to_lowercase().split(' ').map(str::to_owned).collect(),
            at: self.app.now(),
        }
    }

    pub async fn settle(&self, market: MarketId, payout: &[u16], note: &str) {
        self.close(market).await;
        self.propose(market, payout, note).await;
        self.pass(25);
        self.give(SECOND_OPERATOR, Command::ConfirmResolution { market })
            .await;
    }

    pub async fn close(&self, market: MarketId) {
        let reason = "the deadline has passed".to_owned();
        self.give(
            OPERATOR,
            Command::CloseMarket {
                market,
                reason,
                clause: None,
            },
        )
        .await;
    }

    pub async fn propose(&self, market: MarketId, payout: &[u16], note: &str) {
        let shares = payout
            .iter()
            .map(|ticks| Fraction::new(*ticks).unwrap())
            .collect();
        let command = Command::ProposeResolution {
            market,
            payout: Payout::new(shares).unwrap(),
            evidence: vec![
                "https://www.mofa.go.jp/press/".to_owned(),
                "javascript:alert(3)".to_owned(),
            ],
            note: note.to_owned(),
            items: proof(),
        };
        self.give(OPERATOR, command).await;
    }

    async fn tell(&self) {
        let summit = self.market(summit(self.app.now())).await;
        let place = self.market(place(self.app.now())).await;
        self.open(summit).await;
        self.open(place).await;
        self.wander(summit, 2, 30, 2, 160).await;
        self.wander(place, 9, 30, 1, 90).await;
        let mut lead = self.written(
            "japan-and-south-korea-forge-cautious-path",
            "Japan and South Korea Forge Cautious Path Forward in High-Stakes Summit",
            &["Politics", "diplomacy", "Bilateral Relations"],
            &ARTICLE,
        );
        lead.flags = vec!["featured".to_owned()];
        self.article(
            lead,
            &[(summit, LinkRole::Subject), (place, LinkRole::Context)],
        )
        .await;
        self.pass(1);
        self.buy(summit, 0, Contract::Yes, 260).await;
        self.wander(summit, 2, 20, 4, 120).await;
        for (limit, shares) in [(5_500, 250), (5_200, 800), (5_000, 1_200), (4_500, 400)] {
            self.order(BOB, summit, 0, Contract::Yes, shares, Some(limit))
                .await;
            self.order(
                BOB,
                summit,
                1,
                Contract::Yes,
                shares / 2,
                Some(8_600 - limit),
            )
            .await;
        }

        let visitors = self.market(visitors(self.app.now())).await;
        let text = self.market(text(self.app.now())).await;
        self.open(text).await;
        self.wander(text, 2, 24, 5, 200).await;
        let second = self.written(
            "ministers-to-meet-before-the-year-ends",
            "Foreign Ministers to Meet Before the Year Ends, Both Sides Say",
            &["Politics", "diplomacy"],
            &[
                "The two foreign ministers will meet before the year ends, officials in Tokyo and \
               Seoul said, with supply chains first on the list.",
            ],
        );
        self.article(
            second,
            &[(text, LinkRole::Subject), (summit, LinkRole::Trigger)],
        )
        .await;
        let mut third = self.written(
            "visitor-numbers-climb-for-a-ninth-month",
            "Visitor Numbers Climb for a Ninth Month",
            &["Economy"],
            &[
                "Arrivals from South Korea rose again in October, the tourism agency's first \
               estimate shows, and hotels in Kyushu are full until the new year.",
            ],
        );
        third.published_at = None;
        third.byline = None;
        self.article(third, &[(visitors, LinkRole::Subject)]).await;
        let fourth = self.written(
            "a-ceremony-and-who-will-attend-it",
            "A Ceremony, and the Question of Who Will Attend It",
            &["Politics"],
            &["Every February the same guest list is read for what it says about the year."],
        );
        self.article(fourth, &[]).await;
        self.open(visitors).await;
        self.wander(visitors, 2, 8, 2, 300).await;
        self.states().await;
        self.pass(1);
        self.written_down().await;
    }

    /// A market in every state.
    async fn states(&self) {
        let named = |slug: &str, question: &str| binary(self.app.now(), slug, question, 60 * 24);
        for (slug, question) in [
            ("state-draft", "Will this draft ever be opened?"),
            (
                "state-halted",
                "Will both governments publish a jointly agreed text this winter?",
            ),
            (
                "state-closed",
                "Did the tourism agency count more than 800,000 visitors?",
            ),
            (
                "state-proposed",
                "Was the summit announced before 10 January 2026?",
            ),
            (
                "state-disputed",
                "Did a minister attend the ceremony of 22 February?",
            ),
            ("state-settled", "Was the summit held in Nara?"),
            (
                "state-voided",
                "Will the postponed friendly be played in Gyeongju?",
            ),
        ] {
            let mut spec = named(slug, question);
            if slug == "state-voided" {
                spec.dispute_hours = 0;
            }
            let market = self.market(spec).await;
            if slug == "state-draft" {
                continue;
            }
            self.open(market).await;
            self.buy(market, 0, Contract::Yes, 300).await;
            match slug {
                "state-halted" => {
                    let reason = HaltReason::Operator("a source published by mistake".to_owned());
                    self.give(OPERATOR, Command::HaltMarket { market, reason })
                        .await;
                }
                "state-closed" => self.close(market).await,
                "state-proposed" => {
                    self.close(market).await;
                    self.propose(market, &[10_000, 0], "Announced on 9 January 2026.")
                        .await;
                }
                "state-disputed" => {
                    self.close(market).await;
                    self.propose(market, &[0, 10_000], "A parliamentary vice-minister.")
                        .await;
                    let command = Command::Dispute {
                        market,
                        reason: "A vice-minister is a minister in the sense of the rules."
                            .to_owned(),
                        evidence: vec!["https://www.cao.go.jp/".to_owned()],
                        items: None,
                        clause: Some(Clause::Criteria),
                    };
                    self.give(ANN, command).await;
                }
                "state-settled" => {
                    self.settle(market, &[10_000, 0], "Held in Nara on 13 January 2026.")
                        .await;
                }
                _ => {
                    let reason = "the match was cancelled and will not be played".to_owned();
                    self.void(market, reason).await;
                }
            }
        }
    }

    /// A market and an article whose every text is hostile, and an article that nobody may see.
    pub async fn attack(&self) {
        let mut spec = binary(self.app.now(), "hostile", HOSTILE, 60 * 24);
        HOSTILE.clone_into(&mut spec.outcomes[0].name);
        spec.rules.criteria = HOSTILE.to_owned();
        spec.rules.edge_cases = vec![HOSTILE.to_owned()];
        spec.rules.early_close = Some(vec![HOSTILE.to_owned()]);
        spec.rules.sources[0].name = HOSTILE.to_owned();
        spec.rules.sources[0].url = "javascript:alert(1)".to_owned();
        spec.tags = vec![HOSTILE.to_owned()];
        let market = self.market(spec).await;
        self.open(market).await;
        self.clarify(market, HOSTILE).await;
        let mut secret = self.written("under-embargo", "Embargoed headline", &[], &["Secret."]);
        secret.embargoed_until = Some(Timestamp::from_micros(i64::MAX / 2));
        self.article(secret, &[(market, LinkRole::Trigger)]).await;
        let mut article = self.written("hostile-article", HOSTILE, &[HOSTILE], &["Text."]);
        article.summary = HOSTILE.to_owned();
        article.byline = Some(HOSTILE.to_owned());
        article.publisher = Some(HOSTILE.to_owned());
        article.tags = vec![HOSTILE.to_owned()];
        article.canonical_url = None;
        self.article(article, &[(market, LinkRole::Subject)]).await;
        self.written_down().await;
    }
}

/// A binary market with a maker.
pub fn binary(now: Timestamp, slug: &str, question: &str, closes_in_hours: u32) -> MarketSpec {
    let outcome = |key: &str, name: &str| OutcomeSpec {
        key: key.to_owned(),
        name: name.to_owned(),
        prior: Fraction::new(5_000).unwrap(),
    };
    MarketSpec {
        slug: slug.to_owned(),
        kind: Kind::Binary,
        question: question.to_owned(),
        outcomes: vec![outcome("yes", "Yes"), outcome("no", "No")],
        rules: Rules {
            criteria: "Resolves to Yes if the sources below report it before the deadline, and to \
                       No otherwise."
                .to_owned(),
            edge_cases: vec![],
            sources: vec![Source {
                name: "Ministry of Foreign Affairs of Japan".to_owned(),
                url: "https://www.mofa.go.jp/".to_owned(),
                primary: true,
            }],
            early_close: None,
        },
        liquidity: Some(Lots::new(100_000)),
        tick: 100,
        taker_fee: Fraction::new(200).unwrap(),
        opens_at: None,
        closes_at: Some(now.plus_hours(closes_in_hours)),
        dispute_hours: 24,
        tags: vec!["Japan".to_owned()],
        articles: vec![],
        scale: None,
        review: None,
        price_band: None,
    }
}

fn summit(now: Timestamp) -> MarketSpec {
    let mut spec = binary(
        now,
        "jpkr-summit-in-japan",
        "Will a Japan–ROK summit be held in Japan before 1 April 2026, 00:00 JST?",
        152 * 24,
    );
    spec.rules.criteria = "Yes if the head of government of Japan and the President of the \
        Republic of Korea meet in person, in Japan, for talks that both governments call a \
        summit, between the opening of this market and 1 April 2026, 00:00 JST.\n\
        No in every other case."
        .to_owned();
    spec.rules.edge_cases = vec![
        "A meeting on the margins of a multilateral event in Japan counts if both governments \
         call it a summit."
            .to_owned(),
        "A video call does not count.".to_owned(),
        "If neither source has said anything seven days after the deadline, reports of two \
         national news agencies decide."
            .to_owned(),
    ];
    spec.rules.sources.push(Source {
        name: "Office of the President, Republic of Korea".to_owned(),
        url: "https://www.president.go.kr/".to_owned(),
        primary: false,
    });
    spec
}

fn place(now: Timestamp) -> MarketSpec {
    let outcomes = [
        ("tokyo", "Tokyo", 1_500),
        ("nara", "Nara", 2_500),
        ("kansai", "Elsewhere in Kansai", 1_000),
        ("japan", "Elsewhere in Japan", 1_000),
        ("seoul", "Seoul", 1_000),
        ("jeju", "Jeju", 500),
        ("korea", "Elsewhere in Korea", 500),
        ("third", "In a third country", 1_000),
        ("none", "None before 1 July 2026", 1_000),
    ];
    let outcome = |(key, name, prior): (&str, &str, u16)| OutcomeSpec {
        key: key.to_owned(),
        name: name.to_owned(),
        prior: Fraction::new(prior).unwrap(),
    };
    MarketSpec {
        kind: Kind::Categorical,
        outcomes: outcomes.map(outcome).to_vec(),
        ..binary(
            now,
            "jpkr-next-summit-place",
            "Where will the next summit be held?",
            243 * 24,
        )
    }
}

fn visitors(now: Timestamp) -> MarketSpec {
    let question = "Will more than 800,000 visitors from South Korea be counted in Japan's first \
                    estimate for November 2025?";
    binary(now, "jpkr-visitors-november", question, 21 * 24)
}

/// A number between 500,000 and 1,000,000, with a maker who starts in the middle.
pub fn scalar(now: Timestamp) -> MarketSpec {
    let question = "How many visitors from South Korea will be counted in Japan's first estimate for \
                    November 2025?";
    let spec = binary(now, "jpkr-visitors-scale", question, 21 * 24);
    let mut outcomes = spec.outcomes.clone();
    for (outcome, (key, name)) in outcomes
        .iter_mut()
        .zip([("long", "Long"), ("short", "Short")])
    {
        (outcome.key, outcome.name) = (key.to_owned(), name.to_owned());
    }
    MarketSpec {
        kind: Kind::Scalar,
        outcomes,
        scale: Some(Scale {
            low: 500_000_000_000,
            high: 1_000_000_000_000,
            unit: "visitors".to_owned(),
        }),
        ..spec
    }
}

/// The highest of six ranks that will attend a ceremony.
pub fn rank(now: Timestamp) -> MarketSpec {
    let ranks = [
        ("prime", "Prime minister"),
        ("minister", "Cabinet minister"),
        ("deputy", "Senior vice-minister"),
        ("vice", "Parliamentary vice-minister"),
        ("other", "Another official"),
        ("none", "Nobody of the government"),
    ];
    let mut spec = place(now);
    spec.slug = "jpkr-ceremony-rank".to_owned();
    spec.question = "What will be the highest rank attending the 22 February ceremony?".to_owned();
    spec.outcomes.truncate(ranks.len());
    for (outcome, (key, name)) in spec.outcomes.iter_mut().zip(ranks) {
        (outcome.key, outcome.name) = (key.to_owned(), name.to_owned());
    }
    let priors = [600, 2_150, 2_150, 3_000, 1_350, 750];
    for (outcome, prior) in spec.outcomes.iter_mut().zip(priors) {
        outcome.prior = Fraction::new(prior).unwrap();
    }
    spec
}

/// Where the next summit will be, in three words, without a maker.
pub fn three_books(now: Timestamp) -> MarketSpec {
    let mut spec = place(now);
    spec.slug = "three-books".to_owned();
    spec.outcomes.truncate(3);
    for (outcome, prior) in spec.outcomes.iter_mut().zip([3_000, 5_000, 2_000]) {
        outcome.prior = Fraction::new(prior).unwrap();
    }
    spec.liquidity = None;
    spec
}

fn text(now: Timestamp) -> MarketSpec {
    let question = "Will both governments publish a jointly agreed text before 1 July 2026?";
    binary(now, "jpkr-joint-text", question, 230 * 24)
}

const ARTICLE: [&str; 6] = [
    "In a significant diplomatic overture, Japanese Prime Minister Sanae Takaichi and South Korean \
     President Lee Jae-myung held their first summit in Gyeongju, projecting a renewed commitment \
     to mending long-strained bilateral ties ahead of the Apec forum. The meeting was marked by a \
     palpable warmth, featuring firm handshakes and genuine smiles that signaled a potential thaw \
     in a relationship historically frozen by contentious disputes.",
    "However, this display of goodwill operates within a complex framework of unresolved \
     historical grievances, including the bitter legacy of Japan's colonial rule, wartime \
     atrocities, and the ongoing territorial dispute over the Dokdo/Takeshima islets.",
    "The strategic impetus for this détente is clear: both nations face a rapidly shifting \
     security landscape, characterized by an increasingly belligerent North Korea and an assertive \
     China.",
    "Yet, domestic political pressures complicate this calculus. President Lee must answer to a \
     progressive base deeply skeptical of concessions on historical issues, while Prime Minister \
     Takaichi navigates a conservative constituency that views any apology as a national \
     humiliation.",
    "Experts suggest the summit's primary achievement is the re-establishment of functional \
     dialogue, creating political space for incremental progress.",
    "The cost of failure is high; a return to the diplomatic deep-freeze would not only cripple \
     economic ties but also create a dangerous vulnerability in Western Pacific security \
     architecture.",
];

/// What a payout can rest on: two publishers.
fn proof() -> Option<Vec<Item>> {
    let of = |host: &str, publisher: &str| Item {
        url: format!("https://{host}/"),
        publisher: publisher.to_owned(),
        published_at: None,
        sha256: [7; 32],
        quotation: "The two leaders met in Nara on 13 January.".to_owned(),
        clause: Clause::Criteria,
        primary: false,
        article: None,
    };
    Some(vec![
        of("herald.example", "The Herald"),
        of("courier.example", "Harbour Courier"),
    ])
}
