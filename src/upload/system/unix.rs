//! Unix.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::os::unix::io::AsRawFd;
use std::path::Path;

/// Opens a document, without waiting should the path have become a pipe since it was looked at.
pub(crate) fn open_document(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

/// Device and number of an open file.
pub(crate) fn identity(file: &File) -> Option<(u64, u64)> {
    file.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Device and number of the file that the path leads to now, links followed.
pub(crate) fn identity_at(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Writes what the system still buffers of the file to the disk.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // Apple's F_FULLFSYNC, which this is there, does not exist on network shares; fsync does.
        // SAFETY: the descriptor is open for as long as the file is borrowed.
        Err(_) if cfg!(target_vendor = "apple") && unsafe { libc::fsync(file.as_raw_fd()) } == 0 => Ok(()),
        synced => synced,
    }
}

/// Whether the file system keeps permissions; one without them is mounted for its user.
pub(crate) fn keeps_permissions(_: &File) -> bool {
    true
}

/// Opens a resume file: neither through a symbolic link, nor waiting should it be a pipe.
pub(crate) fn open_resume_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
}

/// Creates a resume file, which its owner alone may read.
pub(crate) fn create_resume_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).custom_flags(libc::O_NOFOLLOW).open(path)
}

pub(crate) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

/// Opening does not fail for that here; locking does.
pub(crate) fn is_in_use(_: &io::Error) -> bool {
    false
}

pub(crate) fn lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

pub(crate) fn unlock(file: &File) {
    // What was locked can be unlocked; and were it not, the file is closed next.
    let _ = file.unlock();
}

/// Whether the path still leads to the open file.
pub(crate) fn leads_to(path: &Path, file: &File) -> bool {
    let at_path = std::fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    at_path.is_some() && at_path == identity(file)
}

pub(crate) fn is_ours(metadata: &Metadata) -> bool {
    // SAFETY: it has no preconditions and cannot fail.
    metadata.uid() == unsafe { libc::geteuid() }
}

pub(crate) fn is_writable_by_others(_: &File, metadata: &Metadata) -> bool {
    metadata.mode() & 0o022 != 0
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(&File::open(folder)?)
}

/// Gives a new file the permissions of the one that it replaces, and its owner where this process may.
pub(crate) fn copy_permissions(from: &Metadata, to: &File) -> io::Result<()> {
    let _ = std::os::unix::fs::fchown(to, Some(from.uid()), Some(from.gid()));
    to.set_permissions(from.permissions())
}
