//! What the service received, for a test to judge: every request, without its secrets, and every rule it broke.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::http::{header, HeaderMap};
use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;

use crate::line::Line;

/// How many violations are remembered with their words.
const VIOLATIONS_KEPT: usize = 1_000;

/// Headers whose values are secrets, or may quote one.
const SECRET_HEADERS: [header::HeaderName; 4] =
    [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE, header::REFERER];

/// Which half of the service a request was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// Microsoft Graph, under `/v1.0`.
    Graph,
    /// The upload URLs, under `/uploadSessions`.
    Upload,
    /// A path that neither half has.
    Elsewhere,
}

impl Part {
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/v1.0/") {
            Self::Graph
        } else if path.starts_with("/uploadSessions/") {
            Self::Upload
        } else {
            Self::Elsewhere
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It has not ended.
    Open,
    /// An answer was written.
    Answered,
    /// The line broke first, by either side.
    Broken,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its place among all requests, from 1.
    pub number: u64,
    /// The TCP connection it came on, from 1.
    pub connection: u64,
    /// Which half of the service it was meant for.
    pub part: Part,
    /// `PUT`, …
    pub method: String,
    /// The path exactly as it was sent, percent-encoding included.
    pub path: String,
    /// The query exactly as it was sent; never that of an upload URL, which is a secret.
    pub query: Option<String>,
    /// All headers in the order received, names in lower case. Secret ones have the value `(present)`.
    pub headers: Vec<(String, String)>,
    /// The `Content-Range` as it was sent.
    pub content_range: Option<String>,
    /// The body, byte for byte: of Graph requests only.
    #[serde(serialize_with = "as_text")]
    pub body: Option<Bytes>,
    /// How many bytes of the body were read.
    pub body_bytes: u64,
    /// The status of the answer, once there is one.
    pub status: Option<u16>,
    /// The fault that struck this request.
    pub fault: Option<&'static str>,
    /// The rules of the protocol that this request broke.
    pub violations: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Entry {
    /// The value of the first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Counts over all requests since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// TCP connections accepted.
    pub connections: u64,
    /// Requests begun.
    pub requests: u64,
    /// The most PUTs that were open at once in any one session.
    pub most_puts_open: u64,
    /// Bytes read in the bodies of PUTs.
    pub put_bytes: u64,
    /// Bytes read in the bodies of PUTs that the session had already received.
    pub put_bytes_again: u64,
    /// Rules of the protocol broken by the client.
    pub violations: u64,
}

/// A copy of the journal.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Counts over all requests.
    pub counts: Counts,
    /// The first rules broken, in words, each with the number of its request.
    pub violations: Vec<String>,
    /// The latest requests, oldest first.
    pub entries: Vec<Entry>,
}

/// The service's memory of what it received.
#[derive(Debug)]
pub struct Journal {
    pages: Mutex<Pages>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Pages {
    counts: Counts,
    violations: Vec<String>,
    entries: VecDeque<Arc<Mutex<Entry>>>,
    /// Never reset, so that numbers stay unique in one service.
    last_number: u64,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { pages: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// A copy of what is known now.
    pub fn snapshot(&self) -> Snapshot {
        let pages = self.pages();
        Snapshot {
            counts: pages.counts.clone(),
            violations: pages.violations.clone(),
            entries: pages.entries.iter().map(|e| locked(e).clone()).collect(),
        }
    }

    /// Waits until the journal fulfils `condition`; says so by returning the copy that did.
    pub async fn until(&self, mut condition: impl FnMut(&Snapshot) -> bool) -> Snapshot {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let snapshot = self.snapshot();
            if condition(&snapshot) {
                return snapshot;
            }
            // The sender lives in `self`, so it cannot be gone.
            let _ = changed.changed().await;
        }
    }

    pub(crate) fn clear(&self) {
        let mut pages = self.pages();
        *pages = Pages { last_number: pages.last_number, ..Pages::default() };
        drop(pages);
        self.changed.send_replace(());
    }

    pub(crate) fn connection_accepted(&self) {
        self.pages().counts.connections += 1;
    }

    /// Opens the entry of a request; dropping the trace without an answer means that the line broke.
    pub(crate) fn open(self: &Arc<Self>, request: &Request, line: &Line, limit: usize) -> Trace {
        let mut pages = self.pages();
        pages.counts.requests += 1;
        pages.last_number += 1;
        let entry = Arc::new(Mutex::new(entry_of(request, line, pages.last_number)));
        while pages.entries.len() >= limit.max(1) {
            pages.entries.pop_front();
        }
        pages.entries.push_back(entry.clone());
        drop(pages);
        self.changed.send_replace(());
        Trace { journal: self.clone(), entry }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        locked(&self.pages)
    }
}

/// The entry of one request, while it is being answered.
#[derive(Clone)]
pub(crate) struct Trace {
    journal: Arc<Journal>,
    entry: Arc<Mutex<Entry>>,
}

impl Trace {
    pub(crate) fn body(&self, body: &Bytes) {
        let mut entry = locked(&self.entry);
        entry.body_bytes = body.len() as u64;
        entry.body = Some(body.clone());
    }

    pub(crate) fn number(&self) -> u64 {
        locked(&self.entry).number
    }

    pub(crate) fn fault(&self, name: &'static str) {
        locked(&self.entry).fault = Some(name);
        self.journal.changed.send_replace(());
    }

    pub(crate) fn violation(&self, rule: impl fmt::Display) {
        let mut entry = locked(&self.entry);
        let number = entry.number;
        entry.violations.push(rule.to_string());
        drop(entry);
        let mut pages = self.journal.pages();
        pages.counts.violations += 1;
        if pages.violations.len() < VIOLATIONS_KEPT {
            pages.violations.push(format!("request {number}: {rule}"));
        }
    }

    pub(crate) fn puts_open(&self, open: usize) {
        let mut pages = self.journal.pages();
        pages.counts.most_puts_open = pages.counts.most_puts_open.max(open as u64);
    }

    /// Counts what was read of a body that is not kept.
    pub(crate) fn body_bytes(&self, read: u64) {
        let mut entry = locked(&self.entry);
        entry.body_bytes += read;
        let put = entry.method == "PUT";
        drop(entry);
        if put {
            self.journal.pages().counts.put_bytes += read;
        }
    }

    /// Counts bytes of a PUT that the session had already received.
    pub(crate) fn bytes_again(&self, again: u64) {
        self.journal.pages().counts.put_bytes_again += again;
    }

    pub(crate) fn ended(&self, outcome: Outcome, status: Option<u16>) {
        let mut entry = locked(&self.entry);
        entry.outcome = outcome;
        entry.status = status;
        drop(entry);
        self.journal.changed.send_replace(());
    }
}

fn entry_of(request: &Request, line: &Line, number: u64) -> Entry {
    let part = Part::of(request.uri().path());
    let text = |name| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Entry {
        number,
        connection: line.number(),
        part,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: (part == Part::Graph).then(|| request.uri().query().map(str::to_owned)).flatten(),
        headers: headers_without_secrets(request.headers()),
        content_range: text(header::CONTENT_RANGE),
        body: None,
        body_bytes: 0,
        status: None,
        fault: None,
        violations: Vec::new(),
        outcome: Outcome::Open,
    }
}

fn headers_without_secrets(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if SECRET_HEADERS.contains(name) {
                "(present)".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

fn as_text<S: serde::Serializer>(body: &Option<Bytes>, to: S) -> Result<S::Ok, S::Error> {
    match body {
        Some(body) => to.serialize_some(&String::from_utf8_lossy(body)),
        None => to.serialize_none(),
    }
}

/// A panic in one request's task leaves counts that are still worth reading.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
