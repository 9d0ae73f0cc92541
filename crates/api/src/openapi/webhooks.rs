//! What editors' hooks are called with: what `crates/post` sends, described where a generator of servers
//! looks for it.

use serde_json::json;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, PathsBuilder, Ref, Required, ResponseBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::wire::alert::{Alert, AlertKind, EVENT, FAILING_HOURS, KEPT_DAYS, SIGNATURE, WAITS};

/// Describes a call for each thing that hooks are told of.
pub(super) fn describe(api: &mut OpenApi) {
    let components = api.components.get_or_insert_default();
    let mut schemas = vec![(Alert::name().into_owned(), Alert::schema())];
    Alert::schemas(&mut schemas);
    for (name, schema) in schemas {
        components.schemas.entry(name).or_insert(schema);
    }
    let calls = AlertKind::ALL
        .into_iter()
        .fold(PathsBuilder::new(), |calls, kind| {
            calls.path(kind.word(), PathItem::new(HttpMethod::Post, call(kind)))
        });
    api.webhooks = Some(calls.build());
}

fn call(kind: AlertKind) -> OperationBuilder {
    let alert = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Alert::name())))
        .build();
    let body = RequestBodyBuilder::new()
        .content("application/json", alert)
        .required(Some(Required::True))
        .description(Some("What happened. The signature is of these very bytes."));
    let taken = ResponseBuilder::new()
        .description("Any status of 2xx: it was taken, and is not told again.");
    let gone =
        ResponseBuilder::new().description("The hook is gone: it is disabled, and called no more.");
    let other = ResponseBuilder::new().description(format!(
        "Any other status, a redirect included, or no answer within seconds: it is told again {}.",
        again()
    ));
    OperationBuilder::new()
        .operation_id(Some(format!("told_{}", kind.word().replace('.', "_"))))
        .tag("hooks")
        .summary(Some(kind.about()))
        .description(Some(about()))
        .parameter(event())
        .parameter(signature())
        .request_body(Some(body.build()))
        .response("2XX", taken.build())
        .response("410", gone.build())
        .response("default", other.build())
}

fn about() -> String {
    format!(
        "Sent to every active hook of an editor who wrote one of the market's articles. Calls may come more \
         than once and in any order: `{EVENT}`, which is the body's `id`, is the same each time. A hook to \
         which nothing gets through for {FAILING_HOURS} hours is disabled. What a hook was told is known for \
         {KEPT_DAYS} days, and what happened longer ago is not told."
    )
}

/// The waits in words.
fn again() -> String {
    let wait = |seconds: &u32| match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    };
    let waits: Vec<String> = WAITS.iter().map(wait).collect();
    format!("after {}, and then given up", waits.join(", "))
}

fn event() -> ParameterBuilder {
    ParameterBuilder::new()
        .name(EVENT)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "The name of what happened: the same in every call about it.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(json!("mkt_0-1841-halted")))
}

fn signature() -> ParameterBuilder {
    let form = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^t=[0-9]+,v1=[0-9a-f]{64}$"));
    ParameterBuilder::new()
        .name(SIGNATURE)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "`t=` the moment in seconds since 1970, `v1=` the HMAC-SHA-256, in hex, of that moment, a full \
             stop and the body, byte for byte. Its key is the hook's secret as it was shown, `whsec_` \
             included. Compare in constant time, and refuse a moment that is more than some minutes away.",
        ))
        .schema(Some(form))
}
