//! Examples as they are typed and as they are answered.

use serde_json::Value;

/// A document, indented.
pub(super) fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// A call as it is typed at a shell.
pub(super) fn curl(base: &str, method: &str, route: &str, operation: &Value) -> String {
    let mut address = route.to_owned();
    let parameters = operation["parameters"].as_array();
    for parameter in parameters.into_iter().flatten() {
        let value = match &parameter["example"] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        let name = parameter["name"].as_str().unwrap_or_default();
        address = address.replace(&format!("{{{name}}}"), &value);
    }
    let ways = operation["security"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let needs_key = !ways.is_empty() && !ways.contains(&serde_json::json!({}));
    let streams = !operation["responses"]["200"]["content"]["text/event-stream"].is_null();
    let mut lines = vec![match (method, streams) {
        ("get", false) => format!("curl {base}{address}"),
        ("get", true) => format!("curl -N {base}{address}"),
        _ => format!("curl -X {} {base}{address}", method.to_uppercase()),
    }];
    if needs_key {
        lines.push("-H \"Authorization: Bearer $KEY\"".to_owned());
    }
    let takes_key = |parameter: &Value| parameter["name"] == "Idempotency-Key";
    if parameters.into_iter().flatten().any(takes_key) {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    if !body.is_null() {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{}'", pretty(body).replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}
