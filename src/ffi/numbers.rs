//! Enums as a host passes them: any number, until it is looked at. The header calls them by the enums' own names, which it
//! gets from elsewhere; so cbindgen does not read this file.

pub(super) type OptionNumber = i32;
pub(super) type RequestModeNumber = i32;
pub(super) type SessionActionNumber = i32;
pub(super) type JobParentNumber = i32;
pub(super) type SourceKindNumber = i32;
