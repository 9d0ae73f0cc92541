//! A market in every state that one can be in, with people who trade and one who agreed to be seen: what the
//! pictures of the pages are taken of, beside the sample newsroom.

use serde_json::{Value, json};

use crate::newsroom::{Newsroom, Person, in_days, joint_statement, proof, with};
use crate::server::Server;

/// Who stands in the pictures.
pub struct Gallery {
    /// Signs in to the console as an editor, two operators and an administrator.
    pub room: Newsroom,
    /// Has shares, open orders and fills.
    pub ann: Person,
    /// Has an account and nothing else.
    pub idle: Person,
    /// The markets, by their names in addresses.
    pub states: Vec<&'static str>,
    /// Every page that shows a state, and embeds in Japanese and Korean.
    pub pages: Vec<String>,
}

/// What is done to a market to bring it where it is to stand.
enum Step {
    /// An order of Ann's, on an outcome.
    Buys(&'static str, &'static str),
    /// A step of one operator.
    First(&'static str, Value),
    /// A step of the other.
    Second(&'static str, Value),
    /// Ann objects.
    Objects(Value),
}

use Step::{Buys, First, Objects, Second};

impl Gallery {
    /// Makes them all.
    pub async fn open(server: &Server) -> Gallery {
        let room = Newsroom::open(server).await;
        let ann = room.trader(server, "Ann", "20000").await;
        let ben = room.trader(server, "Ben", "5000").await;
        let idle = Person::open(server, "Ida", "trader").await;
        let (mut states, mut pages) = (Vec::new(), Vec::new());
        for (slug, terms, steps) in all() {
            let own = json!({"slug": slug});
            let market = with(with(joint_statement(), &own), &terms);
            if slug == "a-draft" {
                room.operator
                    .client
                    .post("/v1/markets", &market)
                    .await
                    .is(201);
            } else {
                room.open_market(&market).await;
            }
            for step in steps {
                walk(&room, &ann, slug, step).await;
            }
            pages.push(format!("/markets/{slug}"));
            states.push(slug);
        }
        for slug in ["proposed", "disputed", "settled", "corrected", "voided"] {
            pages.push(format!("/markets/{slug}/evidence"));
        }
        for (slug, language) in [
            ("disputed", "ja"),
            ("disputed", "ko"),
            ("where", "ja"),
            ("where", "ko"),
        ] {
            pages.push(format!("/embed/v1/markets/{slug}?lang={language}"));
        }
        pages.push("/embed/v1/markets/no-such-market".to_owned());
        for (who, name) in [(&ann, "Ann of the harbour"), (&ben, "市場の観察者")] {
            let seen = json!({"public": true, "name": name});
            who.client
                .put("/v1/account/leaderboard", &seen)
                .await
                .is(200);
        }
        let order = json!({"market": "open", "outcome": "yes", "side": "buy", "type": "limit",
                           "price": "0.12", "quantity": "250"});
        ann.client.post("/v1/orders", &order).await.is(201);
        let order = json!({"market": "where", "outcome": "nara", "side": "buy", "type": "market", "amount": "40"});
        ben.client.post("/v1/orders", &order).await.is(201);
        Gallery {
            room,
            ann,
            idle,
            states,
            pages,
        }
    }
}

async fn walk(room: &Newsroom, ann: &Person, slug: &str, step: Step) {
    let path = |step: &str| format!("/v1/markets/{slug}/{step}");
    let answer = match step {
        Buys(outcome, quantity) => {
            let order = json!({"market": slug, "outcome": outcome, "side": "buy", "type": "market",
                               "quantity": quantity});
            ann.client.post("/v1/orders", &order).await
        }
        First(step, body) => room.operator.client.post(&path(step), &body).await,
        Second(step, body) => room.second.client.post(&path(step), &body).await,
        Objects(body) => ann.client.post(&path("disputes"), &body).await,
    };
    assert!(answer.status < 300, "{slug}: {}", answer.json());
}

/// Each market: its slug, what is its own beside the story's terms, and how it comes where it stands.
fn all() -> Vec<(&'static str, Value, Vec<Step>)> {
    let closes = || {
        First(
            "close",
            json!({"reason": "Both ministries published the text this morning."}),
        )
    };
    let pays = |outcome: &str| {
        let other = if outcome == "yes" { "no" } else { "yes" };
        let mut payout = json!({});
        payout[outcome] = json!("1");
        payout[other] = json!("0");
        json!({"payout": payout, "items": proof(), "note": "One text stands on the pages of both ministries."})
    };
    let window = || json!({"dispute_hours": 24});
    vec![
        (
            "open",
            json!({"tags": ["diplomacy", "Asia"]}),
            vec![Buys("yes", "150"), Buys("no", "80")],
        ),
        ("a-draft", json!({}), vec![]),
        (
            "halted",
            json!({}),
            vec![
                Buys("yes", "40"),
                First(
                    "halt",
                    json!({"reason": "A ministry's site shows a text that may be forged."}),
                ),
            ],
        ),
        (
            "halted-by-its-band",
            json!({"price_band": {"width": "0.05", "seconds": 300}}),
            vec![Buys("yes", "100"), Buys("yes", "200")],
        ),
        ("closed", json!({}), vec![Buys("yes", "90"), closes()]),
        (
            "proposed",
            window(),
            vec![
                Buys("yes", "90"),
                closes(),
                First("resolution", pays("yes")),
            ],
        ),
        (
            "disputed",
            window(),
            vec![
                Buys("no", "90"),
                closes(),
                First("resolution", pays("yes")),
                Objects(
                    json!({"reason": "The two texts differ in their third paragraph.", "clause": "criteria",
                           "items": proof()}),
                ),
            ],
        ),
        (
            "settled",
            json!({}),
            vec![
                Buys("yes", "120"),
                closes(),
                First("resolution", pays("yes")),
                Second("resolution/confirm", json!({})),
            ],
        ),
        (
            "corrected",
            json!({}),
            vec![
                Buys("yes", "120"),
                closes(),
                First("resolution", pays("yes")),
                Second("resolution/confirm", json!({})),
                First(
                    "correction",
                    json!({"payout": {"yes": "0", "no": "1"}, "items": proof(),
                "reason": "The text was one side's alone."}),
                ),
                Second("correction/confirm", json!({})),
            ],
        ),
        (
            "voided",
            json!({}),
            vec![
                Buys("yes", "60"),
                closes(),
                First(
                    "void",
                    json!({"rule": "occurrence_called_off", "items": proof(), "reason": "The meeting was called off, and the rules do not foresee that."}),
                ),
                Second("void/confirm", json!({})),
            ],
        ),
        (
            "where",
            json!({"kind": "categorical",
            "question": "次の日韓首脳会談はどこで開かれるか。(2026年7月1日0時0分、日本時間までに開かれた最初の会談)",
            "outcomes": [
                {"key": "tokyo", "name": "東京", "prior": "0.20"},
                {"key": "nara", "name": "奈良", "prior": "0.20"},
                {"key": "kansai", "name": "そのほかの関西地方(奈良県を除く)", "prior": "0.10"},
                {"key": "japan", "name": "日本国内のほかの場所", "prior": "0.10"},
                {"key": "seoul", "name": "서울", "prior": "0.10"},
                {"key": "jeju", "name": "제주특별자치도", "prior": "0.10"},
                {"key": "korea", "name": "그 밖의 대한민국 지역", "prior": "0.10"},
                {"key": "third", "name": "A third country", "prior": "0.05"},
                {"key": "none", "name": "None before 1 July 2026", "prior": "0.05"}],
            "closes_at": in_days(200)}),
            vec![Buys("nara", "50")],
        ),
    ]
}
