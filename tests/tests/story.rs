//! The main story, over HTTP on a real database: an article comes in, a market opens on it, traders
//! trade, its page shows the odds, it is resolved and everyone is paid; and the whole of it holds
//! when the server is killed in between.
//!
//! What is expected of the maker is computed with the core's own curve.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_core::lmsr::{Curve, Way, book_fee};
use tidings_core::units::{Fraction, Lots, Micros, Price};
use tidings_tests::article;
use tidings_tests::crowd::Crowd;
use tidings_tests::left_out::aloud;
use tidings_tests::money::{lots, micros, odds};
use tidings_tests::newsroom::{Newsroom, Person, in_days, joint_statement, proof, with};
use tidings_tests::seed::{Random, seed};
use tidings_tests::server::Server;
use tidings_tests::stream::Events;

const SLUG: &str = "jpkr-joint-statement";
const MARKET: &str = "/v1/markets/jpkr-joint-statement";
/// What the market's takers pay.
const RATE: Fraction = Fraction::new(200).expect("a fraction");

#[tokio::test(flavor = "multi_thread")]
async fn from_an_article_to_the_last_micro() {
    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;

    let article = an_editor_posts_the_article(&room).await;
    let subsidy = an_operator_opens_the_market(&room, &article).await;
    let ann = room.trader(&server, "Ann", "1000").await;
    let ben = room.trader(&server, "Ben", "1000").await;
    let carl = room.trader(&server, "Carl", "1000").await;
    let mut books = Books::open(subsidy, [&ann, &ben, &carl]);
    traders_trade(&mut books).await;
    what_cannot_be_done_is_refused_with_reasons(&room, &books).await;
    readers_see_the_odds_move(&server, &article, &mut books).await;
    everyone_is_paid(&room, &books).await;

    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

/// Step 1: the article as it was pasted becomes an article.
async fn an_editor_posts_the_article(room: &Newsroom) -> String {
    let pasted = article::pasted();
    let body = json!({"text": pasted.text});
    let received = room.editor.client.post("/v1/articles", &body).await.is(201);
    assert_eq!(received["title"], pasted.title);
    assert_eq!(received["section"], json!(pasted.section));
    assert_eq!(received["tags"], json!(pasted.tags));
    assert_eq!(received["flags"], json!(["featured"]));
    assert_eq!(
        received["published_at"],
        Value::Null,
        "nothing says when it was published"
    );
    assert_eq!(received["language"], "en");
    let text = received["body_text"].as_str().expect("text");
    let (before, after) = pasted.seam;
    let mended = text.contains(&format!("{before} {after}"))
        || text.contains(&format!("{before}\n\n{after}"));
    assert!(mended, "the space after {before:?} is back: {text}");
    assert!(text.ends_with(pasted.last_words), "{text}");
    for promotion in pasted.promotion {
        assert!(
            !text.contains(promotion),
            "{promotion} is no part of the text"
        );
        let dropped = received["dropped"].to_string();
        assert!(
            dropped.contains(promotion),
            "{promotion} was dropped with a word: {dropped}"
        );
    }
    let slug = received["slug"].as_str().expect("a slug").to_owned();
    assert!(slug.starts_with(pasted.slug), "{slug}");

    // The same text again is the same article; and everyone can read it.
    let again = room.editor.client.post("/v1/articles", &body).await;
    assert_eq!(again.json()["slug"], slug.as_str());
    let read = room.admin.see(&format!("/v1/articles/{slug}")).await;
    assert_eq!(read["body_text"], received["body_text"]);
    slug
}

/// Step 2: the market is drafted, its subsidy locked, and it opens.
async fn an_operator_opens_the_market(room: &Newsroom, article: &str) -> Micros {
    let operator = &room.operator;
    let body = with(
        joint_statement(),
        &json!({"articles": [{"article": article, "role": "subject"}]}),
    );
    let subsidy = curve().subsidy();
    let refused = operator
        .client
        .post("/v1/markets", &body)
        .await
        .refused("insufficient_funds");
    assert_eq!(micros(&refused["required"]), subsidy);
    room.pay_in(operator, "5000").await;

    let past = with(body.clone(), &json!({"closes_at": in_days(-1)}));
    operator
        .client
        .post("/v1/markets", &past)
        .await
        .refused("market_invalid");
    let drafted = operator.client.post("/v1/markets", &body).await.is(201);
    assert_eq!(drafted["status"], "draft");
    assert_eq!(micros(&drafted["subsidy"]), subsidy);
    assert_eq!(
        cash(operator).await,
        (Micros::new(5_000_000_000) - subsidy, Micros::ZERO)
    );

    let opened = operator
        .client
        .post(&format!("{MARKET}/open"), &json!({}))
        .await
        .is(200);
    assert_eq!(opened["status"], "open");
    let market = room.admin.see(MARKET).await;
    assert_eq!(market["question"], body["question"]);
    let rules = with(body["rules"].clone(), &json!({"early_close": []}));
    assert_eq!(market["rules"], rules);
    assert_eq!(market["articles"], body["articles"]);
    assert_eq!(market["outcomes"][0]["odds"], "0.35");
    assert_eq!(market["outcomes"][1]["odds"], "0.65");
    assert_eq!(market["outcomes"][0]["bid"], "0.34");
    assert_eq!(market["outcomes"][0]["ask"], "0.36");
    subsidy
}

/// Step 4: quotes, fills from the maker and from the book, by quantity and by amount, fees, money
/// and shares that are held, positions, a cancel.
async fn traders_trade(books: &mut Books<'_>) {
    // By quantity, at the market: all from the maker.
    let bought = books
        .take(ANN, &json!({"side": "buy", "quantity": "100"}))
        .await;
    assert_eq!(bought, (Lots::new(10_000), Lots::ZERO));

    // A bid below the odds rests and holds its price, no more.
    let bid = json!({"side": "buy", "type": "limit", "price": "0.3", "quantity": "200",
                     "client_order_id": "ben-1"});
    let resting = books.rest(BEN, &bid).await;
    assert_eq!(resting["reserved"], "60");
    assert_eq!(
        cash(books.who(BEN)).await,
        (Micros::new(940_000_000), Micros::new(60_000_000))
    );

    // By amount: as many lots as it buys, fee included, and not one fewer.
    let (bought, _) = books
        .take(ANN, &json!({"side": "buy", "amount": "50"}))
        .await;
    let spent = |lots: Lots| {
        let from = books.sold_before(bought);
        let to = [from[0] + lots, from[1]];
        curve().charge(&from, 0, lots) + curve().fee(RATE, 0, &from, &to, 0, Way::Sells)
    };
    assert!(spent(bought) <= Micros::new(50_000_000));
    assert!(spent(bought + Lots::new(1)) > Micros::new(50_000_000));

    // A buyer of No goes down the maker's curve to the bid, through it, and on along the curve.
    let no = json!({"contract": "no", "side": "buy", "type": "limit", "price": "0.72",
                    "quantity": "700"});
    let (from_maker, from_book) = books.take(CARL, &no).await;
    assert_eq!(
        (from_maker, from_book),
        (Lots::new(50_000), Lots::new(20_000))
    );
    let filled = books
        .who(BEN)
        .client
        .see(&format!("/v1/orders/{}", id(&resting)))
        .await;
    assert_eq!(
        (&filled["status"], &filled["reason"]),
        (&json!("filled"), &json!("filled"))
    );
    assert_eq!(
        (&filled["amount"], &filled["fee"]),
        (&json!("60"), &json!("0"))
    );

    // A sale, and an order that holds shares until it is cancelled.
    books
        .take(ANN, &json!({"side": "sell", "quantity": "10.5"}))
        .await;
    let ask = json!({"side": "sell", "type": "limit", "price": "0.6", "quantity": "50"});
    let resting = books.rest(ANN, &ask).await;
    let held = books.who(ANN).account().await;
    assert_eq!(held["positions"][0]["shares"]["reserved"], "50");
    let path = format!("/v1/orders/{}", id(&resting));
    books
        .who(BEN)
        .client
        .delete(&path)
        .await
        .refused("order_not_found");
    let cancelled = books.who(ANN).client.delete(&path).await.is(200);
    assert_eq!(cancelled["order"]["reason"], "cancelled");
    let held = books.who(ANN).account().await;
    assert_eq!(held["positions"][0]["shares"]["reserved"], "0");

    books.check().await;
}

/// Step 4, the other half: what is refused says why, with the numbers, and changes nothing.
async fn what_cannot_be_done_is_refused_with_reasons(room: &Newsroom, books: &Books<'_>) {
    let before = books.accounts().await;
    let ben = &books.who(BEN).client;
    let place = async |fields: Value| ben.post("/v1/orders", &order(&fields)).await;

    let dear = json!({"side": "buy", "type": "limit", "price": "0.5", "quantity": "5000"});
    let refused = place(dear).await.refused("insufficient_funds");
    let fee = book_fee(RATE, 500_000 * 5_000 * 5_000);
    assert_eq!(
        micros(&refused["required"]),
        Micros::new(2_500_000_000) + fee
    );
    assert_eq!(micros(&refused["available"]), Micros::new(940_000_000));

    let more = json!({"side": "sell", "type": "limit", "price": "0.5", "quantity": "200.01"});
    let refused = place(more).await.refused("insufficient_position");
    assert_eq!(
        (&refused["required"], &refused["available"]),
        (&json!("200.01"), &json!("200"))
    );

    let whole = json!({"side": "buy", "type": "limit", "price": "0.35", "quantity": "1000",
                       "time_in_force": "fok"});
    let refused = place(whole).await.refused("fok_not_filled");
    let most = Lots::new(100_000);
    let fillable = curve().sellable(&books.sold, 0, Price::new(3_500).expect("a price"), most);
    assert_eq!(lots(&refused["fillable"]), fillable);

    let quiet = json!({"side": "buy", "type": "limit", "price": "0.9", "quantity": "1",
                       "post_only": true});
    place(quiet).await.refused("post_only_would_take");
    let fine = json!({"side": "buy", "type": "limit", "price": "0.305", "quantity": "1"});
    assert_eq!(place(fine).await.refused("price_off_tick")["tick"], "0.01");
    let late = json!({"side": "buy", "quantity": "1", "valid_until": "2025-01-01T00:00:00Z"});
    place(late).await.refused("too_late");
    place(json!({"side": "buy", "amount": "0.000001"}))
        .await
        .refused("nothing_to_fill");
    let rests = json!({"side": "buy", "quantity": "1", "time_in_force": "gtc"});
    place(rests).await.refused("order_invalid");
    place(json!({"side": "sell", "amount": "1"}))
        .await
        .refused("order_invalid");
    let nowhere = json!({"side": "buy", "quantity": "1", "market": "nowhere"});
    place(nowhere).await.refused("market_not_found");
    let maybe = json!({"side": "buy", "quantity": "1", "outcome": "maybe"});
    place(maybe).await.refused("outcome_not_found");
    let order = order(&json!({"side": "buy", "quantity": "1"}));
    room.editor
        .client
        .post("/v1/orders", &order)
        .await
        .refused("role_not_allowed");

    assert_eq!(books.accounts().await, before, "a refusal changes nothing");
}

/// Step 5: the article's page and the embed show the odds, and streams move with a trade.
async fn readers_see_the_odds_move(server: &Server, article: &str, books: &mut Books<'_>) {
    let reader = server.public();
    let market = Events::open(&reader, &format!("{MARKET}/events"), None).await;
    let paper = Events::open(&reader, &format!("/v1/articles/{article}/events"), None).await;
    for mut stream in [market, paper] {
        let shown = shown_odds(&books.sold);
        let first = stream
            .find(SOON, |event| event.data["odds"]["yes"] == shown[0])
            .await;
        assert!(
            first.is_some(),
            "a stream begins with the odds as they stand"
        );
        let traded = std::time::Instant::now();
        books
            .take(ANN, &json!({"side": "buy", "quantity": "25"}))
            .await;
        let shown = shown_odds(&books.sold);
        let moved = |event: &tidings_tests::stream::Event| {
            event.name == "odds" && event.data["odds"] == json!({"yes": shown[0], "no": shown[1]})
        };
        let moved = stream.find(SOON, moved).await.expect("the odds move");
        let took = moved.at - traded;
        assert!(took < WITHIN, "the odds moved after {took:?}");
        assert_eq!(moved.data["market"], SLUG);
    }
    let shown = format!("data-odds=\"{}\"", shown_odds(&books.sold)[0]);
    let page = format!("/articles/{article}");
    for path in [
        &page,
        "/markets/jpkr-joint-statement",
        "/embed/v1/markets/jpkr-joint-statement",
    ] {
        let page = reader.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.text.contains(&shown),
            "{path} shows {shown}: {}",
            page.text
        );
        let question = "publish a joint statement before 1 July 2026";
        assert!(page.text.contains(question), "{path} asks the question");
    }
    let read = reader.see(&format!("/v1/articles/{article}")).await;
    assert_eq!(
        odds(&read["markets"][0]["now"]["odds"]["yes"]),
        curve().all_odds(&books.sold)[0]
    );
    assert_eq!(read["markets"][0]["opened_after_publication"], true);
}

/// Step 6: closed, proposed, confirmed by another; everyone is paid and nothing is left over.
async fn everyone_is_paid(room: &Newsroom, books: &Books<'_>) {
    let (operator, second) = (&room.operator.client, &room.second.client);
    let propose = json!({"payout": {"yes": "1"}, "note": "Both published it.",
                         "items": proof()});
    let resolution = format!("{MARKET}/resolution");
    let confirm = format!("{MARKET}/resolution/confirm");
    operator
        .post(&resolution, &propose)
        .await
        .refused("wrong_phase");
    let ben = books.who(BEN);
    let bid = json!({"side": "buy", "type": "limit", "price": "0.1", "quantity": "10"});
    let resting = books.place(BEN, &bid).await.is(201);
    let reason = json!({"reason": "It was published."});
    operator
        .post(&format!("{MARKET}/close"), &reason)
        .await
        .is(200);
    let ended = ben
        .client
        .see(&format!("/v1/orders/{}", id(&resting["order"])))
        .await;
    assert_eq!(ended["reason"], "market_closed");
    books.place(BEN, &bid).await.refused("market_not_open");

    let unproven = with(propose.clone(), &json!({"items": []}));
    operator
        .post(&resolution, &unproven)
        .await
        .refused("invalid_body");
    let addresses = with(unproven, &json!({"evidence": ["https://www.mofa.go.jp/"]}));
    operator
        .post(&resolution, &addresses)
        .await
        .refused("evidence_insufficient");
    let partial = with(propose.clone(), &json!({"payout": {"yes": "0.9"}}));
    operator
        .post(&resolution, &partial)
        .await
        .refused("payout_invalid");
    operator.post(&resolution, &propose).await.is(200);
    operator
        .post(&confirm, &json!({}))
        .await
        .refused("second_operator_needed");
    let preview = second.see(&format!("{resolution}/preview")).await;
    let before = books.total().await;
    let sponsor = cash(&room.operator).await.0;
    let step = second.post(&confirm, &json!({})).await.is(200);
    assert_eq!(step["status"], "settled");
    second
        .post(&confirm, &json!({}))
        .await
        .refused("wrong_phase");

    let paid: Micros = books.yes.iter().map(|held| held.as_sets()).sum();
    let left = books.escrow - paid;
    for said in [&step, &preview] {
        assert_eq!(micros(&said["total_paid"]), paid);
        assert_eq!(micros(&said["sponsor_gets_back"]), left);
    }
    for (ix, person) in books.people.iter().enumerate() {
        let due = books.cash[ix] + books.yes[ix].as_sets();
        assert_eq!(
            cash(person).await,
            (due, Micros::ZERO),
            "what {} is owed",
            person.id
        );
        assert_eq!(person.account().await["positions"], json!([]));
        assert_eq!(
            balance_by_ledger(person).await,
            due,
            "the ledger of {}",
            person.id
        );
    }
    assert_eq!(cash(&room.operator).await.0, sponsor + left);
    assert_eq!(books.total().await, before + paid);

    // All the money there is was paid in: three traders' and the sponsor's, less what was taken
    // for fees.
    let paid_in = Micros::new(3_000_000_000 + 5_000_000_000);
    let inside = books.total().await + cash(&room.operator).await.0 + books.fees;
    assert_eq!(inside, paid_in);
    let ann = books.who(ANN);
    let all = cash(ann).await.0.to_string();
    let withdraw = format!("/v1/accounts/{}/withdrawals", ann.id);
    room.admin
        .post(&withdraw, &json!({"amount": all}))
        .await
        .is(201);
    assert_eq!(cash(ann).await, (Micros::ZERO, Micros::ZERO));
    let again = room
        .admin
        .post(&withdraw, &json!({"amount": "0.000001"}))
        .await;
    again.refused("insufficient_funds");
}

/// Step 7: the same story while the server is killed at random moments.
#[tokio::test(flavor = "multi_thread")]
async fn the_story_holds_when_the_server_is_killed_in_between() {
    let seed = seed("story");
    let mut random = Random::of(seed);
    let mut server = Server::start().await;
    let room = Newsroom::open(&server).await;
    let article = article::own();
    let posted = room
        .editor
        .client
        .post("/v1/articles", &json!({"text": article.text}))
        .await;
    let slug = posted.is(201)["slug"].as_str().expect("a slug").to_owned();
    let links = json!({"articles": [{"article": slug, "role": "subject"}]});
    room.open_market(&with(joint_statement(), &links)).await;
    let mut crowd = Crowd::gather(&server, &room, SLUG, 6, seed).await;
    for kill in 1..=3 {
        let after = Duration::from_millis(50 + random.below(500));
        crowd.trade_and_kill(&mut server, after).await;
        server.start_again().await;
        let tally = crowd.compare(&server).await;
        aloud(&format!("story: kill {kill} after {after:?}: {tally:?}"));
    }

    // The end of the market, with a kill after every step of it and every step asked for twice.
    crowd.cancel_all().await;
    let mut due = Vec::new();
    for person in crowd.people() {
        let account = person.account().await;
        let shares = |position: &Value| match position["outcome"] == "yes" {
            true => lots(&position["shares"]["free"]),
            false => Lots::ZERO,
        };
        let held = account["positions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(shares);
        due.push(micros(&account["cash"]["available"]) + held.sum::<Lots>().as_sets());
    }
    let steps = [
        ("operator", "close", json!({"reason": "It was published."})),
        (
            "operator",
            "resolution",
            json!({"payout": {"yes": "1"}, "items": proof()}),
        ),
        ("second", "resolution/confirm", json!({})),
    ];
    for (who, step, body) in steps {
        let path = format!("{MARKET}/{step}");
        let person = if who == "operator" {
            &room.operator
        } else {
            &room.second
        };
        let told = person
            .at(&server)
            .client
            .post_once(&path, step, &body)
            .await
            .expect("an answer");
        assert_eq!(told.status, 200, "{}", told.text);
        server.kill();
        server.start_again().await;
        let again = person
            .at(&server)
            .client
            .post_once(&path, step, &body)
            .await
            .expect("an answer");
        assert_eq!(
            (told.status, told.text),
            (again.status, again.text),
            "{step}, asked again"
        );
    }
    crowd.compare(&server).await;
    for (person, due) in crowd.people().zip(&due) {
        assert_eq!(
            cash(person).await,
            (*due, Micros::ZERO),
            "what {} is owed",
            person.id
        );
        assert_eq!(
            balance_by_ledger(person).await,
            *due,
            "the ledger of {}",
            person.id
        );
    }
    assert!(server.terminate().await.success(), "SIGTERM is a good end");
    server.verify();
}

const SOON: Duration = Duration::from_secs(30);
/// Within a second of the trade, which itself has to be answered; and the machine may be busy.
const WITHIN: Duration = Duration::from_millis(1_500);
const ANN: usize = 0;
const BEN: usize = 1;
const CARL: usize = 2;

/// What the market's accounts have to say by now, kept by hand.
struct Books<'a> {
    people: [&'a Person; 3],
    cash: [Micros; 3],
    yes: [Lots; 3],
    no: [Lots; 3],
    sold: [Lots; 2],
    escrow: Micros,
    fees: Micros,
    /// Ben's bid at 0.30, which is the only order that trades from the book.
    bid: Lots,
}

impl<'a> Books<'a> {
    fn open(subsidy: Micros, people: [&'a Person; 3]) -> Books<'a> {
        Books {
            people,
            cash: [Micros::new(1_000_000_000); 3],
            yes: [Lots::ZERO; 3],
            no: [Lots::ZERO; 3],
            sold: [Lots::ZERO; 2],
            escrow: subsidy,
            fees: Micros::ZERO,
            bid: Lots::ZERO,
        }
    }

    fn who(&self, ix: usize) -> &'a Person {
        self.people[ix]
    }

    fn sold_before(&self, bought: Lots) -> [Lots; 2] {
        [self.sold[0] - bought, self.sold[1]]
    }

    async fn place(&self, who: usize, fields: &Value) -> tidings_tests::Answer {
        self.who(who)
            .client
            .post("/v1/orders", &order(fields))
            .await
    }

    /// Places an order that rests as a whole.
    async fn rest(&mut self, who: usize, fields: &Value) -> Value {
        let placed = self.place(who, fields).await.is(201);
        assert_eq!(placed["fills"], json!([]));
        let order = placed["order"].clone();
        assert_eq!(
            (&order["status"], &order["remaining"]),
            (&json!("open"), &fields["quantity"])
        );
        if fields["side"] == "buy" {
            self.bid += lots(&fields["quantity"]);
        }
        order
    }

    /// Asks for a quote, places the order, and holds both against the curve. Gives the lots from
    /// the maker and from the book.
    async fn take(&mut self, who: usize, fields: &Value) -> (Lots, Lots) {
        let client = &self.who(who).client;
        let quote = client.post("/v1/quotes", &order(fields)).await.is(200);
        let placed = client.post("/v1/orders", &order(fields)).await.is(201);
        let shown = &placed["order"];
        assert_eq!(quote["fills"], placed["fills"], "the fill is the quote");
        assert_eq!(
            (&quote["amount"], &quote["fee"]),
            (&shown["amount"], &shown["fee"])
        );
        assert_eq!(
            (&quote["quantity"], &shown["status"]),
            (&shown["filled"], &json!("filled"))
        );
        assert_eq!(quote["average_price"], shown["average_price"]);

        // A buyer of No asks for Yes's other side: its fills are sales of Yes.
        let (is_buy, is_yes) = (fields["side"] == "buy", fields["contract"] != "no");
        let bids = is_buy == is_yes;
        let filled = lots(&shown["filled"]);
        let from_book = if bids {
            Lots::ZERO
        } else {
            Lots::new(filled.get().min(self.bid.get()))
        };
        let from_book = if fields["type"] == "limit" {
            from_book
        } else {
            Lots::ZERO
        };
        let from_maker = filled - from_book;
        let from = self.sold;
        let moved = if bids { from_maker } else { -from_maker };
        self.sold[0] += moved;
        let for_yes = match bids {
            true => curve().charge(&from, 0, from_maker),
            false => curve().proceeds(&from, 0, from_maker),
        };
        let price = Price::new(3_000).expect("a price");
        let base = u128::try_from(from_book.get()).expect("lots") * 3_000 * 7_000;
        let way = if bids { Way::Sells } else { Way::Buys };
        let fee = curve().fee(RATE, base, &from, &self.sold, 0, way);
        let of_yes = for_yes + from_book.at(price);
        let amount = if is_yes {
            of_yes
        } else {
            filled.as_sets() - of_yes
        };
        assert_eq!(micros(&shown["amount"]), amount, "{placed}");
        assert_eq!(micros(&shown["fee"]), fee, "{placed}");
        let shown_after = shown_odds(&self.sold);
        assert_eq!(
            quote["odds_after"],
            json!({"yes": shown_after[0], "no": shown_after[1]})
        );

        let paid = if is_buy { amount } else { -amount };
        self.cash[who] -= paid + fee;
        self.fees += fee;
        self.escrow += paid + from_book.at(price);
        let held = if is_yes {
            &mut self.yes[who]
        } else {
            &mut self.no[who]
        };
        *held += if is_buy { filled } else { -filled };
        if from_book > Lots::ZERO {
            self.bid -= from_book;
            self.cash[BEN] -= from_book.at(price);
            self.yes[BEN] += from_book;
        }
        (from_maker, from_book)
    }

    /// Holds every account against these books.
    async fn check(&self) {
        for (ix, person) in self.people.iter().enumerate() {
            let account = person.account().await;
            let (available, reserved) = cash(person).await;
            assert_eq!(
                available + reserved,
                self.cash[ix],
                "the cash of {}",
                person.id
            );
            let held = |key: &str| {
                let positions = account["positions"].as_array().expect("a list").iter();
                let of_key = positions.filter(|position| position["outcome"] == key);
                of_key
                    .map(|position| lots(&position["shares"]["free"]))
                    .sum::<Lots>()
            };
            assert_eq!(
                (held("yes"), held("no")),
                (self.yes[ix], self.no[ix]),
                "{account}"
            );
            assert_eq!(balance_by_ledger(person).await, self.cash[ix]);
        }
    }

    async fn accounts(&self) -> Vec<Value> {
        let mut accounts = Vec::new();
        for person in self.people {
            let account = person.account().await;
            accounts.push(json!([account["cash"], account["positions"]]));
        }
        accounts
    }

    async fn total(&self) -> Micros {
        let mut total = Micros::ZERO;
        for person in self.people {
            let (available, reserved) = cash(person).await;
            total += available + reserved;
        }
        total
    }
}

fn curve() -> Curve {
    let prior = [3_500, 6_500].map(|ticks| Fraction::new(ticks).expect("a fraction"));
    Curve::new(Lots::new(100_000), &prior).expect("a curve")
}

/// An order in the story's market: on Yes, at the market, unless it says otherwise.
fn order(fields: &Value) -> Value {
    with(
        json!({"market": SLUG, "outcome": "yes", "type": "market"}),
        fields,
    )
}

fn id(order: &Value) -> &str {
    order["id"].as_str().expect("an id")
}

/// Money that is available, and that is held.
async fn cash(person: &Person) -> (Micros, Micros) {
    let account = person.account().await;
    (
        micros(&account["cash"]["available"]),
        micros(&account["cash"]["reserved"]),
    )
}

/// What a whole ledger comes to; each row has to continue the one before it.
async fn balance_by_ledger(person: &Person) -> Micros {
    let mut rows = Vec::new();
    let mut path = "/v1/account/ledger?limit=200".to_owned();
    loop {
        let page = person.client.see(&path).await;
        rows.extend(page["data"].as_array().expect("a list").iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/account/ledger?limit=200&cursor={cursor}");
    }
    let mut balance = Micros::ZERO;
    for row in rows.iter().rev() {
        balance += micros(&row["amount"]);
        assert_eq!(micros(&row["balance"]), balance, "{row}");
    }
    balance
}

/// The odds of both outcomes as the wire has them.
fn shown_odds(sold: &[Lots; 2]) -> Vec<String> {
    let all = curve().all_odds(sold);
    all.into_iter()
        .map(|odds| Micros::new(i64::from(odds)).to_string())
        .collect()
}
