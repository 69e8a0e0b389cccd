//! One error for everything: what failed, with what, and what to do next.

use std::fmt;
use std::io;

use http::HeaderMap;

pub(crate) use crate::next_step::NextStep;
/// What kind of thing failed.
pub use crate::status::Status as ErrorKind;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The response to a request that failed. Its texts are the service's own: clean them before they reach
/// a screen ([`crate::http::redact::clean`]).
#[derive(Clone, Default)]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: u16,
    /// The response headers, secret ones masked.
    pub headers: HeaderMap,
    /// The body, at most 64 KiB of it, as text.
    pub body: String,
    /// `error.code` of a Graph error.
    pub graph_code: Option<String>,
    /// `error.message` of a Graph error.
    pub graph_message: Option<String>,
    /// The service's name for the request: the header `request-id` or `error.innerError.request-id`.
    pub request_id: Option<String>,
    /// When the service responded: `error.innerError.date` or the header `Date`.
    pub date: Option<String>,
}

/// What a log of errors needs; bodies name people and what they print.
impl fmt::Debug for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorResponse")
            .field("status", &self.status)
            .field("graph_code", &self.graph_code)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

#[cfg(unix)]
const NO_DESCRIPTOR_LEFT: [i32; 2] = [libc::EMFILE, libc::ENFILE];

/// ERROR_TOO_MANY_OPEN_FILES and WSAEMFILE.
#[cfg(windows)]
const NO_DESCRIPTOR_LEFT: [i32; 2] = [4, 10024];

/// Why something failed, for a person and for a program.
#[derive(Clone, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Detail>);

#[derive(Clone)]
struct Detail {
    kind: ErrorKind,
    message: String,
    next_step: NextStep,
    /// What to do after that: how its upload goes on or begins anew.
    and_then: NextStep,
    retryable: bool,
    resumable: bool,
    response: Option<ErrorResponse>,
    client_request_id: Option<String>,
    /// As they came, for a host's own use: with secrets, and so in no text.
    response_headers: HeaderMap,
}

impl Error {
    /// An error of a kind, with one or two sentences on what was being done and what happened.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Detail {
            kind,
            message: message.into(),
            next_step: NextStep::default(),
            and_then: NextStep::default(),
            retryable: false,
            resumable: false,
            response: None,
            client_request_id: None,
            response_headers: HeaderMap::new(),
        }))
    }

    /// A panic, whose own text may hold a secret.
    pub(crate) fn internal() -> Self {
        Error::new(ErrorKind::Internal, "A defect of the mgprint library was caught.")
    }

    /// An error of the system that says that this process, or the system, has as many files and connections open as it may;
    /// `None` for any other.
    pub(crate) fn of_limit(error: &io::Error, what: &str) -> Option<Self> {
        let message = format!("{what}: the system gives this process no further file or connection.");
        let is_limit = error.raw_os_error().is_some_and(|code| NO_DESCRIPTOR_LEFT.contains(&code));
        is_limit.then(|| Error::new(ErrorKind::SystemLimit, message).with_next_step(NextStep::RaiseLimit))
    }

    /// Says what the person can do about it; this is all that there is to do.
    #[must_use]
    pub(crate) fn with_next_step(mut self, next_step: impl Into<NextStep>) -> Self {
        (self.0.next_step, self.0.and_then) = (next_step.into(), NextStep::default());
        self
    }

    /// The same for a command that creates its upload session itself.
    pub(crate) fn without_session(mut self) -> Self {
        self.0.next_step = std::mem::take(&mut self.0.next_step).without_session();
        self
    }

    /// Says how its upload goes on or begins anew, once that is done.
    #[must_use]
    pub(crate) fn and_then(mut self, next_step: impl Into<NextStep>) -> Self {
        self.0.and_then = next_step.into();
        self
    }

    /// Another try may succeed.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// As far as is known, the upload session still exists and the same upload can go on.
    #[must_use]
    pub fn resumable(mut self, resumable: bool) -> Self {
        self.0.resumable = resumable;
        self
    }

    /// Adds the response.
    #[must_use]
    pub fn with_error_response(mut self, response: ErrorResponse) -> Self {
        self.0.response = Some(response);
        self
    }

    /// Adds the headers of the response as they came.
    #[must_use]
    pub(crate) fn with_response_headers(mut self, headers: &HeaderMap) -> Self {
        self.0.response_headers = headers.clone();
        self
    }

    /// The `client-request-id` under which the request went out.
    #[must_use]
    pub fn with_client_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.client_request_id.get_or_insert(id.into());
        self
    }

    /// The same error in other words.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// What kind of thing failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was being done, to what, and what happened. Redacted and cleaned.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the person can do; may be empty.
    pub fn next_step(&self) -> String {
        format!("{} {}", self.0.next_step.in_words(), self.0.and_then.in_words()).trim().to_owned()
    }

    /// What to do before the upload goes on or begins anew.
    pub(crate) fn first_step(&self) -> &NextStep {
        &self.0.next_step
    }

    /// Whether another try may succeed.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the same upload can go on.
    pub fn is_resumable(&self) -> bool {
        self.0.resumable
    }

    /// The response, if there was one.
    pub fn error_response(&self) -> Option<&ErrorResponse> {
        self.0.response.as_ref()
    }

    /// The headers of the response as they came, where at least they came whole. They may hold secrets.
    pub fn response_headers(&self) -> &HeaderMap {
        &self.0.response_headers
    }

    /// The HTTP status of the response, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.error_response().map(|response| response.status)
    }

    /// The `client-request-id` under which the request went out.
    pub fn client_request_id(&self) -> Option<&str> {
        self.0.client_request_id.as_deref()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("retryable", &self.0.retryable)
            .field("resumable", &self.0.resumable)
            .field("response", &self.0.response)
            .finish_non_exhaustive()
    }
}
