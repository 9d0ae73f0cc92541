//! JSON-LD of a page: the first thing in it that is an article.

use serde_json::Value;

/// What JSON-LD says of an article.
#[derive(Default)]
pub(super) struct Told {
    pub(super) headline: Option<String>,
    pub(super) description: Option<String>,
    pub(super) body: Option<String>,
    pub(super) published: Option<String>,
    pub(super) section: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) url: Option<String>,
    authors: Vec<String>,
}

impl Told {
    /// Who wrote it, in one line.
    pub(super) fn authors(&self) -> Option<String> {
        (!self.authors.is_empty()).then(|| self.authors.join(", "))
    }
}

/// What a script says of an article, if it says something of one.
pub(super) fn read(script: &str) -> Option<Told> {
    let value: Value = serde_json::from_str(script.trim()).ok()?;
    let article = find(&value, DEPTH)?;
    let text = |name: &str| {
        article
            .get(name)
            .and_then(first)
            .filter(|text| !text.trim().is_empty())
    };
    Some(Told {
        headline: text("headline").or_else(|| text("name")),
        description: text("description"),
        body: text("articleBody"),
        published: text("datePublished"),
        section: text("articleSection"),
        keywords: article.get("keywords").map(keywords).unwrap_or_default(),
        language: text("inLanguage"),
        publisher: article.get("publisher").and_then(first),
        url: text("url").or_else(|| article.get("mainEntityOfPage").and_then(first)),
        authors: article.get("author").map(names).unwrap_or_default(),
    })
}

/// An article among what is told, nested ones included.
fn find(value: &Value, depth: usize) -> Option<&Value> {
    match value {
        Value::Object(fields) if fields.get("@type").is_some_and(is_article) => Some(value),
        _ if depth == 0 => None,
        Value::Object(fields) => find(fields.get("@graph")?, depth - 1),
        Value::Array(values) => values.iter().find_map(|value| find(value, depth - 1)),
        _ => None,
    }
}

fn is_article(kind: &Value) -> bool {
    let is_one = |kind: &str| {
        let kind = kind.rsplit(['/', '#', ':']).next().unwrap_or(kind);
        kind.ends_with("Article") || matches!(kind, "BlogPosting" | "Report" | "LiveBlogPosting")
    };
    match kind {
        Value::String(kind) => is_one(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is_one),
        _ => false,
    }
}

/// A text, the name of a thing, or the first of several.
fn first(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => values.iter().find_map(first),
        Value::Object(fields) => {
            let names = ["name", "@id", "url", "@value"];
            let mut named = names.iter().filter_map(|name| fields.get(*name)?.as_str());
            named.next().map(str::to_owned)
        }
        _ => None,
    }
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(first).collect(),
        other => first(other).into_iter().collect(),
    }
}

/// A list, or one text with commas.
fn keywords(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split(',').map(str::to_owned).collect(),
        other => names(other),
    }
}

/// How deep an article is looked for.
const DEPTH: usize = 4;
