//! A response within its bounds.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::redact::Secrets;
use crate::error::Error;

/// The largest response that is read, in bytes, after decompression. The service's own have a few hundred.
pub const LARGEST_RESPONSE: usize = 1024 * 1024;

/// The same of what is read of Graph, in bytes: 999 jobs on a page have a thousand bytes each, and printers with their
/// capabilities ten times that.
pub const LARGEST_LIST: usize = 16 * 1024 * 1024;

/// How deep JSON may be nested, here and in the bodies that callers give.
pub(crate) const DEEPEST_JSON: usize = 64;

/// A response of HTTP.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers as they came, as far as they are not gzip's.
    pub headers: HeaderMap,
    /// The body, decompressed, at most [`LARGEST_LIST`] bytes.
    pub body: Bytes,
    /// Whether it is that of another address, to which a redirect led.
    pub(crate) redirected: bool,
    /// What the request carried or the body names, and no text of the response may show.
    pub(crate) secrets: Secrets,
    /// How the tries before this response went, as an error that describes them.
    pub(crate) retry_context: Option<Error>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// A response that somebody else received.
    pub fn of(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Response::read(status, headers, body, Secrets::default())
    }

    /// A response whose body is within its bounds. `secrets` are those of the request.
    pub(crate) fn read(status: StatusCode, headers: HeaderMap, body: Bytes, secrets: Secrets) -> Self {
        let body = readable(body);
        let secrets = secrets.with_body(&body);
        Response { status, headers, body, redirected: false, secrets, retry_context: None }
    }

    /// Whether the body may be what a document holds: neither a page, such as one to sign in at, nor an error.
    pub(crate) fn may_be_content(&self) -> bool {
        !matches!(self.content_type().as_deref(), Some("text/html" | "application/xhtml+xml" | "application/json"))
    }

    /// The content type without its parameters, in lower case.
    pub fn content_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// Whether it is a page for a person, which comes from something between here and the service.
    pub(crate) fn is_html(&self) -> bool {
        self.content_type().is_some_and(|kind| kind == "text/html")
    }
}

/// A member of a JSON object, its name in any case: as official clients read it.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// How deep objects and arrays are nested in a JSON text, strings aside; a text that is no JSON gets some number too.
pub(crate) fn json_depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for &byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The body without a byte order mark, as UTF-8, and without halves of characters: JSON can escape those (RFC 8259,
/// section 8.2) and no text can hold them, and one in a member that is not read is no reason to lose a session.
fn readable(body: Bytes) -> Bytes {
    let body = body.strip_prefix(b"\xef\xbb\xbf").map(|rest| body.slice_ref(rest)).unwrap_or(body);
    let text = String::from_utf8_lossy(&body);
    let (mut readable, mut rest) = (String::new(), &*text);
    while let Some(at) = rest.find('\\') {
        let (before, escapes) = rest.split_at(at);
        let (kept, length) = match (surrogate(escapes), escapes.get(6..).and_then(surrogate)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (&escapes[..12], 12),
            (Some(_), _) => (r"\ufffd", 6),
            // An escaped character, which may be a backslash.
            (None, _) => {
                let length = escapes.chars().take(2).map(char::len_utf8).sum();
                (&escapes[..length], length)
            }
        };
        readable.push_str(before);
        readable.push_str(kept);
        rest = &escapes[length..];
    }
    match text {
        Cow::Borrowed(_) if readable.is_empty() => body,
        _ => (readable + rest).into(),
    }
}

/// The half of a character that the escape at the beginning of a text stands for.
fn surrogate(text: &str) -> Option<u16> {
    let unit = u16::from_str_radix(text.strip_prefix(r"\u")?.get(..4)?, 16).ok()?;
    (0xD800..=0xDFFF).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_nesting_and_not_strings() {
        for (text, depth) in [("{}", 1), ("1", 0), (r#"{"a":[[{}]]}"#, 4), (r#""[[[\"[[""#, 0), ("[]]]][", 1)] {
            assert_eq!(json_depth(text.as_bytes()), depth, "{text}");
        }
    }

    #[test]
    fn what_json_cannot_hold_is_replaced_and_all_else_stays() {
        for (given, expected) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDC00x\ud83d\ude00""#, r#""\ufffdx\ud83d\ude00""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\ud800\ud800\udc00""#, r#""\ufffd\ud800\udc00""#),
            ("\u{feff}{}", "{}"),
            (r#""\ud8"#, r#""\ud8"#),
            ("\\", "\\"),
        ] {
            assert_eq!(readable(Bytes::copy_from_slice(given.as_bytes())), expected.as_bytes(), "{given}");
        }
        assert_eq!(readable(Bytes::from_static(b"\"\xe9\"")), "\"\u{fffd}\"");
    }
}
