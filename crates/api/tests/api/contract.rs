//! Every answer that any test gets, held against the OpenAPI document: its status, its kind, its body,
//! its headers and, of a problem, its code. So the document can say neither less than is true nor, of a
//! body, more.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use axum::http::{HeaderMap, Method};
use jsonschema::Validator;
use serde_json::{Value, json};
use tidings_api::openapi;

/// The document.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(openapi()).expect("plain data"));

/// The operation that an address with a method is of: its path as the document writes it.
pub(crate) fn operation(method: &Method, address: &str) -> Option<(String, &'static str)> {
    let path = address.split('?').next().unwrap_or_default();
    let method = match method.as_str() {
        "HEAD" => "get".to_owned(),
        method => method.to_lowercase(),
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fitting = paths
        .iter()
        .filter(|(route, item)| is_at(route, path) && item.get(&method).is_some());
    // Of two that fit, the router takes the one that is spelled out.
    let best = fitting.min_by_key(|(route, _)| route.matches('{').count());
    best.map(|(route, _)| (method, route.as_str()))
}

fn is_at(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(hole), Some(part)) if hole.starts_with('{') && !part.is_empty() => {}
            (Some(word), Some(part)) if word == part => {}
            _ => return false,
        }
    }
}

/// Holds an answer against the document; `body` is none where it is a stream.
pub(crate) fn check(
    method: &Method,
    address: &str,
    status: u16,
    headers: &HeaderMap,
    body: Option<&[u8]>,
) {
    let Some((method_here, route)) = operation(method, address) else {
        return;
    };
    if let Err(fault) = compare(
        &method_here,
        route,
        status,
        headers,
        body.filter(|_| method != Method::HEAD),
    ) {
        panic!("{method} {address}: {status}: {fault}");
    }
}

/// Holds what was asked for and done against the document.
pub(crate) fn check_request(method: &Method, address: &str, body: &[u8]) {
    let Some((method_here, route)) = operation(method, address) else {
        return;
    };
    let content =
        &DOCUMENT["paths"][route][&method_here]["requestBody"]["content"]["application/json"];
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    if !content.is_null() && !body.is_empty() {
        let fits = valid(&content["schema"], &value);
        fits.unwrap_or_else(|fault| {
            panic!("{method} {address} did what is not described: {fault}\n{value:#}")
        });
    }
}

fn compare(
    method: &str,
    route: &str,
    status: u16,
    headers: &HeaderMap,
    body: Option<&[u8]>,
) -> Result<(), String> {
    let name = format!("{} {route}", method.to_uppercase());
    let text = |header: &str| {
        headers
            .get(header)
            .map(|value| value.to_str().expect("visible"))
    };
    let shown = || String::from_utf8_lossy(body.unwrap_or_default()).into_owned();
    let operation = &DOCUMENT["paths"][route][method];
    let answer = resolved(&operation["responses"][status.to_string()]);
    if answer.is_null() {
        return Err(format!(
            "the document says of {name} no {status}; openapi/problems is where: {}",
            shown()
        ));
    }
    for (header, described) in answer["headers"].as_object().into_iter().flatten() {
        // A file is not kept by anybody.
        if is_file(headers) && header == "ETag" {
            continue;
        }
        let Some(value) = text(header) else {
            // What a key may come with is public without one, and private with one.
            let either = operation["security"]
                .as_array()
                .is_some_and(|ways| ways.contains(&json!({})));
            match either {
                true => continue,
                false => return Err(format!("{header} is missing")),
            }
        };
        let value = value
            .parse::<u64>()
            .map_or_else(|_| json!(value), |number| json!(number));
        valid(&resolved(described)["schema"], &value)
            .map_err(|fault| format!("{header}: {fault}"))?;
    }
    let Some(content) = answer["content"].as_object() else {
        return match body.unwrap_or_default() {
            b"" => Ok(()),
            _ => Err(format!("the document has no body here: {}", shown())),
        };
    };
    let kind = text("content-type").ok_or("the answer has no content-type")?;
    let essence = kind.split(';').next().unwrap_or(kind);
    let described = content
        .get(essence)
        .ok_or_else(|| format!("{kind} is not described"))?;
    let Some(body) = body.filter(|_| !is_file(headers)) else {
        return Ok(());
    };
    let value: Value =
        serde_json::from_slice(body).map_err(|error| format!("{error}: {}", shown()))?;
    if kind == "application/problem+json" {
        let code = value["code"].as_str().unwrap_or_default();
        if described["examples"].get(code).is_none() {
            return Err(format!(
                "{name} is not said to answer {code}; add it to OWN in openapi/problems: {value}"
            ));
        }
    } else {
        crate::shape::fits(&DOCUMENT, &described["schema"], &value, "$")?;
    }
    valid(&described["schema"], &value).map_err(|fault| format!("{fault}\n{value:#}"))
}

/// Whether an answer is a file of rows, which is no JSON document.
pub(crate) fn is_file(headers: &HeaderMap) -> bool {
    let kind = headers.get("content-type").map(|kind| kind.as_bytes());
    kind.is_some_and(|kind| kind.starts_with(b"text/csv") || kind == b"application/x-ndjson")
}

/// What a reference inside the document points at.
pub(crate) fn resolved(part: &'static Value) -> &'static Value {
    let place = part["$ref"]
        .as_str()
        .and_then(|place| place.strip_prefix('#'));
    place.map_or(part, |place| {
        DOCUMENT
            .pointer(place)
            .unwrap_or_else(|| panic!("{place} is not there"))
    })
}

/// Whether a value is what a schema of the document says.
pub(crate) fn valid(schema: &Value, value: &Value) -> Result<(), String> {
    let validator = validator(schema);
    let faults: Vec<String> = validator
        .iter_errors(value)
        .map(|fault| format!("{} at {}", fault, fault.instance_path()))
        .collect();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("; ")),
    }
}

fn validator(schema: &Value) -> Arc<Validator> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let key = schema.to_string();
    let mut known = KNOWN
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let made = known.entry(key).or_insert_with(|| {
        // The schema stands beside the components that it refers to.
        let mut whole = json!({"components": DOCUMENT["components"], "allOf": [schema]});
        whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        let made = jsonschema::options()
            .should_validate_formats(true)
            .build(&whole);
        Arc::new(made.unwrap_or_else(|error| panic!("{schema} is no schema: {error}")))
    });
    Arc::clone(made)
}
