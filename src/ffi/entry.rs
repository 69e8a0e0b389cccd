//! What an entry of the library comes to.

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
