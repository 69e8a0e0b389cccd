//! What a person or a test can choose about the service.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A bearer token. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How the service behaves. The defaults are what is known of the real service.
///
/// As JSON (`GET` and `PATCH /_emulator/settings`) the names are in camelCase, durations in milliseconds; `port`,
/// `token` and `state` are fixed when the service starts and are not part of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// The port on 127.0.0.1; 0 lets the system choose a free one.
    #[serde(skip)]
    pub port: u16,
    /// The token that Graph requests must carry; `None` makes a random one.
    #[serde(skip)]
    pub token: Option<Token>,
    /// A folder in which documents and sessions are kept, so that a service that was killed goes on when it is started
    /// again with the same port and folder. Needs `keep_documents`; the journal is not in it.
    #[serde(skip)]
    pub state: Option<PathBuf>,
    /// The permissions the token grants.
    pub scopes: Vec<String>,
    /// Whether the token is an application's own (no signed-in user), which the service hardly lets print.
    pub app_only: bool,
    /// Whether the user is a Printer Administrator; others see five properties of a share.
    pub printer_administrator: bool,
    /// Whether the bytes of documents are kept (in a file without a name), or discarded once hashed.
    pub keep_documents: bool,
    /// Whether documents are hashed. Without it the bytes are only counted, which is the fastest.
    pub hash_documents: bool,
    /// How long an upload session lives, counted from its creation.
    #[serde(rename = "sessionLifetimeMs", with = "milliseconds")]
    pub session_lifetime: Duration,
    /// What a session answers that is no longer there.
    pub gone_session: GoneSession,
    /// What stays of a range whose body broke off.
    pub partial_range: PartialRange,
    /// How many PUTs of one session may be open at once.
    pub concurrent_puts: usize,
    /// A PUT carries fewer bytes than this.
    pub put_bytes_limit: u64,
    /// The largest document, in bytes.
    pub document_bytes_limit: u64,
    /// Whether a connection takes more than one request.
    pub keep_alive: bool,
    /// What becomes of a job that is started.
    pub job_life: JobLife,
    /// How many jobs of a printer are taken within the window.
    pub jobs_limit: usize,
    /// The window; ten minutes by default.
    #[serde(rename = "jobsWindowMs", with = "milliseconds")]
    pub jobs_window: Duration,
    /// Whether the tenant has a subscription of Universal Print.
    pub licensed: bool,
    /// How many requests the journal remembers; older ones are only counted.
    pub journal_limit: usize,
}

/// What a session answers that expired, was deleted or is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GoneSession {
    /// 404 Not Found.
    NotFound,
    /// 410 Gone.
    Gone,
}

/// What stays of a range whose body broke off. The real service's way is not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartialRange {
    /// Nothing: a range arrives whole or not at all.
    Forgotten,
    /// The bytes that did arrive.
    PrefixKept,
}

/// How a job that is started goes on: each look at it shows the next of its states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JobLife {
    /// The printer takes and prints it.
    Printed,
    /// The service converts it first.
    Transformed,
    /// It is held until somebody releases it at the printer.
    Held,
    /// No printer ever takes it.
    Stuck,
    /// The printer wants attention, and then prints it.
    Stopped,
    /// The printer gives up.
    Aborted,
    /// It is printed, and something went wrong.
    Errors,
}

/// A state of a job, its detail, and whether the printer has taken it.
type Stage = (&'static str, &'static str, bool);

impl JobLife {
    /// The states in their order; the last one stays.
    pub(crate) fn stages(self) -> &'static [Stage] {
        const TAKEN: Stage = ("processing", "interpreting", true);
        const WAITING: Stage = ("processing", "interpreting", false);
        const DONE: Stage = ("completed", "completedSuccessfully", true);
        match self {
            Self::Printed => &[WAITING, TAKEN, DONE],
            Self::Transformed => &[("processing", "transforming", false), TAKEN, DONE],
            Self::Held => &[("paused", "releaseWait", false)],
            Self::Stuck => &[WAITING],
            Self::Stopped => &[TAKEN, ("stopped", "", true), TAKEN, DONE],
            Self::Aborted => &[TAKEN, ("aborted", "", true)],
            Self::Errors => &[TAKEN, ("completed", "completedWithErrors", true)],
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            token: None,
            state: None,
            scopes: vec!["PrintJob.ReadWrite".to_owned(), "PrinterShare.ReadBasic.All".to_owned()],
            app_only: false,
            printer_administrator: true,
            keep_documents: true,
            hash_documents: true,
            session_lifetime: Duration::from_secs(60 * 60),
            gone_session: GoneSession::NotFound,
            partial_range: PartialRange::Forgotten,
            concurrent_puts: 4,
            put_bytes_limit: 10_000_000,
            document_bytes_limit: 1 << 30,
            keep_alive: true,
            job_life: JobLife::Printed,
            jobs_limit: 100,
            jobs_window: Duration::from_secs(600),
            licensed: true,
            journal_limit: 10_000,
        }
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(duration.as_millis().try_into().unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
