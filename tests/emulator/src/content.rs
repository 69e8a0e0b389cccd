//! The bytes of one document while they arrive, in ranges of any order.
//!
//! SHA-256 needs the bytes in order. So the range at the front is hashed as it streams in, on a copy of the hash that
//! replaces the original only when the range is whole; ranges that come before their turn wait in memory, and, beyond
//! [`WAITING_BYTES`], in a file. A client that sends its ranges nearly in order (at most four at once, each under
//! 10 MB) never reaches the file, so a discarded document of any size takes flat memory.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::shelf::{Region, Shelf};

/// How many bytes of ranges before their turn wait in memory.
const WAITING_BYTES: u64 = 32 * 1024 * 1024;

/// What is done with a document's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handling {
    pub keep: bool,
    pub hash: bool,
}

/// A document's bytes, as far as whole ranges have arrived.
pub(crate) struct Content {
    size: u64,
    handling: Handling,
    shelf: Arc<Shelf>,
    /// Every byte before this one is in `hash`.
    front: u64,
    hash: Sha256,
    /// Ranges beyond the front, by their start.
    waiting: BTreeMap<u64, Waiting>,
    waiting_bytes: u64,
    region: Option<Region>,
    /// Bytes were forgotten after they were hashed: the digest is made at the end, of what is in the region.
    hash_at_end: bool,
}

/// A range that came before its turn.
enum Waiting {
    Memory(Vec<u8>),
    /// So many bytes, at their place in the region.
    File(u64),
}

/// One range on its way in. Dropping it forgets its bytes.
pub(crate) struct Arrival {
    range: Range<u64>,
    next: u64,
    /// The hash of everything up to `next`, when the range began at the front.
    hash: Option<Sha256>,
    memory: Option<Vec<u8>>,
    region: Option<Region>,
}

/// The finished document.
pub(crate) struct Finished {
    /// SHA-256, unless hashing is switched off.
    pub sha256: Option<[u8; 32]>,
    /// The bytes, when they are kept.
    pub bytes: Option<Region>,
}

impl Content {
    pub(crate) fn new(size: u64, handling: Handling, shelf: Arc<Shelf>) -> Self {
        Self {
            size,
            handling,
            shelf,
            front: 0,
            hash: Sha256::new(),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            region: None,
            hash_at_end: false,
        }
    }

    /// Of a service that was ended: what arrived is in the region, and is hashed when all is there.
    pub(crate) fn recall(size: u64, handling: Handling, shelf: Arc<Shelf>, region: Region) -> Self {
        Self { region: Some(region), hash_at_end: true, ..Self::new(size, handling, shelf) }
    }

    /// Where its bytes are on the shelf.
    pub(crate) fn place(&mut self) -> io::Result<u64> {
        Ok(self.region()?.start())
    }

    /// Bytes that were taken in are to be taken in once more. Possible only where bytes are kept; says whether it is.
    pub(crate) fn forget(&mut self) -> bool {
        self.hash_at_end = self.handling.keep;
        self.hash_at_end
    }

    /// Prepares for the bytes of `range`.
    pub(crate) fn begin(&mut self, range: Range<u64>) -> io::Result<Arrival> {
        let Handling { keep, hash } = self.handling;
        let at_front = hash && range.start == self.front;
        let length = range.end - range.start;
        let in_memory = hash && !keep && !at_front && self.waiting_bytes + length <= WAITING_BYTES;
        let in_file = keep || (hash && !at_front && !in_memory);
        Ok(Arrival {
            next: range.start,
            hash: at_front.then(|| self.hash.clone()),
            memory: in_memory.then(|| Vec::with_capacity(length as usize)),
            region: if in_file { Some(self.region()?) } else { None },
            range,
        })
    }

    /// Takes in the bytes of a range, as far as they arrived. No byte of it may have been taken in before.
    pub(crate) fn commit(&mut self, arrival: Arrival) -> io::Result<()> {
        let Arrival { range, next, hash, .. } = arrival;
        if !self.handling.hash || self.hash_at_end || next == range.start {
            return Ok(());
        }
        if let Some(hash) = hash {
            self.hash = hash;
            self.front = next;
        } else {
            let waiting = match arrival.memory {
                Some(bytes) => {
                    self.waiting_bytes += bytes.len() as u64;
                    Waiting::Memory(bytes)
                }
                None => Waiting::File(next - range.start),
            };
            self.waiting.insert(range.start, waiting);
        }
        self.advance()
    }

    /// The document once every range is in.
    pub(crate) fn finish(&mut self) -> io::Result<Finished> {
        if self.handling.hash && self.hash_at_end {
            (self.front, self.hash) = (0, Sha256::new());
            self.hash_from_file(self.size)?;
        }
        Ok(Finished {
            sha256: self.handling.hash.then(|| std::mem::take(&mut self.hash).finalize().into()),
            bytes: self.region.take().filter(|_| self.handling.keep),
        })
    }

    fn advance(&mut self) -> io::Result<()> {
        while let Some(waiting) = self.waiting.remove(&self.front) {
            match waiting {
                Waiting::Memory(bytes) => {
                    self.hash.update(&bytes);
                    self.front += bytes.len() as u64;
                    self.waiting_bytes -= bytes.len() as u64;
                }
                Waiting::File(length) => self.hash_from_file(length)?,
            }
        }
        Ok(())
    }

    fn hash_from_file(&mut self, length: u64) -> io::Result<()> {
        let region = self.region()?;
        let end = self.front + length;
        let mut piece = vec![0; length.min(1 << 20) as usize];
        while self.front < end {
            let wanted = piece.len().min((end - self.front) as usize);
            region.read(self.front, &mut piece[..wanted])?;
            self.hash.update(&piece[..wanted]);
            self.front += wanted as u64;
        }
        Ok(())
    }

    fn region(&mut self) -> io::Result<Region> {
        match &self.region {
            Some(region) => Ok(region.clone()),
            None => {
                let region = self.shelf.region(self.size)?;
                Ok(self.region.insert(region).clone())
            }
        }
    }
}

impl Arrival {
    /// The next bytes of the range; the caller sees to it that they do not exceed it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(region) = &self.region {
            region.write(self.next, bytes)?;
        }
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        if let Some(memory) = &mut self.memory {
            memory.extend_from_slice(bytes);
        }
        self.next += bytes.len() as u64;
        Ok(())
    }

    /// What has arrived so far.
    pub(crate) fn arrived(&self) -> Range<u64> {
        self.range.start..self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shelf() -> Arc<Shelf> {
        Arc::new(Shelf::default())
    }

    fn arrive(content: &mut Content, range: Range<u64>, bytes: &[u8]) {
        let mut arrival = content.begin(range).unwrap();
        for piece in bytes.chunks(3) {
            arrival.write(piece).unwrap();
        }
        content.commit(arrival).unwrap();
    }

    proptest! {
        #[test]
        fn any_order_gives_the_digest_of_the_document(
            document in prop::collection::vec(any::<u8>(), 1..200),
            cuts in prop::collection::btree_set(1usize..199, 0..12),
            seed in any::<u64>(),
            keep in any::<bool>(),
        ) {
            let mut edges: Vec<usize> = cuts.into_iter().filter(|cut| *cut < document.len()).collect();
            edges.insert(0, 0);
            edges.push(document.len());
            let mut ranges: Vec<Range<usize>> = edges.windows(2).map(|pair| pair[0]..pair[1]).collect();
            ranges.sort_by_key(|range| (range.start as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));

            let mut content = Content::new(document.len() as u64, Handling { keep, hash: true }, shelf());
            for range in ranges {
                // A range that breaks off half-way leaves nothing behind.
                let mut lost = content.begin(range.start as u64..range.end as u64).unwrap();
                lost.write(b"x").unwrap();
                drop(lost);
                arrive(&mut content, range.start as u64..range.end as u64, &document[range]);
            }
            let finished = content.finish().unwrap();
            prop_assert_eq!(finished.sha256, Some(Sha256::digest(&document).into()));
            prop_assert_eq!(finished.bytes.is_some(), keep);
            if let Some(region) = finished.bytes {
                let mut kept = vec![0; document.len()];
                region.read(0, &mut kept).unwrap();
                prop_assert_eq!(kept, document);
            }
        }
    }

    #[test]
    fn ranges_far_ahead_wait_in_a_file() {
        let size = WAITING_BYTES + 3 * 1024 * 1024;
        let piece = vec![7_u8; 1024 * 1024];
        let hashing = Handling { keep: false, hash: true };
        let mut content = Content::new(size, hashing, shelf());
        let starts: Vec<u64> = (0..size).step_by(piece.len()).collect();
        for &start in starts.iter().rev() {
            arrive(&mut content, start..start + piece.len() as u64, &piece);
            assert!(content.waiting_bytes <= WAITING_BYTES);
        }
        let mut expected = Sha256::new();
        starts.iter().for_each(|_| expected.update(&piece));
        let finished = content.finish().unwrap();
        assert_eq!(finished.sha256, Some(expected.finalize().into()));
        assert!(content.region.is_none() && finished.bytes.is_none());
    }

    #[test]
    fn unhashed_and_discarded_documents_touch_nothing() {
        let counting = Handling { keep: false, hash: false };
        let mut content = Content::new(8, counting, shelf());
        arrive(&mut content, 5..8, b"abc");
        assert!(content.waiting.is_empty() && content.region.is_none());
        assert!(content.finish().unwrap().sha256.is_none());
    }
}
