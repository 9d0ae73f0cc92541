//! The OpenAPI document: what the handlers say of themselves, and what is the same for all of them.
//! `openapi/problems` says which problems each operation can be answered with.

mod examples;
mod forms;
mod headers;
mod problems;
mod shared;
mod tags;
mod webhooks;

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathItem, RefOr, Required, Schema, ServerBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{ProblemShape, Retry};
use crate::router;

use problems::Facts;

/// The document that `/openapi.json` serves.
pub fn openapi() -> OpenApi {
    router::documented()
}

/// What is said before any route is added.
pub(crate) fn preamble() -> OpenApi {
    let about = "Markets on what the news is about. Prices, quantities and money are decimal \
                 strings; times are RFC 3339 in UTC; ids are opaque. How much may be asked is at \
                 `/v1/limits`, and in `RateLimit-Limit`, `-Remaining` and `-Reset` of what is not public; \
                 cancels have an allowance of their own.";
    let info = InfoBuilder::new()
        .title("Tidings")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(about))
        .license(Some(LicenseBuilder::new().name("MIT").build()));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("tdg_…");
    let signed = ApiKeyValue::with_description("Signature", SIGNED);
    let bearer = bearer.description(Some(BEARER));
    let mut components = ComponentsBuilder::new()
        .security_scheme("key", SecurityScheme::Http(bearer.build()))
        .security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signed)))
        .schema(ProblemShape::name(), ProblemShape::schema())
        .schema(Retry::name(), Retry::schema())
        .build();
    problems::examples(&mut components);
    headers::describe(&mut components);
    let here = ServerBuilder::new()
        .url("/")
        .description(Some("The server that this document is from"));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([here.build()]))
        .tags(Some(tags::all()))
        .components(Some(components))
        .build()
}

/// Where keys come from.
const BEARER: &str = "A key's text, shown once: when its account was opened, or when it was issued at \
    `/v1/account/keys`. It opens what its scopes say, until its end, from its addresses.";

/// How requests are signed, in a paragraph; the document has no other place for it.
const SIGNED: &str = "RFC 9421 with Ed25519, for keys that were issued with a public_key: Signature-Input \
    is sig=(\"@method\" \"@path\" \"@query\" \"content-digest\" \"idempotency-key\");created=UNIX;\
    keyid=\"PUBLIC KEY\". GET needs the first three only, POST /v1/quotes not the last. Content-Digest is \
    sha-256 (RFC 9530). created may be 30 s from the server's time.";

/// What an answer can be whose forms can look the same: a point without a place is live odds, too.
const OVERLAPPING: [&str; 1] = ["OddsAnswer"];

/// Adds what is the same for all operations.
pub(crate) fn complete(api: &mut OpenApi) {
    webhooks::describe(api);
    forms::complete(api);
    let schemas = api.components.iter_mut().flat_map(|all| &mut all.schemas);
    for (_, schema) in schemas.filter(|(name, _)| OVERLAPPING.contains(&name.as_str())) {
        if let RefOr::T(Schema::OneOf(forms)) = schema {
            let any = AnyOfBuilder::new().description(forms.description.take());
            let any = std::mem::take(&mut forms.items)
                .into_iter()
                .fold(any, |any, form| any.item(form));
            *schema = RefOr::T(Schema::AnyOf(any.build()));
        }
    }
    let mut problem = api.components.iter_mut();
    let problem = problem.find_map(|all| all.schemas.get_mut(ProblemShape::name().as_ref()));
    if let Some(RefOr::T(Schema::Object(problem))) = problem {
        // The numbers that explain it.
        problem.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
    }
    let empty: BTreeSet<String> = api
        .components
        .iter()
        .flat_map(|all| &all.schemas)
        .filter(|(_, schema)| !needs_something(schema))
        .map(|(name, _)| format!("#/components/schemas/{name}"))
        .collect();
    for (path, item) in &mut api.paths.paths {
        let streams = path.ends_with("/events") || path == "/v1/stream";
        let waits = path.starts_with("/v1/") && !streams;
        for operation in reads(item).into_iter().filter(|_| waits) {
            add_parameter(operation, min_seq());
        }
        for operation in commands(item).into_iter().filter(|_| path != "/v1/quotes") {
            add_parameter(operation, idempotency_key());
        }
        for (method, operation) in all(item) {
            if let Some(ways) = &mut operation.security
                && ways.contains(&by("key"))
            {
                ways.push(by("signature"));
            }
            if let Some(RefOr::T(body)) = &mut operation.request_body
                && body
                    .content
                    .values()
                    .all(|content| may_be_empty(content, &empty))
            {
                // An empty body is as good as an empty object.
                body.required = Some(Required::False);
            }
            let facts = Facts::of(method, path, operation);
            if facts.is_public() {
                add_parameter(operation, headers::if_none_match());
            }
            if facts.streams() {
                add_parameter(operation, headers::last_event_id());
            }
            headers::of_answers(&facts, operation);
            problems::describe(&facts, operation);
            examples::describe(method, path, operation);
        }
    }
    shared::share(api);
}

fn all(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let PathItem {
        get,
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    let named = [
        ("get", get),
        ("post", post),
        ("put", put),
        ("patch", patch),
        ("delete", delete),
    ];
    let mut there = Vec::new();
    for (method, operation) in named {
        there.extend(operation.as_mut().map(|operation| (method, operation)));
    }
    there
}

/// Whether an object of this form has a field that has to be there.
fn needs_something(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => !object.required.is_empty(),
        _ => true,
    }
}

fn may_be_empty(content: &RefOr<Content>, empty: &BTreeSet<String>) -> bool {
    let RefOr::T(content) = content else {
        return false;
    };
    match &content.schema {
        Some(RefOr::Ref(named)) => empty.contains(&named.ref_location),
        _ => false,
    }
}

/// One way to say who asks.
fn by(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, [] as [&str; 0])
}

fn reads(item: &mut PathItem) -> Vec<&mut Operation> {
    item.get.iter_mut().collect()
}

fn commands(item: &mut PathItem) -> Vec<&mut Operation> {
    let PathItem {
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    [post, put, patch, delete].into_iter().flatten().collect()
}

fn add_parameter(operation: &mut Operation, parameter: ParameterBuilder) {
    operation
        .parameters
        .get_or_insert_default()
        .push(parameter.build().into());
}

fn idempotency_key() -> ParameterBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let about = "The same key with the same request gets the same answer, and nothing happens \
                 twice; with another request it is refused.";
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(text.min_length(Some(1)).max_length(Some(128))))
}

fn min_seq() -> ParameterBuilder {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0));
    ParameterBuilder::new()
        .name("min_seq")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "Waits up to a second until the exchange, or its history, has come to this place; the problem \
             not_yet says how far it is otherwise.",
        ))
        .schema(Some(number))
}
