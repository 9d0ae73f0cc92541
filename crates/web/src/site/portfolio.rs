//! A trader's own page. The server renders the frame of it: whose account it is, only the reader's key can tell, and
//! that stays in the page's memory.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tidings_api::App;

use crate::answer;
use crate::assets;
use crate::site::Frame;

#[derive(Template)]
#[template(path = "portfolio.html")]
struct Portfolio {
    frame: Frame,
    base: String,
}

pub(crate) async fn portfolio(State(app): State<App>, asked: HeaderMap) -> Response {
    let mut frame = Frame::new(&app, "Portfolio – Tidings", "portfolio").unindexed();
    frame.scripts.push(assets::url("portfolio.js"));
    let base = app.base_url().to_owned();
    answer::page(&asked, StatusCode::OK, &Portfolio { frame, base })
}
