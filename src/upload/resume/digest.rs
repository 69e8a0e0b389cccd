//! The SHA-256 of a piece, taken while it goes by.

use std::ops::Range;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::blocking;
use crate::error::Result;
use crate::upload::source::Source;

/// Bytes read at once.
const READ: u64 = 1024 * 1024;

/// The digest of a range of a document.
pub(crate) async fn digest_of(source: &dyn Source, range: Range<u64>) -> Result<String> {
    let (mut digest, mut at) = (PieceDigest::default(), range.start);
    while at < range.end {
        let length = (range.end - at).min(READ);
        digest = digest.with(source.read(at, length as usize).await?).await?;
        at += length;
    }
    Ok(digest.finish())
}

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
        blocking::run(update).await
    }

    /// In hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        format!("{:x}", self.0.finalize())
    }
}
