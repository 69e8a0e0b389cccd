//! A document in memory.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::Source;
use crate::error::Result;

/// A document in memory. What is read are views of it, not copies.
pub struct MemorySource {
    bytes: Bytes,
}

impl MemorySource {
    /// A document of these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        MemorySource { bytes: bytes.into() }
    }
}

impl Source for MemorySource {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, Result<Bytes>> {
        let range = offset as usize..offset as usize + length;
        Box::pin(std::future::ready(Ok(self.bytes.slice(range))))
    }
}
