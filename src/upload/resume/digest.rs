//! The SHA-256 of a piece, taken while it goes by.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::blocking;
use crate::error::Result;

/// The SHA-256 of the bytes so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct PieceDigest(Sha256);

impl PieceDigest {
    /// Takes further bytes in, on a thread that has time for it.
    pub(crate) async fn with(mut self, bytes: Bytes) -> Result<Self> {
        let update = move || {
            self.0.update(&bytes);
            Ok(self)
        };
        blocking::run("Hashing the document", update).await
    }

    /// In hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        format!("{:x}", self.0.finalize())
    }
}
