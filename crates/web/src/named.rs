//! The part of an address that names something.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// A name from the address. What cannot be decoded is a name that nothing has, so that it gets the
/// same designed answer as any other that is not there.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named, Infallible> {
        let decoded = Path::<String>::from_request_parts(parts, state).await;
        Ok(Named(decoded.map_or_else(
            |_| char::REPLACEMENT_CHARACTER.to_string(),
            |Path(name)| name,
        )))
    }
}
