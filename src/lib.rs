//! Uploads documents to Microsoft Graph's Universal Print.
//!
//! The service takes a document in two steps: an upload session is created with Graph, then the bytes are sent in
//! ranges to the address that the session answers. This crate does both, and the C ABI in [`ffi`] offers both to C
//! and, through it, to the PowerShell module.
//!
//! | module | what it holds |
//! |---|---|
//! | [`error`] | one error type: what failed, with what, and what to do next |
//! | [`redact`] | what may be shown of a URL, a header, a server's text |
//! | [`endpoint`] | where requests may go: the Graph endpoint and upload URLs |
//! | [`event`] | what a running operation tells: progress, retries, log lines |
//! | [`headers`] | the caller's own headers: which can be sent, and where |
//! | [`call`] | what one call can be told beside its arguments |
//! | [`proxy`] | the proxy, who to be there, and the hosts that are reached without it |
//! | `tls` | whom to trust, and why not |
//! | [`client`] | endpoint, token, time-outs and the connection pool |
//! | `transport` | what carries requests, header for header |
//! | `gzip` | bodies that were made smaller on the way |
//! | `exchange` | one HTTP request and its answer: time-outs, redirects, bounds |
//! | `activity` | whether anything moves: a slow line is no dead one |
//! | `line` | a connection, when a byte last came in on it, and what of it has not left |
//! | `sockets` | what the system knows of a socket of this process |
//! | `charset` | bodies of other character sets, read as UTF-8 |
//! | [`answer`] | an answer, and what it means |
//! | `failure` | what the network did to a request, told to a person |
//! | [`retry`] | which failures are worth another try, and when |
//! | [`request`] | a Graph request: built here, changed by the caller, sent with retries |
//! | [`session`] | create, status and cancel of an upload session |
//! | [`upload`] | sending a document: plan, source, send |
//! | `utc` | points in time as Graph writes them |
//! | [`document`] | session and bytes in one operation |
//! | [`ffi`] | the C ABI, without logic of its own |

#![warn(missing_docs, missing_debug_implementations, unreachable_pub, rust_2018_idioms)]
#![deny(unsafe_op_in_unsafe_fn)]

mod activity;
pub mod answer;
pub mod call;
mod charset;
pub mod client;
pub mod document;
pub mod endpoint;
pub mod error;
pub mod event;
mod exchange;
mod failure;
pub mod ffi;
mod gzip;
pub mod headers;
mod line;
pub mod proxy;
pub mod redact;
pub mod request;
pub mod retry;
pub mod session;
mod sockets;
mod tls;
mod transport;
pub mod upload;
mod utc;

pub use call::CallOptions;
pub use client::{Client, ClientOptions};
pub use endpoint::{Endpoint, UploadUrl};
pub use error::{Error, ErrorKind, Result};
pub use event::{Event, LogLevel, Observer};
pub use proxy::Proxy;
pub use request::Request;
pub use session::{
    cancel_upload_session, create_upload_session, upload_session_status, Parent, SessionStatus, UploadSession,
};
pub use upload::{
    upload, upload_file, FileSource, MemorySource, ResumeFile, Source, SuppliedSource, UploadOptions, Uploaded,
};
