//! Any request to the Graph endpoint, and the JSON that comes back.

mod download;

use bytes::Bytes;
use http::header::{HeaderValue, ACCEPT, CONTENT_TYPE};
use url::Url;

pub use download::{download, Downloaded};

use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::client::Client;
use crate::http::endpoint;
use crate::http::error_response;
use crate::http::redact;
use crate::http::response::Response;
use crate::request::{check_body, Request};

/// The body of a request for an upload session; what is empty or not known is left out.
pub fn upload_properties(name: &str, content_type: &str, size: Option<u64>) -> Bytes {
    let mut properties = serde_json::Map::new();
    for (key, text) in [("documentName", name), ("contentType", content_type)] {
        if !text.is_empty() {
            properties.insert(key.to_owned(), text.into());
        }
    }
    properties.extend(size.map(|size| ("size".to_owned(), size.into())));
    serde_json::json!({ "properties": properties }).to_string().into()
}

/// What is asked of Graph.
#[derive(Clone, Copy, Debug)]
pub struct GraphCall<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// A path below the endpoint's version, percent-encoded, with its query: `/print/shares?$top=5`. Or a whole URL of
    /// the endpoint's origin, such as a next link.
    pub address: &'a str,
    /// What is being done, as in "The service refused to …".
    pub what: &'a str,
    /// Whether it may be sent again after its response was lost: a POST that creates something may not.
    pub repeatable: bool,
}

/// Builds a request. `body` is JSON, sent byte for byte; empty for none.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for a method or address that cannot be used, or an address of another origin;
/// [`ErrorKind::InvalidBody`] for a body that is no JSON object.
pub fn graph_request(client: &Client, call: GraphCall<'_>, body: Bytes) -> Result<Request> {
    let mut request = Request::of(call.method, address_of(client, call.address)?, body, call.what, call.repeatable)?;
    request.set_own_header(ACCEPT, HeaderValue::from_static("application/json"));
    if !request.body().is_empty() {
        check_body(request.body())?;
        request.set_own_header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(request)
}

fn address_of(client: &Client, address: &str) -> Result<Url> {
    let refuse = |why: String| Error::new(ErrorKind::InvalidArgument, why);
    if let Some(path) = address.strip_prefix('/') {
        // A next link that is no whole address has the version in it.
        let path = path.strip_prefix("v1.0/").unwrap_or(path);
        check_segments(path)?;
        return Url::parse(&format!("{}/{path}", client.endpoint().resource([])))
            .map_err(|_| refuse(format!("The path of the request, '{}', is none.", redact::url(address))));
    }
    let url = endpoint::parse_address(address)
        .map_err(|why| refuse(format!("The address of the request, '{}', {why}.", redact::url(address))))?;
    if !client.endpoint().is_origin_of(&url) {
        let host = redact::host(&url);
        let message = format!("The address of the request leads to {host}, which is another place than the endpoint.");
        return Err(refuse(message)
            .with_next_step("Where the service gave it, check the endpoint, and what is on the way to it."));
    }
    Ok(url)
}

/// A client resolves dot segments before it sends (RFC 3986, section 5.2.4), and the request would go elsewhere.
fn check_segments(path: &str) -> Result<()> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let why = |segment: &str| match segment {
        "" => Some("is empty"),
        "." | ".." | "%2E" | "%2E%2E" | "%2e" | "%2e%2e" => {
            Some("is '.' or '..', which would change the address of the request")
        }
        _ if segment.len() > 3 * 4096 => Some("is longer than any identifier"),
        _ => None,
    };
    match path.split('/').find_map(why) {
        None => Ok(()),
        Some(why) => {
            Err(Error::new(ErrorKind::InvalidArgument, format!("An identifier in the address of the request {why}."))
                .with_next_step(NextStep::GiveId))
        }
    }
}

/// Sends a request of [`graph_request`] and reads the response: JSON, plain text (a count), or nothing.
///
/// # Errors
/// What the network and the service can do to a request; [`ErrorKind::UnexpectedResponse`] for a body of another kind.
pub async fn send_graph_request(client: &Client, request: &Request, call: &CallOptions) -> Result<Response> {
    read_graph_response(client, request, request.send(client, call).await?)
}

/// Reads a response that a host's own steps gave to a request of [`graph_request`].
///
/// # Errors
/// As [`send_graph_request`], but for those of the network.
pub fn read_graph_response(client: &Client, request: &Request, mut response: Response) -> Result<Response> {
    // A token that was renewed on the way is known to the response alone.
    response.secrets = response.secrets.and(request.secrets(client)).with_body(&response.body);
    if !response.status.is_success() {
        return Err(request.error_response(&response));
    }
    if !response.body.iter().all(u8::is_ascii_whitespace) && !is_count(&response.body) {
        error_response::json_object(&response, request.address(), request.what()).map_err(|error| {
            error_response::about(&response, error).with_client_request_id(request.client_request_id())
        })?;
    }
    Ok(response)
}

/// `$count` answers a number as plain text, which some servers begin with a byte order mark.
fn is_count(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    !body.is_empty() && body.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_to(address: &str) -> Result<Request> {
        let client =
            Client::new(crate::ClientOptions { access_token: Some("SECRET".to_owned().into()), ..Default::default() })
                .unwrap();
        let call = GraphCall { method: "GET", address, what: "list shares", repeatable: true };
        graph_request(&client, call, Bytes::new())
    }

    #[test]
    fn a_path_is_below_the_endpoint_and_its_version() {
        let request = request_to("/print/shares/a%2Fb?$top=5").unwrap();
        assert_eq!(request.url(), "https://graph.microsoft.com/v1.0/print/shares/a%2Fb?$top=5");
        assert_eq!(request_to("/v1.0/print/shares").unwrap().url(), "https://graph.microsoft.com/v1.0/print/shares");
    }

    #[test]
    fn a_whole_address_is_taken_from_the_endpoint_s_origin_alone() {
        assert!(request_to("https://graph.microsoft.com/v1.0/print/shares?$skiptoken=x").is_ok());
        for other in [
            "https://graph.microsoft.com.evil/v1.0/x",
            "https://graph.microsoft.com:444/x",
            "http://graph.microsoft.com/x",
            "ftp://x",
            "x",
        ] {
            assert_eq!(request_to(other).expect_err(other).kind(), ErrorKind::InvalidArgument);
        }
    }

    #[test]
    fn dot_segments_and_empty_ones_are_refused() {
        for path in ["/print/shares/..", "/print/./x", "/print/shares//jobs", "/print/%2E%2E/x", "/"] {
            assert_eq!(request_to(path).expect_err(path).kind(), ErrorKind::InvalidArgument);
        }
    }

    #[test]
    fn a_count_is_plain_digits() {
        assert!(is_count(b"12") && is_count(b"\xef\xbb\xbf7\r\n"));
        assert!(!is_count(b"") && !is_count(b"1.5") && !is_count(b"<html>"));
    }
}
