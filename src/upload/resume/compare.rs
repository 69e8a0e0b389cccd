//! Whether a document that was touched since its upload began still is what was sent of it.

use std::time::SystemTime;

use super::digest::digest_of;
use super::record::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::range::RangeSet;
use crate::upload::source::{FileSource, Source};

/// How many differing ranges a message names.
const MOST_NAMED: usize = 4;

/// Reads again what was sent and compares it with what was recorded then: also what the service has not, since it may still be
/// on its way.
///
/// # Errors
/// [`ErrorKind::SourceChanged`], with the bytes that differ, or those that cannot be checked: the service has them, and they
/// were not recorded when the upload was interrupted.
pub(crate) async fn compare(record: &Record, source: &FileSource, there: &RangeSet) -> Result<()> {
    let (mut same, mut differing) = (Vec::new(), Vec::new());
    for piece in &record.pieces {
        let equal = digest_of(source, piece.range()).await? == piece.sha256;
        if equal { &mut same } else { &mut differing }.push(piece.range());
    }
    let differing: RangeSet = differing.into_iter().collect();
    if !differing.is_empty() {
        return Err(changed(source, &format!("{} not what was sent", are(&differing))));
    }
    let unknown = there.difference(&same.into_iter().collect());
    if !unknown.is_empty() {
        return Err(changed(source, &format!("{} at the service and cannot be compared", are(&unknown))));
    }
    Ok(())
}

/// A document that has another size than it had is another document.
pub(crate) fn check_size(record: &Record, source: &FileSource) -> Result<()> {
    if record.size == source.size() {
        return Ok(());
    }
    Err(explain(source, &format!("its size was {} bytes and is {} bytes now", record.size, source.size())))
}

fn changed(source: &FileSource, what: &str) -> Error {
    let when = source.fingerprint().modified.and_then(in_words).map_or(String::new(), |time| format!(" ({time})"));
    explain(source, &format!("it was written to or replaced{when}, and {what}"))
}

fn explain(source: &FileSource, what: &str) -> Error {
    Error::new(
        ErrorKind::SourceChanged,
        format!("'{}' is not what it was when the upload began, or another document: {what}.", source.name()),
    )
    .with_next_step("To send the changed document, delete the resume file and create a new upload session.")
}

fn are(bytes: &RangeSet) -> String {
    let mut named: Vec<String> =
        bytes.iter().take(MOST_NAMED).map(|range| format!("{}-{}", range.start, range.end - 1)).collect();
    let more = bytes.iter().count() - named.len();
    if more > 0 {
        named.push(format!("{more} more ranges"));
    }
    format!("bytes {} are", named.join(", "))
}

/// A time that a person can compare with a clock; none for those that no calendar has.
fn in_words(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    // The year 9999.
    (seconds < 253_402_300_800).then(|| httpdate::fmt_http_date(time))
}
