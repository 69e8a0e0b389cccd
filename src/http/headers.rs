//! Headers of the caller's: which can be sent, and where.

use std::str::FromStr;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::redact;

/// Headers that belong to the connection or to the framing of the message (RFC 9110, section 7.6.1; RFC 9112), and so
/// to the engine alone.
const ENGINE_HEADERS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "proxy-authenticate",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "http2-settings",
    "content-encoding",
    "content-range",
];

/// Headers of the caller's for requests to an upload URL.
#[derive(Clone, Debug, Default)]
pub struct UploadHeaders(pub(crate) HeaderMap);

impl UploadHeaders {
    /// Adds a header; a name may come again for a further value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] as [`Request::add_header`](crate::Request::add_header), and for those that hold a secret
    /// by their name: an upload URL carries its own, and no other may meet its host.
    pub fn add(&mut self, name: &str, value: &str) -> Result<()> {
        let (name, value) = header(name, value)?;
        if redact::is_secret_name(name.as_str()) {
            return Err(refused_header(name.as_str(), "an upload URL carries its own secret, and takes no other")
                .with_next_step("Leave this header out: it is for requests to Graph alone."));
        }
        self.0.append(name, value);
        Ok(())
    }
}

/// A header of the caller's, if it can be sent.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let refuse = |why: &str| refused_header(name, why);
    let parsed = HeaderName::from_str(name).map_err(|_| {
        refuse("its name is empty or holds characters that no header name has").with_next_step(NextStep::CorrectHeader)
    })?;
    if ENGINE_HEADERS.contains(&parsed.as_str()) {
        return Err(refuse(
            "it belongs to the connection or to the framing of the message, which the engine sets itself",
        )
        .with_next_step("Leave this header out."));
    }
    let mut parsed_value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        refuse("its value holds a line break or another control character").with_next_step(NextStep::CorrectHeader)
    })?;
    parsed_value.set_sensitive(redact::is_secret_name(parsed.as_str()));
    Ok((parsed, parsed_value))
}

fn refused_header(name: &str, why: &str) -> Error {
    let shown = redact::clean(name);
    Error::new(ErrorKind::InvalidHeader, format!("The header '{shown}' cannot be sent: {why}."))
}
