//! Faults of the service itself: it is away, or a session is not what it was.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::Exchange;
use crate::line::Cut;

/// The service is away: every connection ends, whatever it was doing, and new ones are refused for a time. What it
/// knows it still knows afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Outage {
    /// For how long, in milliseconds.
    pub for_ms: u64,
}

impl Outage {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        exchange.state.outages.send_replace(Duration::from_millis(self.for_ms));
        // This task ends with its connection.
        std::future::pending().await
    }
}

/// A connection breaks before a request on it was read. Of the match, `nth` and `times` count connections, and
/// nothing else is looked at.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CutConnection {
    /// How many bytes of the request's head are read before.
    pub after_bytes: u64,
    /// How the line breaks.
    pub how: Cut,
}

/// The upload session of the request is no longer there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EndSession {
    /// Why.
    pub why: End,
    /// Whether it ends after the request was answered, and not before.
    #[serde(default)]
    pub after: bool,
}

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// Its time is over.
    Expired,
    /// Another client of the same session deleted it.
    Deleted,
}

impl EndSession {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, state, .. } = exchange;
        let session = state.session(request.uri().path());
        let end = || {
            let Some(session) = &session else { return };
            match self.why {
                End::Expired => session.progress().expires = SystemTime::now(),
                End::Deleted => {
                    session.progress().closed = true;
                    state.registry().sessions.remove(&session.id);
                }
            }
        };
        if self.after {
            let response = service.run(request).await;
            end();
            return response;
        }
        end();
        service.run(request).await
    }
}

/// The service forgets bytes that it acknowledged, before it does what it is asked to do. Possible only where the bytes
/// of documents are kept, and without effect elsewhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ForgetBytes {
    /// Which bytes, `[from, to)`; all of them without.
    pub bytes: Option<[u64; 2]>,
}

impl ForgetBytes {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, state, .. } = exchange;
        if let Some(session) = state.session(request.uri().path()) {
            let mut content = session.content.lock().await;
            if content.forget() {
                let [start, end] = self.bytes.unwrap_or([0, session.size()]);
                session.progress().received.remove(&Range { start, end });
            }
        }
        service.run(request).await
    }
}
