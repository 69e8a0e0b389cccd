//! Whether the client keeps the rules that no single request shows: what it sends again, when, and how much at once.
//!
//! This judge stands outside the faults, so it knows what the client was really told, whatever the service did. It
//! answers nothing; what it finds goes to the journal. The rules (section 2 of the protocol):
//! - at most four PUTs of a session at once;
//! - no byte is sent that is on its way in another PUT;
//! - no byte is sent that the client was told is there, by the answer to its PUT or by the last list of ranges; a status
//!   that is not true is to be believed as well;
//! - a PUT whose answer is unknown, a 5xx, a 408 or a 416 is followed by a status read before its bytes are sent again.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::journal::{Part, Trace};
use crate::line::Line;
use crate::ranges::RangeSet;
use crate::reply::status_of;
use crate::service::Service;
use crate::upload::{session_id, ContentRange};

/// How long a close may take to come after a status that was asked for behind it.
const LETTING_GO: Duration = Duration::from_millis(100);

/// What a client knows of its session, and what it is doing with it.
#[derive(Debug)]
pub(crate) struct Conduct {
    size: u64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Bytes the client was told are there.
    acknowledged: RangeSet,
    /// Bytes that the last status, or since then the answer to their own PUT, named as missing: they may be sent once,
    /// whatever the answers to other PUTs leave out meanwhile.
    wanted: RangeSet,
    /// Bytes of PUTs with an unknown end, since the last status read.
    unresolved: RangeSet,
    open: Vec<OpenPut>,
}

#[derive(Debug)]
struct OpenPut {
    id: u64,
    /// Empty when the `Content-Range` cannot be read.
    range: Range<u64>,
    line: Line,
    /// Whether the client read the status after it had left this PUT's line.
    asked_since: bool,
}

/// Travels with an answer that lists the ranges still expected: what the client learns from it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// In order.
    pub gaps: Vec<Range<u64>>,
    /// Whether the service says so itself, and not a fault in its place.
    pub is_true: bool,
}

impl Told {
    /// What a client learns from a body that a fault wrote, true or not: nothing, when a part of the list says nothing.
    pub(crate) fn by(body: &[u8]) -> Option<Self> {
        let body: serde_json::Value = serde_json::from_slice(body).ok()?;
        let entries = body.get("nextExpectedRanges")?.as_array()?;
        let mut gaps = entries.iter().map(|entry| gap_of(entry.as_str()?)).collect::<Option<Vec<_>>>()?;
        gaps.sort_by_key(|gap| gap.start);
        Some(Self { gaps, is_true: false })
    }
}

/// `"5-9"`, and the open forms `"5-"` and `"5"`.
fn gap_of(text: &str) -> Option<Range<u64>> {
    let (first, last) = text.split_once('-').unwrap_or((text, ""));
    let first = first.parse().ok()?;
    let end = if last.is_empty() { u64::MAX } else { last.parse::<u64>().ok()?.saturating_add(1) };
    (first < end).then_some(first..end)
}

/// Travels with a PUT: how many of its session are open, itself included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PutsOpen(pub usize);

/// Watches the requests to upload URLs.
pub(crate) async fn watch(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let conduct =
        (Part::of(path) == Part::Upload).then(|| session_id(path).and_then(|id| service.conduct(id))).flatten();
    let trace = request.extensions().get::<Trace>().cloned();
    let line = request.extensions().get::<Line>().cloned();
    let (Some(conduct), Some(trace), Some(line)) = (conduct, trace, line) else {
        return next.run(request).await;
    };
    if request.method() == Method::PUT {
        let range = ContentRange::of(request.headers()).map_or(0..0, |given| given.range);
        let limit = service.settings().concurrent_puts;
        let (put, open) = Put::open(conduct, range, line, &trace, limit);
        request.extensions_mut().insert(open);
        let response = next.run(request).await;
        put.answered(&response);
        return response;
    }
    let asked = request.method() == Method::GET;
    let response = next.run(request).await;
    if let (true, Some(told)) = (asked, response.extensions().get::<Told>()) {
        conduct.let_go().await;
        conduct.status_read(told);
    }
    response
}

impl Conduct {
    /// Of a session for a document of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self { size, known: Mutex::default() }
    }

    /// Of a session that knows its client was told of these bytes.
    pub(crate) fn knowing(size: u64, acknowledged: &RangeSet) -> Self {
        let known = Known { acknowledged: acknowledged.clone(), ..Known::default() };
        Self { size, known: Mutex::new(known) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client that gives a PUT up and asks for the status at once closes the PUT's line on another thread than it asks:
    /// the close may arrive last.
    async fn let_go(&self) {
        for _ in 0..LETTING_GO.as_millis() {
            if self.known().alive().next().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn status_read(&self, told: &Told) {
        let mut known = self.known();
        known.acknowledged = RangeSet::all_but(&told.gaps, self.size);
        known.wanted = RangeSet::new();
        told.gaps.iter().for_each(|gap| known.wanted.insert(gap.clone()));
        known.unresolved = RangeSet::new();
        for put in &mut known.open {
            put.asked_since = put.asked_since || put.line.client_left();
        }
    }
}

impl Known {
    /// PUTs whose client is still there: one that has left may be noticed here before its own task notices.
    fn alive(&self) -> impl Iterator<Item = &OpenPut> {
        self.open.iter().filter(|put| !put.line.client_left())
    }

    /// The answers to PUTs overtake one another, so a list in one is a view of some earlier moment: what it leaves out was
    /// there, and what it names may have come since, but for the range that it answers. What it leaves out and is not
    /// there may be on its way already, in a PUT that left before the answer came.
    fn put_told(&mut self, range: &Range<u64>, told: &Told, size: u64) {
        if told.is_true {
            for there in RangeSet::all_but(&told.gaps, size).iter() {
                self.acknowledged.insert(there);
            }
        }
        for gap in &told.gaps {
            let dropped = gap.start.max(range.start)..gap.end.min(range.end);
            self.acknowledged.remove(&dropped);
            self.wanted.insert(dropped);
        }
    }

    fn judge(&self, range: &Range<u64>) -> Option<&'static str> {
        let meets = |put: &OpenPut| put.range.start < range.end && range.start < put.range.end;
        let left = |put: &&OpenPut| put.line.client_left();
        let mut meeting = self.open.iter().filter(|put| meets(put));
        let mut acknowledged = self.acknowledged.clone();
        self.wanted.iter().for_each(|wanted| acknowledged.remove(&wanted));
        if acknowledged.overlaps(range) {
            Some("Bytes were sent again that the service had acknowledged.")
        } else if self.unresolved.overlaps(range) {
            Some("Bytes were sent again without reading the status, though it was unknown whether they had arrived.")
        } else if meeting.clone().any(|put| !left(&put)) {
            Some("Bytes were sent that were on their way in another PUT.")
        } else if meeting.any(|put| !put.asked_since) {
            Some("Bytes were sent again without reading the status, after their first PUT was given up.")
        } else {
            None
        }
    }
}

/// A PUT while it is open; dropping it without an answer means that its end is unknown to the client.
struct Put {
    conduct: Arc<Conduct>,
    id: u64,
}

impl Put {
    fn open(conduct: Arc<Conduct>, range: Range<u64>, line: Line, trace: &Trace, limit: usize) -> (Self, PutsOpen) {
        let id = trace.number();
        let mut known = conduct.known();
        if let Some(broken_rule) = known.judge(&range) {
            trace.violation(broken_rule);
        }
        known.wanted.remove(&range);
        known.open.push(OpenPut { id, range, line, asked_since: false });
        let mut open = known.open.len();
        if open > limit {
            open = known.alive().count();
        }
        drop(known);
        trace.puts_open(open);
        (Self { conduct, id }, PutsOpen(open))
    }

    fn answered(self, response: &Response) {
        let Some(put) = self.close() else { return };
        let mut known = self.conduct.known();
        match status_of(response) {
            Some(status) if status.is_success() => {
                known.acknowledged.insert(put.range.clone());
                if let Some(told) = response.extensions().get::<Told>() {
                    known.put_told(&put.range, told, self.conduct.size);
                }
            }
            Some(status) if resolves(status) => {}
            _ => known.unresolved.insert(put.range),
        }
    }

    fn close(&self) -> Option<OpenPut> {
        let mut known = self.conduct.known();
        let at = known.open.iter().position(|put| put.id == self.id)?;
        Some(known.open.swap_remove(at))
    }
}

impl Drop for Put {
    fn drop(&mut self) {
        match self.close() {
            Some(put) if !put.asked_since => self.conduct.known().unresolved.insert(put.range),
            _ => {}
        }
    }
}

/// Whether the answer says that the bytes did not arrive, so that sending them again needs no status read.
fn resolves(status: StatusCode) -> bool {
    let refuses = status.is_client_error()
        && status != StatusCode::REQUEST_TIMEOUT
        && status != StatusCode::RANGE_NOT_SATISFIABLE;
    refuses || status.is_redirection()
}
