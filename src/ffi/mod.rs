//! The C ABI: conversions and calls, no logic.
//!
//! One file per handle; `handle` is the table that ids are looked up in, `guard` what every entry does, `entry` what it comes
//! to. The header is
//! generated from this folder's comments, so they are written for C. What holds for all functions stands once, at the head of
//! the header (cbindgen.toml): so what each may be given is not said again at each, and neither is what makes it safe.

#![allow(clippy::missing_safety_doc, clippy::too_many_arguments, rustdoc::bare_urls)]

mod client;
mod entry;
mod error;
mod error_view;
mod event;
mod guard;
mod handle;
mod numbers;
mod operation;
mod option_key;
mod options;
mod park;
mod print;
mod request;
mod result;
mod runtime;
mod settings;
mod shared;
mod start;
mod status;
mod text;
mod upload;

pub use crate::log_level::LogLevel;
pub use crate::status::Status;
pub use client::*;
pub use error::*;
pub use error_view::{ErrorHandle, ErrorView};
pub use event::{Event, EventKind};
pub use operation::*;
pub use option_key::OptionKey;
pub use options::*;
pub use print::*;
pub use request::*;
pub use result::OperationResult;
pub use start::*;
pub use status::*;
pub use text::{Range, Str};
pub use upload::*;

#[cfg(test)]
#[test]
fn the_committed_header_is_what_the_source_says() {
    let committed = include_str!("../../include/mgprint.h");
    assert!(
        include_str!(concat!(env!("OUT_DIR"), "/mgprint.h")) == committed,
        "include/mgprint.h is stale: run `build.ps1 header`"
    );
}
