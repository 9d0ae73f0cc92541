use serde_json::json;

use super::*;

#[test]
fn an_operation_becomes_tables() {
    let document = json!({
        "paths": { "/v1/things/{id}": { "post": {
            "tags": ["things"], "summary": "Makes a `thing`.", "description": "Makes a `thing`.\n\nTwice.",
            "parameters": [{"name": "id", "required": true, "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
            "responses": {"201": {"description": "Made."}, "404": {"description": "No.", "content":
                {"application/problem+json": {"examples": {"thing_gone": {"$ref": "#/components/examples/thing_gone"}}}}}}
        }}},
        "components": {"examples": {"thing_gone": {"summary": "The thing is gone"}}, "schemas": {"Thing": {"required": ["size"], "properties": {
            "size": {"type": ["string", "null"], "description": "How large."},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}
        }}}}
    });
    let groups = groups(&document, "http://tidings.test");
    let operation = &groups[0].operations[0];
    assert_eq!(
        (groups[0].name.as_str(), operation.method.as_str()),
        ("things", "POST")
    );
    assert_eq!(operation.words, ["Makes a thing.", "Twice."]);
    let names: Vec<_> = operation
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(names, ["Parameters", "Body"]);
    let body: Vec<_> = operation.tables[1]
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.kind.as_str(), field.required))
        .collect();
    assert_eq!(
        body,
        [
            ("parts", "list of Part", false),
            ("size", "string or null", true)
        ]
    );
    assert_eq!(operation.answers.len(), 1);
    let problem = &operation.problems[0];
    assert_eq!(
        (&*problem.status, &*problem.code, &*problem.title),
        ("404", "thing_gone", "The thing is gone")
    );
    assert_eq!(
        operation.curl,
        "curl -X POST http://tidings.test/v1/things/{id}"
    );
}
