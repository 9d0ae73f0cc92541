//! Texts that have turned into something else somewhere, and a newsroom in every one of whose fields they stand.

use tidings_core::command::{Command, Contract};
use tidings_core::evidence::{Clause, Item};
use tidings_core::id::Outcome;
use tidings_core::market::{ArticleLink, HaltReason, LinkRole, Payout};
use tidings_core::review::{ReviewPlan, Verdict, World};
use tidings_core::units::Fraction;
use tidings_store::Added;

use super::markup::{Markup, Tag};
use super::{ANN, Newsroom, binary};

/// Ways to get out of text, an attribute, an address, an element, a script, JSON or XML.
pub const CORPUS: [&str; 38] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object>",
    "<base href=\"//evil.example/\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<form action=//evil.example/><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "<live-odds market=\"x\"></live-odds>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "\" style=\"background:url(javascript:alert(1))",
    "`onerror=alert(1)`",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "\\\"},{\"@type\":\"Evil\"},{\"x\":\"",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)} <%= alert(1) %> #{alert(1)}",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;",
    "\u{2028}alert(1)\u{2029}<script\u{a0}src=//evil.example/x.js>",
];

/// What nobody would take for anything but words.
pub const PLAIN: &str = "plain";

/// A market and an article in every one of whose fields a text stands.
pub async fn plant(newsroom: &Newsroom, n: usize, text: &str) {
    let all = || text.to_owned();
    let mut spec = binary(newsroom.app.now(), &format!("market-{n}"), text, 24 * 60);
    for outcome in &mut spec.outcomes {
        outcome.name = all();
    }
    spec.rules.criteria = all();
    spec.rules.edge_cases = vec![all()];
    spec.rules.early_close = Some(vec![all()]);
    // Of the sources' addresses only the web's own become links; these are none of them.
    spec.rules.sources[0].name = all();
    spec.rules.sources[0].url = format!("gopher:{text}");
    spec.tags = vec![all()];
    let story = |comes_to| World {
        story: all(),
        comes_to,
    };
    spec.review = Some(ReviewPlan {
        required: false,
        worlds: vec![story(Verdict::Outcome(Outcome(0))), story(Verdict::Void)],
    });
    let market = newsroom.market(spec).await;
    newsroom.open(market).await;
    newsroom.clarify(market, &all()).await;
    let mut article = newsroom.written(&format!("article-{n}"), text, &[text], &["Words."]);
    article.summary = all();
    article.byline = Some(all());
    article.publisher = Some(all());
    article.tags = vec![all()];
    article.language = "en".to_owned();
    article.canonical_url = Some(format!("gopher:{text}"));
    let added = newsroom.app.store().add_article(&article).await.unwrap();
    assert!(matches!(added, Added::New(_)));
    // Corrected, so that what it said before is told as well.
    article.body_html = "<p>Other words.</p>".to_owned();
    article.body_text = "Other words.".to_owned();
    let store = newsroom.app.store();
    let corrected = store.correct_article(&article.slug, &article).await;
    assert!(corrected.unwrap().is_some());
    let link = ArticleLink {
        article: article.slug,
        role: LinkRole::Subject,
    };
    newsroom
        .operate(Command::LinkArticle { market, link })
        .await;
    let reason = HaltReason::Operator(all());
    newsroom
        .operate(Command::HaltMarket { market, reason })
        .await;
}

/// Ways to get out of a link's address, or to make one that runs.
pub const ADDRESSES: [&str; 14] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "javascript://https://paper.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1)",
    "blob:https://paper.example/1",
    "file:///etc/passwd",
    "//evil.example/x",
    "/markets",
    "view-source:https://paper.example/",
    "HTTPS:javascript:alert(1)",
];

/// Markets that are decided with a text wherever whoever decides, or objects, can write one: settled,
/// disputed, called off.
pub async fn decide(newsroom: &Newsroom, n: usize, text: &str) {
    let evidence = || {
        let mut evidence = vec![
            text.to_owned(),
            format!("https://paper.example/{text}"),
            format!("javascript:{text}"),
        ];
        // The same number of items for each text, so that pages can be compared.
        evidence.extend(ADDRESSES.map(str::to_owned));
        evidence
    };
    let piece = |name: &str| Item {
        url: format!("https://{name}.example/{text}"),
        publisher: format!("{name} {text}"),
        published_at: None,
        sha256: [7; 32],
        quotation: text.to_owned(),
        clause: Clause::Criteria,
        primary: false,
        article: None,
    };
    let slug = |state: &str| format!("{state}-{n}");
    for state in ["settled", "disputed", "voided"] {
        let mut spec = binary(newsroom.app.now(), &slug(state), "Will it?", 24 * 60);
        if state == "voided" {
            spec.dispute_hours = 0;
        }
        let market = newsroom.market(spec).await;
        newsroom.open(market).await;
        newsroom.buy(market, 0, Contract::Yes, 10).await;
        if state == "voided" {
            newsroom.void_on(market, text.to_owned(), evidence()).await;
            continue;
        }
        newsroom.close(market).await;
        let shares = [10_000, 0].map(|ticks| Fraction::new(ticks).unwrap());
        let propose = Command::ProposeResolution {
            market,
            payout: Payout::new(shares.to_vec()).unwrap(),
            evidence: evidence(),
            note: text.to_owned(),
            items: Some(vec![piece("paper"), piece("herald")]),
        };
        newsroom.operate(propose).await;
        if state == "disputed" {
            let dispute = Command::Dispute {
                market,
                reason: text.to_owned(),
                evidence: evidence(),
                items: Some(vec![piece("paper")]),
                clause: Some(Clause::Criteria),
            };
            newsroom.give(ANN, dispute).await;
        }
    }
}

/// What a page is made of, without its words: elements, and the names of their attributes.
pub fn form(html: &str) -> Vec<String> {
    let tags = Markup::of(html).tags;
    let form = |tag: &Tag| {
        let names = tag.attributes.iter().map(|(name, _)| name.as_str());
        format!("{} {}", tag.name, names.collect::<Vec<_>>().join(" "))
    };
    tags.iter().map(form).collect()
}
