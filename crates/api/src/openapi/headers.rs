//! Headers of answers: how long to wait, what is left, and what need not be sent again.

use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::{
    Components, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema, Type,
};

use super::problems::Facts;

/// Every header that is spoken of: its name, what it is, and an example.
const HEADERS: [(&str, &str, &str); 7] = [
    (
        "RateLimit-Limit",
        "What the allowance holds when it is full, in tokens.",
        "40",
    ),
    (
        "RateLimit-Remaining",
        "What is left of the allowance, in tokens.",
        "39",
    ),
    (
        "RateLimit-Reset",
        "Seconds until the allowance is full.",
        "1",
    ),
    (
        "Retry-After",
        "Seconds after which to ask again, at least 1.",
        "1",
    ),
    ("WWW-Authenticate", "How to say who asks.", "Bearer"),
    (
        "ETag",
        "The version of the document, to be sent back as `If-None-Match`.",
        "\"1841-0f6ad3c1b2e84d57\"",
    ),
    (
        "Cache-Control",
        "How long it may be kept.",
        "public, max-age=1, stale-while-revalidate=5, stale-if-error=86400",
    ),
];

const ALLOWANCE: [&str; 3] = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];

/// All of them, to be referred to.
pub(super) fn describe(components: &mut Components) {
    for (name, about, example) in HEADERS {
        let counts = example.parse::<u64>().ok();
        let schema = match counts {
            Some(_) => ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(0)),
            None => ObjectBuilder::new().schema_type(Type::String),
        };
        let example: Value = counts.map_or_else(|| json!(example), |count| json!(count));
        let schema: RefOr<Schema> = Schema::from(schema.build()).into();
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(about))
            .example(Some(example));
        components
            .headers
            .insert(name.to_owned(), RefOr::T(header.build()));
    }
}

fn add(response: &mut Response, names: &[&str]) {
    for name in names {
        let header = Ref::new(format!("#/components/headers/{name}"));
        response
            .headers
            .insert((*name).to_owned(), RefOr::Ref(header));
    }
}

/// What comes with a problem of a status.
pub(super) fn of_problem(status: u16, response: &mut Response) {
    match status {
        401 => add(response, &["WWW-Authenticate"]),
        429 => add(response, &["Retry-After"]),
        503 => add(response, &["Retry-After"]),
        _ => {}
    }
}

/// What comes with an answer that is none: public ones can be asked for anew, others say what is left.
pub(super) fn of_answers(facts: &Facts, operation: &mut Operation) {
    let answers = operation.responses.responses.iter_mut();
    for (_, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
        let RefOr::T(answer) = answer else { continue };
        match facts.is_public() {
            true => add(answer, &["ETag", "Cache-Control"]),
            false if facts.costs() => add(answer, &ALLOWANCE),
            false => {}
        }
    }
    if facts.is_public() {
        let mut same = ResponseBuilder::new()
            .description("Nothing has changed since the version that `If-None-Match` names.")
            .build();
        add(&mut same, &["ETag", "Cache-Control"]);
        let responses = &mut operation.responses.responses;
        responses.insert("304".to_owned(), RefOr::T(same));
    }
}

/// The version that the caller has.
pub(super) fn if_none_match() -> ParameterBuilder {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `ETag` of the version that the caller has: if it is this one, the answer is 304 and has no body."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}

/// The last event that the caller has.
pub(super) fn last_event_id() -> ParameterBuilder {
    ParameterBuilder::new()
        .name("Last-Event-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `id` of the last event that the caller has: what came after it is sent, or a `reset` with all that is."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}
