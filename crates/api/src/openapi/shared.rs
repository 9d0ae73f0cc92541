//! Answers that operations share are written once, under `components/responses`, and referred to: most of the document
//! was the same few problems, told of each operation.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::{OpenApi, Ref, RefOr, Response};

/// Every problem that two operations have alike becomes one, and so does the word that nothing has changed. Its name is its status with the codes that not every
/// answer of that status has: `503-busy-unknown_outcome`.
pub(super) fn share(api: &mut OpenApi) {
    let counted = count(api);
    let usual = usual(&counted);
    let mut shared: BTreeMap<String, Response> = BTreeMap::new();
    for (status, response, times) in &counted {
        let name = name(status, response, &usual);
        if *times > 1 {
            shared.entry(name).or_insert_with(|| response.clone());
        }
    }
    for (status, answer) in answers(api) {
        let RefOr::T(response) = &*answer else {
            continue;
        };
        let name = name(status, response, &usual);
        // Two that have the same codes may still differ in what they say of them.
        if shared.get(&name) == Some(response) {
            *answer = RefOr::Ref(Ref::from_response_name(name));
        }
    }
    let components = api.components.get_or_insert_default();
    let shared = shared.into_iter();
    components
        .responses
        .extend(shared.map(|(name, response)| (name, RefOr::T(response))));
}

/// Different answers, and how many operations have each.
fn count(api: &mut OpenApi) -> Vec<(String, Response, usize)> {
    let mut counted: Vec<(String, Response, usize)> = Vec::new();
    for (status, answer) in answers(api) {
        let RefOr::T(response) = answer else { continue };
        let same = counted
            .iter_mut()
            .find(|(of, other, _)| of == status && other == response);
        match same {
            Some((_, _, times)) => *times += 1,
            None => counted.push((status.clone(), response.clone(), 1)),
        }
    }
    counted
}

/// The codes that every answer of a status has, which need no telling.
fn usual(counted: &[(String, Response, usize)]) -> BTreeMap<String, BTreeSet<String>> {
    let mut usual: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (status, response, _) in counted {
        let codes: BTreeSet<String> = codes(response).map(str::to_owned).collect();
        usual
            .entry(status.clone())
            .and_modify(|all| all.retain(|code| codes.contains(code)))
            .or_insert(codes);
    }
    usual
}

fn name(status: &str, response: &Response, usual: &BTreeMap<String, BTreeSet<String>>) -> String {
    let told = codes(response).filter(|code| !usual[status].contains(*code));
    told.fold(status.to_owned(), |name, code| format!("{name}-{code}"))
}

/// The codes of a problem: the names of its examples. None of what is no problem.
fn codes(response: &Response) -> impl Iterator<Item = &str> {
    let problem = response.content.get("application/problem+json");
    let problem = problem.and_then(|content| match content {
        RefOr::T(content) => Some(content),
        RefOr::Ref(_) => None,
    });
    let examples = problem.into_iter().flat_map(|content| &content.examples);
    examples.map(|(code, _)| code.as_str())
}

fn answers(api: &mut OpenApi) -> impl Iterator<Item = (&String, &mut RefOr<Response>)> {
    let items = api.paths.paths.values_mut();
    let operations = items.flat_map(super::all);
    let answers = operations.flat_map(|(_, operation)| &mut operation.responses.responses);
    // What was asked for is each operation's own.
    answers.filter(|(status, _)| !status.starts_with('2'))
}
