//! What the network did to a request, as an error that a person can act on: it names the host or the proxy, says why in
//! words, and holds no secret. The libraries' own errors hold URLs with their queries, and are never shown.

use std::error::Error as StdError;
use std::io;

use url::Url;

use super::client::Client;
use super::proxy::Proxy;
use super::redact::{self, host};
use super::tls::Distrust;
use crate::error::{Error, ErrorKind, NextStep};

/// A request to `url` failed while trying to `what`.
pub(crate) fn of(client: &Client, url: &Url, what: &str, error: &reqwest::Error) -> Error {
    if let Some(ours) = source::<Error>(error) {
        return ours.clone();
    }
    let proxy = client.proxy_for(url);
    if let Some(tls) = source::<rustls::Error>(error) {
        return untrusted(tls, url, what, proxy);
    }
    let (host, cause) = (host(url), root_cause(error));
    let connection_failed = |happened: &str, next_step| {
        let through = through(proxy);
        Error::new(ErrorKind::ConnectionFailed, format!("{host} {happened}{through} while trying to {what}: {cause}."))
            .with_next_step(next_step)
            .retryable(true)
    };
    let limit = |io| Error::of_limit(io, &format!("{host} could not be reached while trying to {what}"));
    if let Some(error) = source::<io::Error>(error).and_then(limit) {
        return error.retryable(true);
    }
    if error.is_builder() {
        let message =
            format!("The request to {what} cannot be sent to {host}: its address is none of HTTP's ({cause}).");
        return Error::new(ErrorKind::InvalidArgument, message).with_next_step("Correct the address.");
    }
    if error.is_connect() {
        return match proxy {
            _ if error.is_timeout() => {
                let through = through(proxy);
                let message = format!("Cannot connect to {host}{through} in time to {what}: no response came.");
                Error::new(ErrorKind::Timeout, message).with_next_step(NextStep::CheckConnection).retryable(true)
            }
            // It is the only one that is connected to; what breaks later breaks behind its tunnel.
            Some(proxy) if !is_broken_connection(error) => proxy_failed(proxy, url, what, error),
            _ => connection_failed("could not be reached", NextStep::CheckConnection),
        };
    }
    // A decoder's input ends with these words, where the body came whole and is not what it says.
    if error.is_decode() && (cause == "unexpected end of file" || !is_broken_connection(error)) {
        return unreadable(url, what, &cause);
    }
    if cause == "message head is too large" {
        let message =
            format!("The headers of {host}'s response to {what} are too many or too large and were not read.");
        return Error::new(ErrorKind::ResponseTooLarge, message).with_next_step(NextStep::CheckResponder);
    }
    // hyper's words for a head that is none of HTTP's; its type is that of a library beneath reqwest.
    if cause.starts_with("invalid ") || cause.starts_with("unexpected transfer-encoding") {
        return unreadable(url, what, &cause).retryable(true);
    }
    connection_failed("broke the connection", NextStep::CheckBrokenConnection)
}

/// What came is no response that can be read.
fn unreadable(url: &Url, what: &str, why: &str) -> Error {
    let message = format!("The response of {} to {what} could not be read: {}.", host(url), redact::text(why));
    Error::new(ErrorKind::UnexpectedResponse, message).with_next_step(NextStep::CheckResponder)
}

/// reqwest says in English what a proxy did, and of a refusal not with which status.
fn proxy_failed(proxy: &Proxy, url: &Url, what: &str, error: &reqwest::Error) -> Error {
    let cause = root_cause(error);
    let (why, is_retryable) = match cause.as_str() {
        "proxy authentication required" if proxy.has_credentials() => {
            ("it does not accept the user name and password with Basic (407, Proxy Authentication Required)", false)
        }
        "proxy authentication required" => {
            ("it asks for a user name and a password (407, Proxy Authentication Required)", false)
        }
        // It may be overloaded, or forbid it: reqwest does not say which.
        "unsuccessful tunnel" => ("it refuses to open a tunnel", true),
        "unexpected eof while tunneling" => ("it closed the connection instead of opening a tunnel", true),
        "proxy headers too long for tunnel" => ("its response is not that of a proxy", false),
        other => (other, source::<io::Error>(error).is_some()),
    };
    let host = host(url);
    Error::new(ErrorKind::ProxyFailed, format!("Cannot reach {host} through the proxy {proxy} to {what}: {why}."))
        .with_next_step(NextStep::CheckProxy)
        .retryable(is_retryable)
}

fn through(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}

fn untrusted(tls: &rustls::Error, url: &Url, what: &str, proxy: Option<&Proxy>) -> Error {
    let distrust = Distrust::of(tls);
    let speaks_no_tls = matches!(tls, rustls::Error::InvalidMessage(_));
    let why = match distrust {
        Some(distrust) => distrust.to_string(),
        None if speaks_no_tls => "the server does not speak TLS".to_owned(),
        None => redact::clean(&tls.to_string()),
    };
    let host = host(url);
    // Of an https proxy's own certificate, or of one that speaks no TLS at all.
    let is_of_proxy = |proxy: &&Proxy| {
        proxy.is_https()
            && match distrust {
                Some(distrust) => distrust.host == proxy.host(),
                None => speaks_no_tls,
            }
    };
    let (error, next_step) = match proxy.filter(is_of_proxy) {
        Some(proxy) => (
            Error::new(
                ErrorKind::ProxyFailed,
                format!("No trusted encrypted connection to the proxy {proxy} itself could be made to {what} at {host}: {why}."),
            ),
            "Where the proxy speaks plain http, begin its address with http://. Nothing was sent around it.",
        ),
        None => (
            Error::new(
                ErrorKind::TlsFailed,
                format!("No trusted encrypted connection to {host}{} could be made to {what}: {why}.", through(proxy)),
            ),
            if speaks_no_tls {
                "Check the address and its port: where the server speaks plain http, https:// is wrong."
            } else {
                "Check the address, and that nothing on the way speaks anything older than TLS 1.2."
            },
        ),
    };
    error.with_next_step(distrust.map_or(next_step.into(), |distrust| distrust.next_step.clone()))
}

/// The innermost cause, in its own words; reqwest's outer ones hold the URL with its query.
fn root_cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else { return "no further detail".to_owned() };
    while let Some(source) = cause.source() {
        cause = source;
    }
    // The library of TLS adds where its manual speaks of it.
    let text = cause.to_string();
    redact::text(text.split_once(": https://docs.rs/").map_or(&*text, |(words, _)| words))
}

/// Whether the connection ended without TLS's close_notify, and otherwise as it should.
pub(crate) fn is_close_without_notify(error: &reqwest::Error) -> bool {
    source::<io::Error>(error)
        .is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof && error.to_string().contains("close_notify"))
}

/// Whether the connection broke, and not what came over it was wrong: both end the reading of a body.
fn is_broken_connection(error: &(dyn StdError + 'static)) -> bool {
    use io::ErrorKind::*;
    source::<io::Error>(error).is_some_and(|io| {
        let broken = [ConnectionReset, ConnectionAborted, BrokenPipe, NotConnected, TimedOut, UnexpectedEof];
        let inside = io.get_ref().and_then(|inner| source::<io::Error>(inner));
        std::iter::once(io).chain(inside).any(|io| broken.contains(&io.kind()))
    })
}

fn source<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        return Some(found);
    }
    // An io::Error holds the error of a TLS session inside, not as its source; and may hold it twice wrapped.
    let inside = error.downcast_ref::<io::Error>().and_then(|io| io.get_ref());
    inside.and_then(|inner| source(inner)).or_else(|| error.source().and_then(source))
}
