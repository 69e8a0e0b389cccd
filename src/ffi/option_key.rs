//! What can be set, and which call takes what.

use super::entry::Entry;
use crate::error::{Error, ErrorKind, Result};
use crate::status::Status;

/// What can be set. A call refuses what is not for it, so nothing is set in vain.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptionKey {
    /// Client, text: where Graph requests and the token go; "https://graph.microsoft.com" when it is not set.
    Endpoint = 1,
    /// Client, text: the bearer token, without the word Bearer. It is kept in memory that is wiped, and goes to the
    /// endpoint alone. Not needed to send bytes to an upload URL.
    AccessToken = 2,
    /// Client, text: the whole User-Agent.
    UserAgent = 3,
    /// Client, text: the proxy's address, such as "http://proxy:8080"; a user name and password may stand in it. Requests
    /// to loopback never go through it.
    Proxy = 4,
    /// Client, text: the value of the SdkVersion header of Graph requests.
    SdkVersion = 5,
    /// Client, text: the user name for the proxy.
    ProxyUser = 6,
    /// Client, text: the password of the proxy's user, which goes to that proxy alone.
    ProxyPassword = 7,
    /// Client, text: hosts that are reached without the proxy, as NO_PROXY lists them.
    ProxyBypass = 8,
    /// Client, text: the path of a file of PEM certificates that are trusted beside the system's.
    CaFile = 9,
    /// Upload of a path, text: the path of a resume file. It holds the upload URL and what is needed to know the document
    /// again, so that the same call goes on with the same upload after whatever ended this one. It is made when there is none
    /// and removed when the document is complete; while it is in use, another upload with it ends with RESUME_FILE_IN_USE.
    ResumeFile = 10,
    /// With RESUME_FILE, text: what the host calls the document at the service, such as its ids, at most 4096 bytes; a
    /// resume file of another identity is refused.
    ResumeIdentity = 11,
    /// Upload, session, text: a header for the requests to an upload URL, "Name: value". Each one that is set is added; those
    /// that hold a secret by their name, such as Authorization, are refused.
    UploadHeader = 12,
    /// Client, number: how long a connection may take to stand, in milliseconds, 1 to 3600000; default 30000.
    ConnectTimeoutMs = 20,
    /// Operations, number: how long nothing may move, either way, in milliseconds, 1 to 86400000; default 60000. What the host
    /// takes to answer an event is not counted.
    IdleTimeoutMs = 40,
    /// Operations, number: consecutive tries without progress after the first, 0 to 1000; default 3 for a request to Graph
    /// and 8 for an upload.
    MaxRetry = 41,
    /// Upload, number: bytes of one range, 1 to 9999999; default 8192000.
    ChunkSize = 42,
    /// Upload, number: ranges at once, 1 to 4; default 4.
    MaxConcurrency = 43,
    /// Operations, number: the LOG events that are wanted, an mgprint_log_level; default WARNING.
    LogLevel = 44,
    /// Upload to an upload URL, STATUS, number: bytes that the session was created for, where that is known; a document of
    /// another size is refused.
    ExpectedSize = 45,
    /// Upload to an upload URL, number: 1 when the host created the session this moment and nobody else knows it, so that
    /// the first range goes without asking what is there; default 0.
    FreshSession = 46,
    /// Uploads and downloads, number: 0 when nobody wants PROGRESS events; default 1.
    Progress = 47,
    /// Operations with a token, number: 1 to be asked by TOKEN_WANTED for another token when the service refuses the
    /// client's, once a request; default 0: to end with what the service said.
    RenewToken = 48,
    /// Operations with a token, number: how long to wait before the first retry of a request to Graph, in milliseconds, 1 to
    /// 180000; each further wait is twice as long, up to half a minute. The default is up to a second.
    RetryDelayMs = 49,
}

/// Which call takes which options.
#[derive(Clone, Copy)]
pub(super) struct Scope(u16, &'static str);

impl Scope {
    pub(super) const CLIENT: Scope = Scope(C | D, "a client");
    pub(super) const REQUEST: Scope = Scope(R, "a request");
    pub(super) const STATUS: Scope = Scope(S, "the status of a session");
    pub(super) const CANCEL: Scope = Scope(X, "the end of a session");
    pub(super) const UPLOAD_URL: Scope = Scope(U, "an upload to an upload URL");
    pub(super) const UPLOAD_DOCUMENT: Scope = Scope(P, "an upload to a print document");
    pub(super) const PRINT: Scope = Scope(T, "printing");
    pub(super) const CONTENT: Scope = Scope(B, "an upload or a download of content");

    pub(super) fn check(self, key: OptionKey) -> Result<()> {
        let Scope(taken, what) = self;
        if RULES.iter().any(|rule| rule.0 == key && rule.2 & taken != 0) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidArgument, format!("The option {key:?} is not one of {what}."))
            .with_next_step("Leave it out, or give it to the call that takes it."))
    }
}

// The client itself, defaults of its operations, requests, status, cancel, uploads to a URL, to a print document, and as a
// body, downloads, prints.
const C: u16 = 1;
const D: u16 = 2;
const R: u16 = 4;
const S: u16 = 8;
const X: u16 = 16;
const U: u16 = 32;
const P: u16 = 64;
const B: u16 = 128;
const T: u16 = 256;
const ANY: u16 = D | R | S | X | U | P | B | T;
pub(super) const TEXT: Option<(u64, u64)> = None;

/// An option, the range of a number or none for a text, and the calls that take it.
type Rule = (OptionKey, Option<(u64, u64)>, u16);

const RULES: &[Rule] = &[
    (OptionKey::Endpoint, TEXT, C),
    (OptionKey::AccessToken, TEXT, C),
    (OptionKey::UserAgent, TEXT, C),
    (OptionKey::Proxy, TEXT, C),
    (OptionKey::SdkVersion, TEXT, C),
    (OptionKey::ProxyUser, TEXT, C),
    (OptionKey::ProxyPassword, TEXT, C),
    (OptionKey::ProxyBypass, TEXT, C),
    (OptionKey::CaFile, TEXT, C),
    (OptionKey::ResumeFile, TEXT, U | P),
    (OptionKey::ResumeIdentity, TEXT, U | P),
    (OptionKey::UploadHeader, TEXT, D | S | X | U | P | T),
    (OptionKey::ConnectTimeoutMs, Some((1, 3_600_000)), C),
    (OptionKey::IdleTimeoutMs, Some((1, 86_400_000)), ANY),
    (OptionKey::MaxRetry, Some((0, 1000)), ANY),
    (OptionKey::ChunkSize, Some((1, crate::upload::LARGEST_RANGE)), D | U | P | T),
    (OptionKey::MaxConcurrency, Some((1, crate::upload::MOST_CONCURRENT as u64)), D | U | P | T),
    (OptionKey::LogLevel, Some((0, 2)), ANY),
    (OptionKey::ExpectedSize, Some((0, u64::MAX)), S | U),
    (OptionKey::FreshSession, Some((0, 1)), U),
    (OptionKey::Progress, Some((0, 1)), D | U | P | B | T),
    (OptionKey::RenewToken, Some((0, 1)), D | R | P | B | T),
    (OptionKey::RetryDelayMs, Some((1, 180_000)), D | R | P | B | T),
];

pub(super) fn refused(key: OptionKey, why: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("The option {key:?} cannot be set: {why}."))
}

/// The option of a number, and the range of its numbers or none for a text.
pub(super) fn rule(option: i32) -> Entry<(OptionKey, Option<(u64, u64)>)> {
    let rule = RULES.iter().find(|rule| rule.0 as i32 == option).ok_or(Status::InvalidArgument)?;
    Ok((rule.0, rule.1))
}
