//! What a running operation tells whoever waits for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::request::UploadHeaders;

/// How much an observer wants to hear of requests and answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing but warnings.
    #[default]
    Warning,
    /// Steps and retries, in words.
    Verbose,
    /// Requests and answers too, with headers and bodies, secrets masked.
    Debug,
}

/// Something that happened. Texts are redacted and cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// How far an upload is.
    Progress {
        /// Bytes that the service has, and those on the wire.
        bytes_done: u64,
        /// Bytes of the document.
        bytes_total: u64,
        /// Over the last seconds; 0 while unknown.
        bytes_per_second: u64,
    },
    /// Something failed and will be tried again.
    Retry {
        /// 1 for the first retry since there was progress.
        attempt: u32,
        /// How many there may be.
        max_attempts: u32,
        /// The wait before it.
        delay: Duration,
        /// Why, in words.
        reason: String,
    },
    /// A line for a log.
    Log {
        /// Who wants to read it.
        level: LogLevel,
        /// The line.
        text: String,
    },
}

/// Receives events, on any thread; it must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event);

    /// The most detailed lines it wants.
    fn log_level(&self) -> LogLevel {
        LogLevel::Warning
    }
}

/// An observer that listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _: Event) {}
}

/// What one call can be told beside its arguments.
#[derive(Clone)]
pub struct CallOptions {
    /// How long no byte may move, either way, before the line counts as dead.
    pub silence_timeout: Duration,
    /// How many consecutive tries without progress may follow the first; `None` for the call's own default: 3 for a
    /// Graph request, 8 for an upload.
    pub max_retry: Option<u32>,
    /// Of requests to an upload URL: the caller's own headers, beside the protocol's.
    pub upload_headers: UploadHeaders,
    /// Who hears what happens.
    pub observer: Arc<dyn Observer>,
}

impl CallOptions {
    pub(crate) fn verbose(&self, line: impl FnOnce() -> String) {
        self.log(LogLevel::Verbose, line);
    }

    pub(crate) fn debug(&self, line: impl FnOnce() -> String) {
        self.log(LogLevel::Debug, line);
    }

    fn log(&self, level: LogLevel, line: impl FnOnce() -> String) {
        if self.observer.log_level() >= level {
            self.observer.event(Event::Log { level, text: line() });
        }
    }
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            silence_timeout: Duration::from_secs(60),
            max_retry: None,
            upload_headers: UploadHeaders::default(),
            observer: Arc::new(Unobserved),
        }
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("silence_timeout", &self.silence_timeout)
            .field("max_retry", &self.max_retry)
            .finish_non_exhaustive()
    }
}
