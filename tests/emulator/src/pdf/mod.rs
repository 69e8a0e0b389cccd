//! A valid PDF of many pages and exactly as many bytes as asked for, the same for the same number.
//!
//! The document is walked several times, each time by another visitor: to measure it, to write it, to list the
//! offsets of its objects. So it takes the same memory whatever its size.

mod layout;
mod text;
mod visit;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use layout::Layout;

/// An entry of the cross-reference table has ten digits for an offset.
const LARGEST: u64 = 9_999_999_999;

/// Why a document cannot be made.
#[derive(Debug)]
pub enum PdfError {
    /// The number of bytes is below what one page takes.
    TooSmall {
        /// What was asked for.
        bytes: u64,
        /// The fewest bytes that can be made.
        least: u64,
    },
    /// The number of bytes is beyond what a cross-reference table can point to.
    TooLarge {
        /// What was asked for.
        bytes: u64,
    },
    /// The file could not be written.
    Io(io::Error),
}

impl fmt::Display for PdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSmall { bytes, least } => {
                write!(f, "A PDF of {bytes} bytes cannot be made: a page of text takes at least {least} bytes.")
            }
            Self::TooLarge { bytes } => write!(
                f,
                "A PDF of {bytes} bytes cannot be made: its table of offsets reaches {LARGEST} bytes at most."
            ),
            Self::Io(error) => write!(f, "The PDF could not be written: {error}."),
        }
    }
}

impl std::error::Error for PdfError {}

impl From<io::Error> for PdfError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes a PDF of exactly `bytes` bytes to `path`, in place of what may be there.
///
/// # Errors
/// [`PdfError`], with nothing written unless it is [`PdfError::Io`].
pub fn make(path: &Path, bytes: u64) -> Result<(), PdfError> {
    let layout = Layout::of_size(bytes)?;
    let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
    layout.write(&mut file)?;
    file.flush()?;
    Ok(())
}
