use std::collections::BTreeSet;

use super::*;
use crate::import::structured;
use crate::text::not_allowed;

/// 1 May 2027, 15:30 UTC, a Saturday.
const START: i64 = 1_809_185_400_000_000;

#[test]
fn every_article_imports_under_its_slug_and_reads_like_one() {
    let newsroom = newsroom();
    assert_eq!(newsroom.articles.len(), 5);
    for article in &newsroom.articles {
        let draft = structured(article.at(START)).expect(&article.slug);
        assert_eq!(draft.slug(), article.slug);
        let words = draft.body.text.split_whitespace().count();
        assert!(
            (300..=500).contains(&words),
            "{}: {words} words",
            article.slug
        );
        assert!(!draft.body.text.contains(['{', '}']), "{}", draft.body.text);
        assert!(
            draft.summary.ends_with('.') && draft.summary.len() > 80,
            "{}",
            draft.summary
        );
        assert!(draft.published_at.is_some_and(|at| at < START));
        assert_eq!((&*draft.language, draft.dropped.len()), ("en", 0));
    }
    let hours: Vec<u32> = newsroom
        .articles
        .iter()
        .map(|article| article.published_hours_before)
        .collect();
    assert!(hours.is_sorted_by(|a, b| a > b) && hours[0] <= 10 * 24);
}

#[test]
fn dates_follow_from_the_first_start() {
    let newsroom = newsroom();
    let last = newsroom.articles[4].at(START);
    assert_eq!(last.published_at.as_deref(), Some("2027-05-01T06:30:00Z"));
    assert!(last.body.contains("on Saturday") && last.body.contains("the end of 30 June 2027"));
    let second = newsroom.articles[1].at(START);
    assert_eq!(second.published_at.as_deref(), Some("2027-04-24T01:30:00Z"));
    assert!(
        second.body.contains("to negotiators on Friday"),
        "the day before that Saturday"
    );

    let market = newsroom.markets[0].at(START);
    assert_eq!(market.closes_at, "2027-07-01T00:00:00Z");
    assert!(
        market.question.ends_with("before 1 July 2027, 00:00 UTC?"),
        "{}",
        market.question
    );
    assert_eq!(
        newsroom.markets[0].at(START + HALF_DAY).closes_at,
        "2027-07-02T00:00:00Z"
    );
}

const HALF_DAY: i64 = 12 * 3_600_000_000;

#[test]
fn every_market_is_one_that_an_exchange_accepts() {
    let newsroom = newsroom();
    let known: BTreeSet<&str> = newsroom
        .articles
        .iter()
        .map(|article| article.slug.as_str())
        .collect();
    assert!((6..=10).contains(&newsroom.markets.len()));
    let kinds = |kind: &str| newsroom.markets.iter().filter(|m| m.kind == kind).count();
    assert!(kinds("binary") >= 4 && kinds("categorical") >= 1 && kinds("scalar") >= 1);
    let without = newsroom.markets.iter().filter(|m| m.liquidity.is_none());
    assert_eq!(without.count(), 1, "one pure order book");
    let slugs: BTreeSet<&str> = newsroom
        .markets
        .iter()
        .map(|market| market.slug.as_str())
        .collect();
    assert_eq!(slugs.len(), newsroom.markets.len());
    for market in &newsroom.markets {
        let name = &market.slug;
        let priors: u32 = market
            .outcomes
            .iter()
            .map(|outcome| ticks(&outcome.prior))
            .sum();
        assert_eq!(priors, 10_000, "{name}");
        let keys: BTreeSet<&str> = market
            .outcomes
            .iter()
            .map(|outcome| outcome.key.as_str())
            .collect();
        assert_eq!(keys.len(), market.outcomes.len(), "{name}");
        match market.kind.as_str() {
            "binary" => assert_eq!(keys, BTreeSet::from(["no", "yes"]), "{name}"),
            "categorical" => assert!((4..=6).contains(&keys.len()), "{name}"),
            "scalar" => assert_eq!(keys, BTreeSet::from(["long", "short"]), "{name}"),
            kind => panic!("{name}: {kind}"),
        }
        assert_eq!(market.kind == "scalar", market.scale.is_some(), "{name}");
        if let Some(scale) = &market.scale {
            let number = |text: &str| text.parse::<f64>().expect(text);
            assert!(number(&scale.low) < number(&scale.high), "{name}");
        }
        if let Some(liquidity) = &market.liquidity {
            let liquidity: u32 = liquidity.parse().expect(name);
            assert!(
                (100..=10_000).contains(&liquidity),
                "{name}: a demonstration's subsidy"
            );
        }
        assert_eq!(
            (ticks(&market.tick), ticks(&market.taker_fee)),
            (100, 200),
            "{name}"
        );
        assert!(
            (30..=400).contains(&market.closes_in_days) && market.dispute_hours >= 24,
            "{name}"
        );
        for link in &market.articles {
            assert!(
                known.contains(link.article.as_str()),
                "{name}: {}",
                link.article
            );
            assert!(["subject", "context", "trigger", "evidence"].contains(&link.role.as_str()));
        }
        assert!(
            !market.articles.is_empty() && !market.tags.is_empty(),
            "{name}"
        );
    }
    let linked: BTreeSet<&str> = newsroom
        .markets
        .iter()
        .flat_map(|market| &market.articles)
        .map(|link| link.article.as_str())
        .collect();
    assert_eq!(linked, known, "every article has a market");
}

#[test]
fn every_market_spells_out_what_decides_it() {
    for market in newsroom().markets {
        let name = &market.slug;
        let request = market.at(START);
        let rules = &request.rules;
        assert!(
            request.question.contains("00:00 UTC") && rules.criteria.contains("00:00 UTC"),
            "{name}"
        );
        if market.kind == "binary" {
            assert!(
                rules.criteria.contains("Yes, if") && rules.criteria.contains("No, if"),
                "{name}"
            );
        }
        assert!(
            rules
                .edge_cases
                .iter()
                .any(|case| case.contains("silent") || case.contains("without")),
            "{name}"
        );
        assert_eq!(
            rules.sources.iter().filter(|source| source.primary).count(),
            1,
            "{name}"
        );
        assert!(rules.sources.len() >= 2, "{name}");
        for source in &rules.sources {
            assert!(
                source.url.starts_with("https://") && source.url.contains(".example/"),
                "{name}"
            );
        }
        let json = serde_json::to_string(&request).expect("plain data");
        assert!(
            !json.contains("{deadline}") && !json.contains("{date"),
            "{name}"
        );
        assert!(
            json.len() < 8_000 && json.chars().all(|c| not_allowed(c).is_none()),
            "{name}"
        );
        assert!(
            json.contains(r#""opens_at":null"#) && json.contains(r#""closes_at":"2"#),
            "{name}"
        );
        assert!(market.at(START) == request, "{name}");
    }
}

#[test]
fn what_is_not_a_place_stays() {
    let places = Places::new(START).closes_in(61);
    assert_eq!(
        places.fill("a {date} b {date+1} c {date-1}"),
        "a 1 May 2027 b 2 May 2027 c 30 April 2027"
    );
    for words in ["{", "}", "{}", "{dates}", "{weekday+x}", "{{deadlin}", ""] {
        assert_eq!(places.fill(words), words);
    }
}

/// A decimal string with up to four places, in ten-thousandths.
fn ticks(decimal: &str) -> u32 {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let whole: u32 = whole.parse().expect(decimal);
    whole * 10_000 + format!("{fraction:0<4}").parse::<u32>().expect(decimal)
}
