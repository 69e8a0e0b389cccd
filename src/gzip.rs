//! Bodies that were made smaller on the way (RFC 9110, section 8.4.1.3).

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::header::{HeaderMap, HeaderValue, CONTENT_ENCODING, CONTENT_LENGTH};

/// What is said of ourselves in `Accept-Encoding`.
pub(crate) const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// A body as it was before its sender compressed it, as far as `longest` bytes and one more; the headers then say nothing
/// of what it was on the way. One that nobody compressed, or in a way that was not asked for, stays as it is.
pub(crate) fn unpacked(headers: &mut HeaderMap, body: Bytes, longest: usize) -> io::Result<Bytes> {
    let is_packed = headers.get(CONTENT_ENCODING).is_some_and(|value| {
        let value = value.as_bytes();
        value.eq_ignore_ascii_case(b"gzip") || value.eq_ignore_ascii_case(b"x-gzip")
    });
    if !is_packed {
        return Ok(body);
    }
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    // An answer without a body has nothing to unpack, whatever it says.
    if body.is_empty() {
        return Ok(body);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&body[..]).take(longest as u64 + 1).read_to_end(&mut unpacked)?;
    Ok(unpacked.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;
    use flate2::Compression;

    use super::*;

    fn packed(text: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap().into()
    }

    fn headers(encoding: &'static str) -> HeaderMap {
        let pairs = [(CONTENT_ENCODING, encoding), (CONTENT_LENGTH, "1"), (http::header::DATE, "today")];
        pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_packed_body_is_read_and_no_header_speaks_of_it() {
        for encoding in ["gzip", "GZip", "x-gzip"] {
            let mut headers = headers(encoding);
            assert_eq!(unpacked(&mut headers, packed(b"{}"), 2).unwrap(), "{}");
            assert_eq!(headers.keys().collect::<Vec<_>>(), [http::header::DATE]);
        }
        let two = [packed(b"{"), packed(b"}")].concat();
        assert_eq!(unpacked(&mut headers("gzip"), two.into(), 2).unwrap(), "{}", "of two parts");
        assert_eq!(unpacked(&mut headers("gzip"), Bytes::new(), 2).unwrap(), "");
    }

    #[test]
    fn it_is_read_as_far_as_its_bounds_and_one_byte_more() {
        let bomb = packed(&vec![0; 1 << 20]);
        assert_eq!(unpacked(&mut headers("gzip"), bomb, 1000).unwrap().len(), 1001);
    }

    #[test]
    fn what_is_broken_is_an_error_and_what_is_not_packed_stays() {
        let whole = packed(b"{}");
        for broken in [whole.slice(..whole.len() - 1), whole.slice(..1), Bytes::from_static(b"{}")] {
            assert!(unpacked(&mut headers("gzip"), broken, 2).is_err());
        }
        assert_eq!(unpacked(&mut headers("br"), Bytes::from_static(b"x"), 2).unwrap(), "x");
        assert_eq!(unpacked(&mut HeaderMap::new(), whole.clone(), 2).unwrap(), whole);
    }
}
