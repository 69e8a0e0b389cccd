//! A document as the body of one request: PUT, PATCH or POST, streamed, and read again for each try.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::barrier::CompletionBarrier;
use super::body::{Document, InFlightPart, RangeBody};
use super::input::Input;
use super::progress::Progress;
use super::uploaded::Uploaded;
use crate::blocking::lock;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::graph;
use crate::http::client::Client;
use crate::http::idle_timeout::IdleTimer;
use crate::http::redact::host;
use crate::request::Request;

/// Sends a document as the body of a request that has none.
///
/// # Errors
/// As [`graph::send_graph_request`], and what can be wrong with a source.
pub async fn upload_content(
    client: &Client,
    request: &Request,
    input: impl Into<Input>,
    call: &CallOptions,
) -> Result<Uploaded> {
    let (source, _turn) = input.into().open(call).await?;
    let (size, started) = (source.size(), Instant::now());
    let progress = Progress::new(Arc::clone(&call.observer), size);
    let document = Arc::new(Document { source, progress, barrier: CompletionBarrier::of_one(size), journal: None });
    let part: Arc<Mutex<Option<Arc<InFlightPart>>>> = Arc::default();
    let retries: Arc<AtomicU32> = Arc::default();
    let body = {
        let (document, part, retries) = (Arc::clone(&document), Arc::clone(&part), Arc::clone(&retries));
        move |timer: &Arc<IdleTimer>| {
            let range = 0..size;
            let begun = Arc::new(InFlightPart::new(&range));
            let before = lock(&part).replace(Arc::clone(&begun));
            if let Some(before) = before {
                retries.fetch_add(1, Ordering::Relaxed);
                document.progress.on_part_done(before.counted(), 0);
            }
            reqwest::Body::wrap(RangeBody::new(Arc::clone(&document), &range, Arc::clone(timer), begun))
        }
    };
    let request = request.with_content(Arc::new(body))?;
    let sent = request.send(client, call).await;
    // What was wrong with the source says more than what became of the connection.
    let failure = lock(&part).as_ref().and_then(|part| part.failure());
    if let Some(failure) = failure {
        return Err(failure.resumable(false));
    }
    let response = graph::read_graph_response(client, &request, sent?)?;
    if !lock(&part).as_ref().is_some_and(|part| part.is_whole()) {
        let message = format!("{} answered before it had the whole document.", host(request.address()));
        return Err(Error::new(ErrorKind::UnexpectedResponse, message).with_next_step(NextStep::CheckResponder));
    }
    document.progress.on_completed();
    Ok(Uploaded {
        response: Some(response),
        confirmed: true,
        bytes_total: size,
        bytes_sent: document.progress.sent(),
        retries: retries.load(Ordering::Relaxed),
        elapsed: started.elapsed(),
    })
}
