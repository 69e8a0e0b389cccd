//! The part of the service behind an upload URL: bytes of a document, by ranges, with the URL's own secret.

mod content_range;
mod put;

pub(crate) use content_range::ContentRange;
pub(crate) use put::complete;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{header, HeaderMap, StatusCode, Uri};
use axum::routing::get;
use axum::Router;
use http_body_util::BodyExt;
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::journal::Trace;
use crate::ledger::Event;
use crate::ranges::next_expected_ranges;
use crate::reply::{Answer, Refusal};
use crate::service::Service;
use crate::session::{Progress, Session};
use crate::settings::GoneSession;

pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/uploadSessions/:session", get(status).put(put::receive).delete(delete))
        .method_not_allowed_fallback(unknown_method)
}

async fn status(State(service): State<Arc<Service>>, uri: Uri, headers: HeaderMap) -> Result<Answer, Refusal> {
    let session = open_session(&service, &uri, &headers)?;
    let answer = progress_answer(StatusCode::OK, &session, &session.progress());
    Ok(answer)
}

async fn delete(State(service): State<Arc<Service>>, uri: Uri, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    let session = open_session(&service, &uri, &headers)?;
    session.progress().closed = true;
    service.registry().sessions.remove(&session.id);
    service.log(|| Event::Deleted { session: session.id }).map_err(Refusal::internal)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unknown_method(request: Request) -> Refusal {
    let message = format!("The HTTP method '{}' is not allowed on an upload URL.", request.method());
    read_out(request).await;
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message).violation()
}

/// Finds the session of an upload URL. The order of the checks is the strict one: a bearer token is refused before
/// anything else is looked at.
fn open_session(service: &Service, url: &Uri, headers: &HeaderMap) -> Result<Arc<Session>, Refusal> {
    let unauthorized = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized", message).violation();
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(unauthorized("An upload URL carries its own secret and takes no Authorization header."));
    }
    let session = session_id(url.path()).and_then(|id| service.registry().sessions.get(&id).cloned());
    let session = session.ok_or_else(|| gone(service))?;
    // The URL is opaque: a query that was taken apart and put together again is refused like a wrong one.
    if url.query() != Some(session.query.as_str()) {
        return Err(unauthorized("The upload URL is not the one that the session was created with."));
    }
    if session.progress().gone() {
        return Err(gone(service));
    }
    Ok(session)
}

fn gone(service: &Service) -> Refusal {
    let status = match service.settings().gone_session {
        GoneSession::NotFound => StatusCode::NOT_FOUND,
        GoneSession::Gone => StatusCode::GONE,
    };
    Refusal::new(
        status,
        "ItemNotFound",
        "The upload session was not found. It may have expired, been deleted, or be complete.",
    )
}

/// What a status read and a 202 say.
fn progress_answer(status: StatusCode, session: &Session, progress: &Progress) -> Answer {
    let gaps = progress.gaps(session.size());
    let body = json!({
        "expirationDateTime": clock::ticks(progress.expires),
        "nextExpectedRanges": next_expected_ranges(&gaps),
    });
    Answer::telling(status, body, gaps)
}

/// The session that a path names, spelled as the service spells it.
pub(crate) fn session_id(path: &str) -> Option<Uuid> {
    let text = path.strip_prefix("/uploadSessions/")?;
    let id = Uuid::parse_str(text).ok()?;
    (id.to_string() == text).then_some(id)
}

/// Reads the rest of a refused request, so that the client gets the answer and not a reset while it still sends; says
/// how much there was. A client that waits for `100 Continue` has not sent anything yet.
pub(crate) async fn read_out(request: Request) -> u64 {
    if request.headers().contains_key(header::EXPECT) {
        return 0;
    }
    let trace = request.extensions().get::<Trace>().cloned();
    let mut body = request.into_body();
    let mut all = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, |data| data.len() as u64);
        all += read;
        if let Some(trace) = &trace {
            trace.body_bytes(read);
        }
    }
    all
}
