//! What makes a question good, through typed calls: templates, checks, and stories that two readers take alike.

use tidings_client::Client;
use tidings_client::types::{
    AskForReview, BlankForm, DecidedStepKind, EvidenceItem, FillTemplate, MarketStatus, NewMarket,
    Propose, QuestionBlank, ReviewMarket, ReviseMarket, Role, Rules, Severity, Verdict,
};
use tidings_tests::server::{ADMIN_KEY, Server};

use crate::decimal;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_made_checked_read_and_opened() {
    let server = Server::start().await;
    let anyone = Client::new(server.base()).expect("an address");
    let admin = anyone.with_key(ADMIN_KEY);
    let open = async |name: &str, role| {
        let opened = admin.open_account(name, role).await.done().expect("opened");
        anyone.with_key(opened.key.expect("it is shown once"))
    };
    let author = open("Otto", Role::Operator).await;
    let reader = open("Olga", Role::Operator).await;
    let sponsor = author.account().await.expect("an account").id;
    let deposit = admin.deposit(&sponsor, decimal("5000")).await.done();
    deposit.expect("paid in");

    let templates = author.question_templates().await.expect("a list");
    let template = templates
        .iter()
        .find(|template| template.template == "next_meeting")
        .expect("a template");
    let fill = FillTemplate {
        language: Some("en".to_owned()),
        article: None,
        blanks: template.blanks.iter().map(filled).collect(),
    };
    let made = author.fill_template("next_meeting", &fill).await;
    let made = made.expect("a draft");
    assert!(!made.checked.blocked, "{:?}", made.checked.findings);
    let unknown = author.fill_template("nothing", &fill).await;
    assert_eq!(unknown.expect_err("no template").status(), Some(404));
    let empty = FillTemplate::default();
    let lacks = author.fill_template("next_meeting", &empty).await;
    assert_eq!(lacks.expect_err("blanks").code(), "invalid_body");

    let draft = made.draft.named("next-summit");
    let verdicts: Vec<Verdict> = draft
        .worlds
        .iter()
        .map(|world| world.comes_to.clone())
        .collect();
    assert!(verdicts.len() >= 2, "{verdicts:?}");
    assert_eq!(draft.review, Some(AskForReview::Required));
    let vague = NewMarket {
        rules: Rules {
            criteria: "Yes if they meet soon.".to_owned(),
            ..Rules::default()
        },
        closes_at: None,
        ..draft.clone()
    };
    let found = author.check_question(&vague).await.expect("a check");
    assert!(found.blocked && found.language == "en");
    assert_eq!(found.findings[0].severity, Severity::Blocker);

    let created = author.create_market(&draft).await.done().expect("drafted");
    assert_eq!(created.status, MarketStatus::Draft);
    assert_eq!(created.worlds.len(), verdicts.len());
    let seen = reader.market("next-summit").await.expect("a market");
    assert!(
        seen.worlds.iter().all(|world| world.comes_to.is_none()),
        "it is read blindly"
    );
    let early = author.open_market("next-summit").await.done();
    assert_eq!(early.expect_err("not read").code(), "review_missing");

    let of = async |approve, verdicts: &[Verdict]| ReviewMarket {
        text: {
            let market = reader.market("next-summit").await.expect("a market");
            let review = market.review.expect("it is to be read");
            review.text.expect("a draft has words")
        },
        verdicts: verdicts.to_vec(),
        approve,
        note: Some("Clear enough.".to_owned()),
    };
    let own = of(true, &verdicts).await;
    let own = author.review_market("next-summit", &own).await.done();
    own.expect_err("nobody reads their own");
    let mut otherwise = verdicts.clone();
    otherwise[0] = Verdict::Void(true);
    let otherwise = of(false, &otherwise).await;
    let read = reader.review_market("next-summit", &otherwise).await.done();
    let read = read.expect("read");
    assert!(!read.alike && !read.approved);

    // Other words are to be read anew.
    let change = ReviseMarket {
        worlds: Some(draft.worlds.clone()),
        tags: Some(vec!["summits".to_owned()]),
        ..ReviseMarket::default()
    };
    let revised = author.revise_market("next-summit", &change).await.done();
    revised.expect("revised");
    let alike = of(true, &verdicts).await;
    let read = reader.review_market("next-summit", &alike).await.done();
    let read = read.expect("read");
    assert!(read.alike && read.approved);
    let opened = author.open_market("next-summit").await.done();
    opened.expect("opened");
    let market = anyone.market("next-summit").await.expect("a market");
    let told: Vec<Option<Verdict>> = market.worlds.into_iter().map(|w| w.comes_to).collect();
    assert_eq!(told, verdicts.into_iter().map(Some).collect::<Vec<_>>());
    let readings = market.review.expect("it was read").readings;
    assert!(readings.last().expect("the last").alike);

    let decided = anyone.evidence("next-summit").await.expect("a document");
    assert!(decided.steps.is_empty(), "no end is proposed");
    let close = author.close_market_by("next-summit", "early_close_1", "It was held.");
    close.await.done().expect("closed");
    let proof = EvidenceItem {
        url: "https://www.mofa.go.jp/press/1.html".to_owned(),
        publisher: "The ministry".to_owned(),
        published_at: None,
        sha256: "ab".repeat(32),
        quotation: "The two leaders met.".to_owned(),
        clause: "criteria".to_owned(),
        primary: true,
        article: None,
    };
    let proposal = Propose::winner("yes", vec![proof]);
    let proposed = author.propose_resolution("next-summit", &proposal).await;
    proposed.done().expect("proposed");
    let decided = anyone.evidence("next-summit").await.expect("a document");
    let kinds: Vec<DecidedStepKind> = decided.steps.iter().map(|step| step.kind).collect();
    for kind in [
        DecidedStepKind::Drafted,
        DecidedStepKind::Reviewed,
        DecidedStepKind::Opened,
        DecidedStepKind::Closed,
        DecidedStepKind::Proposed,
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let last = decided.steps.last().expect("steps");
    assert_eq!(last.items, proposal.items);
    assert!(decided.head.expect("a head").seq >= last.seq);
}

/// What belongs in a blank.
fn filled(blank: &QuestionBlank) -> (String, String) {
    let text = match blank.form {
        BlankForm::Words => "the two leaders",
        BlankForm::Moment => "2030-07-01T00:00:00+09:00",
        BlankForm::Address => match blank.name.as_str() {
            "fallback_url" => "https://en.yna.co.kr/",
            _ => "https://www.mofa.go.jp/",
        },
    };
    (blank.name.clone(), text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_follows_feeds() {
    let server = Server::start().await;
    let anyone = Client::new(server.base()).expect("an address");
    let admin = anyone.with_key(ADMIN_KEY);
    let opened = admin.open_account("Edda", Role::Editor).await.done();
    let editor = anyone.with_key(opened.expect("opened").key.expect("it is shown once"));
    // A name that is no public one: nothing leaves the machine.
    let url = "https://paper.example/politics/rss.xml";
    let followed = editor.follow_feed(url).await.done().expect("followed");
    assert_eq!((followed.url.as_str(), followed.articles), (url, 0));
    let inside = editor.follow_feed("https://127.0.0.1/rss.xml").await.done();
    inside.expect_err("an address of this machine");
    let listed = editor.followed_feeds().await.expect("a list");
    let ids: Vec<&str> = listed.iter().map(|feed| feed.id.as_str()).collect();
    assert_eq!(ids, [followed.id.as_str()]);
    let stranger = anyone.followed_feeds().await;
    assert_eq!(stranger.expect_err("for editors").status(), Some(401));
    let dropped = editor.drop_feed(&followed.id).await.done();
    assert_eq!(dropped.expect("dropped").id, followed.id);
    assert_eq!(editor.followed_feeds().await.expect("a list"), []);
}
