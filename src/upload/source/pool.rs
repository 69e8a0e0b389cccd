//! Buffers for the pieces of a document, page-aligned and used again: a fresh one for each piece would be zeroed and given
//! back each time.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::blocking::lock;
use bytes::Bytes;

/// Where a buffer begins, in bytes: at a multiple of this. The kernel copies out of its page cache, whose pages begin at
/// such addresses; on AMD processors (`rep movsb` of Zen) that copy takes more than twice as long when the destination
/// lies a few bytes behind the source modulo 4096, as memory of the allocator does, 16 bytes after a page.
const ALIGNMENT: usize = 4096;

/// Buffers of one document. As many are made as are in use at once, and they go when the document does.
#[derive(Debug, Default)]
pub(super) struct Pool {
    free: Mutex<Vec<Vec<u8>>>,
}

impl Pool {
    /// A buffer of `length` bytes; what is in it is left from before.
    pub(super) fn take(self: &Arc<Self>, length: usize) -> Buffer {
        let mut bytes = lock(&self.free).pop().unwrap_or_default();
        // One that is too small makes way for another, which is zeroed: pieces have one size, but for the last.
        if bytes.len() < length + ALIGNMENT {
            bytes = vec![0; length + ALIGNMENT];
        }
        let start = bytes.as_ptr().align_offset(ALIGNMENT);
        Buffer { bytes, range: start..start + length, pool: Arc::clone(self) }
    }
}

/// A buffer on loan; it goes back when it is dropped.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    range: Range<usize>,
    pool: Arc<Pool>,
}

impl Buffer {
    /// Its bytes, and the buffer goes back with the last view of them.
    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.range.clone()]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        lock(&self.pool.free).push(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_with_the_last_view_of_it() {
        let pool = Arc::new(Pool::default());
        let mut buffer = pool.take(4);
        buffer.as_mut().copy_from_slice(b"abcd");
        let bytes = buffer.freeze();
        let view = bytes.slice(1..3);
        drop(bytes);
        assert!(pool.free.lock().unwrap().is_empty());
        assert_eq!(&view[..], b"bc");
        drop(view);
        assert_eq!(pool.free.lock().unwrap().len(), 1);
        assert_eq!(pool.take(2).as_ref().len(), 2);
        assert_eq!(pool.take(9).as_ref(), [0; 9]);
    }

    #[test]
    fn a_buffer_begins_where_a_page_does() {
        let pool = Arc::new(Pool::default());
        let buffers: Vec<Buffer> = [1, 4096, 204_800, 524_288].map(|length| pool.take(length)).into();
        for buffer in &buffers {
            assert_eq!(buffer.as_ref().as_ptr() as usize % ALIGNMENT, 0);
        }
    }
}
