//! A draft as it is typed, as the API takes it, and back.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use tidings_api::questions::site_of;
use tidings_core::market::{Kind, OutcomeSpec};
use tidings_core::review::Verdict;
use tidings_core::units::{Fraction, Price, TICKS};
use tidings_core::view::MarketView;

use super::{SOURCES, WORLDS};
use crate::console::market::form::Filled;
use crate::moment::iso;

/// What a story comes to where no outcome happens, as it is typed.
const VOID: &str = "Called off";

type Fields = HashMap<String, String>;

/// An empty form.
pub(super) fn begun() -> Fields {
    fields(&[
        ("kind", "binary"),
        ("liquidity", "1000"),
        ("tick", "0.01"),
        ("dispute_hours", "24"),
    ])
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A form begun from an article: its tags, and its publisher as the source that stands in.
pub(super) fn of_article(article: &Value) -> Fields {
    let mut all = begun();
    let text = |member: &str| article[member].as_str().unwrap_or_default().to_owned();
    all.insert("article".to_owned(), text("slug"));
    let tags = article["tags"].as_array().cloned().unwrap_or_default();
    let tags: Vec<&str> = tags.iter().filter_map(Value::as_str).collect();
    all.insert("tags".to_owned(), tags.join(", "));
    all.insert("source.1.name".to_owned(), text("publisher"));
    if let Some(site) = site_of(&text("canonical_url")) {
        all.insert("source.1.url".to_owned(), site);
    }
    all
}

/// A form with a draft in it that a template made.
pub(super) fn of_json(draft: &Value) -> Fields {
    let mut all = begun();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let outcomes = rows(&draft["outcomes"]);
    let name_of = |key: &Value| {
        let outcome = outcomes.iter().find(|outcome| outcome["key"] == *key);
        outcome.map(|outcome| text(&outcome["name"]))
    };
    let mut put = |name: &str, value: String| {
        all.insert(name.to_owned(), value);
    };
    put("kind", text(&draft["kind"]));
    put("question", text(&draft["question"]));
    let lines: Vec<String> = outcomes
        .iter()
        .map(|outcome| text(&outcome["name"]))
        .collect();
    put("outcomes", lines.join("\n"));
    put("criteria", text(&draft["rules"]["criteria"]));
    let cases: Vec<String> = rows(&draft["rules"]["edge_cases"])
        .iter()
        .map(text)
        .collect();
    put("edge_cases", cases.join("\n"));
    let early: Vec<String> = rows(&draft["rules"]["early_close"])
        .iter()
        .map(text)
        .collect();
    put("early_close", early.join("\n"));
    for (ix, source) in rows(&draft["rules"]["sources"]).iter().enumerate() {
        put(&format!("source.{ix}.name"), text(&source["name"]));
        put(&format!("source.{ix}.url"), text(&source["url"]));
    }
    put(
        "closes_at",
        text(&draft["closes_at"]).chars().take(16).collect(),
    );
    let tags: Vec<String> = rows(&draft["tags"]).iter().map(text).collect();
    put("tags", tags.join(", "));
    put("article", text(&draft["articles"][0]["article"]));
    for (ix, world) in rows(&draft["worlds"]).iter().enumerate() {
        put(&format!("world.{ix}.story"), text(&world["story"]));
        let end = name_of(&world["comes_to"]["outcome"]).unwrap_or_else(|| VOID.to_owned());
        put(&format!("world.{ix}.end"), end);
    }
    all
}

/// A form with a draft in it.
pub(super) fn of_market(view: &MarketView) -> Fields {
    let spec = &view.spec;
    let mut all = Fields::new();
    let mut put = |name: &str, value: String| {
        all.insert(name.to_owned(), value);
    };
    put("slug", spec.slug.clone());
    put("kind", kind_word(spec.kind).to_owned());
    put("question", spec.question.clone());
    let line = |outcome: &OutcomeSpec| format!("{} | {}", outcome.name, outcome.prior);
    let lines: Vec<String> = spec.outcomes.iter().map(line).collect();
    put("outcomes", lines.join("\n"));
    if let Some(first) = spec.outcomes.first() {
        put("prior", first.prior.to_string());
    }
    if let Some(scale) = &spec.scale {
        let number = |value: i64| tidings_api::wire::scale::Number(value).to_string();
        put("low", number(scale.low));
        put("high", number(scale.high));
        put("unit", scale.unit.clone());
    }
    put("criteria", spec.rules.criteria.clone());
    put("edge_cases", spec.rules.edge_cases.join("\n"));
    put("early_close", spec.rules.early_close().join("\n"));
    for (ix, source) in primary_first(view).iter().enumerate() {
        put(&format!("source.{ix}.name"), source.name.clone());
        put(&format!("source.{ix}.url"), source.url.clone());
    }
    if let Some(at) = spec.closes_at {
        put("closes_at", iso(at).chars().take(16).collect());
    }
    put(
        "liquidity",
        view.liquidity
            .map_or_else(String::new, |lots| lots.to_string()),
    );
    put(
        "tick",
        Price::new(spec.tick).map_or_else(String::new, |tick| tick.to_string()),
    );
    put("dispute_hours", spec.dispute_hours.to_string());
    if let Some(band) = spec.price_band {
        put("band_width", band.width.to_string());
        put("band_seconds", band.seconds.to_string());
    }
    put("tags", spec.tags.join(", "));
    if let Some(link) = view.links.first() {
        put("article", link.article.clone());
    }
    let worlds = spec.review.iter().flat_map(|plan| &plan.worlds);
    for (ix, world) in worlds.enumerate() {
        put(&format!("world.{ix}.story"), world.story.clone());
        put(&format!("world.{ix}.end"), end(world.comes_to, view));
    }
    all
}

fn primary_first(view: &MarketView) -> Vec<&tidings_core::market::Source> {
    let mut sources: Vec<_> = view.spec.rules.sources.iter().collect();
    sources.sort_by_key(|source| !source.primary);
    sources
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Binary => "binary",
        Kind::Categorical => "categorical",
        Kind::Scalar => "scalar",
    }
}

/// What a story comes to, as it is typed.
pub(crate) fn end(verdict: Verdict, view: &MarketView) -> String {
    match verdict {
        Verdict::Outcome(outcome) => {
            let outcome = view.spec.outcomes.get(outcome.ix());
            outcome.map_or_else(String::new, |outcome| outcome.name.clone())
        }
        Verdict::Value(value) => tidings_api::wire::scale::Number(value).to_string(),
        Verdict::Void => VOID.to_owned(),
    }
}

/// What stories can come to, as far as it is typed.
pub(super) fn ends(form: &Filled) -> Vec<String> {
    let mut ends: Vec<String> = match form.typed("kind") {
        "scalar" => Vec::new(),
        "categorical" => outcomes(form)
            .into_iter()
            .map(|outcome| outcome.name)
            .collect(),
        _ => two_names(form).into(),
    };
    ends.push(VOID.to_owned());
    ends
}

struct Outcome {
    key: String,
    name: String,
    prior: Option<String>,
}

/// Outcomes, one a line: a name, and behind a bar the odds that it begins with.
fn outcomes(form: &Filled) -> Vec<Outcome> {
    let mut all: Vec<Outcome> = Vec::new();
    for line in lines(form.typed("outcomes")) {
        let (name, prior) = match line.rsplit_once('|') {
            Some((name, prior)) => (name.trim(), Some(prior.trim().to_owned())),
            None => (line, None),
        };
        let mut key = name_of(name, 40).unwrap_or_else(|| format!("o{}", all.len() + 1));
        if all.iter().any(|other| other.key == key) {
            key = format!("o{}", all.len() + 1);
        }
        all.push(Outcome {
            key,
            name: name.to_owned(),
            prior: prior.filter(|prior| !prior.is_empty()),
        });
    }
    all
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Letters and digits of a text with hyphens, in whole words as far as they fit; none without any.
fn name_of(text: &str, most: usize) -> Option<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let mut name = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if name.len() + word.len() >= most {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    (!name.is_empty()).then_some(name)
}

/// The draft as the API takes it. What is not typed is left out.
pub(super) fn body(form: &Filled) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    let text = |name: &str| Some(form.typed(name)).filter(|text| !text.is_empty());
    let kind = text("kind").unwrap_or("binary");
    put("kind", kind.into());
    let slug = text("slug").map(str::to_owned);
    let slug = slug.or_else(|| name_of(form.typed("question"), 60).filter(|name| name.len() >= 3));
    if let Some(slug) = slug {
        put("slug", slug.into());
    }
    for (name, field) in [
        ("question", "question"),
        ("liquidity", "liquidity"),
        ("tick", "tick"),
        ("reason", "reason"),
    ] {
        if let Some(text) = text(field) {
            put(name, text.into());
        }
    }
    match kind {
        "binary" => put("outcomes", yes_and_no(two_names(form), text("prior"))),
        "categorical" => put("outcomes", several(&outcomes(form))),
        _ => {
            if let (Some(low), Some(high), Some(unit)) = (text("low"), text("high"), text("unit")) {
                put("scale", json!({ "low": low, "high": high, "unit": unit }));
            }
        }
    }
    put("rules", rules(form));
    if let Some(at) = text("closes_at") {
        put("closes_at", utc(at).into());
    }
    if let Some(hours) = text("dispute_hours") {
        put("dispute_hours", number(hours));
    }
    if let Some(band) = price_band(text("band_width"), text("band_seconds")) {
        put("price_band", band);
    }
    let tags: Vec<&str> = form
        .typed("tags")
        .split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .collect();
    put("tags", tags.into());
    if let Some(article) = text("article") {
        put(
            "articles",
            json!([{ "article": article, "role": "subject" }]),
        );
    }
    put("worlds", worlds(form, kind));
    put("review", "required".into());
    Value::Object(body)
}

/// A whole number. What is none is the API's to refuse.
fn number(typed: &str) -> Value {
    let number = typed.parse::<u32>();
    number.map_or_else(|_| typed.into(), Value::from)
}

/// A band, if anything of one is typed: half of one is the API's to refuse.
fn price_band(width: Option<&str>, seconds: Option<&str>) -> Option<Value> {
    let mut band = Map::new();
    if let Some(width) = width {
        band.insert("width".to_owned(), width.into());
    }
    if let Some(seconds) = seconds {
        band.insert("seconds".to_owned(), number(seconds));
    }
    (!band.is_empty()).then_some(Value::Object(band))
}

/// What of a draft can change, all of it.
pub(super) fn change(body: &Value) -> Value {
    let mut change = body.as_object().cloned().unwrap_or_default();
    for fixed in ["slug", "kind"] {
        change.remove(fixed);
    }
    // What is absent would stay as it is.
    change.entry("liquidity").or_insert(Value::Null);
    change.entry("closes_at").or_insert(Value::Null);
    change.entry("price_band").or_insert(Value::Null);
    change.entry("articles").or_insert_with(|| json!([]));
    Value::Object(change)
}

/// What Yes and No are called: in another language, by the two lines of outcomes.
fn two_names(form: &Filled) -> [String; 2] {
    let mut names = outcomes(form).into_iter().map(|outcome| outcome.name);
    match (names.next(), names.next(), names.next()) {
        (Some(yes), Some(no), None) => [yes, no],
        _ => ["Yes", "No"].map(str::to_owned),
    }
}

fn yes_and_no([yes, no]: [String; 2], prior: Option<&str>) -> Value {
    let rest = prior.and_then(|prior| prior.parse::<Fraction>().ok());
    let rest = rest.and_then(|yes| Fraction::new(TICKS - yes.ticks()));
    let mut both = json!([{ "key": "yes", "name": yes }, { "key": "no", "name": no }]);
    if let Some(prior) = prior {
        both[0]["prior"] = prior.into();
        // What is no fraction is the API's to refuse.
        both[1]["prior"] = rest
            .map_or_else(|| prior.to_owned(), |rest| rest.to_string())
            .into();
    }
    both
}

fn several(outcomes: &[Outcome]) -> Value {
    let each = outcomes.iter().map(|outcome| match &outcome.prior {
        Some(prior) => json!({ "key": outcome.key, "name": outcome.name, "prior": prior }),
        None => json!({ "key": outcome.key, "name": outcome.name }),
    });
    each.collect()
}

fn rules(form: &Filled) -> Value {
    let mut rules = Map::new();
    if !form.typed("criteria").is_empty() {
        rules.insert("criteria".to_owned(), form.typed("criteria").into());
    }
    let cases: Vec<&str> = lines(form.typed("edge_cases")).collect();
    rules.insert("edge_cases".to_owned(), cases.into());
    let early: Vec<&str> = lines(form.typed("early_close")).collect();
    rules.insert("early_close".to_owned(), early.into());
    let source = |ix: usize| {
        let name = form.typed(&format!("source.{ix}.name"));
        let url = form.typed(&format!("source.{ix}.url"));
        let typed = !name.is_empty() || !url.is_empty();
        typed.then(|| json!({ "name": name, "url": url, "primary": ix == 0 }))
    };
    let sources: Vec<Value> = (0..SOURCES).filter_map(source).collect();
    rules.insert("sources".to_owned(), sources.into());
    Value::Object(rules)
}

/// A field for a moment has minutes and no zone; the page says that it is UTC.
fn utc(at: &str) -> String {
    match at.len() {
        16 => format!("{at}:00Z"),
        19 => format!("{at}Z"),
        _ => at.to_owned(),
    }
}

fn worlds(form: &Filled, kind: &str) -> Value {
    let keys = match kind {
        "categorical" => outcomes(form)
            .into_iter()
            .map(|outcome| (outcome.name, outcome.key))
            .collect(),
        "scalar" => Vec::new(),
        _ => two_names(form)
            .into_iter()
            .zip(["yes", "no"].map(str::to_owned))
            .collect(),
    };
    let comes_to = |end: &str| {
        if end.eq_ignore_ascii_case(VOID) {
            return json!({ "void": true });
        }
        if kind == "scalar" {
            return json!({ "value": end });
        }
        let known = keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(end));
        json!({ "outcome": known.map_or(end, |(_, key)| key) })
    };
    let world = |ix: usize| {
        let story = form.typed(&format!("world.{ix}.story"));
        let end = form.typed(&format!("world.{ix}.end"));
        (!story.is_empty()).then(|| json!({ "story": story, "comes_to": comes_to(end) }))
    };
    (0..WORLDS).filter_map(world).collect()
}

#[cfg(test)]
mod tests;
