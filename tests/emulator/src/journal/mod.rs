//! What the service received, for a test to judge: every request, without its secrets, and every rule it broke.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;

use crate::line::Line;

mod record;
mod trace;

pub(crate) use record::{judge, record};
pub(crate) use trace::Trace;

/// How long [`Journal::until`] waits for something to happen.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

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

    /// Waits until the journal fulfils `condition`; says so by returning the copy that did. A test that waits in vain, as
    /// where a system does not tell that a client left, ends with a panic.
    pub async fn until(&self, mut condition: impl FnMut(&Snapshot) -> bool) -> Snapshot {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let snapshot = self.snapshot();
            if condition(&snapshot) {
                return snapshot;
            }
            // The sender lives in `self`, so it cannot be gone.
            let change = tokio::time::timeout(LONGEST_WAIT, changed.changed()).await;
            assert!(change.is_ok(), "nothing happened for {LONGEST_WAIT:?}: {:?}", snapshot.counts);
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
        self.changed.send_replace(());
    }

    /// Opens the entry of a request; dropping the trace without an answer means that the line broke.
    pub(crate) fn open(self: &Arc<Self>, request: &Request, line: &Line, limit: usize) -> Trace {
        let mut pages = self.pages();
        pages.counts.requests += 1;
        pages.last_number += 1;
        let entry = Arc::new(Mutex::new(trace::entry_of(request, line, pages.last_number)));
        while pages.entries.len() >= limit.max(1) {
            pages.entries.pop_front();
        }
        pages.entries.push_back(entry.clone());
        drop(pages);
        self.changed.send_replace(());
        Trace::new(self.clone(), entry)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        locked(&self.pages)
    }
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
