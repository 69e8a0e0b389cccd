//! The C ABI: conversions and calls, no logic.
//!
//! One file per handle; `handle` is the table that ids are looked up in, `border` the checks that every entry makes.
//! The header is generated from this folder's comments, so they are written for C: what a call does, who owns what,
//! which threads may call, what each argument may be.

mod bell;
mod border;
mod client;
mod error;
mod event;
mod handle;
mod operation;
mod options;
mod renewal;
mod request;
mod result;
mod resume;
mod runtime;
mod send;
mod session;
mod status;
mod supply;
mod text;
mod upload;
mod wait;

pub use client::*;
pub use error::*;
pub use event::{Event, EventKind};
pub use operation::*;
pub use options::*;
pub use renewal::*;
pub use request::*;
pub use result::OperationResult;
pub use resume::*;
pub use send::*;
pub use session::*;
pub use status::*;
pub use supply::*;
pub use text::Text;
pub use upload::*;
pub use wait::*;
