//! What a resume file needs of a Unix system.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Neither through a symbolic link, nor waiting should it be a pipe.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
}

/// A new file, which its owner alone may read.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).custom_flags(libc::O_NOFOLLOW).open(path)
}

pub(super) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

/// Opening does not fail for that here; locking does.
pub(super) fn is_in_use(_: &io::Error) -> bool {
    false
}

pub(super) fn lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

pub(super) fn unlock(file: &File) {
    // What was locked can be unlocked; and were it not, the file is closed next.
    let _ = file.unlock();
}

/// Whether the path still leads to the open file.
pub(super) fn leads_to(path: &Path, file: &File) -> bool {
    let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
    match (std::fs::symlink_metadata(path), file.metadata()) {
        (Ok(at_path), Ok(open)) => identity(at_path) == identity(open),
        _ => false,
    }
}

pub(super) fn is_ours(metadata: &Metadata) -> bool {
    // SAFETY: it has no preconditions and cannot fail.
    metadata.uid() == unsafe { libc::geteuid() }
}

pub(super) fn is_writable_by_others(_: &File, metadata: &Metadata) -> bool {
    metadata.mode() & 0o022 != 0
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
