//! How an upload is done.

use super::resume::ResumeFile;
use crate::call::CallOptions;

/// The largest range that the service takes in one PUT, in bytes: fewer than 10 MB.
pub const LARGEST_RANGE: u64 = 9_999_999;

/// The default size of a range in bytes: a multiple of 200 KiB and of 320 KiB, as Graph services ask for.
pub const DEFAULT_RANGE: u64 = 8_192_000;

/// How many ranges of one session the service takes at once.
pub const MOST_CONCURRENT: usize = 4;

/// How an upload is done.
#[derive(Clone)]
pub struct UploadOptions {
    /// Time-outs, retries, and the observer.
    pub call: CallOptions,
    /// Bytes of one range, 1 to [`LARGEST_RANGE`]; another number stands for the nearest of these.
    pub chunk_size: u64,
    /// Ranges at once, 1 to [`MOST_CONCURRENT`], likewise.
    pub max_concurrency: usize,
    /// The size that the session was created for, in bytes, where it is known.
    pub expected_size: Option<u64>,
    /// The caller created the session this moment and no one else knows it: the service has nothing of the document, and the
    /// first range goes without asking.
    pub fresh_session: bool,
    /// Of a file: what makes the upload one that the same call goes on with.
    pub resume: Option<ResumeFile>,
}

impl Default for UploadOptions {
    fn default() -> Self {
        UploadOptions {
            call: CallOptions::default(),
            chunk_size: DEFAULT_RANGE,
            max_concurrency: MOST_CONCURRENT,
            expected_size: None,
            fresh_session: false,
            resume: None,
        }
    }
}
