//! Where requests may go.
//!
//! https everywhere, TLS 1.2 or newer. Plain http is for tests and emulators on the same machine: the host must be a
//! literal loopback address or `localhost`, which is never looked up but taken as loopback. A token goes to the
//! endpoint alone; an upload URL carries its own secret, and a plain one is accepted only beside a loopback endpoint.

use std::fmt;

use url::{Host, Url};

use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::redact;

/// The global Graph service.
pub const GRAPH: &str = "https://graph.microsoft.com";

/// Addresses longer than this are refused, in bytes.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// The Graph service that requests and the token go to: scheme, host and port.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

impl Endpoint {
    /// Reads an endpoint such as `https://graph.microsoft.com`. A trailing slash or `/v1.0` is allowed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidEndpoint`] for anything but https, or http to loopback; for user information, a query, a
    /// fragment or another path.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |what: &str| {
            Error::new(ErrorKind::InvalidEndpoint, format!("The endpoint '{}' {what}.", redact::url(text)))
                .with_next_step(NextStep::GiveGraphEndpoint)
        };
        let mut url = parse_address(text).map_err(refuse)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or a fragment"));
        }
        if !matches!(url.path().trim_end_matches('/'), "" | "/v1.0") {
            return Err(refuse("has a path; the version and the path of each request are added to it"));
        }
        url.set_path("/");
        Ok(Endpoint { url })
    }

    /// The address of a Graph resource: the endpoint, the version, and path segments, each percent-encoded whole.
    pub fn resource<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> String {
        let mut address = self.url.as_str().trim_end_matches('/').to_owned();
        address.push_str("/v1.0");
        for id in segments {
            address.push('/');
            address.push_str(&segment(id));
        }
        address
    }

    /// Whether a URL is of this endpoint, so that the token may travel there.
    pub fn is_origin_of(&self, url: &Url) -> bool {
        self.url.origin() == url.origin()
    }

    /// Whether a URL is that of a resource, whose query is OData and holds no secret.
    pub(crate) fn has_resource(&self, url: &Url) -> bool {
        self.is_origin_of(url) && url.path().starts_with("/v1.0/")
    }

    /// Whether the endpoint is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Endpoint::parse(GRAPH).expect("the global Graph service is a valid endpoint")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.url)
    }
}

/// An id as one segment of an address, whatever is in it: what RFC 3986 does not reserve stays, and all else is encoded.
pub(crate) fn segment(id: &str) -> String {
    const ENCODED: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(id, ENCODED).to_string()
}

/// The address of an upload session: opaque, with a secret of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadUrl {
    url: Url,
}

impl UploadUrl {
    /// Reads the `uploadUrl` of a session.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUploadUrl`] for anything but https, or http to loopback beside a loopback endpoint; for user
    /// information; for an address that would not travel byte for byte.
    pub fn parse(text: &str, endpoint: &Endpoint) -> Result<Self> {
        // Who knows what a text without a scheme is: the secret by itself, perhaps.
        let shown = if text.contains("://") { redact::url(text) } else { "(not an address)".to_owned() };
        let refuse = |what: &str| {
            Error::new(ErrorKind::InvalidUploadUrl, format!("The upload URL '{shown}' {what}."))
                .with_next_step("Give the whole upload URL of the session, as the service returned it.")
        };
        let url = parse_address(text).map_err(refuse)?;
        if url.scheme() == "http" && !endpoint.is_loopback() {
            return Err(refuse("is not encrypted (http), and the Graph endpoint is not on this machine"));
        }
        if url.fragment().is_some() {
            return Err(refuse("has a fragment (#), which cannot be sent"));
        }
        // The address is the service's own, to be used byte for byte; what the parser would rewrite is not sent at all.
        let target = text.split_once("://").map_or("", |(_, rest)| rest);
        let target = target.find(['/', '?']).map_or("/", |at| &target[at..]);
        let url = with_quotes(&url, target.split_once('?').map(|(_, query)| query)).unwrap_or(url);
        if url[url::Position::BeforePath..].trim_start_matches('/') != target.trim_start_matches('/') {
            return Err(refuse("holds characters or path segments that cannot be sent as they are"));
        }
        Ok(UploadUrl { url })
    }

    /// The address itself, secret included.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Debug for UploadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadUrl({})", redact::url(self.url.as_str()))
    }
}

/// The address with its query as it was given, where an apostrophe is all that the parser escaped. RFC 3986 allows it
/// there, and upload URLs of Graph have it; but the parser follows the rules of browsers, and has no other door than its
/// own serialized form, which it takes unchecked in builds without debug assertions (see Cargo.toml).
fn with_quotes(url: &Url, query: Option<&str>) -> Option<Url> {
    let query = query.filter(|query| query.contains('\'') && url.fragment().is_none())?;
    if url.query() != Some(&query.replace('\'', "%27")) {
        return None;
    }
    let mut form = url.serialize_internal(serde_json::value::Serializer).ok()?;
    // The query is the end of the text, so that no other field of the form moves.
    let text = format!("{}?{query}", &url[..url::Position::AfterPath]);
    *form.get_mut(0)? = text.clone().into();
    Url::deserialize_internal(form).ok().filter(|url| url.as_str() == text && url.query() == Some(query))
}

/// Where a redirect from an address leads: as it says, apostrophes included. `None` for no address.
pub(crate) fn join(from: &Url, location: &str) -> Option<Url> {
    let to = from.join(location).ok()?;
    let query = location.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or_default());
    Some(with_quotes(&to, query).unwrap_or(to))
}

/// An address that a request may go to at all; `Err` completes "The address …".
pub(crate) fn parse_address(text: &str) -> Result<Url, &'static str> {
    if text.trim().is_empty() {
        return Err("is empty");
    }
    if text.len() > LONGEST_ADDRESS {
        return Err("is longer than any address can be");
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("holds a space or a control character");
    }
    let url = Url::parse(text).map_err(|_| "is not an address")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err("is not encrypted (http); https is needed for every host but this machine's own loopback")
        }
        _ => return Err("is not an https address"),
    }
    // Also `https:/host` and `https:host`, which the parser would mend.
    if !text[url.scheme().len()..].starts_with("://") {
        return Err("is not an address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or a password");
    }
    Ok(url)
}

/// A literal address of 127.0.0.0/8 or ::1, or `localhost`; any other name could resolve elsewhere tomorrow.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upload_urls_are_used_byte_for_byte_or_not_at_all() {
        let (graph, local) = (Endpoint::default(), Endpoint::parse("http://127.0.0.1:1").unwrap());
        for (good, target) in [
            (
                "https://print.print.microsoft.com/uploadSessions/5?tempauthtoken=a%2Fb+c%20d==&x",
                "/uploadSessions/5?tempauthtoken=a%2Fb+c%20d==&x",
            ),
            ("https://host?token=1", "/?token=1"),
            ("https://Host:443/A%2f", "/A%2f"),
            ("https://host/items('5')?guid='a-b'&t=~x%27", "/items('5')?guid='a-b'&t=~x%27"),
        ] {
            let url = UploadUrl::parse(good, &graph).unwrap_or_else(|error| panic!("{good}: {error}"));
            assert_eq!(&url.url()[url::Position::BeforePath..], target);
            assert!(!format!("{url:?}").contains("token="));
        }
        assert!(UploadUrl::parse("http://127.0.0.1:5/u?t=1", &local).is_ok());
        for bad in [
            "http://127.0.0.1:5/u?t=1",
            "ftp://host/u",
            "http://host/u",
            "https://u@host/u",
            "https://host/u#f",
            "",
            "/u",
            "https://host/a/../b?t",
            "https://host/ü",
            "https://host/u?a='\"'",
            "https://host/u?a='#",
        ] {
            assert_eq!(UploadUrl::parse(bad, &graph).expect_err(bad).kind(), ErrorKind::InvalidUploadUrl);
        }
    }
}
