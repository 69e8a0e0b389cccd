//! Memory that is freed keeps no secret.
//!
//! The token itself is in memory that wipes itself. But a request that is sent has it in a header, in the buffer of its
//! connection, and in whatever a library copies it to; none of that is ours to wipe. So every block that is small enough to
//! be one of those is wiped when it is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::ptr;

/// Larger blocks hold bytes of documents, and no header.
const LARGEST: usize = 64 * 1024;

#[global_allocator]
static WIPING: Wiping = Wiping;

struct Wiping;

// SAFETY: every block is the system's own, with the layout that it was asked for. One that grows is moved by the trait's own
// `realloc`, which frees the old one here.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's, whole, until it is freed. What is freed is never read: a compiler that does not
        // have to think that it is would leave the wiping out.
        unsafe {
            if layout.size() <= LARGEST {
                ptr::write_bytes(block, 0, layout.size());
                black_box(block);
            }
            System.dealloc(block, layout);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_grows_keeps_what_it_holds() {
        let mut grown = Vec::new();
        for byte in 0..200_000_u32 {
            grown.push(byte as u8);
        }
        grown.shrink_to(1);
        assert!(grown.iter().enumerate().all(|(at, &byte)| at as u8 == byte));
    }
}
