//! Whether a value has the names and kinds that a schema says, and no others: what a schema leaves open
//! is not left open here.

use serde_json::Value;

/// Whether `value` is what `schema` says, as far as names and kinds go.
pub(crate) fn fits(api: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let found = &api["components"]["schemas"][name];
        if found.is_null() {
            return Err(format!("{place}: {name} is not described"));
        }
        return fits(api, found, value, place);
    }
    if let Some(choices) = schema["oneOf"]
        .as_array()
        .or_else(|| schema["anyOf"].as_array())
    {
        let faults: Vec<String> = choices
            .iter()
            .filter_map(|choice| fits(api, choice, value, place).err())
            .collect();
        return match faults.len() < choices.len() {
            true => Ok(()),
            false => Err(faults.join(" | ")),
        };
    }
    if let Some(parts) = schema["allOf"].as_array() {
        // Parts of one object: each names some of its fields.
        let mut names = Vec::new();
        for part in parts {
            let part = resolved(api, part);
            names.extend(field_names(api, &part));
            check_required(api, &part, value, place)?;
        }
        return undescribed(value, &names, place);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.contains(&kind) {
        return Err(format!("{place}: {value} is not of {kinds:?}"));
    }
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(ix, item)| {
            fits(api, &schema["items"], item, &format!("{place}[{ix}]"))
        }),
        Value::Object(fields) if schema["properties"].is_object() => {
            check_required(api, schema, value, place)?;
            for (name, field) in fields {
                let described = &schema["properties"][name];
                if !described.is_null() {
                    fits(api, described, field, &format!("{place}.{name}"))?;
                }
            }
            match schema["additionalProperties"] == true {
                true => Ok(()),
                false => undescribed(value, &field_names(api, schema), place),
            }
        }
        _ => Ok(()),
    }
}

fn resolved(api: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let name = reference.rsplit('/').next().unwrap_or_default();
            api["components"]["schemas"][name].clone()
        }
        None => schema.clone(),
    }
}

fn field_names(api: &Value, schema: &Value) -> Vec<String> {
    let own = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone());
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.chain(parts.flat_map(|part| field_names(api, &resolved(api, part))))
        .collect()
}

fn check_required(api: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check_required(api, &resolved(api, part), value, place)?;
    }
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.get(name).is_none() {
            return Err(format!("{place}: {name} is missing"));
        }
    }
    Ok(())
}

fn undescribed(value: &Value, names: &[String], place: &str) -> Result<(), String> {
    for name in value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        if !names.contains(name) {
            return Err(format!("{place}: {name} is not described"));
        }
    }
    Ok(())
}
