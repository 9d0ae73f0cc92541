//! What readers see while the exchange starts: a page that says so and comes again by itself, and in the frames of
//! others nothing until there are odds. Programs are told by the API.
//!
//! In: the API's answers of that time. Out: the same, but for those who read pages.

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;

use crate::{answer, asset, embed, site};

/// The surface of a process that starts, for readers beside programs.
pub fn starting(programs: Router) -> Router {
    // Files are a part of this program: who has its page can have them at once.
    let files = Router::new()
        .route("/assets/{name}", get(asset))
        .route(embed::SCRIPT, get(embed::script));
    programs.layer(from_fn(for_readers)).merge(files)
}

async fn for_readers(asked: Request, next: Next) -> Response {
    let path = asked.uri().path();
    match is_read(&asked) {
        true if path.starts_with("/embed/") => answer::empty_frame(),
        true if !path.starts_with("/health/") => site::missing::starting(),
        _ => next.run(asked).await,
    }
}

/// Whether a person looks: browsers ask for a page by its kind, programs for anything.
fn is_read(asked: &Request) -> bool {
    let kinds = asked.headers().get(header::ACCEPT);
    let kinds = kinds.and_then(|kinds| kinds.to_str().ok());
    asked.method() == Method::GET && kinds.is_some_and(|kinds| kinds.contains("text/html"))
}
