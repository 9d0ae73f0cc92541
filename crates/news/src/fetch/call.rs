//! Telling the outside something: one request with a body, past the same guard.
//!
//! No redirect is followed: what was signed for one address is sent to no other. Of the answer only its status is
//! read.

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::fetch::guard::{self, Target};
use crate::fetch::{FETCH_TIME, FetchError, Fetcher, HEAD_BYTES, USER_AGENT};

/// What somebody on the outside is told.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Where, by whoever wants to be told.
    pub url: &'a str,
    /// Headers of our own, in small letters.
    pub headers: &'a [(&'static str, String)],
    /// What.
    pub body: &'a [u8],
}

impl Fetcher {
    /// Posts to an address; gives the status of the answer.
    ///
    /// # Errors
    /// When the address may not be called, or nothing came of it in time.
    pub async fn call(&self, call: &Call<'_>) -> Result<u16, FetchError> {
        let target = Target::parse(call.url)?;
        let all = async {
            let _room = self.room.acquire().await;
            self.post(&target, call).await
        };
        tokio::time::timeout(FETCH_TIME, all)
            .await
            .unwrap_or(Err(FetchError::TooSlow))
    }

    async fn post(&self, target: &Target, call: &Call<'_>) -> Result<u16, FetchError> {
        let request = request(target, call)?;
        let stream = self.line.open(target).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(FetchError::Protocol)?;
        // Ends with the set, whatever becomes of this call.
        let mut running = JoinSet::new();
        running.spawn(async move {
            let _ = connection.await;
        });
        let answer = sender.send_request(request).await;
        Ok(answer.map_err(FetchError::Protocol)?.status().as_u16())
    }
}

fn request(target: &Target, call: &Call<'_>) -> Result<Request<Full<Bytes>>, FetchError> {
    let url = target.url();
    let asked = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::post(asked)
        .header(header::HOST, url.host_str().unwrap_or_default())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONNECTION, "close");
    for (name, value) in call.headers {
        request = request.header(*name, value);
    }
    request
        .body(Full::new(Bytes::copy_from_slice(call.body)))
        .map_err(|_| FetchError::Refused(guard::Refused::Unreadable))
}
