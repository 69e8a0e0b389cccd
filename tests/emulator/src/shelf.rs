//! Where bytes are kept: one file for all documents, so that ten thousand of them take one descriptor.
//!
//! The file has no name from the start: however the service ends, nothing is left behind.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Regions begin at a multiple of this, so that the holes of two documents never share a block.
const ALIGNMENT: u64 = 4096;

/// The file, made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<Option<Taken>>);

#[derive(Debug)]
struct Taken {
    file: Arc<File>,
    next: u64,
}

/// The place of one document.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    file: Arc<File>,
    start: u64,
}

impl Shelf {
    /// Of a file that has a name, and outlives the service.
    pub(crate) fn of(file: File) -> Self {
        Self(Mutex::new(Some(Taken { file: Arc::new(file), next: 0 })))
    }

    /// A place that was taken before.
    pub(crate) fn recall(&self, start: u64, size: u64) -> io::Result<Region> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = taken.as_mut().ok_or_else(|| io::Error::other("There is no file to recall from."))?;
        let end = start.checked_add(size).and_then(|end| end.checked_next_multiple_of(ALIGNMENT));
        taken.next = taken.next.max(end.ok_or_else(|| io::Error::other("No file is that large."))?);
        Ok(Region { file: taken.file.clone(), start })
    }

    /// A place for `size` bytes; they take room on the disk only once they are written.
    pub(crate) fn region(&self, size: u64) -> io::Result<Region> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = match &mut *taken {
            Some(taken) => taken,
            none => none.insert(Taken { file: Arc::new(tempfile::tempfile()?), next: 0 }),
        };
        let start = taken.next;
        let end = start
            .checked_add(size)
            .and_then(|end| end.checked_next_multiple_of(ALIGNMENT))
            .filter(|end| *end <= i64::MAX as u64)
            .ok_or_else(|| io::Error::other("The documents exceed what one file can hold."))?;
        taken.next = end;
        Ok(Region { file: taken.file.clone(), start })
    }
}

impl Region {
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Fills `into` from `offset` bytes into the document.
    pub(crate) fn read(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        read_at(&self.file, into, self.start + offset)
    }

    /// Writes `bytes` at `offset` bytes into the document; the caller stays within its size.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        write_at(&self.file, bytes, self.start + offset)
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !into.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, into, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        offset += read as u64;
        into = &mut into[read..];
    }
    Ok(())
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        offset += written as u64;
        bytes = &bytes[written..];
    }
    Ok(())
}
