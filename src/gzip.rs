//! Bodies that were made smaller on the way (RFC 9110, section 8.4.1.3).

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::GzDecoder;
use http::header::{HeaderMap, HeaderValue, CONTENT_ENCODING, CONTENT_LENGTH};

/// What is said of ourselves in `Accept-Encoding`.
pub(crate) const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// How each part of a packed body begins (RFC 1952, section 2.3.1).
const PART: &[u8] = b"\x1f\x8b";

/// A body as it was before its sender compressed it, as far as `longest` bytes and one more; the headers then say nothing
/// of what it was on the way. One that nobody compressed, or in a way that was not asked for, stays as it is.
pub(crate) fn unpacked(headers: &mut HeaderMap, body: Bytes, longest: usize) -> io::Result<Bytes> {
    if !is_packed(headers) {
        return Ok(body);
    }
    // An answer without a body has nothing to unpack, whatever it says.
    let body = if body.is_empty() { body } else { unpack(&body, longest)?.into() };
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    Ok(body)
}

fn is_packed(headers: &HeaderMap) -> bool {
    let named = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut encodings = named.flat_map(|names| names.split(',')).map(str::trim);
    let is = |name: &str, names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let first = encodings.find(|name| !is(name, &["identity", ""]));
    first.is_some_and(|name| is(name, &["gzip", "x-gzip"])) && encodings.all(|name| is(name, &["identity", ""]))
}

fn unpack(body: &[u8], longest: usize) -> io::Result<Vec<u8>> {
    let (mut unpacked, mut packed) = (Vec::new(), body);
    loop {
        let mut part = GzDecoder::new(packed);
        part.by_ref().take((longest + 1 - unpacked.len()) as u64).read_to_end(&mut unpacked)?;
        packed = part.into_inner();
        // What follows and is no further part fills up the space, as some senders do.
        if unpacked.len() > longest || !packed.starts_with(PART) {
            return Ok(unpacked);
        }
    }
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
        for encoding in ["gzip", "GZip", "x-gzip", "identity, gzip"] {
            let mut headers = headers(encoding);
            assert_eq!(unpacked(&mut headers, packed(b"{}"), 2).unwrap(), "{}");
            assert_eq!(headers.keys().collect::<Vec<_>>(), [http::header::DATE]);
        }
        let two = [packed(b"{"), packed(b"}")].concat();
        assert_eq!(unpacked(&mut headers("gzip"), two.into(), 2).unwrap(), "{}", "of two parts");
        let filled = [&packed(b"{}")[..], &[0; 100]].concat();
        assert_eq!(unpacked(&mut headers("gzip"), filled.into(), 2).unwrap(), "{}");
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
            let mut headers = headers("gzip");
            assert!(unpacked(&mut headers, broken, 2).is_err());
            assert!(headers.contains_key(CONTENT_ENCODING), "what came is told as it came");
        }
        assert_eq!(unpacked(&mut headers("gzip, gzip"), Bytes::from_static(b"x"), 2).unwrap(), "x");
        assert_eq!(unpacked(&mut headers("br"), Bytes::from_static(b"x"), 2).unwrap(), "x");
        assert_eq!(unpacked(&mut HeaderMap::new(), whole.clone(), 2).unwrap(), whole);
    }
}
