//! Text, in both directions, and what owns the text that goes out.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::path::PathBuf;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::entry::{refused, Entry};
use crate::status::Status;

/// Text from a host longer than this is refused, in bytes: no URL, header, token, path or body is that long.
const LONGEST_TEXT: usize = 16 * 1024 * 1024;

/// Text or bytes. Given by the host: `len` bytes, no NUL needed, NULL allowed with 0. Given by the library: never NULL, with
/// a NUL behind it that `len` does not count, owned by the handle that it was read from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Str {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes.
    pub len: usize,
}

impl Str {
    /// The empty text, which nobody owns.
    pub const EMPTY: Str = Str { data: c"".as_ptr(), len: 0 };

    /// The bytes that a host gives.
    ///
    /// # Safety
    /// `data` is NULL or points to `len` readable bytes that do not change during the call.
    pub(super) unsafe fn bytes<'a>(self) -> Entry<&'a [u8]> {
        match self.len {
            0 => Ok(&[]),
            _ if self.data.is_null() || self.len > isize::MAX as usize => Err(Status::InvalidArgument.into()),
            // SAFETY: not NULL, no longer than an object can be, and the caller promises `len` readable bytes.
            len => Ok(unsafe { std::slice::from_raw_parts(self.data.cast(), len) }),
        }
    }

    /// The text that a host gives.
    ///
    /// # Safety
    /// As [`Str::bytes`].
    pub(super) unsafe fn text<'a>(self) -> Entry<&'a str> {
        if self.len > LONGEST_TEXT && !self.data.is_null() {
            return Err(Status::InvalidText.into());
        }
        // SAFETY: the caller's promise.
        let bytes = unsafe { self.bytes()? };
        std::str::from_utf8(bytes).map_err(|_| Status::InvalidText.into())
    }
}

impl Str {
    /// The path that a host gives.
    ///
    /// # Safety
    /// As [`Str::bytes`].
    pub(super) unsafe fn path(self) -> Entry<PathBuf> {
        // SAFETY: the caller's promise.
        match unsafe { self.text()? } {
            path if path.is_empty() || path.contains('\0') => Err(refused("The path is empty, or holds a NUL.")),
            path => Ok(path.into()),
        }
    }
}

impl Default for Str {
    fn default() -> Self {
        Str::EMPTY
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Self {
        Str { data: bytes.as_ptr().cast(), len: bytes.len() }
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// Bytes of a document.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The first.
    pub start: u64,
    /// The one behind the last; UINT64_MAX for a range that is open to the end.
    pub end: u64,
}

/// What a struct that is handed out points into. Its bytes do not move when it does.
#[derive(Default)]
pub(super) struct Texts {
    texts: Vec<Box<[u8]>>,
    ranges: Vec<Range>,
}

impl Texts {
    pub(super) fn keep(&mut self, text: impl AsRef<str>) -> Str {
        let text = text.as_ref();
        if text.is_empty() {
            return Str::EMPTY;
        }
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        self.texts.push(bytes.into());
        Str { data: self.texts[self.texts.len() - 1].as_ptr().cast(), len: text.len() }
    }

    pub(super) fn keep_ranges(&mut self, ranges: Vec<Range>) -> *const Range {
        self.ranges = ranges;
        self.ranges.as_ptr()
    }
}

/// A struct that is handed out, and what it points into.
pub(super) struct View<T> {
    pub(super) value: T,
    _texts: Texts,
}

// SAFETY: the pointers in it lead into its own texts, which nobody changes, or to static ones.
unsafe impl<T> Send for View<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for View<T> {}

impl<T> View<T> {
    pub(super) fn new(make: impl FnOnce(&mut Texts) -> T) -> Self {
        let mut texts = Texts::default();
        View { value: make(&mut texts), _texts: texts }
    }
}

/// Names and values from JSON, {"name":["value"]}; `None` when it is not that.
pub(super) fn pairs_from_json(json: &str) -> Option<Vec<(String, String)>> {
    let object: BTreeMap<String, Vec<String>> = serde_json::from_str(json).ok()?;
    Some(
        object
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)))
            .collect(),
    )
}

/// The same as headers.
pub(super) fn headers_from_json(json: &str) -> Option<HeaderMap> {
    let pair =
        |(name, value): (String, String)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?));
    pairs_from_json(json)?.into_iter().map(pair).collect()
}

/// Headers as a JSON object: each name, in lower case, with an array of its values. Empty for no headers.
pub(super) fn headers_json(headers: &HeaderMap) -> String {
    let mut object = serde_json::Map::new();
    for name in headers.keys() {
        let values =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned().into());
        object.insert(name.as_str().to_owned(), serde_json::Value::Array(values.collect()));
    }
    serde_json::Value::Object(object).to_string()
}
