//! The resume file on the disk: made for its owner alone, locked while in use, replaced whole, removed at the end.
//!
//! The lock is on the file itself, and a new content is a new file: it is locked before it takes the old one's place, and
//! who waits at the old one finds that the path leads elsewhere. At any moment the path leads to nothing, to an empty
//! file (it was made, and nothing was sent yet), or to a whole text.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

use super::LARGEST_FILE;
use crate::error::{Error, ErrorKind, Result};
use crate::redact;

/// A resume file that is ours for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    held: File,
}

impl Place {
    /// Opens and locks the file that is there; `None` when there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>> {
        loop {
            let held = match system::open(path) {
                Ok(held) => held,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) if system::is_link(&error) => {
                    return Err(refused(path, "is a symbolic link, which is not followed"))
                }
                Err(error) if system::is_in_use(&error) => return Err(in_use(path)),
                Err(error) => return Err(failed(path, "opened", &error)),
            };
            check(path, &held)?;
            lock(path, &held)?;
            // Another process may have replaced or removed it between the opening and the lock.
            if system::leads_to(path, &held) {
                return Ok(Some(Place { path: path.to_owned(), held }));
            }
        }
    }

    /// Makes the file, empty and locked; `None` when there is one already.
    pub(super) fn create(path: &Path) -> Result<Option<Self>> {
        let held = match system::create(path) {
            Ok(held) => held,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(failed(path, "created", &error)),
        };
        // Who was quicker with the lock has the file.
        lock(path, &held)?;
        Ok(Some(Place { path: path.to_owned(), held }))
    }

    /// The whole text.
    pub(super) fn read(&self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        let read = (&self.held).take(LARGEST_FILE as u64 + 1).read_to_end(&mut text);
        read.map_err(|error| failed(&self.path, "read", &error))?;
        if text.len() > LARGEST_FILE {
            return Err(refused(&self.path, "is larger than any resume file"));
        }
        Ok(text)
    }

    /// Puts a new text in the place of the old one: after this, or after a power cut in the middle of it, one of the two
    /// is there.
    pub(super) fn replace(&mut self, text: &str) -> Result<()> {
        let next = beside(&self.path);
        let written = self.write_beside(&next, text).and_then(|file| {
            std::fs::rename(&next, &self.path).map_err(|error| failed(&self.path, "replaced", &error))?;
            Ok(file)
        });
        match written {
            Ok(file) => {
                self.held = file;
                Ok(())
            }
            Err(error) => {
                // What was not made, or is not ours, is not there or not removed.
                let _ = remove_if_ours(&next);
                Err(error)
            }
        }
    }

    fn write_beside(&self, next: &Path, text: &str) -> Result<File> {
        let failed = |error: &io::Error| failed(&self.path, "written", error);
        // We hold the lock, so one that is there was left by a process that was killed.
        remove_if_ours(next).map_err(|error| failed(&error))?;
        let mut file = system::create(next).map_err(|error| failed(&error))?;
        lock(&self.path, &file)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
        Ok(file)
    }

    /// Makes sure that the file itself, not only its text, outlives a power cut.
    pub(super) fn settle(&self) -> Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        system::sync_folder(folder).map_err(|error| failed(&self.path, "written", &error))
    }

    /// Removes the file.
    pub(super) fn remove(self) -> Result<()> {
        if system::leads_to(&self.path, &self.held) {
            std::fs::remove_file(&self.path).map_err(|error| failed(&self.path, "removed", &error))?;
        }
        Ok(())
    }
}

/// Closing does not always unlock at once: a program that was started meanwhile holds what is open until it runs.
impl Drop for Place {
    fn drop(&mut self) {
        system::unlock(&self.held);
    }
}

/// Where a new text is written before it takes the old one's place: in the same folder, since no file system renames
/// into another.
fn beside(path: &Path) -> PathBuf {
    let mut next = path.as_os_str().to_owned();
    next.push(".mgprint-new");
    next.into()
}

fn remove_if_ours(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() && system::is_ours(&metadata) => std::fs::remove_file(path),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn check(path: &Path, held: &File) -> Result<()> {
    let metadata = held.metadata().map_err(|error| failed(path, "opened", &error))?;
    if !metadata.is_file() {
        return Err(refused(path, "is not a regular file"));
    }
    if !system::is_ours(&metadata) {
        return Err(refused(path, "belongs to another user"));
    }
    if system::is_writable_by_others(held, &metadata) {
        return Err(refused(path, "can be written to by other users"));
    }
    Ok(())
}

fn lock(path: &Path, file: &File) -> Result<()> {
    system::lock(file).map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => in_use(path),
        std::fs::TryLockError::Error(error) => failed(path, "locked", &error),
    })
}

pub(super) fn refused(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::ResumeFileRefused, format!("The resume file '{}' {why}. Nothing was sent.", shown(path)))
        .with_next_step("Give another path; or delete the file, if nothing else needs it, to begin anew.")
}

fn in_use(path: &Path) -> Error {
    Error::new(
        ErrorKind::ResumeFileInUse,
        format!("The resume file '{}' is in use by another upload, which goes on. Nothing was sent.", shown(path)),
    )
    .with_next_step("Wait until that one has ended, or give each upload a resume file of its own.")
}

pub(super) fn failed(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::ResumeFileFailed,
        format!("The resume file '{}' cannot be {what}: {}.", shown(path), redact::clean(&error.to_string())),
    )
    .with_next_step("Check the folder, its permissions and the space on its disk.")
    .resumable(true)
}

pub(super) fn shown(path: &Path) -> String {
    redact::clean(&path.to_string_lossy())
}
