//! A PUT: one range of the document.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{header, HeaderMap, StatusCode};
use axum::Extension;
use http_body_util::BodyExt;
use serde_json::json;

use super::content_range::{digits, ContentRange};
use super::{gone, open_session, progress_answer, read_out};
use crate::conduct::PutsOpen;
use crate::content::{Arrival, Content, Finished};
use crate::journal::Trace;
use crate::ledger::Event;
use crate::registry::{DocumentState, Registry};
use crate::reply::{Answer, Refusal};
use crate::service::Service;
use crate::session::Session;
use crate::settings::{PartialRange, Settings};

pub(super) async fn receive(
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    open: Option<Extension<PutsOpen>>,
    request: Request,
) -> Result<Answer, Refusal> {
    // Only a session that never was has no count.
    let open = open.map_or(0, |Extension(PutsOpen(open))| open);
    let headers = request.headers();
    let settings = service.settings();
    let admitted = open_session(&service, request.uri(), headers).and_then(|session| {
        let range = admissible_range(&session, &settings, open, headers)?;
        Ok((session, range))
    });
    let (session, range) = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(refusal, request).await,
    };
    let again = session.progress().received.count_within(&range);
    if again > 0 {
        let read = read_out(request).await;
        trace.bytes_again(again.min(read));
        return Err(received_before(&range, again));
    }

    let arrival = session.content.lock().await.begin(range);
    let mut arrival = arrival.map_err(Refusal::internal)?;
    let whole = read_range(request.into_body(), &mut arrival, &trace).await?;
    if whole {
        return keep(service, session, arrival).await;
    }
    if settings.partial_range == PartialRange::PrefixKept {
        // Nobody is there to read the answer.
        let _ = keep(service, session, arrival).await;
    }
    Err(Refusal::broken_off())
}

async fn refuse(refusal: Refusal, request: Request) -> Result<Answer, Refusal> {
    read_out(request).await;
    Err(refusal)
}

/// The range that the headers announce, if this PUT may carry it at all.
fn admissible_range(
    session: &Session,
    settings: &Settings,
    open: usize,
    headers: &HeaderMap,
) -> Result<Range<u64>, Refusal> {
    let wrong = |message: String| Refusal::bad_request(message).violation();
    if open > settings.concurrent_puts {
        let mut refusal = Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            format!("At most {} ranges of a document may be uploaded at once.", settings.concurrent_puts),
        )
        .violation();
        refusal.retry_after = Some(1);
        return Err(refusal);
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| digits(value.to_str().ok()?));
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
            format!("A range must have fewer than {} bytes; this one has {length}.", settings.put_bytes_limit),
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
async fn keep(service: Arc<Service>, session: Arc<Session>, arrival: Arrival) -> Result<Answer, Refusal> {
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
        progress.received.insert(arrived.clone());
        progress.received.covers(session.size())
    };
    let event = Event::Range { session: session.id, start: arrived.start, end: arrived.end };
    service.log(|| event).map_err(Refusal::internal)?;
    // Ranges that waited for this one are hashed now: too long for the thread that serves other connections. And once
    // begun it is done to the end, even when the client is gone by then.
    tokio::task::spawn_blocking(move || {
        content.commit(arrival).map_err(Refusal::internal)?;
        if complete {
            return finish(&service, &session, &mut content).map_err(Refusal::internal);
        }
        let progress = session.progress();
        Ok(progress_answer(StatusCode::ACCEPTED, &session, &progress))
    })
    .await
    .map_err(Refusal::internal)?
}

fn finish(service: &Service, session: &Session, content: &mut Content) -> io::Result<Answer> {
    session.progress().closed = true;
    let finished = content.finish()?;
    complete(&mut service.registry(), session, finished);
    let body = json!({
        "id": session.document,
        "documentName": session.properties.document_name,
        "contentType": session.properties.content_type,
        "size": session.size(),
    });
    Ok(Answer::telling(StatusCode::CREATED, body, Vec::new()))
}

/// Every byte of the session's document is there.
pub(crate) fn complete(registry: &mut Registry, session: &Session, finished: Finished) {
    registry.sessions.remove(&session.id);
    if let Some(document) = registry.documents.get_mut(&session.document) {
        document.state = DocumentState::Uploaded;
        document.size = Some(session.size());
        document.sha256 = finished.sha256.map(|digest| hexadecimal(&digest));
        document.sessions_completed += 1;
        document.bytes = finished.bytes;
        let ids = document.ids.clone();
        if let Some(job) = registry.job(&ids) {
            // It waits for its document no more.
            job.details.clear();
        }
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
