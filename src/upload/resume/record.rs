//! What a resume file says, and its text.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::range::RangeSet;
use crate::upload::source::Fingerprint;

/// The first member of every resume file, by which it is known.
const FORMAT: &str = "mgprint resume file";

/// A file of another version is refused: what it says may mean something else.
const VERSION: u64 = 2;

/// What a resume file says. Never a token; the upload URL is a secret of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    format: String,
    version: u64,
    pub(super) upload_url: String,
    /// What the caller calls the document at the service; opaque.
    pub(super) identity: String,
    pub(crate) size: u64,
    /// The document's time in nanoseconds since 1970, where the system has one.
    modified: Option<i64>,
    /// Device and number of the document's file, where the system has such.
    file: Option<(u64, u64)>,
    /// Of the document, in hexadecimal digits; empty until it is known, and before that nothing is sent.
    pub(crate) sha256: String,
    /// What was sent, or was about to be: a range is recorded before its last bytes are sent.
    sent: Vec<Range<u64>>,
}

impl Record {
    pub(crate) fn new(upload_url: &str, identity: &str, document: &Fingerprint) -> Self {
        let record = Record {
            format: FORMAT.to_owned(),
            version: VERSION,
            upload_url: upload_url.to_owned(),
            identity: identity.to_owned(),
            size: document.size,
            modified: None,
            file: None,
            sha256: String::new(),
            sent: Vec::new(),
        };
        record.accept(document)
    }

    /// The document is as it was, whatever its time and place are now.
    pub(crate) fn accept(self, document: &Fingerprint) -> Self {
        Record { modified: document.modified.and_then(nanoseconds), file: document.identity, ..self }
    }

    /// Whether time and file number are those of the record; one that the system does not have is not compared.
    pub(crate) fn is_untouched(&self, document: &Fingerprint) -> bool {
        let is_same_file = self.file.is_none() || document.identity.is_none() || self.file == document.identity;
        self.modified == document.modified.and_then(nanoseconds) && is_same_file
    }

    /// Records bytes that are about to be sent.
    pub(super) fn insert(&mut self, range: Range<u64>) {
        self.sent = self.sent().union(&RangeSet::of(range)).iter().collect();
    }

    /// Takes bytes out; says whether any of them were recorded.
    pub(super) fn remove(&mut self, bytes: &RangeSet) -> bool {
        let before = self.sent();
        let left = before.difference(bytes);
        self.sent = left.iter().collect();
        left != before
    }

    /// The bytes that are recorded.
    pub(super) fn sent(&self) -> RangeSet {
        self.sent.iter().cloned().collect()
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
            |record: &Record| record.sent.iter().all(|range| range.start < range.end && range.end <= record.size);
        record.filter(is_within).ok_or("is a resume file that was damaged")
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
        Record::new("https://host/u?tempauthtoken=x", "printer p, job j", &document)
    }

    #[test]
    fn what_was_written_is_read() {
        let mut record = record();
        assert_eq!(Record::parse(record.to_text().as_bytes()), Ok(record.clone()));
        [0..10, 10..20, 90..100].into_iter().for_each(|range| record.insert(range));
        assert!(record.remove(&RangeSet::of(5..10)) && !record.remove(&RangeSet::of(30..40)));
        assert_eq!(record.sent, [0..5, 10..20, 90..100]);
        let record = record.accept(&Fingerprint { size: 100, modified: None, identity: None });
        assert_eq!(Record::parse(record.to_text().as_bytes()), Ok(record.clone()));
    }

    #[test]
    fn what_is_no_resume_file_is_recognised() {
        let text = record().to_text();
        for (other, why) in [
            (String::new(), "not a resume file"),
            ("%PDF-1.7".to_owned(), "not a resume file"),
            ("[]".to_owned(), "not a resume file"),
            (text[..text.len() / 2].to_owned(), "not a resume file"),
            (text.replace("\"version\":2", "\"version\":1"), "another version"),
            (text.replace("\"size\":100", "\"size\":-1"), "damaged"),
            (text.replace("\"sent\":[]", "\"sent\":[{\"start\":0,\"end\":101}]"), "damaged"),
        ] {
            let error = Record::parse(other.as_bytes()).expect_err(&other);
            assert!(error.contains(why), "{error}: {other}");
        }
    }
}
