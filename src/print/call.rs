//! Requests to Graph for printing: with the caller's headers, page by page, and again where that prints nothing twice.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::graph::{self, GraphCall};
use crate::http::client::Client;
use crate::http::response::{member, Response};
use crate::http::retry::{self, Budget};
use crate::request::Request;

/// Pages of a list that are read at most.
const MOST_PAGES: usize = 100;

/// The service takes 100 jobs of a printer in ten minutes: after this, waiting for room is in vain.
const LONGEST_WAIT_FOR_ROOM: Duration = Duration::from_secs(15 * 60);

/// Where the service names no time to come back at.
const WAIT_FOR_ROOM: Duration = Duration::from_secs(30);

/// Sends one request with the caller's headers. Of one that may be repeated, a failure within the service is tried again too.
pub(super) async fn ask(
    client: &Client,
    headers: &[(String, String)],
    options: &CallOptions,
    call: GraphCall<'_>,
    body: Bytes,
) -> Result<Response> {
    let mut request = graph::graph_request(client, call, body)?;
    add_headers(&mut request, headers)?;
    let mut budget = Budget::for_graph(options);
    loop {
        match graph::send_graph_request(client, &request, options).await {
            Err(error) if call.repeatable && has_failed_within(&error) => {
                budget.wait(options, error.retryable(true)).await?;
            }
            sent => return sent,
        }
    }
}

pub(super) fn has_failed_within(error: &Error) -> bool {
    matches!(error.http_status(), Some(500 | 502))
}

pub(super) fn add_headers(request: &mut Request, headers: &[(String, String)]) -> Result<()> {
    headers.iter().try_for_each(|(name, value)| request.add_header(name, value))
}

/// Gets a list page by page, and reads each object in it, together with the response that it came in.
pub(super) async fn list<T>(
    client: &Client,
    headers: &[(String, String)],
    options: &CallOptions,
    first: String,
    what: &str,
    mut read: impl FnMut(&Map<String, Value>, &Response) -> Option<T>,
) -> Result<Vec<T>> {
    let (mut address, mut found) = (first, Vec::new());
    for _ in 0..MOST_PAGES {
        let call = GraphCall { method: "GET", address: &address, what, repeatable: true };
        let response = ask(client, headers, options, call, Bytes::new()).await?;
        // It was checked to be JSON.
        let page: Map<String, Value> = serde_json::from_slice(&response.body).unwrap_or_default();
        let items = member(&page, "value").and_then(Value::as_array).into_iter().flatten();
        found.extend(items.filter_map(Value::as_object).filter_map(|item| read(item, &response)));
        match member(&page, "@odata.nextLink").and_then(Value::as_str) {
            Some(next) => address = next.to_owned(),
            None => return Ok(found),
        }
    }
    let message = format!("The service gives more than {MOST_PAGES} pages to a request to {what}.");
    Err(Error::new(ErrorKind::ResponseTooLarge, message))
}

/// Whether the service may have done what it was asked, though nothing says so.
pub(super) fn is_outcome_unknown(error: &Error) -> bool {
    use ErrorKind::{ConnectionFailed, ResponseTooLarge, Timeout, UnexpectedResponse};
    [ConnectionFailed, Timeout, UnexpectedResponse, ResponseTooLarge].contains(&error.kind())
        || matches!(error.http_status(), Some(500 | 502 | 504))
}

/// Waits, where the service has as many jobs as it takes; `false` where the error is another, or waiting is in vain.
pub(super) async fn wait_for_room(call: &CallOptions, error: &Error, started: Instant) -> bool {
    if error.http_status() != Some(429) {
        return false;
    }
    let asked = retry::retry_after(error.response_headers(), SystemTime::now()).filter(|wait| !wait.is_zero());
    let delay = asked.unwrap_or(WAIT_FOR_ROOM);
    if started.elapsed().saturating_add(delay) > LONGEST_WAIT_FOR_ROOM {
        return false;
    }
    let reason = format!(
        "The printer or you have as many new print jobs as the service takes. Waiting {}.",
        retry::in_words(delay)
    );
    call.observer.event(Event::Retry { attempt: 1, max_attempts: 1, delay, reason });
    tokio::time::sleep(delay).await;
    true
}
