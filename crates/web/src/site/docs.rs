//! The API for people to read: the OpenAPI document and the table of problems as pages of ours,
//! without a script or a host from elsewhere.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;
use tidings_api::App;
use tidings_api::problem::{Entry, problem_table};

use crate::answer;
use crate::named::Named;
use crate::site::{Frame, missing};

mod outline;

use outline::{Group, Table};

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    frame: Frame,
    title: String,
    version: String,
    intro: Vec<String>,
    groups: Vec<Group>,
    types: Vec<Table>,
    problems: Vec<ProblemLine>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    problem: ProblemLine,
}

struct ProblemLine {
    code: &'static str,
    status: u16,
    title: &'static str,
    retry: &'static str,
    words: &'static str,
}

pub(crate) async fn docs(State(app): State<App>, asked: HeaderMap) -> Response {
    let document = serde_json::to_value(tidings_api::openapi()).unwrap_or(Value::Null);
    let info = |field: &str| {
        document["info"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let page = Docs {
        frame: Frame::new(&app, "API – Tidings", "docs"),
        title: info("title"),
        version: info("version"),
        intro: outline::paragraphs(&info("description")),
        groups: outline::groups(&document),
        types: outline::types(&document),
        problems: problem_table().iter().map(line).collect(),
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
    let frame = Frame::new(&app, format!("{} – Tidings", entry.title), "docs");
    answer::page(
        &asked,
        StatusCode::OK,
        &ProblemPage {
            frame,
            problem: line(entry),
        },
    )
}

fn line(entry: &Entry) -> ProblemLine {
    let retry = entry.retry.word();
    ProblemLine {
        code: entry.code,
        status: entry.status,
        title: entry.title,
        retry,
        words: match retry {
            "safe" => {
                "The same request can be sent again, with the same Idempotency-Key: what was done \
                 once is not done twice."
            }
            "after_fix" => {
                "Another request can succeed, or the same one once something has changed. The \
                 document's detail and its further members say what."
            }
            _ => "Sending it again will not help.",
        },
    }
}
