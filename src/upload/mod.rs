//! Sending a document.
//!
//! [`plan`] says what to send next, [`source`] gives the bytes at an offset, [`upload`] sends them: up to four ranges at
//! once, each read from the source as it goes, so that memory does not grow with the document. What is missing is what
//! the service says is missing; no byte is sent again before the upload status says so.

mod barrier;
mod body;
mod connections;
mod content;
mod end;
mod input;
mod options;
pub mod pace;
mod pieces;
pub mod plan;
mod progress;
mod put;
pub mod resume;
mod resumed;
mod run;
mod send;
pub mod source;
pub(crate) mod system;
mod uploaded;

pub use content::upload_content;
pub use input::Input;
pub(crate) use input::{must_be_file, no_file, turn};
pub use options::{UploadOptions, DEFAULT_RANGE, LARGEST_RANGE, MOST_CONCURRENT};
pub(crate) use progress::Rate;
pub use resume::ResumeFile;
pub use send::upload;
pub(crate) use send::{upload_opened, warn_of_size};
pub use source::{FileSource, MemorySource, Source, SuppliedSource};
pub use uploaded::Uploaded;
