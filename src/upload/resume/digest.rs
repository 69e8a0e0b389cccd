//! The SHA-256 of a piece, taken while it goes by.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// The SHA-256 of the bytes so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct PieceDigest(Sha256);

impl PieceDigest {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes further bytes in, on a thread that has time for it.
    pub(crate) async fn with(mut self, bytes: Bytes) -> Result<Self> {
        let taken = tokio::task::spawn_blocking(move || {
            self.0.update(&bytes);
            self
        });
        taken.await.map_err(|panic| Error::new(ErrorKind::Internal, format!("Hashing the document failed: {panic}.")))
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
