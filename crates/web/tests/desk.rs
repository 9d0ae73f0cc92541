//! The newsroom's desk: what editors see and do there, what operators do, and what neither is shown.

mod support;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode};
use support::markup::Markup;
use support::{BASE, HOSTILE, Newsroom, binary};
use tidings_api::auth::key_digest;
use tidings_core::access::{Grant, Role, Scopes};
use tidings_core::command::{Command, OpenAccount};
use tidings_core::id::{AccountId, MarketId};
use tidings_core::units::Timestamp;
use tidings_store::ArticleStatus;
use tower::ServiceExt;

const ADMIN: AccountId = AccountId::ADMIN;
const OPERATOR: AccountId = AccountId(3);
const ED: AccountId = AccountId(7);
const PASSWORD: &str = "a quiet harbour";
const COOKIE: &str = "__Host-tidings";

struct Desk {
    newsroom: Newsroom,
    editor: String,
    operator: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn leads_to(&self, path: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert_eq!(self.headers["location"], path);
    }

    fn page(&self) -> Markup {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        Markup::of(&self.body)
    }
}

impl Desk {
    /// An editor and an operator who are signed in, and a market.
    async fn open() -> (Desk, MarketId) {
        let newsroom = Newsroom::empty(BASE).await;
        let open = OpenAccount {
            name: "ed".to_owned(),
            role: Role::Editor,
            grant: None,
        };
        newsroom.give(ADMIN, Command::OpenAccount(open)).await;
        let mut spec = binary(newsroom.app.now(), "ferry", "Will the ferry sail?", 24 * 30);
        spec.tags = vec!["Ferries".to_owned()];
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        let mut desk = Desk {
            newsroom,
            editor: String::new(),
            operator: String::new(),
        };
        for (account, role, key) in [
            (ADMIN, Role::Admin, "admin-key"),
            (OPERATOR, Role::Operator, "operator-key"),
            (ED, Role::Editor, "editor-key"),
        ] {
            let grant = Box::new(Grant::bearer(key_digest(key), Scopes::all(role)));
            let by = None;
            let issue = Command::IssueKey { account, grant, by };
            desk.newsroom.give(ADMIN, issue).await;
        }
        desk.editor = desk.signed_in(ED, "eddy").await;
        desk.operator = desk.signed_in(OPERATOR, "mika").await;
        (desk, market)
    }

    async fn signed_in(&self, account: AccountId, name: &str) -> String {
        let body = serde_json::json!({"name": name, "password": PASSWORD}).to_string();
        let set = HttpRequest::post(format!("/v1/accounts/acc_{account}/sign-in"))
            .header("authorization", "Bearer admin-key")
            .header("content-type", "application/json");
        let set = self.ask(set.body(Body::from(body)).unwrap()).await;
        assert!(set.status.is_success(), "{}", set.body);
        let form = form(&[("name", name), ("password", PASSWORD)]);
        let answer = self.post("/console/sign-in", &form, "").await;
        let set = answer.headers["set-cookie"].to_str().unwrap();
        let rest = set.strip_prefix(&format!("{COOKIE}=")).unwrap();
        rest.split(';').next().unwrap().to_owned()
    }

    async fn ask(&self, request: HttpRequest<Body>) -> Answer {
        let app = self.newsroom.app.clone();
        let all = tidings_api::router(app.clone()).merge(tidings_web::router(app));
        let (parts, body) = all.oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str, session: &str) -> Answer {
        let request = HttpRequest::builder().uri(path);
        let request = request.header("cookie", format!("{COOKIE}={session}"));
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: &str, session: &str) -> Answer {
        let request = HttpRequest::post(path)
            .header("host", "odds.example")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", format!("{COOKIE}={session}"));
        self.ask(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    /// Fills in a form of a page as a reader does, and sends it.
    async fn send(
        &self,
        page: &Markup,
        action: &str,
        typed: &[(&str, &str)],
        session: &str,
    ) -> Answer {
        // The fields of a form come after it, up to the next one.
        let mut tags = page
            .tags
            .iter()
            .skip_while(|tag| tag.name != "form" || tag.get("action") != Some(action));
        tags.next()
            .unwrap_or_else(|| panic!("no form goes to {action}"));
        let own = tags.take_while(|tag| tag.name != "form");
        let named = own.filter(|tag| tag.name == "input" || tag.name == "select");
        let fields: Vec<(&str, &str)> = named
            .filter_map(|tag| {
                let name = tag.get("name")?;
                let given = typed.iter().find(|(own, _)| *own == name);
                Some((
                    name,
                    given.map_or(tag.get("value").unwrap_or(""), |(_, value)| value),
                ))
            })
            .collect();
        for (name, _) in typed {
            assert!(fields.iter().any(|(own, _)| own == name), "no field {name}");
        }
        self.post(action, &form(&fields), session).await
    }

    fn linked(&self, market: MarketId) -> Vec<String> {
        let markets = self.newsroom.app.exchange().markets();
        let view = markets.iter().find(|view| view.id == market).unwrap();
        view.links.iter().map(|link| link.article.clone()).collect()
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let plain = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let encoded = |text: &str| text.bytes().map(plain).collect::<String>();
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// An article in each state.
async fn furnish(desk: &Desk) {
    let newsroom = &desk.newsroom;
    let later = Timestamp::from_micros(newsroom.app.now().as_micros() + 3_600_000_000);
    for (slug, status, embargo) in [
        ("public", ArticleStatus::Usable, None),
        ("embargoed", ArticleStatus::Usable, Some(later)),
        ("withheld", ArticleStatus::Withheld, None),
        ("cancelled", ArticleStatus::Cancelled, None),
    ] {
        let text = format!("The story that is {slug}.");
        let mut article = newsroom.written(slug, &format!("Ferry {slug}"), &[], &[&text]);
        article.tags = vec!["Ferries".to_owned()];
        (article.status, article.embargoed_until) = (status, embargo);
        article.author = ED;
        newsroom.article(article, &[]).await;
    }
    newsroom.written_down().await;
}

#[tokio::test]
async fn editors_see_articles_in_all_states_and_others_what_everybody_sees() {
    let (desk, _) = Desk::open().await;
    furnish(&desk).await;
    let page = desk.get("/console/articles", &desk.editor).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    let markup = page.page();
    markup.assert_strict("/console/articles");
    for words in [
        "Ferry public",
        "Ferry embargoed",
        "Ferry withheld",
        "Ferry cancelled",
        "Under embargo until",
        "Withheld",
        "Cancelled",
        "Public",
    ] {
        assert!(markup.text.contains(words), "{words}");
    }
    let page = desk.get("/console/articles", &desk.operator).await.page();
    assert!(page.text.contains("Ferry public"));
    for hidden in ["embargoed", "withheld", "cancelled"] {
        assert!(!page.text.contains(&format!("Ferry {hidden}")), "{hidden}");
        let path = format!("/console/articles/{hidden}");
        let own = desk.get(&path, &desk.operator).await;
        for leak in [
            format!("Ferry {hidden}"),
            format!("The story that is {hidden}."),
        ] {
            assert!(!own.body.contains(&leak), "{leak}");
        }
        let shown = desk.get(&path, &desk.editor).await.page();
        shown.assert_strict(&path);
        assert!(shown.text.contains(&format!("The story that is {hidden}.")));
    }
    // Whoever is not signed in is shown where to do so; an administrator has no business here.
    let nobody = desk.get("/console/articles/public", "").await;
    nobody.leads_to("/console/sign-in?next=%2Fconsole%2Farticles%2Fpublic");
    let admin = desk.signed_in(ADMIN, "root").await;
    for path in [
        "/console/articles",
        "/console/articles/embargoed",
        "/console/feeds",
    ] {
        let refused = desk.get(path, &admin).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!refused.body.contains("embargoed."), "{path}");
    }
    let missing = desk.get("/console/articles/none", &desk.editor).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_suggestion_is_linked_with_its_reasons_shown_and_sent_twice_once() {
    let (desk, market) = Desk::open().await;
    furnish(&desk).await;
    let path = "/console/articles/public";
    let page = desk.get(path, &desk.editor).await.page();
    assert!(page.text.contains("Will the ferry sail?"));
    assert!(
        page.text.contains("both have the tag Ferries"),
        "{}",
        page.text
    );
    let action = "/console/articles/public/link";
    let wrong = desk
        .send(&page, action, &[("role", "king")], &desk.editor)
        .await;
    assert!(wrong.status.is_client_error(), "{}", wrong.status);
    assert!(wrong.body.contains("role=\"alert\""));
    assert!(desk.linked(market).is_empty());
    for _ in 0..2 {
        let sent = desk
            .send(&page, action, &[("role", "trigger")], &desk.editor)
            .await;
        sent.leads_to("/console/articles/public?said=linked");
    }
    assert_eq!(desk.linked(market), ["public"]);
    let page = desk
        .get("/console/articles/public?said=linked", &desk.editor)
        .await;
    let frames = page.headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(frames.contains("frame-src 'self'"), "{frames}");
    let page = page.page();
    assert!(page.text.contains("The article is linked to the market."));
    assert!(page.text.contains("trigger"));
    let frame = page.named("iframe").next().expect("the embed");
    assert_eq!(frame.get("src"), Some("/embed/v1/articles/public"));
    assert_eq!(frame.get("sandbox"), Some("allow-scripts"));
    assert_eq!(
        page.named("form")
            .filter(|tag| tag.get("action") == Some(action))
            .count(),
        1
    );
    // By hand, to a market that there is not.
    let wrong = desk.send(
        &page,
        action,
        &[("market", "none"), ("role", "subject")],
        &desk.editor,
    );
    let wrong = wrong.await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    assert!(wrong.body.contains("refusal"), "{}", wrong.body);
    // From a page of somebody else nothing is taken.
    let body = form(&[("market", "ferry"), ("role", "subject"), ("key", "k")]);
    let foreign = HttpRequest::post(action)
        .header("host", "odds.example")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", format!("{COOKIE}={}", desk.editor));
    let foreign = desk.ask(foreign.body(Body::from(body)).unwrap()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}

/// An editor withholds an article, shows it again and cancels it, which takes a word more; nobody else is offered
/// any of it.
#[tokio::test]
async fn an_editor_says_whether_readers_see_an_article() {
    let (desk, _) = Desk::open().await;
    furnish(&desk).await;
    let (path, action) = (
        "/console/articles/public",
        "/console/articles/public/standing",
    );
    let readers = async || desk.get("/articles/public", "").await.status;
    let page = desk.get(path, &desk.editor).await.page();
    page.assert_strict(path);
    let sent = desk.send(&page, action, &[], &desk.editor).await;
    sent.leads_to("/console/articles/public?said=withheld");
    assert_eq!(readers().await, StatusCode::NOT_FOUND);
    let page = desk.get(path, &desk.editor).await.page();
    assert!(page.text.contains("It is withheld. What it says stays."));
    assert!(page.text.contains("The story that is public."));
    let sent = desk.send(&page, action, &[], &desk.editor).await;
    sent.leads_to("/console/articles/public?said=usable");
    assert_eq!(readers().await, StatusCode::OK);

    let page = desk.get(path, &desk.editor).await.page();
    let keys = page
        .named("input")
        .filter(|tag| tag.get("name") == Some("key"));
    let mut keys = keys.filter_map(|tag| tag.get("value"));
    let key = keys.find(|key| key.ends_with("-cancel")).expect("a form");
    let mut fields = vec![("status", "cancelled"), ("key", key)];
    let refused = desk.post(action, &form(&fields), &desk.editor).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("What is cancelled stays so"));
    assert_eq!(readers().await, StatusCode::OK);
    fields.push(("sure", "yes"));
    let operators = desk.post(action, &form(&fields), &desk.operator).await;
    assert_eq!(operators.status, StatusCode::FORBIDDEN);
    let sent = desk.post(action, &form(&fields), &desk.editor).await;
    sent.leads_to("/console/articles/public?said=cancelled");
    assert_eq!(readers().await, StatusCode::NOT_FOUND);

    // Where there is nothing to say any more, nothing is offered.
    for (path, who) in [
        (path, &desk.editor),
        ("/console/articles/cancelled", &desk.editor),
        ("/console/articles/embargoed", &desk.operator),
    ] {
        let page = desk.get(path, who).await.page();
        assert!(!page.text.contains("Cancel it"), "{path}");
    }
    fields[1] = ("key", "another");
    fields[0] = ("status", "usable");
    let late = desk.post(action, &form(&fields), &desk.editor).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_halt_is_planned_by_an_operator_and_a_link_by_an_editor() {
    let (desk, market) = Desk::open().await;
    furnish(&desk).await;
    let (path, action) = (
        "/console/articles/embargoed",
        "/console/articles/embargoed/plan",
    );
    // An editor is offered the market, and asks for no halt.
    let page = desk.get(path, &desk.editor).await.page();
    assert!(
        page.tags
            .iter()
            .all(|tag| tag.get("name") != Some("before"))
    );
    let sent = desk
        .send(&page, action, &[("role", "trigger")], &desk.editor)
        .await;
    sent.leads_to("/console/articles/embargoed?said=planned");
    assert!(desk.linked(market).is_empty(), "not before its time");
    let page = desk.get(path, &desk.editor).await.page();
    assert!(page.text.contains("waits for the end of the embargo"));
    let frame = page.named("iframe").next().expect("the market's embed");
    assert_eq!(frame.get("src"), Some("/embed/v1/markets/ferry"));
    let back = "/console/articles/embargoed/unplan";
    let sent = desk.send(&page, back, &[], &desk.editor).await;
    sent.leads_to("/console/articles/embargoed?said=unplanned");
    // An operator who has the address plans a halt, and reads nothing.
    let page = desk.get(path, &desk.operator).await.page();
    assert!(page.text.contains("Not public yet"));
    let typed = [
        ("market", "ferry"),
        ("role", "trigger"),
        ("before", "5"),
        ("after", "10"),
    ];
    for wrong in ["5.5", "-1", "1441", "soon"] {
        let mut typed = typed;
        typed[2] = ("before", wrong);
        let refused = desk.send(&page, action, &typed, &desk.operator).await;
        assert!(
            refused.status.is_client_error(),
            "{wrong}: {}",
            refused.status
        );
    }
    let page = desk.get(path, &desk.operator).await.page();
    let sent = desk.send(&page, action, &typed, &desk.operator).await;
    sent.leads_to("/console/articles/embargoed?said=planned");
    let shown = desk.get(path, &desk.operator).await.page();
    assert!(
        shown
            .text
            .contains("halted from 5 minutes before to 10 minutes after"),
        "{}",
        shown.text
    );
    let plans = desk
        .newsroom
        .app
        .store()
        .plans_of("embargoed")
        .await
        .unwrap();
    assert_eq!(plans.len(), 1);
    assert_eq!(plans[0].account, OPERATOR);
}

#[tokio::test]
async fn feeds_are_added_and_dropped() {
    let (desk, _) = Desk::open().await;
    let page = desk.get("/console/feeds", &desk.editor).await.page();
    page.assert_strict("/console/feeds");
    assert!(page.text.contains("No feed yet."));
    let inside = "https://127.0.0.1/rss.xml";
    let refused = desk
        .send(&page, "/console/feeds", &[("url", inside)], &desk.editor)
        .await;
    assert!(refused.status.is_client_error());
    assert!(refused.body.contains(inside), "what was typed stays");
    let page = desk.get("/console/feeds", &desk.editor).await.page();
    let url = "https://paper.example/rss.xml";
    let sent = desk
        .send(&page, "/console/feeds", &[("url", url)], &desk.editor)
        .await;
    sent.leads_to("/console/feeds?said=added");
    let page = desk
        .get("/console/feeds?said=added", &desk.editor)
        .await
        .page();
    assert!(page.text.contains(url));
    let action = "/console/feeds/feed_1/drop";
    let sent = desk.send(&page, action, &[], &desk.editor).await;
    sent.leads_to("/console/feeds?said=dropped");
    assert!(desk.newsroom.app.store().feeds(9).await.unwrap().is_empty());
    let operator = desk.get("/console/feeds", &desk.operator).await;
    assert_eq!(
        operator.status,
        StatusCode::FORBIDDEN,
        "feeds are the editors'"
    );
}

#[tokio::test]
async fn hostile_texts_are_texts_on_the_desk_too() {
    let (desk, market) = Desk::open().await;
    let newsroom = &desk.newsroom;
    for (slug, text) in [("plain", "plain"), ("hostile", HOSTILE)] {
        let mut article = newsroom.written(slug, text, &[text], &["Words."]);
        article.summary = text.to_owned();
        article.byline = Some(text.to_owned());
        article.publisher = Some(text.to_owned());
        article.tags = vec!["Ferries".to_owned(), text.to_owned()];
        newsroom.article(article, &[]).await;
    }
    newsroom.written_down().await;
    let names = |markup: &Markup| -> Vec<String> {
        markup
            .tags
            .iter()
            .map(|tag| format!("{} {}", tag.name, tag.attributes.len()))
            .collect()
    };
    let plain = desk
        .get("/console/articles/plain", &desk.editor)
        .await
        .page();
    let hostile = desk
        .get("/console/articles/hostile", &desk.editor)
        .await
        .page();
    hostile.assert_strict("/console/articles/hostile");
    assert_eq!(names(&plain), names(&hostile));
    assert!(hostile.text.contains(HOSTILE));
    let listed = desk.get("/console/articles", &desk.editor).await.page();
    listed.assert_strict("/console/articles");
    let missing = desk
        .get("/console/articles/%3Cscript%3E", &desk.editor)
        .await;
    assert!(!missing.body.contains("<script>"));
    assert!(desk.linked(market).is_empty());
}
