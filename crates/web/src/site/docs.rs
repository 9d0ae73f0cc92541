//! The API for people to read: the OpenAPI document and the table of problems as pages of ours, without
//! a script or a host from elsewhere. `/docs` has a quick start and a line for each operation,
//! `/docs/{group}` all about those of a group, `/problems/{code}` what a problem means.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use tidings_api::App;
use tidings_api::problem::{Entry, explained, problem_table};

use crate::answer;
use crate::named::Named;
use crate::site::{Frame, missing};

mod example;
mod outline;

use outline::{Group, Operation, Table};

/// The document, which is the same for as long as the process lives.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(tidings_api::openapi()).unwrap_or(Value::Null));

/// What the README shows, too.
const CLIENT: &str = include_str!("../../../client/examples/quickstart.rs");

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    frame: Frame,
    version: String,
    base: String,
    /// The client's example, as it is built and run.
    client: &'static str,
    /// What was looked for; empty when nothing was.
    asked: String,
    intro: Vec<String>,
    groups: Vec<Group>,
    problems: Vec<ProblemLine>,
}

#[derive(Template)]
#[template(path = "docs-group.html")]
struct GroupPage {
    frame: Frame,
    tabs: Vec<Tab>,
    group: Group,
}

#[derive(Template)]
#[template(path = "docs-types.html")]
struct Types {
    frame: Frame,
    tabs: Vec<Tab>,
    types: Vec<Table>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    problem: ProblemLine,
    /// As it is answered.
    example: String,
    /// Who answers with it, and where that is described.
    operations: Vec<(String, Operation)>,
}

struct ProblemLine {
    code: &'static str,
    status: u16,
    title: &'static str,
    retry: &'static str,
    /// Whether sending it again is safe, and helps.
    advice: &'static str,
    means: &'static str,
    fix: &'static str,
}

/// A page of the reference beside the others.
struct Tab {
    id: String,
    name: String,
    is_here: bool,
}

/// What is looked for.
#[derive(Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

pub(crate) async fn docs(
    State(app): State<App>,
    Query(search): Query<Search>,
    asked: HeaderMap,
) -> Response {
    let info = |field: &str| DOCUMENT["info"][field].as_str().unwrap_or_default();
    let wanted = Wanted::of(&search.q);
    let mut groups = outline::groups(&DOCUMENT, app.base_url());
    for group in &mut groups {
        group
            .operations
            .retain(|operation| wanted.operation(operation));
    }
    groups.retain(|group| !group.operations.is_empty());
    let problems = problem_table().iter().map(line);
    let page = Docs {
        frame: Frame::new(&app, "API – Tidings", "docs"),
        version: info("version").to_owned(),
        base: app.base_url().to_owned(),
        client: CLIENT,
        intro: outline::paragraphs(info("description")),
        groups,
        problems: problems.filter(|problem| wanted.problem(problem)).collect(),
        asked: search.q.trim().chars().take(100).collect(),
    };
    answer::page(&asked, StatusCode::OK, &page)
}

/// A group of operations, or the types that their fields are made of.
pub(crate) async fn group(State(app): State<App>, Named(id): Named, asked: HeaderMap) -> Response {
    let mut groups = outline::groups(&DOCUMENT, app.base_url());
    let tabs = tabs(&groups, &id);
    if id == TYPES {
        let page = Types {
            frame: Frame::new(&app, "Types – API – Tidings", "docs"),
            tabs,
            types: outline::types(&DOCUMENT),
        };
        return answer::page(&asked, StatusCode::OK, &page);
    }
    let Some(ix) = groups.iter().position(|group| group.id == id) else {
        let words = "The reference has no such part.";
        return missing::not_found(&app, &asked, "No such part", words);
    };
    let group = groups.swap_remove(ix);
    let title = format!("{} – API – Tidings", group.name);
    let page = GroupPage {
        frame: Frame::new(&app, title, "docs"),
        tabs,
        group,
    };
    answer::page(&asked, StatusCode::OK, &page)
}

pub(crate) async fn problem(
    State(app): State<App>,
    Named(code): Named,
    asked: HeaderMap,
) -> Response {
    let Some(entry) = problem_table().iter().find(|entry| entry.code == code) else {
        let words = "The table of problems has no such code.";
        return missing::not_found(&app, &asked, "No such problem", words);
    };
    let mut operations = Vec::new();
    for group in outline::groups(&DOCUMENT, app.base_url()) {
        let answers = |operation: &Operation| {
            let mut problems = operation.problems.iter();
            problems.any(|problem| problem.code == entry.code)
        };
        let here = group.operations.into_iter().filter(answers);
        operations.extend(here.map(|operation| (group.id.clone(), operation)));
    }
    let page = ProblemPage {
        frame: Frame::new(&app, format!("{} – Tidings", entry.title), "docs"),
        problem: line(entry),
        example: example::pretty(&explained(entry.code).example()),
        operations,
    };
    answer::page(&asked, StatusCode::OK, &page)
}

/// The page of the types, among those of the groups.
const TYPES: &str = "types";

fn tabs(groups: &[Group], here: &str) -> Vec<Tab> {
    let groups = groups.iter().map(|group| (&*group.id, &*group.name));
    let all = groups.chain([(TYPES, TYPES)]);
    let tab = |(id, name): (&str, &str)| Tab {
        id: id.to_owned(),
        name: name.to_owned(),
        is_here: id == here,
    };
    all.map(tab).collect()
}

/// Words that all have to be there.
struct Wanted(Vec<String>);

impl Wanted {
    fn of(text: &str) -> Wanted {
        let words = text.split_whitespace().take(10);
        Wanted(words.map(str::to_lowercase).collect())
    }

    fn all_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().all(|word| text.contains(word))
    }

    fn operation(&self, operation: &Operation) -> bool {
        let fields = operation.tables.iter().flat_map(|table| &table.fields);
        let names: Vec<&str> = fields.map(|field| &*field.name).collect();
        let (words, names) = (operation.words.join(" "), names.join(" "));
        self.all_in(&format!(
            "{} {} {words} {names}",
            operation.method, operation.path
        ))
    }

    fn problem(&self, problem: &ProblemLine) -> bool {
        self.all_in(&[problem.code, problem.title, problem.means, problem.fix].join(" "))
    }
}

fn line(entry: &Entry) -> ProblemLine {
    let retry = entry.retry.word();
    let words = explained(entry.code);
    ProblemLine {
        code: entry.code,
        status: entry.status,
        title: entry.title,
        retry,
        means: words.means,
        fix: words.fix,
        advice: match retry {
            "safe" => {
                "The same request can be sent again, with the same Idempotency-Key: what was done \
                 once is not done twice."
            }
            "after_fix" => {
                "Another request can succeed, or the same one once something has changed. Sending it \
                 again does no harm."
            }
            _ => "Sending it again will not help, and does no harm.",
        },
    }
}
