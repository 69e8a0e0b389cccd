//! What a resume file says, and its text.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::range::RangeSet;
use crate::upload::source::Fingerprint;

/// The first member of every resume file, by which it is known.
const FORMAT: &str = "mgprint resume file";

/// A file of another version is refused: what it says may mean something else.
const VERSION: u64 = 1;

/// The most pieces that a journal records, so that a file stays under [`super::LARGEST_FILE`]: 1.6 GB of the smallest
/// pieces that the engine makes by itself. A piece that is not recorded cannot be compared when the document's time has changed.
const MOST_PIECES: usize = 8000;

/// What a resume file says. Never a token; the upload URL is a secret of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    format: String,
    version: u64,
    pub(super) upload_url: String,
    /// What the caller calls the document at the service; opaque.
    pub(super) identity: String,
    pub(super) size: u64,
    /// The document's time in nanoseconds since 1970, where the system has one.
    modified: Option<i64>,
    /// Device and number of the document's file, where the system has such.
    file: Option<(u64, u64)>,
    /// What was sent, or was about to be: a piece is recorded before its last bytes are sent.
    pub(super) pieces: Vec<Piece>,
}

/// A piece of the document, and what was in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    first: u64,
    last: u64,
    /// In hexadecimal digits.
    pub(super) sha256: String,
}

impl Piece {
    pub(super) fn new(range: Range<u64>, sha256: String) -> Self {
        Piece { first: range.start, last: range.end - 1, sha256 }
    }

    pub(super) fn range(&self) -> Range<u64> {
        self.first..self.last + 1
    }
}

impl Record {
    pub(super) fn new(upload_url: &str, identity: &str, document: &Fingerprint) -> Self {
        let record = Record {
            format: FORMAT.to_owned(),
            version: VERSION,
            upload_url: upload_url.to_owned(),
            identity: identity.to_owned(),
            size: document.size,
            modified: None,
            file: None,
            pieces: Vec::new(),
        };
        record.accept(document)
    }

    /// The document is as it was, whatever its time and place are now.
    pub(super) fn accept(self, document: &Fingerprint) -> Self {
        Record { modified: document.modified.and_then(nanoseconds), file: document.identity, ..self }
    }

    /// Whether time and file number are those of the record; one that the system does not have is not compared.
    pub(crate) fn is_untouched(&self, document: &Fingerprint) -> bool {
        let is_same_file = self.file.is_none() || document.identity.is_none() || self.file == document.identity;
        self.modified == document.modified.and_then(nanoseconds) && is_same_file
    }

    /// Records a piece, in place of those within it.
    pub(super) fn insert(&mut self, piece: Piece) {
        self.pieces.retain(|old| old.first < piece.first || old.last > piece.last);
        if self.pieces.len() < MOST_PIECES {
            self.pieces.push(piece);
        }
    }

    /// Removes the pieces of which some of these bytes are a part; says whether there were any.
    pub(super) fn remove(&mut self, bytes: &RangeSet) -> bool {
        let before = self.pieces.len();
        self.pieces.retain(|piece| bytes.intersection(&RangeSet::of(piece.range())).is_empty());
        self.pieces.len() < before
    }

    /// The bytes of the recorded pieces.
    pub(super) fn sent(&self) -> RangeSet {
        self.pieces.iter().map(Piece::range).collect()
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers are JSON") + "\n"
    }

    /// Reads a text; what is wrong with it as the end of a sentence that begins with the file's name.
    pub(super) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u64,
        }
        let head = serde_json::from_slice::<Head>(text).ok().filter(|head| head.format == FORMAT);
        match head.ok_or("is not a resume file")?.version {
            VERSION => {}
            _ => return Err("was written by another version, whose resume files are not known"),
        }
        let record = serde_json::from_slice::<Record>(text).ok();
        let is_within =
            |record: &Record| record.pieces.iter().all(|piece| piece.first <= piece.last && piece.last < record.size);
        record.filter(is_within).ok_or("is a resume file that was damaged")
    }
}

/// The URL carries a secret.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("size", &self.size).field("pieces", &self.pieces.len()).finish_non_exhaustive()
    }
}

fn nanoseconds(time: SystemTime) -> Option<i64> {
    let nanoseconds = |duration: Duration| i64::try_from(duration.as_nanos()).ok();
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => nanoseconds(since),
        Err(before) => nanoseconds(before.duration()).map(|nanoseconds| -nanoseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let document = Fingerprint { size: 100, modified: Some(SystemTime::UNIX_EPOCH), identity: Some((1, u64::MAX)) };
        Record::new("https://host/u?tempauthtoken=CANARY", "printer p, job j", &document)
    }

    #[test]
    fn what_was_written_is_read() {
        let mut record = record();
        assert_eq!(Record::parse(record.to_text().as_bytes()), Ok(record.clone()));
        for range in [0..10, 10..20, 20..30, 5..30] {
            record.insert(Piece::new(range, "fe".repeat(32)));
        }
        let ranges: Vec<_> = record.pieces.iter().map(Piece::range).collect();
        assert_eq!(ranges, [0..10, 5..30], "a piece takes the place of those within it");
        let record = record.accept(&Fingerprint { size: 100, modified: None, identity: None });
        assert_eq!(Record::parse(record.to_text().as_bytes()), Ok(record.clone()));
        assert!(!format!("{record:?}").contains("CANARY"));
    }

    #[test]
    fn what_is_no_resume_file_is_recognised() {
        let text = record().to_text();
        for (other, why) in [
            (String::new(), "not a resume file"),
            ("%PDF-1.7".to_owned(), "not a resume file"),
            ("[]".to_owned(), "not a resume file"),
            (text[..text.len() / 2].to_owned(), "not a resume file"),
            (text.replace("\"version\":1", "\"version\":2"), "another version"),
            (text.replace("\"size\":100", "\"size\":-1"), "damaged"),
            (text.replace("\"pieces\":[]", "\"pieces\":[{\"first\":0,\"last\":100,\"sha256\":\"\"}]"), "damaged"),
        ] {
            let error = Record::parse(other.as_bytes()).expect_err(&other);
            assert!(error.contains(why), "{error}: {other}");
        }
    }

    #[test]
    fn the_largest_record_is_one_that_is_read() {
        let mut record = record();
        record.size = 1 << 40;
        record.upload_url = format!("https://host/{}", "u".repeat(16 * 1024));
        record.identity = "i".repeat(super::super::LONGEST_IDENTITY);
        let start = 1 << 39;
        (0..20_000).for_each(|n| record.insert(Piece::new(start + n..start + n + 1, "f".repeat(64))));
        assert_eq!(record.pieces.len(), MOST_PIECES);
        assert!(record.to_text().len() < super::super::LARGEST_FILE);
    }
}
