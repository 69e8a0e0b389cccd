//! Windows.
//!
//! A new file inherits the access list of its folder, which may let in others. So a resume file gets a list of its own
//! before anything is written to it, and one whose list is another is refused.

use std::ffi::c_void;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::{FileExt, OpenOptionsExt};
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
const PROTECTED_DACL_SECURITY_INFORMATION: u32 = 0x8000_0000;
const SE_FILE_OBJECT: i32 = 1;
const FILE_PERSISTENT_ACLS: u32 = 8;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const SHARE_ALL: u32 = 7;

pub(crate) fn open_document(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Moves the file's own position, which nothing here relies on.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

/// Volume and index of an open file (BY_HANDLE_FILE_INFORMATION, which is thirteen numbers of 32 bits).
pub(crate) fn identity(file: &File) -> Option<(u64, u64)> {
    let mut information = [0_u32; 13];
    // SAFETY: the handle is open, and the place is as large as the structure that the call fills.
    let filled = unsafe { GetFileInformationByHandle(file.as_raw_handle().cast(), information.as_mut_ptr()) };
    let [.., volume, _, _, _, high, low] = information;
    (filled != 0).then_some((u64::from(volume), u64::from(high) << 32 | u64::from(low)))
}

/// Volume and index of the file that the path leads to now.
pub(crate) fn identity_at(path: &Path) -> Option<(u64, u64)> {
    let mut options = OpenOptions::new();
    options.access_mode(0).share_mode(SHARE_ALL).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    options.open(path).ok().and_then(|file| identity(&file))
}

/// Writes what the system still buffers of the file to the disk.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Whether the file system keeps access lists; FAT and exFAT do not, and let in everyone. For one that does not
/// say, the list is read back.
pub(crate) fn keeps_permissions(file: &File) -> bool {
    let mut flags = FILE_PERSISTENT_ACLS;
    // SAFETY: the handle is open; the call fills the flags, and nothing else is wanted.
    unsafe {
        GetVolumeInformationByHandleW(
            file.as_raw_handle().cast(),
            null_mut(),
            0,
            null_mut(),
            null_mut(),
            &mut flags,
            null_mut(),
            0,
        );
    }
    flags & FILE_PERSISTENT_ACLS != 0
}

/// While a resume file is open, no other process opens it to write: that is the lock. It can be replaced and removed
/// meanwhile, and the link itself is opened where the path is one.
fn locked() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    options
}

pub(crate) fn open_resume_file(path: &Path) -> io::Result<File> {
    locked().open(path)
}

/// Creates a resume file, which its owner alone may read. No other process opens it before its access list is set, nor
/// later while it is open.
pub(crate) fn create_resume_file(path: &Path) -> io::Result<File> {
    let mut options = locked();
    options.access_mode(GENERIC_READ | GENERIC_WRITE | WRITE_DAC).share_mode(FILE_SHARE_DELETE).create_new(true);
    let file = options.open(path)?;
    let secured = if keeps_permissions(&file) {
        let_in_its_owner_alone(&file)
    } else {
        Err(io::Error::other(
            "its file system keeps no permissions, so that others could read it; choose a folder on an NTFS volume",
        ))
    };
    if let Err(error) = secured {
        drop(file);
        let _ = std::fs::remove_file(path);
        return Err(error);
    }
    Ok(file)
}

/// A link was opened itself, and is no regular file.
pub(crate) fn is_link(_: &io::Error) -> bool {
    false
}

pub(crate) fn is_in_use(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
}

pub(crate) fn lock(_: &File) -> Result<(), TryLockError> {
    Ok(())
}

pub(crate) fn unlock(_: &File) {}

/// Only the process that has it open replaces or removes it.
pub(crate) fn leads_to(_: &Path, _: &File) -> bool {
    true
}

/// A file that lets in its owner alone, and that we have opened, is ours: see [`is_writable_by_others`].
pub(crate) fn is_ours(_: &Metadata) -> bool {
    true
}

pub(crate) fn is_writable_by_others(file: &File, _: &Metadata) -> bool {
    // The control flags between `D:` and the entries may say more than they did when it was set.
    let is_owner_s_alone = |list: &str| {
        let (flags, entries) = list.split_at(list.find('(').unwrap_or(0));
        flags.starts_with("D:P") && OWNER_ALONE.ends_with(entries)
    };
    !access_list(file).is_some_and(|list| is_owner_s_alone(&list))
}

/// A folder cannot be flushed there; the file system's own log keeps its entries.
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A new file has those of its folder.
pub(crate) fn copy_permissions(_: &Metadata, _: &File) -> io::Result<()> {
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
    let (mut present, mut defaulted, mut list) = (0, 0, null_mut());
    // SAFETY: the handle is open, and the descriptor was made by the call above; the list lies within the descriptor.
    let outcome = unsafe {
        if GetSecurityDescriptorDacl(descriptor, &mut present, &mut list, &mut defaulted) == 0 {
            Err(io::Error::last_os_error())
        } else {
            let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
            let handle = file.as_raw_handle().cast();
            match SetSecurityInfo(handle, SE_FILE_OBJECT, what, null_mut(), null_mut(), list, null_mut()) {
                0 => Ok(()),
                code => Err(io::Error::from_raw_os_error(code as i32)),
            }
        }
    };
    // SAFETY: the descriptor is the system's, to be freed so, and not used again.
    unsafe { LocalFree(descriptor) };
    outcome
}

/// The file's access list, in the language that it is set in.
fn access_list(file: &File) -> Option<String> {
    let handle = file.as_raw_handle().cast();
    let mut needed = 0;
    // SAFETY: the handle is open; without a buffer, the call only says how large one has to be.
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
    fn GetSecurityDescriptorDacl(
        descriptor: *mut c_void,
        present: *mut i32,
        list: *mut *mut c_void,
        defaulted: *mut i32,
    ) -> i32;
    fn SetSecurityInfo(
        handle: *mut c_void,
        kind: i32,
        information: u32,
        owner: *mut c_void,
        group: *mut c_void,
        list: *mut c_void,
        audit: *mut c_void,
    ) -> u32;
}

#[link(name = "kernel32")]
extern "system" {
    fn GetFileInformationByHandle(file: *mut c_void, information: *mut u32) -> i32;
    fn GetVolumeInformationByHandleW(
        file: *mut c_void,
        name: *mut u16,
        name_length: u32,
        serial_number: *mut u32,
        longest_component: *mut u32,
        flags: *mut u32,
        file_system: *mut u16,
        file_system_length: u32,
    ) -> i32;
    fn LocalFree(memory: *mut c_void) -> *mut c_void;
}
