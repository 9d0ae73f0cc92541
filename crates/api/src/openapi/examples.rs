//! What was really asked and really answered, as the examples of the document. The file is made by the test
//! that tells the story (`tests/api/document.rs`), which fails when an answer is another one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};

/// One request with its answer.
#[derive(Deserialize)]
struct Example {
    path: String,
    request: Option<Value>,
    status: u16,
    answer: Value,
}

static EXAMPLES: LazyLock<BTreeMap<String, Example>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("examples.json")).expect("the file is made by a test")
});

/// Adds what was asked and answered to an operation.
pub(super) fn describe(method: &str, route: &str, operation: &mut Operation) {
    let name = format!("{} {route}", method.to_uppercase());
    let Some(example) = EXAMPLES.get(&name) else {
        return;
    };
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.parameter_in == ParameterIn::Path
        {
            let part = part_of(&example.path, route, &parameter.name).map(|part| {
                let kind = serde_json::to_value(&parameter.schema).unwrap_or_default();
                let number = part
                    .parse::<u64>()
                    .ok()
                    .filter(|_| kind["type"] == "integer");
                number.map_or_else(|| Value::from(part), Value::from)
            });
            *parameter = ParameterBuilder::from(parameter.clone())
                .example(part)
                .build();
        }
    }
    if let (Some(RefOr::T(body)), Some(request)) = (&mut operation.request_body, &example.request) {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(request.clone());
            }
        }
    }
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(response)) = responses.get_mut(&example.status.to_string()) {
        for content in response.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(example.answer.clone());
            }
        }
    }
}

/// What stands in an address for a variable part of its route.
fn part_of<'a>(path: &'a str, route: &str, name: &str) -> Option<&'a str> {
    let path = path.split('?').next().unwrap_or_default();
    let hole = format!("{{{name}}}");
    let mut parts = route.split('/').zip(path.split('/'));
    parts
        .find(|(part, _)| *part == hole)
        .map(|(_, given)| given)
}
