//! Events of a running operation, queued until its host reads them.

use std::collections::VecDeque;

use serde_json::json;

use super::text::{Str, Texts, View};
use crate::event::Event as EngineEvent;
use crate::log_level::LogLevel;

/// What kind of event it is. FINISHED comes after all that was waiting. BYTES_WANTED and TOKEN_WANTED come before it: nothing
/// moves without their answers. PROGRESS that nobody asked for in time is replaced by newer, but before a RETRY; of the others
/// 4,096 wait, and how many more were dropped a LOG event of level WARNING says.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventKind {
    /// The operation ended: mgprint_operation_wait has its result. The last event, which is given again from then on.
    #[default]
    Finished = 1,
    /// How far an upload or a download is. bytes_done may go back before a RETRY, when what was on its way is lost.
    Progress = 2,
    /// Something failed and will be tried again.
    Retry = 3,
    /// A line for a log.
    Log = 4,
    /// Of a document that the host feeds: the operation needs `length` of its bytes, at most 1 MiB, from `offset` on. Answered
    /// with mgprint_operation_supply. Several may be open at once.
    BytesWanted = 5,
    /// With RENEW_TOKEN: the service refused the token, and wants of another what is in `text`, in base64, or nothing more
    /// than that it is another. Answered with mgprint_operation_renew; the operation waits.
    TokenWanted = 6,
    /// Of a print: a job was made, or stands otherwise than before. `text` is JSON: printJobId, printDocumentId, status.
    Job = 7,
    /// Of a print: a job waits for a document that may never come. It may have been made by a request whose response was
    /// lost, or could not be canceled; another program may be about to use it. `text` is JSON: parentId, printJobId.
    JobLeft = 8,
}

/// An event. Members that its kind does not name are 0 or empty.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Event {
    /// Bytes of this struct.
    pub size: usize,
    /// What happened.
    pub kind: EventKind,
    /// LOG: who wants to read it.
    pub level: LogLevel,
    /// PROGRESS: bytes that the service has, and those on the wire; of a download, bytes that were written.
    pub bytes_done: u64,
    /// PROGRESS: bytes of the document; 0 while unknown.
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
    /// RETRY: why. LOG: the line or lines. TOKEN_WANTED: the claims. JOB: JSON. Free of secrets and of control characters but line
    /// breaks and tabs.
    pub text: Str,
}

impl Event {
    pub(super) fn of(kind: EventKind) -> Self {
        Event { size: std::mem::size_of::<Event>(), kind, ..Event::default() }
    }

    fn view_of(event: EngineEvent, texts: &mut Texts) -> Self {
        match event {
            EngineEvent::Progress { bytes_done, bytes_total, bytes_per_second } => {
                Event { bytes_done, bytes_total, bytes_per_second, ..Event::of(EventKind::Progress) }
            }
            EngineEvent::Retry { attempt, max_attempts, delay, reason } => Event {
                attempt,
                max_attempts,
                delay_ms: delay.as_millis() as u64,
                text: texts.keep(reason),
                ..Event::of(EventKind::Retry)
            },
            EngineEvent::Job { job_id, document_id, status } => {
                let text = json!({"printJobId": job_id, "printDocumentId": document_id, "status": status});
                Event { text: texts.keep(text.to_string()), ..Event::of(EventKind::Job) }
            }
            EngineEvent::JobLeft { parent_id, job_id } => {
                let text = json!({"parentId": parent_id, "printJobId": job_id});
                Event { text: texts.keep(text.to_string()), ..Event::of(EventKind::JobLeft) }
            }
            EngineEvent::Log { level, text } => Event { level, text: texts.keep(text), ..Event::of(EventKind::Log) },
        }
    }
}

/// The most events in the queue of a host that does not read them; further ones are dropped, and a LOG event says so.
const MOST_WAITING: usize = 4096;

/// The queue of events.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) events: VecDeque<EngineEvent>,
    pub(super) progress: Option<EngineEvent>,
    pub(super) dropped: usize,
    /// What is wanted of another token; empty for any.
    pub(super) token: Option<String>,
}

impl Waiting {
    /// Keeps an event in its place: a host that shows the newest would else show old progress over a retry.
    pub(super) fn keep(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Progress { .. } => self.progress = Some(event),
            _ if self.events.len() >= MOST_WAITING => self.dropped += 1,
            _ => {
                if matches!(event, EngineEvent::Retry { .. }) {
                    self.events.extend(self.progress.take());
                }
                self.events.push_back(event);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.progress.is_none() && self.dropped == 0 && self.token.is_none()
    }

    /// The next event, except for bytes that are wanted and the end.
    pub(super) fn next_view(&mut self) -> Option<View<Event>> {
        match self.token.take() {
            Some(claims) => {
                Some(View::new(|texts| Event { text: texts.keep(claims), ..Event::of(EventKind::TokenWanted) }))
            }
            None => self.next().map(|event| View::new(|texts| Event::view_of(event, texts))),
        }
    }

    fn next(&mut self) -> Option<EngineEvent> {
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
        let events: Vec<_> = std::iter::from_fn(|| waiting.next()).collect();
        assert_eq!(events, [progress(2), retry, progress(4)]);
        assert!(waiting.is_empty());
    }
}
