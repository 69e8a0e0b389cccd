//! How something ended: one list for the engine's errors and for C.

/// How a call or an operation ended. The numbers never change; new ones may be added.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It succeeded.
    Ok = 0,
    /// Nothing within the time to wait: no event, or no end.
    Pending = 1,
    /// mgprint_operation_wait: every byte was acknowledged, but for at most one range that was sent whole, and the service's word
    /// that it has the document is missing: its last response was lost, say, and the session is gone as that of a complete
    /// document is. It is no failure: the result is there, and a LOG event of level WARNING says what is not known. Look at the
    /// print job before sending the document again.
    Unconfirmed = 2,

    /// The caller: an argument is NULL or out of its range.
    InvalidArgument = 10,
    /// The caller: 0, freed, of another type, or never a handle.
    InvalidHandle = 11,
    /// The caller: text that is not UTF-8, or longer than any such text can be.
    InvalidText = 12,
    /// The caller: not now, or not of this object; or the process was forked since the library began to work.
    InvalidState = 13,
    /// A defect of this library, caught at the border.
    Internal = 14,
    /// The system gives this process no further thread, descriptor or handle.
    SystemLimit = 15,
    /// There is no memory for what was given.
    OutOfMemory = 16,

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
    /// The file that a download goes to cannot be made or written.
    TargetFailed = 53,

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

    /// The service responded with an HTTP status of 400 or more, with or without a Graph error code.
    RequestFailed = 80,
    /// The response is not one that the service gives.
    UnexpectedResponse = 81,
    /// The response is larger, deeper or longer than any honest one.
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
    /// The service was asked to start a print job and nothing says whether it did, or nothing says any more what became of a job
    /// that is waited for. The job may be printed: look at it before the document is printed again.
    StartUnconfirmed = 93,
}

impl Status {
    /// The stable name, which scripts may rely on: that of the variant.
    pub fn id(self) -> String {
        format!("{self:?}")
    }
}

macro_rules! names {
    ($($name:ident)*) => {{
        // One that is missing here does not compile.
        const fn _is_named(status: Status) {
            match status { $(Status::$name => {}),* }
        }
        &[$((Status::$name, concat!(stringify!($name), "\0"))),*]
    }};
}

/// All of them with their names, each with a NUL behind it.
pub(crate) const NAMES: &[(Status, &str)] = names! {
    Ok Pending Unconfirmed InvalidArgument InvalidHandle InvalidText InvalidState Internal SystemLimit OutOfMemory
    InvalidEndpoint InvalidUploadUrl InvalidHeader InvalidProxy InvalidBody AuthenticationNeeded SourceNotFound
    SourceUnreadable SourceNotAFile SourceEmpty SourceChanged SizeMismatch ResumeFileRefused ResumeFileInUse
    ResumeFileFailed TargetFailed ConnectionFailed TlsFailed Timeout ProxyFailed Cancelled RequestFailed
    UnexpectedResponse ResponseTooLarge RedirectRefused SessionGone ShareNotFound NotSupported PrintJobEnded StartUnconfirmed
};
