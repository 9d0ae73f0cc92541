//! An OpenAPI document as an outline: operations in groups, with their fields as tables.
//! Tolerant: what it does not understand it leaves out.

use serde_json::{Map, Value};

use super::example::{curl, pretty};

pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    /// What it is about.
    pub(super) about: String,
    pub(super) operations: Vec<Operation>,
}

pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) words: Vec<String>,
    pub(super) tables: Vec<Table>,
    pub(super) answers: Vec<Answer>,
    pub(super) problems: Vec<Problem>,
    /// How it is asked at a shell.
    pub(super) curl: String,
    /// What that is answered with, where an example is known.
    pub(super) example: Option<String>,
}

pub(super) struct Table {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    /// The type among [`types`] that it is made of.
    pub(super) link: Option<String>,
    pub(super) required: bool,
    pub(super) words: String,
}

pub(super) struct Answer {
    pub(super) status: String,
    pub(super) words: String,
}

/// A problem that an operation can be answered with.
pub(super) struct Problem {
    pub(super) status: String,
    pub(super) code: String,
    pub(super) title: String,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every operation, under its first tag; the tags in the document's order. `base` is the server's address.
pub(super) fn groups(document: &Value, base: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for method in METHODS {
            let operation = &item[method];
            if operation.is_null() {
                continue;
            }
            let name = operation["tags"][0].as_str().unwrap_or("other").to_owned();
            let entry = read(document, base, path, method, operation);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(entry),
                None => groups.push(Group {
                    id: anchor(&name),
                    about: tag(document, &name).map_or_else(String::new, |(_, tag)| described(tag)),
                    name,
                    operations: vec![entry],
                }),
            }
        }
    }
    groups.sort_by_key(|group| tag(document, &group.name).map_or(usize::MAX, |(place, _)| place));
    groups
}

fn tag<'a>(document: &'a Value, name: &str) -> Option<(usize, &'a Value)> {
    let tags = document["tags"].as_array()?;
    tags.iter().enumerate().find(|(_, tag)| tag["name"] == name)
}

/// The types that fields are made of: objects, and words with a meaning.
pub(super) fn types(document: &Value) -> Vec<Table> {
    let table = |(name, schema): (&String, &Value)| {
        let mut fields = fields(document, schema);
        if fields.is_empty() && !kind(schema).is_empty() {
            fields.push(Field {
                name: name.clone(),
                kind: kind(schema),
                link: None,
                required: false,
                words: described(schema),
            });
        }
        Table {
            name: name.clone(),
            fields,
        }
    };
    let all = entries(&document["components"]["schemas"]).map(table);
    all.filter(|table| !table.fields.is_empty()).collect()
}

/// Text in paragraphs, without the marks of Markdown that would only stand in the way.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let clean = |part: &str| {
        part.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('`', "")
    };
    text.split("\n\n")
        .map(clean)
        .filter(|part| !part.is_empty())
        .collect()
}

fn read(document: &Value, base: &str, path: &str, method: &str, operation: &Value) -> Operation {
    let text = |field: &str| operation[field].as_str().unwrap_or_default();
    let mut words = paragraphs(text("summary"));
    for part in paragraphs(text("description")) {
        if !words.contains(&part) {
            words.push(part);
        }
    }
    let answer = |(status, answer): (&String, &Value)| Answer {
        status: status.clone(),
        words: paragraphs(answer["description"].as_str().unwrap_or_default()).join(" "),
    };
    let answers = answers_of(document, operation);
    let answers = answers.filter(|(_, answer)| answer["content"][PROBLEM].is_null());
    let good = answers_of(document, operation).find(|(status, _)| status.starts_with('2'));
    let example = good.map(|(_, answer)| &answer["content"]["application/json"]["example"]);
    Operation {
        id: anchor(&format!("{method} {path}")),
        method: method.to_uppercase(),
        path: path.to_owned(),
        words,
        tables: tables(document, operation),
        answers: answers
            .map(answer)
            .filter(|answer| !answer.words.is_empty())
            .collect(),
        problems: problems(document, operation),
        curl: curl(base, method, path, operation),
        example: example.filter(|example| !example.is_null()).map(pretty),
    }
}

const PROBLEM: &str = "application/problem+json";

/// The codes that an operation can be answered with: the names of its examples.
fn problems(document: &Value, operation: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (status, answer) in answers_of(document, operation) {
        for (code, example) in entries(&answer["content"][PROBLEM]["examples"]) {
            let title = resolved(document, example)["summary"].as_str();
            problems.push(Problem {
                status: status.clone(),
                code: code.clone(),
                title: title.unwrap_or_default().to_owned(),
            });
        }
    }
    problems
}

fn tables(document: &Value, operation: &Value) -> Vec<Table> {
    let mut tables = Vec::new();
    let parameters = operation["parameters"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let parameter = |parameter: &Value| {
        let parameter = resolved(document, parameter);
        Field {
            name: parameter["name"].as_str().unwrap_or_default().to_owned(),
            kind: kind(&parameter["schema"]),
            link: link(document, &parameter["schema"]),
            required: parameter["required"] == true,
            words: described(parameter),
        }
    };
    tables.push(Table {
        name: "Parameters".to_owned(),
        fields: parameters.iter().map(parameter).collect(),
    });
    let body = json(&operation["requestBody"]);
    tables.push(Table {
        name: "Body".to_owned(),
        fields: fields(document, body),
    });
    let good = answers_of(document, operation).find(|(status, _)| status.starts_with('2'));
    if let Some((status, answer)) = good {
        let mut fields = fields(document, json(answer));
        // Of an answer everything is there; "required" is for those who ask.
        fields.iter_mut().for_each(|field| field.required = false);
        tables.push(Table {
            name: format!("Answer {status}"),
            fields,
        });
    }
    tables.retain(|table| !table.fields.is_empty());
    tables
}

fn json(holder: &Value) -> &Value {
    &holder["content"]["application/json"]["schema"]
}

/// The properties of an object's schema, those of its parts included.
fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolved(document, schema);
    let mut all: Vec<Field> = Vec::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        all.extend(fields(document, part));
    }
    let required = |name: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|n| n == name))
    };
    all.extend(
        entries(&schema["properties"]).map(|(name, property)| Field {
            name: name.clone(),
            kind: kind(property),
            link: link(document, property),
            required: required(name),
            words: match described(property) {
                words if words.is_empty() => described(resolved(document, property)),
                words => words,
            },
        }),
    );
    all
}

/// A schema's type in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" | ");
    }
    let named = |name: &str| match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        name => match schema["format"].as_str() {
            Some(format) => format!("{name} ({format})"),
            None => name.to_owned(),
        },
    };
    match &schema["type"] {
        Value::String(name) => named(name),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(named)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => String::new(),
    }
}

/// The first type of the document inside a schema that has a table.
fn link(document: &Value, schema: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        let target = &document["components"]["schemas"][name];
        let shown = target["properties"].is_object() || !kind(target).is_empty();
        return shown.then(|| name.to_owned());
    }
    let parts = ["oneOf", "anyOf", "allOf"]
        .iter()
        .filter_map(|of| schema[*of].as_array());
    let parts = parts.flatten().chain(schema.get("items"));
    parts.filter_map(|part| link(document, part)).next()
}

/// What is said of a schema, or of the one form that it has beside null.
fn described(schema: &Value) -> String {
    let mut forms = schema["oneOf"].as_array().into_iter().flatten();
    let words = schema["description"].as_str();
    let words = words.or_else(|| forms.find_map(|form| form["description"].as_str()));
    paragraphs(words.unwrap_or_default()).join(" ")
}

/// What a reference inside the document points at.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix('#'));
    target
        .and_then(|path| document.pointer(path))
        .unwrap_or(schema)
}

/// An operation's answers, also those that it shares with others.
fn answers_of<'a>(
    document: &'a Value,
    operation: &'a Value,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    entries(&operation["responses"]).map(|(status, answer)| (status, resolved(document, answer)))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn anchor(text: &str) -> String {
    let step = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    text.chars()
        .map(step)
        .collect::<String>()
        .trim_matches('-')
        .to_owned()
}

#[cfg(test)]
mod tests;
