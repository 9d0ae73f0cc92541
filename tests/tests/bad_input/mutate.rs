//! Bodies that are right but for one place: a field of another type, unknown, given twice, too
//! long, too exact, or with characters that deceive.

use serde_json::{Value, json};

use crate::world::Operation;

/// Wrong bodies made from a valid one, by what is wrong.
pub(crate) fn mutations(operation: &Operation, valid: &Value) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for place in places(valid) {
        let at = place.join(".");
        for value in [json!({"x": 1}), json!([[1]]), json!(12.5), json!(true)] {
            if fits(&place, &value, valid) {
                continue;
            }
            wrong.push((
                format!("{at} = {value}"),
                replaced(valid, &place, &value).to_string(),
            ));
        }
        let old = at_place(valid, &place);
        if let Some(text) = old.as_str() {
            for bad in bad_texts(operation, &place, text) {
                let shown: String = bad.chars().take(40).collect();
                let body = replaced(valid, &place, &json!(bad)).to_string();
                wrong.push((format!("{at} = {shown:?}"), body));
            }
        }
        if let Value::Object(fields) = old {
            wrong.extend(of_object(valid, &place, fields));
        }
    }
    if let Value::Object(fields) = valid {
        wrong.extend(of_object(valid, &[], fields));
    }
    wrong
}

/// An object with a field that nobody knows, and with one that comes twice.
fn of_object(
    valid: &Value,
    place: &[String],
    fields: &serde_json::Map<String, Value>,
) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    let at = place.join(".");
    let mut more = fields.clone();
    more.insert("no_such_field".to_owned(), json!("x"));
    let body = replaced(valid, place, &Value::Object(more)).to_string();
    wrong.push((format!("{at} with no_such_field"), body));
    if let Some((name, value)) = fields.iter().next() {
        // Marked by a name of our own, which then becomes the first field's.
        let mut twice = fields.clone();
        twice.insert("~twice".to_owned(), value.clone());
        let body = replaced(valid, place, &Value::Object(twice)).to_string();
        wrong.push((
            format!("{at}.{name} twice"),
            body.replace("\"~twice\"", &format!("{name:?}")),
        ));
    }
    wrong
}

/// Texts that are wrong wherever they stand in place of `old`.
fn bad_texts(operation: &Operation, place: &[String], old: &str) -> Vec<String> {
    let field = place
        .iter()
        .rev()
        .find(|step| step.parse::<usize>().is_err());
    let field = field.map_or("", String::as_str);
    let articles = operation.path.starts_with("/v1/articles");
    // Cleaned on the way in, not refused; and as long as an article may be.
    if articles && field == "body" {
        return vec![String::new()];
    }
    let mut bad = vec![
        "\u{0}".to_owned(),
        format!("{old}\u{7}"),
        format!("{old}\u{202e}"),
        format!("\u{200b}{old}"),
        "x".repeat(9_000),
    ];
    let is_number = old.parse::<f64>().is_ok();
    if is_number {
        for number in [
            "",
            " ",
            "-1",
            "+1",
            "1e3",
            "0x1",
            "1,5",
            "١",
            ".5",
            "1.",
            "NaN",
            "inf",
            "0.0000001",
            "1234567890123456789",
            "99999999999999999999",
            "--1",
            "1 ",
        ] {
            bad.push(number.to_owned());
        }
    }
    let is_time = old.len() >= 20 && old.ends_with('Z');
    if is_time {
        for time in [
            "",
            "soon",
            "2026",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "1767225600",
            "99999-01-01T00:00:00Z",
        ] {
            bad.push(time.to_owned());
        }
    }
    let is_word = [
        "role",
        "scopes",
        "contract",
        "side",
        "type",
        "time_in_force",
        "self_trade",
        "kind",
        "body_format",
    ];
    if is_word.contains(&field) {
        bad.extend(["", "Yes ", "BUY", "nonsense"].map(str::to_owned));
    }
    bad
}

/// The addresses of all values within a document, the document itself left out.
fn places(document: &Value) -> Vec<Vec<String>> {
    let inner: Vec<(String, &Value)> = match document {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => (0..).map(|ix: usize| ix.to_string()).zip(items).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (step, value) in inner {
        found.push(vec![step.clone()]);
        for mut rest in places(value) {
            rest.insert(0, step.clone());
            found.push(rest);
        }
    }
    found
}

fn at_place<'a>(document: &'a Value, place: &[String]) -> &'a Value {
    place
        .iter()
        .fold(document, |value, step| match step.parse::<usize>() {
            Ok(ix) => &value[ix],
            Err(_) => &value[step.as_str()],
        })
}

fn replaced(document: &Value, place: &[String], value: &Value) -> Value {
    let Some((step, rest)) = place.split_first() else {
        return value.clone();
    };
    let mut document = document.clone();
    let inner = match step.parse::<usize>() {
        Ok(ix) => &mut document[ix],
        Err(_) => &mut document[step.as_str()],
    };
    *inner = replaced(inner, rest, value);
    document
}

/// Whether a value has the type that is right there.
fn fits(place: &[String], value: &Value, valid: &Value) -> bool {
    let old = at_place(valid, place);
    matches!(
        (old, value),
        (Value::Bool(_), Value::Bool(_)) | (Value::Number(_), Value::Number(_))
    ) && (!value.is_f64() || old.is_f64())
}
