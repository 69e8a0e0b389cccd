//! What the network did to a request, as an error that a person can act on: it names the host or the proxy, says why in
//! words, and holds no secret. The libraries' own errors hold URLs with their queries, and are never shown.

use std::error::Error as StdError;

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::proxy::{Proxy, Refusal, NO_ANSWER};
use crate::redact::{self, host};
use crate::tls::Distrust;
use crate::transport::{Failed, Stage};

/// A request to `url` failed while trying to `what`.
pub(crate) fn of(client: &Client, url: &Url, what: &str, failed: &Failed) -> Error {
    let (proxy, error) = (client.proxy_for(url), &*failed.error);
    if let Some(ours) = error.downcast_ref::<Error>() {
        return ours.clone();
    }
    if let Some(tls) = source::<rustls::Error>(error) {
        return untrusted(tls, url, what, proxy);
    }
    let (host, cause) = (host(url), root_cause(error));
    if failed.stage == Stage::Request {
        let message =
            format!("The request to {what} cannot be sent to {host}: its address is none of HTTP's ({cause}).");
        return Error::new(ErrorKind::InvalidArgument, message).with_next_step("Correct the address.");
    }
    if failed.stage == Stage::LateConnection {
        return match proxy.filter(|_| client.waits_for_proxy(url)) {
            Some(proxy) => proxy_failed(proxy, url, what, NO_ANSWER).retryable(true),
            None => Error::new(ErrorKind::Timeout, format!("No connection to {host}{} came to stand in time to {what}: it, or its side of the encryption, did not answer.", through(proxy)))
                .with_next_step("Check the connection and the address, then run the command again.")
                .retryable(true),
        };
    }
    let refusal = || source::<Refusal>(error).cloned();
    if let Some((proxy, refusal)) =
        proxy.filter(|_| failed.stage == Stage::Connection).and_then(|proxy| Some((proxy, refusal()?)))
    {
        let Refusal { why, next_step, retryable } = refusal;
        return proxy_failed(proxy, url, what, &why).with_next_step(next_step).retryable(retryable);
    }
    if source::<hyper::Error>(error).is_some_and(hyper::Error::is_parse_too_large) {
        let message = format!("The headers of {host}'s answer to {what} are too many or too large and were not read.");
        return Error::new(ErrorKind::ResponseTooLarge, message).with_next_step(
            "No honest answer has so many: check that the address is right and that no proxy answers in its place.",
        );
    }
    if source::<http::Error>(error).is_some() || (failed.stage == Stage::Body && !is_broken_line(error)) {
        return unreadable(url, what, &cause);
    }
    if source::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return unreadable(url, what, &cause).retryable(true);
    }
    let happened = if failed.stage == Stage::Connection { "could not be reached" } else { "broke the connection" };
    let through = through(proxy);
    Error::new(ErrorKind::ConnectionFailed, format!("{host} {happened}{through} while trying to {what}: {cause}."))
        .with_next_step("Check the network connection and the address, then run the command again.")
        .retryable(true)
}

/// What came is no answer that can be read.
pub(crate) fn unreadable(url: &Url, what: &str, why: &str) -> Error {
    let message = format!("The answer of {} to {what} could not be read: {}.", host(url), redact::text(why));
    Error::new(ErrorKind::UnexpectedResponse, message)
        .with_next_step("Check that the address is right and that no proxy answers in its place.")
}

/// Silence while a request was on its way; `silent` says of whom, unless it was the proxy's.
pub(crate) fn silence(client: &Client, url: &Url, what: &str, silent: Error) -> Error {
    match client.proxy_for(url).filter(|_| client.waits_for_proxy(url)) {
        Some(proxy) => proxy_failed(proxy, url, what, NO_ANSWER).retryable(true),
        None => silent,
    }
}

fn proxy_failed(proxy: &Proxy, url: &Url, what: &str, why: &str) -> Error {
    let message = format!("The proxy {proxy} opened no way to {} to {what}: {why}.", host(url));
    Error::new(ErrorKind::ProxyFailed, message)
        .with_next_step("Check the proxy's address, and that it lets this machine through. Nothing was sent around it.")
}

fn through(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}

fn untrusted(tls: &rustls::Error, url: &Url, what: &str, proxy: Option<&Proxy>) -> Error {
    let through = through(proxy);
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
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let Some(mut cause) = error.source() else {
        return if error.is::<reqwest::Error>() {
            "no further detail".to_owned()
        } else {
            redact::text(&error.to_string())
        };
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    // The library of TLS adds where its manual speaks of it.
    let text = cause.to_string();
    redact::text(text.split_once(": https://docs.rs/").map_or(&*text, |(words, _)| words))
}

/// Whether the line ended without a farewell of TLS, and otherwise as it should.
pub(crate) fn is_unannounced_end(failed: &Failed) -> bool {
    source::<std::io::Error>(&*failed.error).is_some_and(|error| error.kind() == std::io::ErrorKind::UnexpectedEof)
}

/// Whether the line broke, and not what came over it was wrong: both end the reading of a body.
fn is_broken_line(error: &(dyn StdError + 'static)) -> bool {
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
