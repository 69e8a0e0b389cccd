//! A document in a file, which must not change while it is sent.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};

use super::pool::Pool;
use super::{undecodable, Source};
use crate::blocking;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::redact;
use crate::upload::system;

/// Bytes that are read for a digest before its caller can give up.
const HASHED_AT_ONCE: u64 = 1024 * 1024;

/// A regular file, kept open. After each read, and before the last bytes of the document are sent, its size and
/// time are compared, and so is the file that its path leads to now: one that was written to or replaced ends the
/// upload before it completes. A file that was moved or deleted is still whole in the open handle, and is sent. A change
/// that leaves size and time alone is not seen.
#[derive(Clone, Debug)]
pub struct FileSource(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: File,
    /// Where it was opened.
    path: PathBuf,
    fingerprint: Fingerprint,
    buffers: Arc<Pool>,
}

/// What distinguishes a file from another, and from itself after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) size: u64,
    pub(crate) modified: Option<SystemTime>,
    /// Device and number of the file, where the system has such.
    pub(crate) identity: Option<(u64, u64)>,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ErrorKind::SourceNotFound`], [`ErrorKind::SourceUnreadable`], [`ErrorKind::SourceNotAFile`] for a directory, a
    /// pipe, a socket or a device, [`ErrorKind::SourceEmpty`] for no bytes at all.
    pub fn open(path: &Path) -> Result<Self> {
        let found = undecodable::find(path).map_err(|why| ambiguous(path, why))?;
        let path = found.as_deref().unwrap_or(path);
        // Looked at before it is opened: opening a pipe waits for a writer, and opening a device can do anything.
        let metadata = std::fs::metadata(path).map_err(|error| unopened(path, &error))?;
        check_is_file(path, &metadata)?;
        let file = system::open_document(path).map_err(|error| unopened(path, &error))?;
        let metadata = file.metadata().map_err(|error| unopened(path, &error))?;
        check_is_file(path, &metadata)?;
        if metadata.len() == 0 {
            return Err(super::empty(&format!("'{}'", redact::path(path))));
        }
        let (modified, identity) = (metadata.modified().ok(), system::identity(&file));
        let fingerprint = Fingerprint { size: metadata.len(), modified, identity };
        Ok(FileSource(Arc::new(Opened { file, path: path.to_owned(), fingerprint, buffers: Arc::default() })))
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.0.fingerprint
    }

    /// The SHA-256 of the document, in hexadecimal digits.
    pub(crate) async fn digest(&self) -> Result<String> {
        let (mut hash, mut offset, size) = (Sha256::new(), 0, self.size());
        while offset < size {
            let (opened, length) = (Arc::clone(&self.0), HASHED_AT_ONCE.min(size - offset));
            hash = blocking::run(move || Ok(hash.chain_update(opened.read(offset, length as usize)?))).await?;
            offset += length;
        }
        Ok(format!("{:x}", hash.finalize()))
    }

    /// That it is the file it was when it was opened before.
    pub(crate) fn must_be(&self, known: &Fingerprint) -> Result<()> {
        if self.fingerprint() == known {
            return Ok(());
        }
        let message = format!("'{}' changed before it was sent.", self.name());
        Err(Error::new(ErrorKind::SourceChanged, message).with_next_step(NextStep::RunAgainWhenUnchanged))
    }

    /// Its path as it may be shown.
    pub(crate) fn name(&self) -> String {
        redact::path(&self.0.path)
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.0.fingerprint.size
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, Result<Bytes>> {
        let opened = Arc::clone(&self.0);
        Box::pin(blocking::run(move || opened.read(offset, length)))
    }

    fn file(&self) -> Option<&FileSource> {
        Some(self)
    }

    fn check(&self) -> BoxFuture<'static, Result<()>> {
        let opened = Arc::clone(&self.0);
        Box::pin(blocking::run(move || opened.check_unchanged()))
    }
}

impl Opened {
    fn read(&self, mut offset: u64, length: usize) -> Result<Bytes> {
        let mut buffer = self.buffers.take(length);
        let mut rest = buffer.as_mut();
        while !rest.is_empty() {
            match system::read_at(&self.file, rest, offset) {
                Ok(0) => {
                    self.check_unchanged()?;
                    return Err(self.changed("it ended early"));
                }
                Ok(read) => {
                    offset += read as u64;
                    rest = &mut rest[read..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        self.check_unchanged()?;
        Ok(buffer.freeze())
    }

    fn check_unchanged(&self) -> Result<()> {
        let opened = &self.fingerprint;
        let now = self.file.metadata().map_err(|error| self.unreadable(&error))?;
        if now.len() != opened.size {
            return Err(self.changed(&format!("its size was {} bytes and is {} bytes now", opened.size, now.len())));
        }
        if now.modified().ok() != opened.modified {
            return Err(self.changed("it was written to"));
        }
        // Gone, or out of sight for the moment, is not replaced.
        let at_path = system::identity_at(&self.path);
        if at_path.is_some() && at_path != opened.identity {
            return Err(self.changed("another file took its place"));
        }
        Ok(())
    }

    fn changed(&self, what: &str) -> Error {
        Error::new(
            ErrorKind::SourceChanged,
            format!("'{}' changed while it was being sent: {what}.", redact::path(&self.path)),
        )
        .with_next_step(NextStep::SendWhenUnchanged)
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        Error::new(
            ErrorKind::SourceUnreadable,
            format!("'{}' cannot be read: {}.", redact::path(&self.path), in_words(error)),
        )
        .with_next_step("Check the disk or the share that it is on.")
        .resumable(true)
    }
}

fn check_is_file(path: &Path, metadata: &Metadata) -> Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "a directory" } else { "a pipe, a socket or a device" };
    Err(Error::new(ErrorKind::SourceNotAFile, format!("'{}' is {what}, not a file.", redact::path(path)))
        .with_next_step("Give the path of one file."))
}

fn ambiguous(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::SourceNotFound, format!("It is not clear which file '{}' is: {why}.", redact::path(path)))
        .with_next_step("Give the file another name, and send it under that.")
}

fn unopened(path: &Path, error: &io::Error) -> Error {
    if let Some(error) = Error::of_limit(error, &format!("'{}' cannot be opened", redact::path(path))) {
        return error;
    }
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::new(ErrorKind::SourceNotFound, format!("There is no file '{}'.", redact::path(path)))
                .with_next_step("Check the path.")
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::SourceUnreadable, format!("There is no permission to read '{}'.", redact::path(path)))
                .with_next_step("Run as a user who may read the file.")
        }
        _ => Error::new(
            ErrorKind::SourceUnreadable,
            format!("'{}' cannot be opened: {}.", redact::path(path), in_words(error)),
        )
        .with_next_step("Check the path, and the disk or the share that it is on."),
    }
}

fn in_words(error: &io::Error) -> String {
    redact::clean(&error.to_string())
}
