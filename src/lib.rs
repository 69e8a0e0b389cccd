//! Uploads documents to Microsoft Graph's Universal Print.
//!
//! The service takes a document in two steps: an upload session is created with Graph, then the bytes are sent in
//! ranges to the address that the session names. This crate does both, and the C ABI in [`ffi`] offers both to C
//! and, through it, to the PowerShell module.
//!
//! | module | what it holds |
//! |---|---|
//! | [`error`] | one error type: what failed, with what, and what to do next |
//! | [`status`] | the kinds of errors, and their numbers in C |
//! | `next_step` | what a person can do about an error, in one table |
//! | [`event`] | what happens during an operation: progress, retries, log lines |
//! | `log_level` | how detailed a log is |
//! | [`call`] | the options of one call: time-outs, retries, headers, observer |
//! | [`http`] | one request and its response, over `reqwest::Client` |
//! | [`range`] | ranges of bytes, and sets of them |
//! | [`request`] | a Graph request: built here, changed by the caller, sent with retries |
//! | [`graph`] | any request to the endpoint, and the JSON that comes back |
//! | [`session`] | create, status and cancel of an upload session |
//! | [`mod@upload`] | sending a document: plan, source, send |
//! | `undo` | what is undone when whoever asked for it gives up |
//! | `wipe` | memory that is freed keeps no secret |
//! | [`document`] | session and bytes in one operation |
//! | [`mod@print`] | a document to paper: job, session, bytes, start, wait |
//! | [`ffi`] | the C ABI, without logic of its own |

#![warn(missing_docs, unreachable_pub, rust_2018_idioms)]
#![deny(unsafe_op_in_unsafe_fn)]

mod blocking;
pub mod call;
pub mod document;
pub mod error;
pub mod event;
pub mod ffi;
pub mod graph;
pub mod http;
mod log_level;
mod next_step;
pub mod print;
pub mod range;
pub mod request;
pub mod session;
pub mod status;
mod undo;
pub mod upload;
#[cfg(feature = "wiping-allocator")]
mod wipe;

pub use crate::http::client::{Client, ClientOptions};
pub use crate::http::endpoint::{Endpoint, UploadUrl};
pub use crate::http::proxy::Proxy;
pub use call::{CallOptions, TokenRenewal};
pub use error::{Error, ErrorKind, Result};
pub use event::{Event, JobStatus, Observer};
pub use log_level::LogLevel;
pub use request::Request;
pub use session::{cancel_upload_session, create_upload_session, upload_session_status, Parent, UploadSession};
pub use upload::{
    upload, FileSource, Input, MemorySource, ResumeFile, Source, SuppliedSource, UploadOptions, Uploaded,
};
