//! The newsroom's desk in a real browser: an article that is linked, withheld, shown again and cancelled, one under
//! embargo with what is planned for its end, and a feed that is not taken.

use serde_json::json;
use tidings_tests::browser::{Browser, Look};
use tidings_tests::console::{self, PASSWORD, looked_at, says};
use tidings_tests::newsroom::{Newsroom, joint_statement, with};
use tidings_tests::server::Server;
use tidings_tests::site::{SOON, axe, no_complaints_but};

const HEADLINE: &str = "Japan and South Korea draft a joint statement";

/// An editor who may sign in, a market that trades, an article that is public and one that is not.
struct Room {
    server: Server,
    public: String,
    embargoed: String,
}

impl Room {
    async fn open() -> Room {
        let server = Server::start().await;
        let newsroom = Newsroom::open(&server).await;
        let tagged = json!({"tags": ["Japan", "South Korea"]});
        newsroom
            .open_market(&with(joint_statement(), &tagged))
            .await;
        let path = format!("/v1/accounts/{}/sign-in", newsroom.editor.id);
        let sign_in = json!({"name": "edda", "password": PASSWORD});
        newsroom.admin.post(&path, &sign_in).await.is(201);
        let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
        let mut slugs = Vec::new();
        for body in [
            json!({"title": HEADLINE, "body": "Both sides will publish it together, officials said.",
                   "section": ["World"], "tags": ["Japan", "South Korea"], "publisher": "The Harbour Post"}),
            json!({"title": "The text of the statement", "body": "It has four parts.",
                   "tags": ["Japan"], "embargoed_until": until.to_string()}),
        ] {
            let posted = newsroom.editor.client.post("/v1/articles", &body).await;
            slugs.push(posted.is(201)["slug"].as_str().expect("a slug").to_owned());
        }
        let embargoed = slugs.pop().expect("two");
        let public = slugs.pop().expect("two");
        Room {
            server,
            public,
            embargoed,
        }
    }

    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.server.base())
    }

    /// Whether readers find the article.
    async fn readers_see_it(&self) -> bool {
        let path = format!("/articles/{}", self.public);
        let answer = reqwest::get(self.page(&path)).await.expect("an answer");
        answer.status().is_success()
    }
}

/// Presses the button of the first form that goes there.
async fn send(browser: &Browser, step: &str) {
    let button = format!("form[action$='/{step}'] button");
    browser.find(&button).await.click().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_links_plans_withholds_and_cancels() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let checker = axe();
    let checker = checker.as_deref();
    let room = Room::open().await;
    browser.look(Look::DESKTOP).await;
    console::sign_in(&browser, &room.server, "edda").await;
    browser.open(&room.page("/console/articles")).await;
    says(&browser, HEADLINE).await;
    says(&browser, "Under embargo until").await;
    looked_at(&browser, checker, "desk-articles").await;

    // What it may belong to is offered with reasons; linked, it is on the market's side of the page.
    let public = room.page(&format!("/console/articles/{}", room.public));
    browser.open(&public).await;
    says(&browser, "both have the tag").await;
    send(&browser, "link").await;
    says(&browser, "The article is linked to the market.").await;
    says(&browser, "On pages of others").await;
    // As it is there: whole, and without a bar to scroll it by.
    browser
        .run("document.querySelector('main iframe').scrollIntoView(); return true")
        .await;
    browser.frame(Some(0)).await;
    let fits = "const page = document.documentElement; return document.querySelector('.odds') !== null && \
                page.scrollHeight <= innerHeight && page.clientWidth === innerWidth";
    browser.wait(SOON, fits).await;
    browser.frame(None).await;
    looked_at(&browser, checker, "desk-article-linked").await;
    let told = room.server.public();
    let told = told.see(&format!("/v1/articles/{}", room.public)).await;
    assert_eq!(told["markets"][0]["market"], "jpkr-joint-statement");

    // Before its time an article is planned for, and the plan is taken back.
    let embargoed = room.page(&format!("/console/articles/{}", room.embargoed));
    browser.open(&embargoed).await;
    let market = browser.find("#byhand + form [name=market]").await;
    market.enter("jpkr-joint-statement").await;
    browser.find("#byhand + form button").await.click().await;
    says(&browser, "It is planned for the end of the embargo.").await;
    looked_at(&browser, checker, "desk-article-planned").await;
    send(&browser, "unplan").await;
    says(&browser, "The plan was taken back.").await;

    // Withheld and shown again, in two steps each; cancelled only by whoever says that it is for ever.
    assert!(room.readers_see_it().await);
    browser.open(&public).await;
    send(&browser, "standing").await;
    says(&browser, "Readers do not see it until it is shown again.").await;
    assert!(!room.readers_see_it().await);
    looked_at(&browser, checker, "desk-article-withheld").await;
    send(&browser, "standing").await;
    says(&browser, "Readers see it again").await;
    assert!(room.readers_see_it().await);
    browser.find(".steps summary").await.click().await;
    let cancel = "details form[action$='/standing']";
    browser
        .find(&format!("{cancel} button"))
        .await
        .click()
        .await;
    let waits = "return document.querySelector('details [name=sure]').matches(':invalid')";
    assert_eq!(browser.run(waits).await, true, "it is not sent yet");
    assert!(room.readers_see_it().await);
    browser.find("details [name=sure]").await.click().await;
    browser
        .find(&format!("{cancel} button"))
        .await
        .click()
        .await;
    says(&browser, "It is cancelled: readers never see it again.").await;
    assert!(!room.readers_see_it().await);
    looked_at(&browser, checker, "desk-article-cancelled").await;

    // An address inside the house is not fetched.
    browser.open(&room.page("/console/feeds")).await;
    let address = browser.find("[name=url]").await;
    address.enter("http://127.0.0.1:9/feed.xml").await;
    send(&browser, "feeds").await;
    browser
        .wait(SOON, "return document.querySelector('#refused') !== null")
        .await;
    looked_at(&browser, checker, "desk-feeds-refused").await;
    no_complaints_but(&browser, "422").await;
}
