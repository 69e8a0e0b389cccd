//! Events: what a running operation tells, kept until its host asks.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bell::Bell;
use super::text::Text;
use crate::event::{Event as EngineEvent, LogLevel};

/// What kind of event it is.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The operation ended: mgprint_operation_result tells how. It is the last event, and answered again when asked again.
    Finished = 1,
    /// bytes_done, bytes_total and bytes_per_second of an upload; only the newest is kept.
    Progress = 2,
    /// Something failed and will be tried again: attempt, max_attempts, delay_ms, and why in `text`.
    Retry = 3,
    /// A line for a log: level and text.
    Log = 4,
    /// Of mgprint_upload_stream_start: the operation needs `length` bytes of the document, at most 1 MiB, from `offset` on.
    /// Answered with mgprint_operation_supply or mgprint_operation_supply_failed. Several may be open at once.
    BytesWanted = 5,
    /// With RENEW_TOKEN: the service refused the token, and wants of another what is in `text`, in base64, or nothing more
    /// than that it is another. Answered with mgprint_operation_renew; the operation waits.
    TokenWanted = 6,
    /// Of a print: a job was made, or stands otherwise than before. `text` is JSON: printJobId, printDocumentId, status.
    Job = 7,
}

/// An event. Members that its kind does not name are 0 or empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// LOG: 0 a warning, 1 a step in words, 2 a request or an answer.
    pub level: u32,
    /// PROGRESS: bytes that the service has, and those on the wire.
    pub bytes_done: u64,
    /// PROGRESS: bytes of the document.
    pub bytes_total: u64,
    /// PROGRESS: over the last seconds; 0 while unknown.
    pub bytes_per_second: u64,
    /// RETRY: 1 for the first retry since there was progress.
    pub attempt: u32,
    /// RETRY: how many there may be.
    pub max_attempts: u32,
    /// RETRY: the wait before it.
    pub delay_ms: u64,
    /// BYTES_WANTED: where in the document.
    pub offset: u64,
    /// BYTES_WANTED: how many bytes.
    pub length: u64,
    /// RETRY: why. LOG: the line or lines. TOKEN_WANTED: the claims. Free of secrets and of control characters but line
    /// breaks and tabs. Valid until the next event of the same operation is asked for, or the operation is freed.
    pub text: Text,
}

impl Event {
    pub(super) fn of(kind: EventKind) -> Self {
        Event {
            kind,
            level: 0,
            bytes_done: 0,
            bytes_total: 0,
            bytes_per_second: 0,
            attempt: 0,
            max_attempts: 0,
            delay_ms: 0,
            offset: 0,
            length: 0,
            text: Text::EMPTY,
        }
    }
}

/// Events that wait for a host that does not ask; more are dropped, and that is told.
const MOST_WAITING: usize = 4096;

/// What waits to be told.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) events: VecDeque<EngineEvent>,
    pub(super) progress: Option<EngineEvent>,
    pub(super) dropped: usize,
    /// What is wanted of another token; empty for any.
    pub(super) token: Option<String>,
    pub(super) finished: bool,
    /// Of whoever waits for several operations at once.
    pub(super) bell: Option<Arc<Bell>>,
}

impl Waiting {
    /// Keeps an event in its place: a host that shows the newest would else show old progress over a retry.
    pub(super) fn keep(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Progress { .. } => self.progress = Some(event),
            _ if self.events.len() >= MOST_WAITING => self.dropped += 1,
            _ => {
                self.events.extend(self.progress.take());
                self.events.push_back(event);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.progress.is_none() && self.dropped == 0 && self.token.is_none()
    }

    pub(super) fn next(&mut self) -> Option<EngineEvent> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.dropped > 0 {
            let text =
                format!("{} events were dropped, since nobody asked for them.", std::mem::take(&mut self.dropped));
            return Some(EngineEvent::Log { level: LogLevel::Warning, text });
        }
        self.progress.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn progress(bytes_done: u64) -> EngineEvent {
        EngineEvent::Progress { bytes_done, bytes_total: 10, bytes_per_second: 0 }
    }

    #[test]
    fn progress_is_told_before_the_retry_that_came_after_it() {
        let retry =
            EngineEvent::Retry { attempt: 1, max_attempts: 3, delay: Duration::ZERO, reason: "The line broke.".into() };
        let mut waiting = Waiting::default();
        for event in [progress(1), progress(2), retry.clone(), progress(3), progress(4)] {
            waiting.keep(event);
        }
        let told: Vec<_> = std::iter::from_fn(|| waiting.next()).collect();
        assert_eq!(told, [progress(2), retry, progress(4)]);
        assert!(waiting.is_empty());
    }
}
