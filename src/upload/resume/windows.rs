//! What a resume file needs of Windows.
//!
//! Who may read and write the file there is what its folder hands down: a user's own folders are the user's alone, and
//! Rust's library sets and reads no access list. Choose such a folder; nothing here can refuse another.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_DELETE: u32 = 4;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const ERROR_SHARING_VIOLATION: i32 = 32;

/// While it is open, nobody else opens it to write: that is the lock. It can be replaced and removed meanwhile, and the
/// link itself is opened where the path is one.
fn held() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    options
}

pub(super) fn open(path: &Path) -> io::Result<File> {
    held().open(path)
}

pub(super) fn create(path: &Path) -> io::Result<File> {
    held().create_new(true).open(path)
}

/// A link was opened itself, and is no regular file.
pub(super) fn is_link(_: &io::Error) -> bool {
    false
}

pub(super) fn is_in_use(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
}

pub(super) fn lock(_: &File) -> Result<(), TryLockError> {
    Ok(())
}

pub(super) fn unlock(_: &File) {}

/// Who has it open is the only one who replaces or removes it.
pub(super) fn leads_to(_: &Path, _: &File) -> bool {
    true
}

pub(super) fn is_ours(_: &Metadata) -> bool {
    true
}

pub(super) fn is_writable_by_others(_: &Metadata) -> bool {
    false
}

/// A folder cannot be flushed there; the file system's own log keeps its entries.
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
