//! What an upload comes to.

use std::time::Duration;

use crate::http::response::Response;

/// A document that arrived.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// The service's response to the last range, whose JSON is the printDocument; `None` when it is not confirmed.
    pub response: Option<Response>,
    /// Whether the service said that the document is complete. `false` when every byte was acknowledged or sent and that
    /// word is missing: its last response was lost, say, and the session is gone as a complete one is. A warning has said
    /// what is not known.
    pub confirmed: bool,
    /// The size of the document.
    pub bytes_total: u64,
    /// Bytes sent by this upload, repeats included.
    pub bytes_sent: u64,
    /// Tries after failures.
    pub retries: u32,
    /// From the first request to the last response.
    pub elapsed: Duration,
}
