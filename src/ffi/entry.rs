//! What an entry comes to: a value, or why it refuses.

use crate::error::{Error, ErrorKind};
use crate::status::Status;

/// Why an entry refuses.
pub(super) enum Refused {
    /// With a number alone: the caller's own mistake.
    Status(Status),
    /// With an error that a person can read.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Error(error)
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Refused::Status(status)
    }
}

/// An argument that cannot be meant, in words.
pub(super) fn refused(why: &str) -> Refused {
    Error::new(ErrorKind::InvalidArgument, why).into()
}

pub(super) type Entry<T> = Result<T, Refused>;

/// Looks a handle up.
pub(super) fn known<T>(found: Option<T>) -> Entry<T> {
    found.ok_or(Refused::Status(Status::InvalidHandle))
}

/// The id of what was made; 0 means that the table is full.
pub(super) fn made(id: u64) -> Entry<u64> {
    match id {
        0 => {
            Err(Error::new(ErrorKind::SystemLimit, "Too many handles are open; free those that are not needed.").into())
        }
        id => Ok(id),
    }
}
