//! What a resume file says, and its text.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use serde_json::{json, Map, Value};

use crate::upload::range::RangeSet;
use crate::upload::source::Fingerprint;

/// The first member of every resume file, by which it is known.
const FORMAT: &str = "mgprint resume file";

/// A file of another version is refused: what it says may mean something else.
const VERSION: u64 = 1;

/// The most pieces that a journal records, so that a file stays under [`super::LARGEST_FILE`]: 1.6 GB of the smallest
/// pieces that the engine makes by itself. A piece that is not recorded cannot be compared when the document's time has changed.
const MOST_PIECES: usize = 8000;

/// What a resume file says. Never a token; the upload URL is a secret of its own.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) upload_url: String,
    /// What the caller calls the document at the service; opaque.
    pub(super) identity: String,
    pub(super) size: u64,
    /// The document's time in nanoseconds since 1970, where the system tells it.
    pub(super) modified: Option<i64>,
    /// Device and number of the document's file, where the system has such.
    pub(super) file: Option<(u64, u64)>,
    /// What was sent, or was about to be: a piece is recorded before its last bytes are sent.
    pub(super) pieces: Vec<Piece>,
}

/// A piece of the document, and what was in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) range: Range<u64>,
    pub(super) sha256: [u8; 32],
}

impl Record {
    pub(super) fn new(upload_url: &str, identity: &str, document: &Fingerprint) -> Self {
        let mut record = Record {
            upload_url: upload_url.to_owned(),
            identity: identity.to_owned(),
            size: document.size,
            modified: None,
            file: None,
            pieces: Vec::new(),
        };
        record.accept(document);
        record
    }

    /// The document is as it was, whatever its time and place are now.
    pub(super) fn accept(&mut self, document: &Fingerprint) {
        self.modified = document.modified.and_then(nanoseconds);
        self.file = document.identity;
    }

    /// Whether time and file number are those of the record; one that the system does not tell is not compared.
    pub(super) fn is_untouched(&self, document: &Fingerprint) -> bool {
        let same_file = self.file.is_none() || document.identity.is_none() || self.file == document.identity;
        self.modified == document.modified.and_then(nanoseconds) && same_file
    }

    /// Journal a piece, in place of those within it.
    pub(super) fn note(&mut self, piece: Piece) {
        self.pieces.retain(|old| old.range.start < piece.range.start || old.range.end > piece.range.end);
        if self.pieces.len() < MOST_PIECES {
            self.pieces.push(piece);
        }
    }

    /// Forgets the pieces of which some of these bytes are a part; says whether there were any.
    pub(super) fn forget(&mut self, bytes: &RangeSet) -> bool {
        let before = self.pieces.len();
        self.pieces.retain(|piece| bytes.intersection(&RangeSet::of(piece.range.clone())).is_empty());
        self.pieces.len() < before
    }

    /// The bytes of the recorded pieces.
    pub(super) fn noted(&self) -> RangeSet {
        self.pieces.iter().map(|piece| piece.range.clone()).collect()
    }

    pub(super) fn to_text(&self) -> String {
        let pieces: Vec<Value> = self
            .pieces
            .iter()
            .map(|piece| {
                json!({"first": piece.range.start, "last": piece.range.end - 1, "sha256": hexadecimal(&piece.sha256)})
            })
            .collect();
        let mut text = json!({
            "format": FORMAT,
            "version": VERSION,
            "uploadUrl": self.upload_url,
            "identity": self.identity,
            "size": self.size,
            "modified": self.modified,
            "file": self.file.map(|(device, number)| json!([device, number])),
            "pieces": pieces,
        })
        .to_string();
        text.push('\n');
        text
    }

    /// Reads a text; what is wrong with it as the end of a sentence that begins with the file's name.
    pub(super) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        const NOT_ONE: &str = "is not a resume file";
        let object: Map<String, Value> = serde_json::from_slice(text).map_err(|_| NOT_ONE)?;
        if object.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err(NOT_ONE);
        }
        if object.get("version").and_then(Value::as_u64) != Some(VERSION) {
            return Err("was written by another version, whose resume files are not known");
        }
        Self::read(&object).ok_or("is a resume file that was damaged")
    }

    fn read(object: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| object.get(name)?.as_str().map(str::to_owned);
        let size = object.get("size")?.as_u64()?;
        Some(Record {
            upload_url: text("uploadUrl")?,
            identity: text("identity")?,
            size,
            modified: optional(object.get("modified")?, Value::as_i64)?,
            file: optional(object.get("file")?, |pair| match pair.as_array()?.as_slice() {
                [device, number] => Some((device.as_u64()?, number.as_u64()?)),
                _ => None,
            })?,
            pieces: object
                .get("pieces")?
                .as_array()?
                .iter()
                .map(|piece| Piece::read(piece, size))
                .collect::<Option<_>>()?,
        })
    }
}

/// `Some(None)` for null, `None` for what cannot be read.
fn optional<T>(value: &Value, read: impl FnOnce(&Value) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() {
        return Some(None);
    }
    read(value).map(Some)
}

impl Piece {
    fn read(piece: &Value, size: u64) -> Option<Self> {
        let (first, last) = (piece.get("first")?.as_u64()?, piece.get("last")?.as_u64()?);
        let sha256 = from_hexadecimal(piece.get("sha256")?.as_str()?)?;
        (first <= last && last < size).then_some(Piece { range: first..last + 1, sha256 })
    }
}

/// The URL carries a secret.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("size", &self.size).field("pieces", &self.pieces.len()).finish_non_exhaustive()
    }
}

fn hexadecimal(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hexadecimal(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in digest.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(digest)
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
    use proptest::prelude::*;

    fn record() -> Record {
        let document = Fingerprint { size: 100, modified: Some(SystemTime::UNIX_EPOCH), identity: Some((1, u64::MAX)) };
        Record::new("https://host/u?tempauthtoken=CANARY", "printer p, job j", &document)
    }

    #[test]
    fn what_was_written_is_read() {
        let mut record = record();
        assert_eq!(Record::parse(record.to_text().as_bytes()), Ok(record.clone()));
        record.note(Piece { range: 0..40, sha256: [1; 32] });
        record.note(Piece { range: 40..100, sha256: [0xfe; 32] });
        (record.modified, record.file) = (None, None);
        assert_eq!(Record::parse(record.to_text().as_bytes()), Ok(record.clone()));
        assert!(!format!("{record:?}").contains("CANARY"));
    }

    #[test]
    fn what_is_no_resume_file_is_told_apart() {
        let text = record().to_text();
        for (other, why) in [
            (String::new(), "not a resume file"),
            ("%PDF-1.7".to_owned(), "not a resume file"),
            ("[]".to_owned(), "not a resume file"),
            ("{\"version\":1}".to_owned(), "not a resume file"),
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
    fn a_piece_takes_the_place_of_those_within_it() {
        let mut record = record();
        for range in [0..10, 10..20, 20..30, 5..30] {
            record.note(Piece { range, sha256: [0; 32] });
        }
        let ranges: Vec<_> = record.pieces.iter().map(|piece| piece.range.clone()).collect();
        assert_eq!(ranges, [0..10, 5..30]);
    }

    #[test]
    fn the_largest_record_is_one_that_is_read() {
        let mut record = record();
        record.size = 1 << 40;
        record.upload_url = format!("https://host/{}", "u".repeat(16 * 1024));
        record.identity = "i".repeat(super::super::LONGEST_IDENTITY);
        let start = 1 << 39;
        (0..20_000).for_each(|n| record.note(Piece { range: start + n..start + n + 1, sha256: [0xff; 32] }));
        assert_eq!(record.pieces.len(), MOST_PIECES);
        assert!(record.to_text().len() < super::super::LARGEST_FILE);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Record::parse(&text);
        }
    }
}
