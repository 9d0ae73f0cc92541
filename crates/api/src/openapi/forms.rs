//! What generators of clients need of the document, and the derived parts of it lack: every answer has a
//! description, everything that is named is there, and a page's rows are of the named type.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::book::Maker;
use crate::export::FormatWord;
use crate::orders::Which;
use crate::wire::candle::IntervalWord;

/// Adds it.
pub(super) fn complete(api: &mut OpenApi) {
    for item in api.paths.paths.values_mut() {
        answers(item);
    }
    let Some(components) = &mut api.components else {
        return;
    };
    let schemas = &mut components.schemas;
    // Types of query parameters are named by their operations and collected by nobody.
    schemas.insert(Which::name().into_owned(), Which::schema());
    schemas.insert(Maker::name().into_owned(), Maker::schema());
    schemas.insert(FormatWord::name().into_owned(), FormatWord::schema());
    schemas.insert(IntervalWord::name().into_owned(), IntervalWord::schema());
    let pages: Vec<String> = schemas
        .keys()
        .filter_map(|name| Some(name.strip_prefix(PAGE)?.to_owned()))
        .filter(|row| schemas.contains_key(row))
        .collect();
    for row in pages {
        let page = schemas.get_mut(&format!("{PAGE}{row}"));
        if let Some(RefOr::T(Schema::Object(page))) = page
            && let Some(RefOr::T(Schema::Array(rows))) = page.properties.get_mut("data")
        {
            let of_its_name = RefOr::Ref(Ref::from_schema_name(row));
            rows.items = ArrayItems::RefOrSchema(Box::new(of_its_name));
        }
    }
}

/// What the names of pages begin with: `Paged_Order`.
const PAGE: &str = "Paged_";

fn answers(item: &mut PathItem) {
    let PathItem {
        get,
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    let operations = [get, post, put, patch, delete];
    for Operation { responses, .. } in operations.into_iter().flatten() {
        for (status, response) in &mut responses.responses {
            if let RefOr::T(response) = response
                && response.description.is_empty()
            {
                response.description = said(status).to_owned();
            }
            if let RefOr::T(response) = response
                && let Some(RefOr::T(lines)) = response.content.get_mut("application/x-ndjson")
            {
                // Lines of documents are no document: one that has a single line looks like one.
                lines.schema = None;
            }
        }
    }
}

fn said(status: &str) -> &'static str {
    match status {
        "201" => "It was done, and this is what came of it.",
        _ => "What was asked for.",
    }
}
