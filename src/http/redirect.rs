//! Redirects, which are followed by hand and only within one origin, but for the step to a download's host.

use http::header::LOCATION;
use http::StatusCode;
use url::Url;

use super::endpoint;
use super::redact::{self, host};
use super::response::Response;
use crate::error::{Error, ErrorKind, NextStep, Result};

/// Redirects that are followed in a row.
const MAX_REDIRECTS: usize = 5;

/// Where a redirect leads, if it may be followed: 307 and 308 keep method and body (RFC 9110, section 15.4), and within
/// one origin no secret meets another host.
pub(crate) fn target(from: &Url, what: &str, response: &Response, redirects_before: usize) -> Result<Url> {
    let refuse = |why: &str| {
        Err(Error::new(
            ErrorKind::RedirectRefused,
            format!("{} answered with a redirect that is not followed while trying to {what}: {why}.", host(from)),
        )
        .with_next_step(NextStep::CheckRedirect))
    };
    if !matches!(response.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
        return refuse(&format!("status {}, which would change the request", response.status.as_u16()));
    }
    let location = response.headers.get(LOCATION).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let Some(to) = location.and_then(|location| endpoint::join(from, location)) else {
        return refuse("no usable address");
    };
    if to.origin() != from.origin() || !to.username().is_empty() || to.password().is_some() {
        return refuse(&format!("another origin, {}", redact::clean(&to.origin().ascii_serialization())));
    }
    if redirects_before == MAX_REDIRECTS {
        return refuse(&format!("more than {MAX_REDIRECTS} redirects in a row"));
    }
    Ok(to)
}

/// Where a redirect from the service leads to content at another host: one step away from `asked`, encrypted, and to this
/// machine from nowhere else.
pub(crate) fn to_content(asked: &Url, from: &Url, response: &Response) -> Option<Url> {
    let location = std::str::from_utf8(response.headers.get(LOCATION)?.as_bytes()).ok()?;
    let to = endpoint::join(from, location).filter(|to| endpoint::parse_address(to.as_str()).is_ok())?;
    let is_content =
        matches!(response.status, StatusCode::FOUND | StatusCode::SEE_OTHER | StatusCode::TEMPORARY_REDIRECT);
    let is_loopback_trick = endpoint::is_loopback(&to) && !endpoint::is_loopback(asked);
    let is_one_step = from.origin() == asked.origin() && to.origin() != asked.origin();
    (is_content && is_one_step && !is_loopback_trick).then_some(to)
}
