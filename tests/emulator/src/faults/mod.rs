//! Faults on demand: what goes wrong with which request.
//!
//! A fault takes the place of the service for one request. It gets the whole `Exchange`: the request, the rest of
//! the service, its state, and the TCP line below, and does with them what its family does: answer itself (`answer`,
//! `hostile`), let the service answer and change what it said (`told`), break the line (`line`), take long (`pace`), or
//! change the service itself (`state`).
//!
//! To add one: a struct in the file of its family (or a new file) with `async fn strike(self, exchange: Exchange) ->
//! Response`, a variant of [`Fault`] and one arm each in `name` and `strike`.

mod answer;
mod hostile;
mod line;
mod pace;
mod plan;
mod state;
mod told;

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::line::Line;
use crate::service::Service;

pub use answer::{HtmlPage, Redirect, StatusAnswer};
pub use hostile::{Hostile, Measureless};
pub use line::{AnswerPart, CutAnswer, CutBody, KeepLate, LoseAnswer, LoseRequest};
pub use pace::{CloseIdle, Drip, Dripping, Stall};
pub(crate) use plan::{strike, Faults};
pub use plan::{FaultPlan, Match, Place};
pub use state::{CutConnection, End, EndSession, ForgetBytes, Outage};
pub use told::{Ranges, RangesForm, Rewrite};

/// What goes wrong. As JSON: `{"kind":"status","status":503,…}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Fault {
    /// The service answers this status, and does nothing.
    Status(StatusAnswer),
    /// Something between client and service answers a page of HTML, and the service does nothing.
    Html(HtmlPage),
    /// A redirect, and the service does nothing.
    Redirect(Redirect),
    /// An answer that no honest service gives, and the service does nothing.
    Hostile(Hostile),
    /// A connection breaks before or in the head of its first request.
    CutConnection(CutConnection),
    /// The line breaks after the request's head, or in the middle of its body.
    CutBody(CutBody),
    /// The line breaks after the whole request, and the service does nothing.
    LoseRequest(LoseRequest),
    /// The service does what it was asked to do, and the line breaks instead of its answer.
    LoseAnswer(LoseAnswer),
    /// The line breaks after the whole request, and the service does later what it was asked to do.
    KeepLate(KeepLate),
    /// The service does what it was asked to do, and the line breaks in the middle of its answer.
    CutAnswer(CutAnswer),
    /// Nothing happens any more.
    Stall(Stall),
    /// Request or answer go on a few bytes at a time.
    Drip(Drip),
    /// The connection ends some time after the answer.
    CloseIdle(CloseIdle),
    /// The service does what it was asked to do, and answers something else.
    Rewrite(Rewrite),
    /// The service does what it was asked to do, and lists the missing ranges in another way.
    Ranges(Ranges),
    /// The service is away for a time: everything is broken, and connections are refused.
    Outage(Outage),
    /// The upload session expires, or another client deletes it.
    EndSession(EndSession),
    /// The service forgets bytes that it acknowledged.
    ForgetBytes(ForgetBytes),
}

impl Fault {
    fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Html(_) => "html",
            Self::Redirect(_) => "redirect",
            Self::Hostile(_) => "hostile",
            Self::CutConnection(_) => "cutConnection",
            Self::CutBody(_) => "cutBody",
            Self::LoseRequest(_) => "loseRequest",
            Self::LoseAnswer(_) => "loseAnswer",
            Self::KeepLate(_) => "keepLate",
            Self::CutAnswer(_) => "cutAnswer",
            Self::Stall(_) => "stall",
            Self::Drip(_) => "drip",
            Self::CloseIdle(_) => "closeIdle",
            Self::Rewrite(_) => "rewrite",
            Self::Ranges(_) => "ranges",
            Self::Outage(_) => "outage",
            Self::EndSession(_) => "endSession",
            Self::ForgetBytes(_) => "forgetBytes",
        }
    }

    async fn strike(self, exchange: Exchange) -> Response {
        match self {
            Self::Status(fault) => fault.strike(exchange).await,
            Self::Html(fault) => fault.strike(exchange).await,
            Self::Redirect(fault) => fault.strike(exchange).await,
            Self::Hostile(fault) => fault.strike(exchange).await,
            Self::CutBody(fault) => fault.strike(exchange).await,
            Self::LoseRequest(fault) => fault.strike(exchange).await,
            Self::LoseAnswer(fault) => fault.strike(exchange).await,
            Self::KeepLate(fault) => fault.strike(exchange).await,
            Self::CutAnswer(fault) => fault.strike(exchange).await,
            Self::Stall(fault) => fault.strike(exchange).await,
            Self::Drip(fault) => fault.strike(exchange).await,
            Self::CloseIdle(fault) => fault.strike(exchange).await,
            Self::Rewrite(fault) => fault.strike(exchange).await,
            Self::Ranges(fault) => fault.strike(exchange).await,
            Self::Outage(fault) => fault.strike(exchange).await,
            Self::EndSession(fault) => fault.strike(exchange).await,
            Self::ForgetBytes(fault) => fault.strike(exchange).await,
            // It strikes before there is a request.
            Self::CutConnection(_) => exchange.service.run(exchange.request).await,
        }
    }
}

/// A request on its way into the service, in the hands of a fault.
struct Exchange {
    request: Request,
    service: Next,
    line: Line,
    state: Arc<Service>,
}
