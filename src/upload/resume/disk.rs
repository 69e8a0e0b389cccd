//! The resume file on the disk: made for its owner alone, locked while in use, replaced whole, removed at the end.
//!
//! The lock is on the file itself, and a new content is a new file: it is locked before it replaces the old one, and a
//! process that waits for the old one's lock finds that the path leads elsewhere. At any moment the path leads to nothing, to an empty
//! file (it was made, and nothing was sent yet), or to a whole text.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::LARGEST_FILE;
use crate::error::{Error, ErrorKind, Result};
use crate::http::redact;
use crate::upload::system;

/// A resume file that this process has open and locked.
#[derive(Debug)]
pub(crate) struct OpenResumeFile {
    path: PathBuf,
    file: File,
}

impl OpenResumeFile {
    /// Opens and locks the file that is there; `None` when there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>> {
        loop {
            let file = match system::open_resume_file(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) if system::is_link(&error) => {
                    return Err(refused(path, "is a symbolic link, which is not followed"))
                }
                Err(error) if system::is_in_use(&error) => return Err(in_use(path)),
                Err(error) => return Err(failed(path, "opened", &error)),
            };
            check(path, &file)?;
            lock(path, &file)?;
            // Another process may have replaced or removed it between the opening and the lock.
            if system::leads_to(path, &file) {
                return Ok(Some(OpenResumeFile { path: path.to_owned(), file }));
            }
        }
    }

    /// Makes the file, empty and locked; `None` when there is one already.
    pub(crate) fn create(path: &Path) -> Result<Option<Self>> {
        let file = match system::create_resume_file(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(failed(path, "created", &error)),
        };
        // Who was quicker with the lock has the file. A file system that keeps no permissions is an error now, before anything
        // is sent, and not when the upload is to go on.
        if let Err(error) = lock(path, &file).and_then(|()| check(path, &file)) {
            if error.kind() != ErrorKind::ResumeFileInUse {
                drop(file);
                let _ = remove_if_ours(path);
            }
            return Err(error);
        }
        Ok(Some(OpenResumeFile { path: path.to_owned(), file }))
    }

    /// The whole text.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        let read = (&self.file).take(LARGEST_FILE as u64 + 1).read_to_end(&mut text);
        read.map_err(|error| failed(&self.path, "read", &error))?;
        if text.len() > LARGEST_FILE {
            return Err(refused(&self.path, "is larger than any resume file"));
        }
        Ok(text)
    }

    /// Puts a new text in the place of the old one: after this, or after a power cut in the middle of it, one of the two
    /// is there.
    pub(crate) fn replace(&mut self, text: &str) -> Result<()> {
        // In the same folder, since no file system renames into another.
        let next = with_suffix(&self.path, ".mgprint-new");
        let written = self
            .write_beside(&next, text)
            .and_then(|file| self.rename_over(&next, file).map_err(|error| failed(&self.path, "replaced", &error)));
        if written.is_err() {
            // A file that was not made, or that is another user's, is not there or stays.
            let _ = remove_if_ours(&next);
        }
        written
    }

    fn rename_over(&mut self, next: &Path, file: File) -> io::Result<()> {
        let renamed = std::fs::rename(next, &self.path);
        let is_open_file_refused =
            cfg!(windows) && matches!(&renamed, Err(error) if error.kind() == io::ErrorKind::PermissionDenied);
        if renamed.is_err() && !is_open_file_refused {
            return renamed;
        }
        // From here on the new file holds the lock.
        self.file = file;
        if is_open_file_refused {
            // Where a file system has no POSIX rename (SMB, FAT), a file that is open is not replaced; now it is closed.
            return std::fs::rename(next, &self.path);
        }
        Ok(())
    }

    fn write_beside(&self, next: &Path, text: &str) -> Result<File> {
        let failed = |error: &io::Error| failed(&self.path, "written", error);
        // We hold the lock, so one that is there was left by a process that was killed.
        remove_if_ours(next).map_err(|error| failed(&error))?;
        let mut file = system::create_resume_file(next).map_err(|error| failed(&error))?;
        lock(&self.path, &file)?;
        file.write_all(text.as_bytes()).and_then(|()| system::sync(&file)).map_err(|error| failed(&error))?;
        Ok(file)
    }

    /// Makes sure that the file itself, not only its text, outlives a power cut.
    pub(crate) fn sync_folder(&self) -> Result<()> {
        system::sync_folder(folder(&self.path)).map_err(|error| failed(&self.path, "written", &error))
    }

    /// Removes the file.
    pub(crate) fn remove(self) -> Result<()> {
        if system::leads_to(&self.path, &self.file) {
            std::fs::remove_file(&self.path).map_err(|error| failed(&self.path, "removed", &error))?;
        }
        Ok(())
    }
}

/// Opens the file that is there, or makes one.
pub(crate) fn open_or_create(path: &Path) -> Result<OpenResumeFile> {
    loop {
        // Made by another process between the two, it is opened the next time.
        if let Some(file) = OpenResumeFile::open(path)? {
            return Ok(file);
        }
        if let Some(file) = OpenResumeFile::create(path)? {
            return Ok(file);
        }
    }
}

/// Closing does not always unlock at once: a program that was started meanwhile holds what is open until it runs.
impl Drop for OpenResumeFile {
    fn drop(&mut self) {
        system::unlock(&self.file);
    }
}

/// A path in the same folder.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The folder of a path.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn remove_if_ours(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() && system::is_ours(&metadata) => std::fs::remove_file(path),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn check(path: &Path, file: &File) -> Result<()> {
    let metadata = file.metadata().map_err(|error| failed(path, "opened", &error))?;
    if !metadata.is_file() {
        return Err(refused(path, "is not a regular file"));
    }
    if !system::is_ours(&metadata) {
        return Err(refused(path, "belongs to another user"));
    }
    if !system::keeps_permissions(file) {
        return Err(refused(path, "is on a file system that keeps no permissions, so that others could read it"));
    }
    if system::is_writable_by_others(file, &metadata) {
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

pub(crate) fn refused(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::ResumeFileRefused,
        format!("The resume file '{}' {why}. Nothing was sent.", redact::path(path)),
    )
    .with_next_step("Give another path; or delete the file, if nothing else needs it, to begin anew.")
}

fn in_use(path: &Path) -> Error {
    Error::new(
        ErrorKind::ResumeFileInUse,
        format!(
            "The resume file '{}' is in use by another upload, which goes on. Nothing was sent.",
            redact::path(path)
        ),
    )
    .with_next_step("Wait until that one has ended, or give each upload a resume file of its own.")
}

pub(crate) fn failed(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::ResumeFileFailed,
        format!("The resume file '{}' cannot be {what}: {}.", redact::path(path), redact::clean(&error.to_string())),
    )
    .with_next_step("Check the folder, its permissions and the space on its disk.")
    .resumable(true)
}
