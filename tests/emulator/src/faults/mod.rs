//! Faults on demand: what goes wrong with which request.
//!
//! A fault takes the place of the service for one request. It gets the whole `Exchange`: the request, the rest of
//! the service, and the TCP line below, and does with them what its family does: answer itself, let the service
//! answer and lose or change what it said, or break the line.
//!
//! To add one: a struct in the file of its family (or a new file) with `async fn strike(self, exchange: Exchange) ->
//! Response`, a variant of [`Fault`] and one arm each in `name` and `strike`.

mod answer;
mod line;
mod plan;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::line::Line;

pub use answer::{HtmlPage, StatusAnswer};
pub use line::{CutBody, LoseAnswer, Stall};
pub(crate) use plan::{strike, Faults};
pub use plan::{FaultPlan, Match};

/// What goes wrong. As JSON: `{"kind":"status","status":503,…}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Fault {
    /// The service answers this status, and does nothing.
    Status(StatusAnswer),
    /// Something between client and service answers a page of HTML, and the service does nothing.
    Html(HtmlPage),
    /// The line breaks in the middle of the request's body.
    CutBody(CutBody),
    /// The service does what it was asked to do, and the line breaks instead of its answer.
    LoseAnswer(LoseAnswer),
    /// Nothing happens any more.
    Stall(Stall),
}

impl Fault {
    fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Html(_) => "html",
            Self::CutBody(_) => "cutBody",
            Self::LoseAnswer(_) => "loseAnswer",
            Self::Stall(_) => "stall",
        }
    }

    async fn strike(self, exchange: Exchange) -> Response {
        match self {
            Self::Status(fault) => fault.strike(exchange).await,
            Self::Html(fault) => fault.strike(exchange).await,
            Self::CutBody(fault) => fault.strike(exchange).await,
            Self::LoseAnswer(fault) => fault.strike(exchange).await,
            Self::Stall(fault) => fault.strike(exchange).await,
        }
    }
}

/// A request on its way into the service, in the hands of a fault.
struct Exchange {
    request: Request,
    service: Next,
    line: Line,
}
