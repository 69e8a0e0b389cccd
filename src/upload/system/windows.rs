//! What a resume file needs of Windows.
//!
//! A file takes over the access list of its folder, which may let in others. So a resume file gets one of its own before
//! anything is written to it, and one whose list is another is refused.

use std::ffi::c_void;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr::null_mut;

const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_DELETE: u32 = 4;
const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const WRITE_DAC: u32 = 0x0004_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const ERROR_SHARING_VIOLATION: i32 = 32;

/// In the language of access lists ([MS-DTYP], section 2.5.1): nothing is inherited, and its owner, whoever that is, has
/// all rights.
const OWNER_ALONE: &str = "D:P(A;;FA;;;OW)";
const SDDL_REVISION_1: u32 = 1;
const DACL_SECURITY_INFORMATION: u32 = 4;

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

/// A new file, which its owner alone may read. Until its access list is set nobody else opens it, nor later while it is
/// held.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = held();
    options.access_mode(GENERIC_READ | GENERIC_WRITE | WRITE_DAC).share_mode(FILE_SHARE_DELETE).create_new(true);
    let file = options.open(path)?;
    if let Err(error) = let_in_its_owner_alone(&file) {
        drop(file);
        let _ = std::fs::remove_file(path);
        return Err(error);
    }
    Ok(file)
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

/// A file that lets in its owner alone, and that we have opened, is ours: see [`is_writable_by_others`].
pub(super) fn is_ours(_: &Metadata) -> bool {
    true
}

pub(super) fn is_writable_by_others(file: &File, _: &Metadata) -> bool {
    // The control flags between `D:` and the entries may say more than they did when it was set.
    let is_owner_s_alone = |list: &str| {
        let (flags, entries) = list.split_at(list.find('(').unwrap_or(0));
        flags.starts_with("D:P") && OWNER_ALONE.ends_with(entries)
    };
    !access_list(file).map_or(false, |list| is_owner_s_alone(&list))
}

/// A folder cannot be flushed there; the file system's own log keeps its entries.
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn let_in_its_owner_alone(file: &File) -> io::Result<()> {
    let text: Vec<u16> = OWNER_ALONE.encode_utf16().chain(Some(0)).collect();
    let mut descriptor = null_mut();
    // SAFETY: the text ends with a NUL and outlives the call, which fills `descriptor`; nothing is wanted of its size.
    let parsed = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &mut descriptor,
            null_mut(),
        )
    };
    if parsed == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is open, and the descriptor was made by the call above.
    let set = unsafe { SetKernelObjectSecurity(file.as_raw_handle().cast(), DACL_SECURITY_INFORMATION, descriptor) };
    let outcome = if set == 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    // SAFETY: the descriptor is the system's, to be freed so, and not used again.
    unsafe { LocalFree(descriptor) };
    outcome
}

/// The file's access list, in the language that it is set in.
fn access_list(file: &File) -> Option<String> {
    let handle = file.as_raw_handle().cast();
    let mut needed = 0;
    // SAFETY: the handle is open; with no room for an answer, only how much it needs is told.
    unsafe { GetKernelObjectSecurity(handle, DACL_SECURITY_INFORMATION, null_mut(), 0, &mut needed) };
    // In words, since a descriptor has to lie where a pointer may.
    let mut descriptor = vec![0usize; needed as usize / std::mem::size_of::<usize>() + 1];
    let place: *mut c_void = descriptor.as_mut_ptr().cast();
    let (mut text, mut length) = (null_mut(), 0);
    // SAFETY: the handle is open, and there is room for as many bytes as were asked for; the text that is made of them is
    // the system's, as long as it says, and is freed once, after it was copied.
    unsafe {
        if GetKernelObjectSecurity(handle, DACL_SECURITY_INFORMATION, place, needed, &mut needed) == 0
            || ConvertSecurityDescriptorToStringSecurityDescriptorW(
                place,
                SDDL_REVISION_1,
                DACL_SECURITY_INFORMATION,
                &mut text,
                &mut length,
            ) == 0
        {
            return None;
        }
        let list = String::from_utf16_lossy(std::slice::from_raw_parts(text, length as usize));
        LocalFree(text.cast());
        Some(list.trim_end_matches('\0').to_owned())
    }
}

#[link(name = "advapi32")]
extern "system" {
    fn ConvertStringSecurityDescriptorToSecurityDescriptorW(
        text: *const u16,
        revision: u32,
        descriptor: *mut *mut c_void,
        size: *mut u32,
    ) -> i32;
    fn ConvertSecurityDescriptorToStringSecurityDescriptorW(
        descriptor: *mut c_void,
        revision: u32,
        information: u32,
        text: *mut *mut u16,
        length: *mut u32,
    ) -> i32;
    fn GetKernelObjectSecurity(
        handle: *mut c_void,
        information: u32,
        descriptor: *mut c_void,
        length: u32,
        needed: *mut u32,
    ) -> i32;
    fn SetKernelObjectSecurity(handle: *mut c_void, information: u32, descriptor: *mut c_void) -> i32;
}

#[link(name = "kernel32")]
extern "system" {
    fn LocalFree(memory: *mut c_void) -> *mut c_void;
}
