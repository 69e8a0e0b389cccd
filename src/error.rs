//! One error for everything: what failed, with what, and what to do next.

use std::fmt;
use std::io;

use http::HeaderMap;

pub(crate) use crate::next_step::NextStep;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is out of its range.
    InvalidArgument,
    /// A defect of this library: a panic that was caught.
    Internal,
    /// The system gives the process no further thread, descriptor or handle.
    SystemLimit,
    /// There is no memory for what the caller gave.
    OutOfMemory,
    /// The endpoint is not one that requests may go to.
    InvalidEndpoint,
    /// The upload URL is not one that bytes may go to.
    InvalidUploadUrl,
    /// A header of the caller's cannot be sent.
    InvalidHeader,
    /// The proxy's address cannot be used.
    InvalidProxy,
    /// The body is not a JSON object within the bounds.
    InvalidBody,
    /// A Graph request needs a token, and there is none.
    AuthenticationNeeded,
    /// There is no such file.
    SourceNotFound,
    /// The file cannot be read.
    SourceUnreadable,
    /// The path names a directory, a pipe or a device.
    SourceNotAFile,
    /// The document has no bytes; the service knows no empty range.
    SourceEmpty,
    /// The file changed while it was being sent.
    SourceChanged,
    /// The session was created for another size.
    SizeMismatch,
    /// The resume file is not ours alone, not one of ours, or of another upload.
    ResumeFileRefused,
    /// Another upload uses the resume file.
    ResumeFileInUse,
    /// The resume file cannot be made, read or written.
    ResumeFileFailed,
    /// The file that a download goes to cannot be made or written.
    TargetFailed,
    /// No connection, or it broke.
    ConnectionFailed,
    /// The other side could not be trusted, or speaks no TLS 1.2.
    TlsFailed,
    /// Nothing moved for too long.
    Timeout,
    /// The proxy refused or could not be reached.
    ProxyFailed,
    /// The caller ended it.
    Cancelled,
    /// The response has a status of 400 or more.
    RequestFailed,
    /// The response is not one that the protocol knows.
    UnexpectedResponse,
    /// The response is larger or deeper than any of the service's.
    ResponseTooLarge,
    /// A redirect that may not be followed.
    RedirectRefused,
    /// The upload session expired, was deleted, or is complete.
    SessionGone,
    /// No printer share, or more than one, has the name.
    ShareNotFound,
    /// The printer cannot do what is asked of it.
    NotSupported,
    /// The job was aborted or canceled before it was printed.
    PrintJobEnded,
}

impl ErrorKind {
    /// The stable name, which scripts may rely on: that of the variant.
    pub fn id(self) -> String {
        format!("{self:?}")
    }
}

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
            next_step: NextStep::None,
            and_then: NextStep::None,
            retryable: false,
            resumable: false,
            response: None,
            client_request_id: None,
            response_headers: HeaderMap::new(),
        }))
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
        (self.0.next_step, self.0.and_then) = (next_step.into(), NextStep::None);
        self
    }

    /// The same for a command that creates its upload session itself.
    pub(crate) fn without_session(mut self) -> Self {
        self.0.next_step = std::mem::take(&mut self.0.next_step).without_session();
        self
    }

    /// Says how its upload goes on or begins anew, once that is done.
    #[must_use]
    pub(crate) fn and_then(mut self, next_step: NextStep) -> Self {
        self.0.and_then = next_step;
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
