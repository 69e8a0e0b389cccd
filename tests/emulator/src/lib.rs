//! A strict Universal Print service on loopback, with faults on demand, for the tests and the demo of mgprint.
//!
//! It takes what the real service is documented to take, refuses what that would refuse, and remembers what it
//! received. [`Emulator::start`] runs it inside a test; the program `mgprint-emulator` runs it beside a script.
//!
//! The way of a request: `server` (connections, each a `line` that can be cut) → `journal` → `reply` (ids, error
//! bodies) → `faults` → `graph` or `upload`. What they know is in `service`: the `registry` of printers, jobs and
//! documents, and each `session` with its `ranges` and `content`; `ledger` keeps that in a folder. `admin` is for the tests; `pdf` makes documents.

#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]

mod admin;
mod clock;
mod conduct;
mod content;
pub mod faults;
mod graph;
pub mod journal;
mod ledger;
mod line;
pub mod pdf;
mod ranges;
mod registry;
mod reply;
mod server;
mod service;
mod session;
mod settings;
mod shelf;
mod upload;

pub use line::Cut;
pub use registry::{Document, DocumentIds, DocumentState, NewDocument, CONTENT_TYPES};
pub use server::Emulator;
pub use settings::{GoneSession, JobLife, PartialRange, Settings, Token};
