//! A PUT: one range of the document.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{header, HeaderMap, StatusCode};
use axum::Extension;
use http_body_util::BodyExt;
use serde_json::json;

use super::content_range::{digits, ContentRange};
use super::{gone, open_session, progress_body, read_out};
use crate::content::{Arrival, Content};
use crate::journal::Trace;
use crate::registry::DocumentState;
use crate::reply::{Answer, Refusal};
use crate::service::Service;
use crate::session::Session;
use crate::settings::{PartialRange, Settings};

pub(super) async fn receive(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Extension(trace): Extension<Trace>,
    request: Request,
) -> Result<Answer, Refusal> {
    let headers = request.headers();
    let session = match open_session(&service, &id, query.as_deref(), headers) {
        Ok(session) => session,
        Err(refusal) => return refuse(refusal, request).await,
    };
    let open = OpenPut::new(session.clone());
    trace.puts_open(open.count);

    let settings = service.settings();
    let range = match admissible_range(&session, &settings, &open, headers) {
        Ok(range) => range,
        Err(refusal) => return refuse(refusal, request).await,
    };
    if session.progress().received.overlaps(&range) {
        let again = session.progress().received.count_within(&range);
        let refusal = received_before(&range, again);
        let read = read_out(request).await;
        trace.bytes_again(again.min(read));
        return Err(refusal);
    }

    let arrival = session.content.lock().await.begin(range.clone());
    let mut arrival = arrival.map_err(Refusal::internal)?;
    let whole = read_range(request.into_body(), &mut arrival, &trace).await?;
    if !whole && settings.partial_range == PartialRange::Forgotten {
        return Err(Refusal::bad_request("The request body broke off."));
    }
    keep(service, session, arrival).await
}

async fn refuse(refusal: Refusal, request: Request) -> Result<Answer, Refusal> {
    read_out(request).await;
    Err(refusal)
}

/// The range that the headers announce, if this PUT may carry it at all.
fn admissible_range(
    session: &Session,
    settings: &Settings,
    open: &OpenPut,
    headers: &HeaderMap,
) -> Result<Range<u64>, Refusal> {
    let wrong = |message: String| Refusal::bad_request(message).violation();
    if open.count > settings.concurrent_puts {
        let mut refusal = Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            format!(
                "At most {} ranges of a document may be uploaded at once.",
                settings.concurrent_puts
            ),
        )
        .violation();
        refusal.retry_after = Some(1);
        return Err(refusal);
    }
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| digits(value.to_str().ok()?));
    let Some(length) = length else {
        return Err(Refusal::new(
            StatusCode::LENGTH_REQUIRED,
            "LengthRequired",
            "A PUT to an upload URL needs a Content-Length.",
        )
        .violation());
    };
    if length == 0 {
        return Err(wrong("A range cannot be empty.".to_owned()));
    }
    if length >= settings.put_bytes_limit {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            format!(
                "A range must have fewer than {} bytes; this one has {length}.",
                settings.put_bytes_limit
            ),
        )
        .violation());
    }
    let content_range = ContentRange::of(headers).map_err(wrong)?;
    if content_range.total != session.size() {
        return Err(wrong(format!(
            "The Content-Range names a total of {} bytes; the session's document has {}.",
            content_range.total,
            session.size()
        )));
    }
    if content_range.length() != length {
        return Err(wrong(format!(
            "The Content-Range names {} bytes; the Content-Length is {length}.",
            content_range.length()
        )));
    }
    Ok(content_range.range)
}

fn received_before(range: &Range<u64>, again: u64) -> Refusal {
    Refusal::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "InvalidRange",
        format!(
            "{again} of the bytes {}-{} were received before. Ask for the status of the session.",
            range.start,
            range.end - 1
        ),
    )
    .violation()
}

/// Reads the body into `arrival`; says whether it came whole.
async fn read_range(mut body: Body, arrival: &mut Arrival, trace: &Trace) -> Result<bool, Refusal> {
    loop {
        match body.frame().await {
            None => return Ok(true),
            Some(Err(_)) => return Ok(false),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    trace.body_bytes(data.len() as u64);
                    arrival.write(data).map_err(Refusal::internal)?;
                }
            }
        }
    }
}

/// Makes the bytes that arrived part of the document, and the document complete if they were the last.
async fn keep(
    service: Arc<Service>,
    session: Arc<Session>,
    arrival: Arrival,
) -> Result<Answer, Refusal> {
    let mut content = session.content.clone().lock_owned().await;
    let arrived = arrival.arrived();
    let complete = {
        let mut progress = session.progress();
        if progress.gone() {
            return Err(gone(&service));
        }
        // Another PUT of the same bytes may have been quicker.
        let again = progress.received.count_within(&arrived);
        if again > 0 {
            return Err(received_before(&arrived, again));
        }
        progress.received.insert(arrived);
        progress.received.covers(session.size())
    };
    // Ranges that waited for this one are hashed now: too long for the thread that serves other connections. And once
    // begun it is done to the end, even when the client is gone by then.
    tokio::task::spawn_blocking(move || {
        content.commit(arrival).map_err(Refusal::internal)?;
        if complete {
            return Ok(finish(&service, &session, &mut content));
        }
        let progress = session.progress();
        Ok(Answer {
            status: StatusCode::ACCEPTED,
            body: progress_body(&session, &progress),
        })
    })
    .await
    .map_err(Refusal::internal)?
}

fn finish(service: &Service, session: &Session, content: &mut Content) -> Answer {
    session.progress().closed = true;
    let finished = content.finish();
    let mut registry = service.registry();
    registry.sessions.remove(&session.id);
    if let Some(document) = registry.documents.get_mut(&session.document) {
        document.state = DocumentState::Uploaded;
        document.size = Some(session.size());
        document.sha256 = finished.sha256.map(|digest| hexadecimal(&digest));
        document.sessions_completed += 1;
        document.file = finished.file;
    }
    Answer {
        status: StatusCode::CREATED,
        body: json!({
            "id": session.document,
            "documentName": session.properties.document_name,
            "contentType": session.properties.content_type,
            "size": session.size(),
        }),
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Counts a PUT of the session as open until it is dropped: answered, or its line broken.
struct OpenPut {
    session: Arc<Session>,
    count: usize,
}

impl OpenPut {
    fn new(session: Arc<Session>) -> Self {
        let count = {
            let mut progress = session.progress();
            progress.puts_open += 1;
            progress.puts_open
        };
        Self { session, count }
    }
}

impl Drop for OpenPut {
    fn drop(&mut self) {
        self.session.progress().puts_open -= 1;
    }
}
