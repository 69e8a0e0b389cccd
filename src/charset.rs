//! Bodies in other character sets than JSON's own, which is UTF-8 without a mark (RFC 8259, section 8.1).

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, CONTENT_TYPE};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// A body in UTF-8, where its content type names one of the character sets that servers still write. The content type
/// then says so.
pub(crate) fn as_utf8(headers: &mut HeaderMap, body: Bytes) -> Bytes {
    let Some((kind, charset)) = headers.get(CONTENT_TYPE).and_then(|value| named(value.to_str().ok()?)) else {
        return body;
    };
    let text = match charset.as_str() {
        "iso-8859-1" | "latin1" if !is_utf8(&body) => body.iter().copied().map(char::from).collect(),
        "utf-16" | "utf-16le" | "utf-16be" => match from_utf16(&body, charset.ends_with("be")) {
            Some(text) => text,
            None => return body,
        },
        _ => return body,
    };
    if let Ok(value) = HeaderValue::from_str(&format!("{kind}; charset=utf-8")) {
        headers.insert(CONTENT_TYPE, value);
    }
    text.into()
}

/// The body without a byte order mark, and with the halves of characters that JSON can escape and UTF-8 cannot hold as
/// U+FFFD: one strange character in a member that nobody reads is no reason to lose a session.
pub(crate) fn readable(body: Bytes) -> Bytes {
    let body = if body.starts_with(MARK) { body.slice(MARK.len()..) } else { body };
    let mut whole = Vec::new();
    let (mut at, mut kept) = (0, 0);
    while at + 1 < body.len() {
        match (body[at], surrogate(&body[at..]), surrogate(&body[(at + 6).min(body.len())..])) {
            (b'\\', Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (b'\\', Some(_), _) => {
                whole.extend_from_slice(&body[kept..at]);
                whole.extend_from_slice(br"\ufffd");
                at += 6;
                kept = at;
            }
            (b'\\', None, _) => at += 2,
            _ => at += 1,
        }
    }
    if kept == 0 {
        return body;
    }
    whole.extend_from_slice(&body[kept..]);
    whole.into()
}

/// The half of a character that an escape of JSON stands for.
fn surrogate(text: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(text.strip_prefix(br"\u")?.get(..4)?).ok()?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xD800..=0xDFFF).contains(unit))
}

/// A content type without its parameters, and the character set among them, in small letters.
fn named(content_type: &str) -> Option<(String, String)> {
    let mut parts = content_type.split(';').map(str::trim);
    let kind = parts.next()?.to_owned();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    })?;
    Some((kind, charset))
}

fn is_utf8(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok()
}

/// Its own mark goes before the order of bytes that its name says.
fn from_utf16(body: &[u8], is_big_endian: bool) -> Option<String> {
    let (body, is_big_endian) = match body {
        [0xFE, 0xFF, rest @ ..] => (rest, true),
        [0xFF, 0xFE, rest @ ..] => (rest, false),
        _ => (body, is_big_endian),
    };
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if is_big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    };
    let units: Vec<u16> = body.chunks_exact(2).map(unit).collect();
    (body.len() % 2 == 0).then(|| String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(charset: &str, body: &[u8]) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, charset.parse().unwrap());
        let body = as_utf8(&mut headers, Bytes::copy_from_slice(body));
        (String::from_utf8(body.to_vec()).unwrap(), headers[CONTENT_TYPE].to_str().unwrap().to_owned())
    }

    #[test]
    fn a_declared_character_set_is_read() {
        let read_as_utf8 = ("\"é\"".to_owned(), "application/json; charset=utf-8".to_owned());
        for (charset, body) in [
            ("application/json; charset=ISO-8859-1", b"\"\xe9\"".as_slice()),
            ("application/json;charset=\"utf-16\"", b"\"\0\xe9\0\"\0".as_slice()),
            ("application/json;charset=utf-16", b"\xfe\xff\0\"\0\xe9\0\"".as_slice()),
            ("application/json;charset=utf-16be", b"\0\"\0\xe9\0\"".as_slice()),
        ] {
            assert_eq!(read(charset, body), read_as_utf8, "{charset}");
        }
    }

    #[test]
    fn what_is_utf8_stays() {
        for charset in ["application/json", "application/json; charset=utf-8", "application/json; charset=iso-8859-1"] {
            assert_eq!(read(charset, "\"é\"".as_bytes()), ("\"é\"".to_owned(), charset.to_owned()));
        }
    }

    #[test]
    fn half_a_character_stands_for_itself_alone() {
        for (given, expected) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDC00x\ud83d\ude00""#, r#""\ufffdx\ud83d\ude00""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\ud800\ud800\udc00""#, r#""\ufffd\ud800\udc00""#),
            ("\u{feff}{}", "{}"),
            (r#""\ud8"#, r#""\ud8"#),
        ] {
            assert_eq!(readable(Bytes::copy_from_slice(given.as_bytes())), expected.as_bytes(), "{given}");
        }
    }
}
