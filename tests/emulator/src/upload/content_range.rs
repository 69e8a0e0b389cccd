//! `Content-Range: bytes 0-72796/4533322`, read by the letter: no spaces but the one, no signs, no `*`.

use std::ops::Range;

use axum::http::{header, HeaderMap};

/// A well-formed `Content-Range` whose end lies within its total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContentRange {
    /// Half-open.
    pub range: Range<u64>,
    pub total: u64,
}

impl ContentRange {
    /// Reads the one `Content-Range` of a request; the error says what is wrong with it.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let mut values = headers.get_all(header::CONTENT_RANGE).iter();
        let value = match (values.next(), values.next()) {
            (Some(value), None) => String::from_utf8_lossy(value.as_bytes()),
            (None, _) => return Err("The Content-Range header is missing.".to_owned()),
            (Some(_), Some(_)) => return Err("There is more than one Content-Range header.".to_owned()),
        };
        Self::parse(&value).ok_or_else(|| {
            format!("The Content-Range '{}' is not of the form 'bytes FIRST-LAST/TOTAL'.", value.escape_debug())
        })
    }

    fn parse(value: &str) -> Option<Self> {
        let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, last, total) = (digits(first)?, digits(last)?, digits(total)?);
        (first <= last && last < total).then_some(Self { range: first..last + 1, total })
    }

    pub(crate) fn length(&self) -> u64 {
        self.range.end - self.range.start
    }
}

/// `str::parse` would also take `+5`.
pub(super) fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_documented_form() {
        let read = ContentRange::parse("bytes 0-72796/4533322").unwrap();
        assert_eq!((read.range, read.total), (0..72_797, 4_533_322));
        assert_eq!(ContentRange::parse("bytes 0-0/1").unwrap().range, 0..1);
    }

    #[test]
    fn refuses_everything_else() {
        for wrong in [
            "",
            "bytes",
            "0-1/2",
            "bytes 0-1",
            "bytes=0-1/2",
            "Bytes 0-1/2",
            "bytes  0-1/2",
            "bytes 0 -1/2",
            "bytes 0-1/ 2",
            "bytes +0-1/2",
            "bytes 0-1/*",
            "bytes */2",
            "bytes 1-0/2",
            "bytes 0-2/2",
            "bytes -1/2",
            "bytes 0-/2",
            "bytes 0-1/2, bytes 0-1/2",
            "bytes 0-18446744073709551615/18446744073709551616",
        ] {
            assert_eq!(ContentRange::parse(wrong), None, "{wrong:?}");
        }
    }
}
