//! One error for everything: what failed, with what, and what to do next.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing failed. Each has a stable name, [`ErrorKind::id`], that scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is out of its range.
    InvalidArgument,
    /// A defect of this library: a panic that was caught.
    Internal,
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
    /// No connection, or it broke.
    ConnectionFailed,
    /// The other side could not be trusted, or speaks no TLS 1.2.
    TlsFailed,
    /// Silence for too long.
    Timeout,
    /// The proxy refused or could not be reached.
    ProxyFailed,
    /// The caller ended it.
    Cancelled,
    /// The service answered with a status of 400 or more.
    RequestFailed,
    /// The response is not what the protocol knows.
    UnexpectedResponse,
    /// The response is larger or deeper than any honest one.
    ResponseTooLarge,
    /// A redirect that may not be followed.
    RedirectRefused,
    /// The upload session expired, was deleted, or is complete.
    SessionGone,
}

impl ErrorKind {
    /// The stable name.
    pub fn id(self) -> &'static str {
        match self {
            Self::InvalidArgument => "InvalidArgument",
            Self::Internal => "Internal",
            Self::InvalidEndpoint => "InvalidEndpoint",
            Self::InvalidUploadUrl => "InvalidUploadUrl",
            Self::InvalidHeader => "InvalidHeader",
            Self::InvalidProxy => "InvalidProxy",
            Self::InvalidBody => "InvalidBody",
            Self::AuthenticationNeeded => "AuthenticationNeeded",
            Self::SourceNotFound => "SourceNotFound",
            Self::SourceUnreadable => "SourceUnreadable",
            Self::SourceNotAFile => "SourceNotAFile",
            Self::SourceEmpty => "SourceEmpty",
            Self::SourceChanged => "SourceChanged",
            Self::SizeMismatch => "SizeMismatch",
            Self::ResumeFileRefused => "ResumeFileRefused",
            Self::ResumeFileInUse => "ResumeFileInUse",
            Self::ResumeFileFailed => "ResumeFileFailed",
            Self::ConnectionFailed => "ConnectionFailed",
            Self::TlsFailed => "TlsFailed",
            Self::Timeout => "Timeout",
            Self::ProxyFailed => "ProxyFailed",
            Self::Cancelled => "Cancelled",
            Self::RequestFailed => "RequestFailed",
            Self::UnexpectedResponse => "UnexpectedResponse",
            Self::ResponseTooLarge => "ResponseTooLarge",
            Self::RedirectRefused => "RedirectRefused",
            Self::SessionGone => "SessionGone",
        }
    }
}

/// What the service answered, where it answered at all. Its texts are the service's own: clean them before they reach
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
    /// When the service answered: `error.innerError.date` or the header `Date`.
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

/// How an upload that failed goes on or begins anew. It is put into words where an error is read, after the advice on what
/// failed: whoever knows more of the upload sets another one, and no text is taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// The advice says it all.
    #[default]
    Advice,
    /// The session is still there, and its upload URL is known to the caller.
    SendToSameUploadUrl,
    /// The session is still there, and a resume file knows it.
    RunAgainToGoOn,
    /// The session went with the call.
    RunAgainToBeginAnew,
    /// The same, of a call that could have had a resume file.
    RunAgainOrUseResumeFile,
    /// The session is of no use any more, and this resume file names it.
    DeleteResumeFile(String),
}

impl NextStep {
    fn in_words(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Advice => "",
            Self::SendToSameUploadUrl => {
                "Send the same document to the same upload URL again: it goes on where it stopped, as long as the session lasts."
            }
            Self::RunAgainToGoOn => {
                "Run the same command again: it goes on where it stopped, as long as the session lasts."
            }
            Self::RunAgainToBeginAnew => "Run the command again: it begins anew.",
            Self::RunAgainOrUseResumeFile => {
                "Run the command again: it begins anew. With a resume file it would go on where it stopped."
            }
            Self::DeleteResumeFile(path) => return format!("Delete the resume file '{path}' first.").into(),
        })
    }
}

/// Why something failed, for a person and for a program.
#[derive(Clone, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Detail>);

#[derive(Clone)]
struct Detail {
    kind: ErrorKind,
    message: String,
    advice: Cow<'static, str>,
    next_step: NextStep,
    retryable: bool,
    resumable: bool,
    refusal: Option<ErrorResponse>,
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
            advice: Cow::Borrowed(""),
            next_step: NextStep::Advice,
            retryable: false,
            resumable: false,
            refusal: None,
            client_request_id: None,
            response_headers: HeaderMap::new(),
        }))
    }

    /// Says what the person can do about it; this is all that there is to do.
    #[must_use]
    pub fn with_next_step(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = advice.into();
        self.0.next_step = NextStep::Advice;
        self
    }

    /// Says how its upload goes on or begins anew, after the advice on what failed.
    #[must_use]
    pub(crate) fn then(mut self, next_step: NextStep) -> Self {
        self.0.next_step = next_step;
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

    /// What the service answered.
    #[must_use]
    pub fn with_error_response(mut self, refusal: ErrorResponse) -> Self {
        self.0.refusal = Some(refusal);
        self
    }

    /// The headers of the response as they came.
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
        format!("{} {}", self.0.advice, self.0.next_step.in_words()).trim().to_owned()
    }

    /// Whether another try may succeed.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the same upload can go on.
    pub fn is_resumable(&self) -> bool {
        self.0.resumable
    }

    /// What the service answered, if it did.
    pub fn error_response(&self) -> Option<&ErrorResponse> {
        self.0.refusal.as_ref()
    }

    /// The headers of the response as they came, where at least they came whole. They may hold secrets.
    pub fn response_headers(&self) -> &HeaderMap {
        &self.0.response_headers
    }

    /// The HTTP status of the response, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.error_response().map(|refusal| refusal.status)
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
            .field("refusal", &self.0.refusal)
            .finish_non_exhaustive()
    }
}
