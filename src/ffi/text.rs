//! Text that goes out: UTF-8 with a NUL behind it, owned by the handle it is read from.

use std::ffi::c_char;

use http::{HeaderMap, HeaderName, HeaderValue};

/// UTF-8 text that a handle owns. `data` is never NULL and ends with a NUL that `length`, in bytes, does not count; a
/// server's text may hold further NULs inside.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The first byte.
    pub data: *const c_char,
    /// Bytes without the NUL at the end.
    pub length: usize,
}

impl Text {
    /// The empty text, which nobody owns.
    pub(super) const EMPTY: Text = Text { data: c"".as_ptr(), length: 0 };
}

/// What a [`Text`] points into. Its bytes do not move when it does.
#[derive(Debug, Default)]
pub(super) struct OwnedText(Vec<u8>);

impl OwnedText {
    pub(super) fn text(&self) -> Text {
        match self.0.len() {
            0 => Text::EMPTY,
            length => Text { data: self.0.as_ptr().cast(), length: length - 1 },
        }
    }
}

impl<T: AsRef<str>> From<T> for OwnedText {
    fn from(text: T) -> Self {
        let text = text.as_ref();
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        OwnedText(bytes)
    }
}

/// Headers from JSON, {"name":["value"]}; `None` when it is not that.
pub(super) fn headers_from_json(json: &str) -> Option<HeaderMap> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    let mut headers = HeaderMap::new();
    for (name, values) in object {
        for value in values.as_array()? {
            headers.append(HeaderName::try_from(&name).ok()?, HeaderValue::from_str(value.as_str()?).ok()?);
        }
    }
    Some(headers)
}

/// Headers as a JSON object: each name, in lower case, with an array of its values.
pub(super) fn headers_json(headers: &HeaderMap) -> String {
    let mut object = serde_json::Map::new();
    for name in headers.keys() {
        let values =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned().into());
        object.insert(name.as_str().to_owned(), serde_json::Value::Array(values.collect()));
    }
    serde_json::Value::Object(object).to_string()
}
