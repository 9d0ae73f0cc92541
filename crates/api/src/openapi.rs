//! The OpenAPI document: what the handlers say of themselves, and what is the same for all of them.

use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{ProblemShape, Retry};
use crate::router;

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
    let components = ComponentsBuilder::new()
        .security_scheme("key", SecurityScheme::Http(bearer.build()))
        .security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signed)))
        .schema(ProblemShape::name(), ProblemShape::schema())
        .schema(Retry::name(), Retry::schema());
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components.build()))
        .build()
}

/// How requests are signed, in a paragraph; the document has no other place for it.
const SIGNED: &str = "RFC 9421 with Ed25519, for keys that were issued with a public_key: Signature-Input \
    is sig=(\"@method\" \"@path\" \"@query\" \"content-digest\" \"idempotency-key\");created=UNIX;\
    keyid=\"PUBLIC KEY\". GET needs the first three only, POST /v1/quotes not the last. Content-Digest is \
    sha-256 (RFC 9530). created may be 30 s from the server's time.";

/// Adds what is the same for all operations.
pub(crate) fn complete(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let streams = path.ends_with("/events") || path == "/v1/stream";
        let waits = path.starts_with("/v1/") && !streams;
        for operation in reads(item).into_iter().filter(|_| waits) {
            add_parameter(operation, min_seq());
        }
        for operation in commands(item).into_iter().filter(|_| path != "/v1/quotes") {
            add_parameter(operation, idempotency_key());
        }
        let PathItem {
            get,
            post,
            put,
            patch,
            delete,
            ..
        } = item;
        for operation in [get, post, put, patch, delete].into_iter().flatten() {
            if let Some(ways) = &mut operation.security
                && ways.contains(&by("key"))
            {
                ways.push(by("signature"));
            }
            operation
                .responses
                .responses
                .insert("default".to_owned(), RefOr::T(problem()));
        }
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

fn problem() -> utoipa::openapi::Response {
    let reference: RefOr<Schema> = Ref::from_schema_name(ProblemShape::name()).into();
    let content = ContentBuilder::new().schema(Some(reference)).build();
    ResponseBuilder::new()
        .description(
            "A problem; its `code` is stable. With 429 and 503 comes `Retry-After`, in seconds.",
        )
        .content("application/problem+json", content)
        .build()
}
