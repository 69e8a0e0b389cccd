//! What happens during an operation, for its observer.

use std::time::Duration;

use serde::Serialize;

use crate::log_level::LogLevel;

/// Something that happened. Texts are redacted and cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// How far an upload or a download is.
    Progress {
        /// Bytes that the service has, and those on the wire.
        bytes_done: u64,
        /// Bytes of the document; 0 while unknown.
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
    /// A print job was made, or stands otherwise than before.
    Job {
        /// Its id.
        job_id: String,
        /// Its document's.
        document_id: String,
        /// How it stands.
        status: JobStatus,
    },
    /// A print job that waits for a document which may never come: it may have been made by a request whose response was lost,
    /// or could not be canceled.
    JobLeft {
        /// The id of its share or printer.
        parent_id: String,
        /// Its id.
        job_id: String,
    },
    /// A line for a log.
    Log {
        /// How detailed it is.
        level: LogLevel,
        /// The line.
        text: String,
    },
}

/// How a print job stands: Graph's `printJobStatus`, whose values stay open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobStatus {
    /// `paused`, `pending`, `processing`, `stopped`, `completed`, `canceled`, `aborted`, or what else the service says.
    pub state: String,
    /// Such as `uploadPending`, `releaseWait`, `interpreting`, `completedWithErrors`.
    pub details: Vec<String>,
    /// In the service's words.
    pub description: String,
    /// The printer has taken the job.
    pub is_acquired_by_printer: bool,
}

/// Receives events, on any thread; it must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event);

    /// The most detailed lines that it receives.
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
