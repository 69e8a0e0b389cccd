//! Where the bytes of a document come from.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Error, ErrorKind, Result};
use crate::redact;

/// A document whose bytes can be read at any offset, as often as needed: a retry reads again, nothing is kept.
///
/// Calls block and come from threads that may; several may come at once.
pub trait Source: Send + Sync + 'static {
    /// The size in bytes, fixed for the life of the source.
    fn size(&self) -> u64;

    /// Fills the buffer with the bytes from `offset` on.
    ///
    /// # Errors
    /// [`ErrorKind::SourceUnreadable`], or [`ErrorKind::SourceChanged`] when the document is not what it was.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()>;
}

/// A regular file, held open. Its identity, size and time are compared after each read, so that a change ends the
/// upload before a range that mixes old and new bytes is whole. A change that leaves all three alone is not seen.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    path: PathBuf,
    opened: Fingerprint,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fingerprint {
    size: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ErrorKind::SourceNotFound`], [`ErrorKind::SourceUnreadable`], [`ErrorKind::SourceNotAFile`] for a directory, a
    /// pipe, a socket or a device, [`ErrorKind::SourceEmpty`] for no bytes at all.
    pub fn open(path: &Path) -> Result<Self> {
        // Looked at before it is opened: opening a pipe waits for a writer, and opening a device can do anything.
        let metadata = std::fs::metadata(path).map_err(|error| unopened(path, &error))?;
        check_is_file(path, &metadata)?;
        let file = os::open(path).map_err(|error| unopened(path, &error))?;
        let metadata = file.metadata().map_err(|error| unopened(path, &error))?;
        check_is_file(path, &metadata)?;
        if metadata.len() == 0 {
            return Err(Error::new(
                ErrorKind::SourceEmpty,
                format!("'{}' is empty; the service takes no document without bytes.", shown(path)),
            )
            .with_next_step("Give a file that holds the document."));
        }
        Ok(FileSource { file, path: path.to_owned(), opened: Fingerprint::of(&metadata) })
    }

    fn changed(&self, what: &str) -> Error {
        Error::new(
            ErrorKind::SourceChanged,
            format!("'{}' changed while it was being sent: {what}.", shown(&self.path)),
        )
        .with_next_step(
            "Nothing was completed. Create a new upload session and send the file again when nobody writes to it.",
        )
    }

    fn check_unchanged(&self) -> Result<()> {
        let now = Fingerprint::of(&self.file.metadata().map_err(|error| self.unreadable(&error))?);
        if now.size != self.opened.size {
            return Err(self.changed(&format!("its size was {} bytes and is {} bytes now", self.opened.size, now.size)));
        }
        if now.modified != self.opened.modified {
            return Err(self.changed("it was written to"));
        }
        Ok(())
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        Error::new(ErrorKind::SourceUnreadable, format!("'{}' cannot be read: {}.", shown(&self.path), in_words(error)))
            .with_next_step("Check the disk or the share that it is on, then send it again to the same upload session.")
            .resumable(true)
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.opened.size
    }

    fn read_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> Result<()> {
        while !buffer.is_empty() {
            match os::read_at(&self.file, buffer, offset) {
                Ok(0) => {
                    self.check_unchanged()?;
                    return Err(self.changed("it ended early"));
                }
                Ok(read) => {
                    offset += read as u64;
                    buffer = &mut buffer[read..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        self.check_unchanged()
    }
}

impl Fingerprint {
    fn of(metadata: &Metadata) -> Self {
        Fingerprint { size: metadata.len(), modified: metadata.modified().ok() }
    }
}

fn check_is_file(path: &Path, metadata: &Metadata) -> Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "a directory" } else { "a pipe, a socket or a device" };
    Err(Error::new(ErrorKind::SourceNotAFile, format!("'{}' is {what}, not a file.", shown(path)))
        .with_next_step("Give the path of one file."))
}

fn unopened(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::new(ErrorKind::SourceNotFound, format!("There is no file '{}'.", shown(path)))
                .with_next_step("Check the path.")
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::SourceUnreadable, format!("There is no permission to read '{}'.", shown(path)))
                .with_next_step("Run as a user who may read the file.")
        }
        _ => {
            Error::new(ErrorKind::SourceUnreadable, format!("'{}' cannot be opened: {}.", shown(path), in_words(error)))
                .with_next_step("Check the path, and the disk or the share that it is on.")
        }
    }
}

fn in_words(error: &io::Error) -> String {
    redact::clean(&error.to_string())
}

fn shown(path: &Path) -> String {
    redact::clean(&path.to_string_lossy())
}

#[cfg(unix)]
mod os {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::unix::fs::{FileExt, OpenOptionsExt};
    use std::path::Path;

    /// Without waiting, should the path have become a pipe since it was looked at.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
    }

    pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        file.read_at(buffer, offset)
    }
}

#[cfg(windows)]
mod os {
    use std::fs::File;
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

    #[test]
    fn reads_at_any_offset_and_sees_a_change() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        let source = FileSource::open(file.path()).unwrap();
        let mut buffer = [0; 4];
        source.read_at(6, &mut buffer).unwrap();
        assert_eq!(&buffer, b"6789");
        source.read_at(0, &mut buffer).unwrap();
        assert_eq!(&buffer, b"0123");

        file.write_all(b"x").unwrap();
        let error = source.read_at(0, &mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SourceChanged);
        assert!(error.message().contains("was 10 bytes and is 11 bytes now"), "{error}");
    }

    #[test]
    fn a_name_cannot_write_over_the_terminal() {
        let error = FileSource::open(Path::new("a\u{1b}[2Jb\u{202e}.pdf")).unwrap_err();
        assert_eq!(error.message(), "There is no file 'ab.pdf'.");
    }
}
