//! Status numbers and versions.

use std::ffi::c_char;

use crate::error::{Error, ErrorKind};

/// How a call or an operation ended. The numbers never change; new ones may be added.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It succeeded.
    Ok = 0,
    /// mgprint_operation_next_event: no event within the timeout.
    Pending = 1,

    /// The caller: an argument is NULL or out of its range.
    InvalidArgument = 10,
    /// The caller: 0, freed, of another type, or never a handle.
    InvalidHandle = 11,
    /// The caller: text that is not UTF-8, or longer than any such text can be.
    InvalidText = 12,
    /// The caller: not now, such as a result before the operation finished.
    InvalidState = 13,
    /// A defect of this library, caught at the border.
    Internal = 14,

    /// The endpoint is not https, nor http on this machine's loopback. Nothing was sent.
    InvalidEndpoint = 30,
    /// The upload URL is not one that bytes may go to. Nothing was sent.
    InvalidUploadUrl = 31,
    /// A header cannot be sent. Nothing was sent.
    InvalidHeader = 32,
    /// The proxy's address cannot be used. Nothing was sent.
    InvalidProxy = 33,
    /// The body is not a JSON object of at most 64 levels. Nothing was sent.
    InvalidBody = 34,
    /// A Graph request needs a token, and there is none. Nothing was sent.
    AuthenticationNeeded = 35,

    /// There is no such file.
    SourceNotFound = 40,
    /// The file cannot be read.
    SourceUnreadable = 41,
    /// The path names a directory, a pipe, a socket or a device.
    SourceNotAFile = 42,
    /// The document has no bytes.
    SourceEmpty = 43,
    /// The document changed while it was being sent; it was not completed.
    SourceChanged = 44,
    /// The session was created for another size. Nothing was sent.
    SizeMismatch = 45,

    /// The resume file belongs to or can be written by another user, is a link, is no resume file, or is of another
    /// upload. Nothing was sent.
    ResumeFileRefused = 50,
    /// Another upload uses the resume file. Nothing was sent.
    ResumeFileInUse = 51,
    /// The resume file cannot be made, read or written.
    ResumeFileFailed = 52,

    /// No connection, or it broke.
    ConnectionFailed = 60,
    /// No trusted encrypted connection.
    TlsFailed = 61,
    /// No byte moved for too long.
    Timeout = 62,
    /// The proxy refused or could not be reached.
    ProxyFailed = 63,
    /// mgprint_operation_cancel ended it.
    Cancelled = 64,

    /// The service answered with an HTTP status of 400 or more, with or without a Graph error code.
    RequestFailed = 80,
    /// The answer is not one that the service gives.
    UnexpectedResponse = 81,
    /// The answer is larger, deeper or longer than any honest one.
    ResponseTooLarge = 82,
    /// A redirect that is not followed.
    RedirectRefused = 83,
    /// The upload session expired, was deleted, or is complete.
    SessionGone = 84,

    /// No printer share, or more than one, has the name. Nothing was sent.
    ShareNotFound = 90,
    /// The printer cannot do what is asked of it. Nothing was sent.
    NotSupported = 91,
    /// The print job was aborted or canceled before it was printed.
    PrintJobEnded = 92,
}

impl From<ErrorKind> for Status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument => Self::InvalidArgument,
            ErrorKind::Internal => Self::Internal,
            ErrorKind::InvalidEndpoint => Self::InvalidEndpoint,
            ErrorKind::InvalidUploadUrl => Self::InvalidUploadUrl,
            ErrorKind::InvalidHeader => Self::InvalidHeader,
            ErrorKind::InvalidProxy => Self::InvalidProxy,
            ErrorKind::InvalidBody => Self::InvalidBody,
            ErrorKind::AuthenticationNeeded => Self::AuthenticationNeeded,
            ErrorKind::SourceNotFound => Self::SourceNotFound,
            ErrorKind::SourceUnreadable => Self::SourceUnreadable,
            ErrorKind::SourceNotAFile => Self::SourceNotAFile,
            ErrorKind::SourceEmpty => Self::SourceEmpty,
            ErrorKind::SourceChanged => Self::SourceChanged,
            ErrorKind::SizeMismatch => Self::SizeMismatch,
            ErrorKind::ResumeFileRefused => Self::ResumeFileRefused,
            ErrorKind::ResumeFileInUse => Self::ResumeFileInUse,
            ErrorKind::ResumeFileFailed => Self::ResumeFileFailed,
            ErrorKind::ConnectionFailed => Self::ConnectionFailed,
            ErrorKind::TlsFailed => Self::TlsFailed,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::ProxyFailed => Self::ProxyFailed,
            ErrorKind::Cancelled => Self::Cancelled,
            ErrorKind::RequestFailed => Self::RequestFailed,
            ErrorKind::UnexpectedResponse => Self::UnexpectedResponse,
            ErrorKind::ResponseTooLarge => Self::ResponseTooLarge,
            ErrorKind::RedirectRefused => Self::RedirectRefused,
            ErrorKind::SessionGone => Self::SessionGone,
            ErrorKind::ShareNotFound => Self::ShareNotFound,
            ErrorKind::NotSupported => Self::NotSupported,
            ErrorKind::PrintJobEnded => Self::PrintJobEnded,
        }
    }
}

impl From<&Error> for Status {
    fn from(error: &Error) -> Self {
        error.kind().into()
    }
}

/// The version of this ABI. It is raised only when something that existed changes its meaning; a host compares it with
/// MGPRINT_ABI_VERSION of the header that it was compiled with. Any thread.
#[no_mangle]
pub extern "C" fn mgprint_abi_version() -> u32 {
    ABI_VERSION
}

/// The version of this ABI that the header describes.
pub const ABI_VERSION: u32 = 1;

/// The version of the library, such as "3.0.0". Static: never freed. Any thread.
#[no_mangle]
pub extern "C" fn mgprint_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
