//! Names of statuses, and versions.

use std::ffi::c_char;

use crate::status::NAMES;

/// The stable name of a status, such as "ConnectionFailed"; NULL for a number that is none. Static.
#[no_mangle]
pub extern "C" fn mgprint_status_name(status: i32) -> *const c_char {
    NAMES.iter().find(|(number, _)| *number as i32 == status).map_or(std::ptr::null(), |(_, name)| name.as_ptr().cast())
}

/// The version of this ABI. It is raised only when something that existed changes its meaning; a host compares it with
/// MGPRINT_ABI_VERSION of the header that it was compiled with.
#[no_mangle]
pub extern "C" fn mgprint_abi_version() -> u32 {
    ABI_VERSION
}

/// The version of this ABI that the header describes; the number in the library's SONAME.
pub const ABI_VERSION: u32 = 1;

/// The version of the library, such as "3.0.0". Static.
#[no_mangle]
pub extern "C" fn mgprint_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
