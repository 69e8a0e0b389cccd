//! Where requests enter the journal.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::{Outcome, Trace};
use crate::line::Line;
use crate::reply::{status_of, Refusal};
use crate::service::Service;

/// Notes the request in the journal, and how it ended.
pub(crate) async fn record(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    let Some(line) = request.extensions().get::<Line>().cloned() else {
        return next.run(request).await;
    };
    let limit = service.settings().journal_limit;
    let trace = service.journal.open(&request, &line, limit);
    request.extensions_mut().insert(trace.clone());
    let mut unanswered = Unanswered(Some(trace));
    let response = next.run(request).await;
    if let Some(trace) = unanswered.0.take() {
        match status_of(&response) {
            Some(status) => trace.ended(Outcome::Answered, Some(status.as_u16())),
            None => trace.ended(Outcome::Broken, None),
        }
    }
    response
}

/// A request whose task is dropped before it has an answer lost its line.
struct Unanswered(Option<Trace>);

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(trace) = self.0.take() {
            trace.ended(Outcome::Broken, None);
        }
    }
}

/// Notes the rules that the client broke, even when a fault then loses the answer that says so.
pub(crate) async fn judge(request: Request, next: Next) -> Response {
    let trace = request.extensions().get::<Trace>().cloned();
    let response = next.run(request).await;
    let refusal = response.extensions().get::<Arc<Refusal>>();
    if let (Some(trace), Some(refusal)) = (trace, refusal.filter(|refusal| refusal.violation)) {
        trace.violation(&refusal.message);
    }
    response
}
