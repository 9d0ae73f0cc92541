//! Schemas of values that are texts on the wire.

/// Describes types that are written as one string: `Type("example", "what it is");`.
macro_rules! text_schema {
    ($($name:ident($example:literal, $about:literal);)+) => {
        $(
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::Type::String)
                        .description(Some($about))
                        .examples([$example])
                        .into()
                }
            }

            impl utoipa::ToSchema for $name {}
        )+
    };
}

pub(crate) use text_schema;
