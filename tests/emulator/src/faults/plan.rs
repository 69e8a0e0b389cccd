//! Which request a fault strikes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{CutConnection, Exchange, Fault};
use crate::journal::{Part, Trace};
use crate::line::Line;
use crate::service::Service;

/// A fault, and the requests it strikes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FaultPlan {
    /// Which requests; every one by default.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// What goes wrong.
    pub fault: Fault,
}

/// Which requests a fault strikes: those that fulfil everything that is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Match {
    /// `PUT`, …
    pub method: Option<String>,
    /// Which half of the service.
    pub part: Option<Part>,
    /// Text that the path, as it was sent, contains.
    pub path_contains: Option<String>,
    /// The first byte that the `Content-Range` names.
    pub range_start: Option<u64>,
    /// Where in its document the range of the `Content-Range` lies.
    pub place: Option<Place>,
    /// Only from the nth such request on, counted from 1 and from the moment the fault was planned.
    pub nth: u64,
    /// How many requests are struck, in a row; `None` (in JSON: null) for all from then on.
    pub times: Option<u64>,
}

/// Where in a document a range lies. A range that is the whole document is both first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// It begins the document.
    First,
    /// It neither begins nor ends the document.
    Middle,
    /// It ends the document.
    Last,
}

impl Default for Match {
    fn default() -> Self {
        Self { method: None, part: None, path_contains: None, range_start: None, place: None, nth: 1, times: Some(1) }
    }
}

impl Match {
    fn fits(&self, request: &Request) -> bool {
        let path = request.uri().path();
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(request.method().as_str()))
            && self.part.is_none_or(|part| part == Part::of(path))
            && self.path_contains.as_ref().is_none_or(|text| path.contains(text))
            && self.range_start.is_none_or(|start| bytes_of(request).is_some_and(|bytes| bytes.first == start))
            && self.place.is_none_or(|place| bytes_of(request).is_some_and(|bytes| bytes.are_at(place)))
    }
}

/// A `Content-Range`, loosely read: a fault may be planned for a request that the service would refuse.
struct Bytes {
    first: u64,
    last: Option<u64>,
    total: Option<u64>,
}

fn bytes_of(request: &Request) -> Option<Bytes> {
    let value = request.headers().get(header::CONTENT_RANGE)?;
    let range = value.to_str().ok()?.trim().strip_prefix("bytes")?.trim();
    let (range, total) = range.split_once('/').unwrap_or((range, ""));
    let (first, last) = range.split_once('-').unwrap_or((range, ""));
    Some(Bytes { first: first.parse().ok()?, last: last.parse().ok(), total: total.parse().ok() })
}

impl Bytes {
    fn are_at(&self, place: Place) -> bool {
        let end = matches!((self.last, self.total), (Some(last), Some(total)) if last + 1 >= total);
        match place {
            Place::First => self.first == 0,
            Place::Middle => self.first > 0 && !end,
            Place::Last => end,
        }
    }
}

/// The faults that are planned.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Planned>>);

#[derive(Debug)]
struct Planned {
    plan: FaultPlan,
    seen: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn add(&self, plan: FaultPlan) {
        self.planned().push(Planned { plan, seen: 0, struck: 0 });
    }

    pub(crate) fn clear(&self) {
        self.planned().clear();
    }

    /// Those that have yet to strike, or will strike again.
    pub(crate) fn pending(&self) -> Vec<FaultPlan> {
        let planned = self.planned();
        planned.iter().map(|planned| planned.plan.clone()).collect()
    }

    /// The fault that strikes this request: the first planned of those that are due.
    fn due(&self, request: &Request) -> Option<Fault> {
        self.next_due(|plan| !matches!(plan.fault, Fault::CutConnection(_)) && plan.matching.fits(request))
    }

    /// The same for a connection that was accepted, and on which nothing was read.
    pub(crate) fn due_at_connection(&self) -> Option<CutConnection> {
        match self.next_due(|plan| matches!(plan.fault, Fault::CutConnection(_)))? {
            Fault::CutConnection(cut) => Some(cut),
            _ => None,
        }
    }

    fn next_due(&self, fits: impl Fn(&FaultPlan) -> bool) -> Option<Fault> {
        let mut due = None;
        self.planned().retain_mut(|planned| {
            let Match { nth, times, .. } = planned.plan.matching;
            if fits(&planned.plan) {
                planned.seen += 1;
                if due.is_none() && planned.seen >= nth {
                    planned.struck += 1;
                    due = Some(planned.plan.fault.clone());
                }
            }
            times.is_none_or(|times| planned.struck < times)
        });
        due
    }

    fn planned(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the fault that is due strike, or else the service answer.
pub(crate) async fn strike(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let Some(fault) = service.faults.due(&request) else {
        return next.run(request).await;
    };
    if let Some(trace) = request.extensions().get::<Trace>() {
        trace.fault(fault.name());
    }
    match request.extensions().get::<Line>().cloned() {
        Some(line) => fault.strike(Exchange { request, service: next, line, state: service }).await,
        None => next.run(request).await,
    }
}
