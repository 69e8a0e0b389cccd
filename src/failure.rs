//! What the network did to a request, as an error that a person can act on: it names the host or the proxy, says why in
//! words, and holds no secret. The libraries' own errors hold URLs with their queries, and are never shown.

use std::error::Error as StdError;

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::proxy::{Proxy, CHECK_PROXY};
use crate::redact;
use crate::redact::host;
use crate::tls::{self, Distrust};

const SIGN_IN_AT_PROXY: &str = "Give a user name and a password that the proxy takes. Nothing was sent around it.";

/// A request to `url` failed while trying to `what`.
pub(crate) fn of(client: &Client, url: &Url, what: &str, error: &reqwest::Error) -> Error {
    let proxy = client.proxy_for(url);
    if let Some(distrust) = source::<rustls::Error>(error) {
        return match proxy.filter(|proxy| proxy.is_to_blame_for(distrust, url)) {
            Some(proxy) => proxy_failed(proxy, url, what, &tls::proxy_distrusted(distrust), CHECK_PROXY),
            None => untrusted(distrust, url, what, proxy),
        };
    }
    let (host, cause) = (host(url), root_cause(error));
    if let Some(proxy) = proxy.filter(|_| error.is_connect()) {
        let (why, next_step) = match client.proxy_refusal().filter(|_| !error.is_timeout()) {
            Some(refusal) => (refusal.why, refusal.next_step),
            None => refused_by(proxy, error, &cause),
        };
        return proxy_failed(proxy, url, what, &why, next_step);
    }
    if error.is_connect() && error.is_timeout() {
        return Error::new(ErrorKind::Timeout, format!("{host} did not accept a connection in time to {what}."))
            .with_next_step("Check the connection and the address, then run the command again.")
            .retryable(true);
    }
    if source::<hyper::Error>(error).is_some_and(hyper::Error::is_parse_too_large) {
        let message = format!("The headers of {host}'s answer to {what} are too many or too large and were not read.");
        return Error::new(ErrorKind::ResponseTooLarge, message).with_next_step(
            "No honest answer has so many: check that the address is right and that no proxy answers in its place.",
        );
    }
    if source::<http::Error>(error).is_some() || (error.is_decode() && !is_broken_line(error)) {
        return Error::new(
            ErrorKind::UnexpectedResponse,
            format!("The answer of {host} to {what} could not be read: {cause}."),
        )
        .with_next_step("Check that the address is right and that no proxy answers in its place.");
    }
    let happened = if error.is_connect() { "could not be reached" } else { "broke the connection" };
    Error::new(ErrorKind::ConnectionFailed, format!("{host} {happened} while trying to {what}: {cause}."))
        .with_next_step("Check the network connection and the address, then run the command again.")
        .retryable(true)
}

fn proxy_failed(proxy: &Proxy, url: &Url, what: &str, why: &str, next_step: &'static str) -> Error {
    let message = format!("The proxy {proxy} opened no way to {} to {what}: {why}.", host(url));
    Error::new(ErrorKind::ProxyFailed, message).with_next_step(next_step)
}

/// Why a proxy opened no tunnel. The library keeps its answer to itself, but for whether it asked who we are.
fn refused_by(proxy: &Proxy, error: &reqwest::Error, cause: &str) -> (String, &'static str) {
    if cause.contains("authentication required") {
        let why = if proxy.has_credentials() {
            "it did not accept the user name and password (407, Proxy Authentication Required)"
        } else {
            "it asks for a user name and a password (407, Proxy Authentication Required)"
        };
        return (why.to_owned(), SIGN_IN_AT_PROXY);
    }
    let why = if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if cause.contains("unsuccessful tunnel") {
        "it refused to".to_owned()
    } else if cause.contains("tunnel") {
        format!("its answer is not that of a proxy ({cause})")
    } else {
        cause.to_owned()
    };
    (why, CHECK_PROXY)
}

fn untrusted(tls: &rustls::Error, url: &Url, what: &str, proxy: Option<&Proxy>) -> Error {
    let through = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
    let untrusted = |why: &str| {
        Error::new(
            ErrorKind::TlsFailed,
            format!("No trusted encrypted connection to {}{through} could be made to {what}: {why}.", host(url)),
        )
    };
    match Distrust::of(tls) {
        Some(distrust) => untrusted(&distrust.to_string()).with_next_step(distrust.next_step()),
        None => untrusted(&redact::clean(&tls.to_string()))
            .with_next_step("Check the address, and that nothing on the way speaks anything older than TLS 1.2."),
    }
}

/// The innermost cause, in its own words; reqwest's outer ones hold the URL with its query.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::eq(cause as *const dyn StdError as *const (), error as *const reqwest::Error as *const ()) {
        return "no further detail".to_owned();
    }
    redact::text(&cause.to_string())
}

/// Whether the line broke, and not what came over it was wrong: both end the reading of a body.
fn is_broken_line(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind::*;
    source::<std::io::Error>(error).is_some_and(|io| {
        let broken = [ConnectionReset, ConnectionAborted, BrokenPipe, NotConnected, TimedOut, UnexpectedEof];
        let inside = io.get_ref().and_then(|inner| source::<std::io::Error>(inner));
        std::iter::once(io).chain(inside).any(|io| broken.contains(&io.kind()))
    })
}

fn source<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        return Some(found);
    }
    // An io::Error holds the error of a TLS session inside, not as its source; and may hold it twice wrapped.
    let inside = error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
    inside.and_then(|inner| source(inner)).or_else(|| error.source().and_then(source))
}
