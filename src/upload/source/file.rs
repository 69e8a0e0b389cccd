//! A document in a file, held still while it is sent.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::pool::Pool;
use super::{shown, undecodable, Source};
use crate::error::{Error, ErrorKind, Result};

/// A regular file, held open. After each read, and before the range that completes the document has left, its size and
/// time are compared, and so is the file that its path leads to now: one that was written to or replaced ends the
/// upload before it completes. A file that was moved or deleted is still whole in the open handle, and is sent. A change
/// that leaves size and time alone is not seen.
#[derive(Clone, Debug)]
pub struct FileSource(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: File,
    path: PathBuf,
    fingerprint: Fingerprint,
    buffers: Arc<Pool>,
}

/// What tells a file from another, and from itself after a change.
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
        let file = os::open(path).map_err(|error| unopened(path, &error))?;
        let metadata = file.metadata().map_err(|error| unopened(path, &error))?;
        check_is_file(path, &metadata)?;
        if metadata.len() == 0 {
            return Err(super::empty(&format!("'{}'", name(path))));
        }
        let fingerprint = Fingerprint::of(&metadata);
        Ok(FileSource(Arc::new(Opened { file, path: path.to_owned(), fingerprint, buffers: Arc::default() })))
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.0.fingerprint
    }

    /// Its path as it may be shown.
    pub(crate) fn name(&self) -> String {
        name(&self.0.path)
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.0.fingerprint.size
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, Result<Bytes>> {
        let opened = Arc::clone(&self.0);
        Box::pin(on_a_thread_that_may_wait(move || opened.read(offset, length)))
    }

    fn check(&self) -> BoxFuture<'static, Result<()>> {
        let opened = Arc::clone(&self.0);
        Box::pin(on_a_thread_that_may_wait(move || opened.check_unchanged()))
    }
}

async fn on_a_thread_that_may_wait<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panic| Err(Error::new(ErrorKind::Internal, format!("Reading the document failed: {panic}."))))
}

impl Opened {
    fn read(&self, mut offset: u64, length: usize) -> Result<Bytes> {
        let mut buffer = self.buffers.take(length);
        let mut rest = buffer.as_mut();
        while !rest.is_empty() {
            match os::read_at(&self.file, rest, offset) {
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
        let now = Fingerprint::of(&self.file.metadata().map_err(|error| self.unreadable(&error))?);
        if now.size != opened.size {
            return Err(self.changed(&format!("its size was {} bytes and is {} bytes now", opened.size, now.size)));
        }
        if now.modified != opened.modified {
            return Err(self.changed("it was written to"));
        }
        // Gone, or out of sight for the moment, is not replaced.
        let at_path = std::fs::metadata(&self.path).ok().and_then(|metadata| Fingerprint::of(&metadata).identity);
        if at_path.is_some() && at_path != opened.identity {
            return Err(self.changed("another file took its place"));
        }
        Ok(())
    }

    fn changed(&self, what: &str) -> Error {
        Error::new(ErrorKind::SourceChanged, format!("'{}' changed while it was being sent: {what}.", name(&self.path)))
            .with_next_step(
                "Nothing was completed. Create a new upload session and send the file again when nobody writes to it.",
            )
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        Error::new(ErrorKind::SourceUnreadable, format!("'{}' cannot be read: {}.", name(&self.path), in_words(error)))
            .with_next_step("Check the disk or the share that it is on.")
            .resumable(true)
    }
}

impl Fingerprint {
    fn of(metadata: &Metadata) -> Self {
        Fingerprint { size: metadata.len(), modified: metadata.modified().ok(), identity: os::identity(metadata) }
    }
}

fn check_is_file(path: &Path, metadata: &Metadata) -> Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "a directory" } else { "a pipe, a socket or a device" };
    Err(Error::new(ErrorKind::SourceNotAFile, format!("'{}' is {what}, not a file.", name(path)))
        .with_next_step("Give the path of one file."))
}

fn ambiguous(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::SourceNotFound, format!("It is not clear which file '{}' is: {why}.", name(path)))
        .with_next_step("Give the file another name, and send it under that.")
}

fn unopened(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::new(ErrorKind::SourceNotFound, format!("There is no file '{}'.", name(path)))
                .with_next_step("Check the path.")
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::SourceUnreadable, format!("There is no permission to read '{}'.", name(path)))
                .with_next_step("Run as a user who may read the file.")
        }
        _ => {
            Error::new(ErrorKind::SourceUnreadable, format!("'{}' cannot be opened: {}.", name(path), in_words(error)))
                .with_next_step("Check the path, and the disk or the share that it is on.")
        }
    }
}

fn in_words(error: &io::Error) -> String {
    shown(&error.to_string())
}

fn name(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

#[cfg(unix)]
mod os {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
    use std::path::Path;

    /// Without waiting, should the path have become a pipe since it was looked at.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
    }

    pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        file.read_at(buffer, offset)
    }

    pub(super) fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
        Some((metadata.dev(), metadata.ino()))
    }
}

#[cfg(windows)]
mod os {
    use std::fs::{File, Metadata};
    use std::io;
    use std::os::windows::fs::FileExt;
    use std::path::Path;

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    /// Moves the file's own position, which nothing here relies on.
    pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        file.seek_read(buffer, offset)
    }

    /// Windows tells a file's number in no way that is stable in Rust's library; an open file cannot be replaced there
    /// by a program that does not ask for it.
    pub(super) fn identity(_: &Metadata) -> Option<(u64, u64)> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn kind_of(path: &Path) -> ErrorKind {
        FileSource::open(path).expect_err("refused").kind()
    }

    #[test]
    fn only_regular_files_with_bytes_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kind_of(&dir.path().join("none.pdf")), ErrorKind::SourceNotFound);
        assert_eq!(kind_of(dir.path()), ErrorKind::SourceNotAFile);
        let empty = dir.path().join("empty.pdf");
        File::create(&empty).unwrap();
        assert_eq!(kind_of(&empty), ErrorKind::SourceEmpty);
        assert_eq!(kind_of(&empty.join("below")), ErrorKind::SourceNotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_device_is_refused_at_once() {
        use std::os::unix::ffi::OsStrExt;
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let name = std::ffi::CString::new(pipe.as_os_str().as_bytes()).unwrap();
        // SAFETY: the name is NUL-terminated and outlives the call.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        assert_eq!(kind_of(&pipe), ErrorKind::SourceNotAFile);
        assert_eq!(kind_of(Path::new("/dev/zero")), ErrorKind::SourceNotAFile);
    }

    #[tokio::test]
    async fn reads_at_any_offset_and_sees_a_change() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        let source = FileSource::open(file.path()).unwrap();
        assert_eq!(source.read(6, 4).await.unwrap(), "6789");
        assert_eq!(source.read(0, 4).await.unwrap(), "0123");
        source.check().await.unwrap();

        file.write_all(b"x").unwrap();
        for error in [source.read(0, 4).await.unwrap_err(), source.check().await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::SourceChanged);
            assert!(error.message().contains("was 10 bytes and is 11 bytes now"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_changed_time_is_a_change() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        let source = FileSource::open(file.path()).unwrap();
        file.as_file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let error = source.read(0, 4).await.unwrap_err();
        assert!(error.message().contains("it was written to"), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_in_its_place_is_a_change_and_a_deleted_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("a.pdf"), dir.path().join("b.pdf"));
        std::fs::write(&path, b"0123").unwrap();
        let source = FileSource::open(&path).unwrap();

        std::fs::rename(&path, &other).unwrap();
        assert_eq!(source.read(0, 4).await.unwrap(), "0123");
        source.check().await.unwrap();

        std::fs::copy(&other, &path).unwrap();
        let error = source.check().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SourceChanged);
        assert!(error.message().contains("another file took its place"), "{error}");
    }

    #[test]
    fn a_name_cannot_write_over_the_terminal() {
        let error = FileSource::open(Path::new("a\u{1b}[2Jb\u{202e}.pdf")).unwrap_err();
        assert_eq!(error.message(), "There is no file 'ab.pdf'.");
    }
}
