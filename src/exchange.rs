//! One HTTP request and its answer.
//!
//! Here are the rules that hold for every request: silence ends it, redirects are followed by hand and only within one
//! origin, answers are bounded, and every failure becomes an [`Error`] that names the host and never a secret.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use crate::activity::Activity;
use crate::answer::{self, Answer, LARGEST_ANSWER};
use crate::call::CallOptions;
use crate::charset;
use crate::client::Client;
use crate::endpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::failure;
use crate::gzip;
use crate::line::Wire;
use crate::redact::{self, host, Secrets};
use crate::retry;

/// Questions that this process asks at once: each takes a descriptor, and a thousand of them all that there are.
static TURNS: Semaphore = Semaphore::const_new(64);

/// Redirects that are followed in a row.
const MOST_REDIRECTS: usize = 5;

/// A request that can be sent more than once: to a redirect's target, or again.
pub(crate) struct Exchange<'a> {
    pub(crate) client: &'a Client,
    /// What is being done, as in "The service refused to …".
    pub(crate) what: &'a str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// Makes the body anew for each sending.
    pub(crate) body: &'a (dyn Fn(&Arc<Activity>) -> reqwest::Body + Send + Sync),
    /// The body as it may be shown in a debug log; empty for bytes of a document.
    pub(crate) shown_body: &'a [u8],
    pub(crate) call: &'a CallOptions,
}

impl Exchange<'_> {
    /// Sends the request and reads the answer, whatever its status.
    pub(crate) async fn send(&self) -> Result<Answer> {
        // A range goes as its document goes; a question takes a moment, and so can wait a moment.
        let _turn = if self.method == Method::PUT { None } else { TURNS.acquire().await.ok() };
        let mut url = self.url.clone();
        let mut redirects = 0;
        loop {
            let mut answer = self.send_to(&url).await?;
            answer.redirected = redirects > 0;
            if !answer.status.is_redirection() {
                return Ok(answer);
            }
            url = self.redirected(&url, &answer, redirects).map_err(|error| answer::about(&answer, error))?;
            redirects += 1;
            self.call.verbose(|| format!("Redirected ({}) to {}.", answer.status.as_u16(), redact::url(url.as_str())));
        }
    }

    async fn send_to(&self, url: &Url) -> Result<Answer> {
        let mut headers = self.headers.clone();
        headers.entry(USER_AGENT).or_insert_with(|| self.client.user_agent().clone());
        headers.entry(ACCEPT_ENCODING).or_insert(gzip::GZIP);
        self.log_request(url, &headers);
        let activity = Arc::new(Activity::new());
        let sending = self.client.send(&self.method, url, headers, (self.body)(&activity), &activity);
        // Kept until it is known whom it waited for.
        let mut sending = std::pin::pin!(sending);
        let silence = self.call.silence_timeout;
        let response = activity.guard(silence, sending.as_mut()).await.map_err(|_| {
            let silent = self.silent(url, silence);
            // Whoever takes in a body has the connection.
            if activity.has_moved() {
                silent
            } else {
                failure::silence(self.client, url, self.what, silent)
            }
        })?;
        let response = response.map_err(|failed| failure::of(self.client, url, self.what, &failed))?;
        let answer = self.read(url, response).await?;
        self.log_answer(&answer);
        Ok(answer)
    }

    async fn read(&self, url: &Url, mut response: reqwest::Response) -> Result<Answer> {
        let (status, mut headers) = (response.status(), response.headers().clone());
        let secrets = Secrets::of(&self.headers, &self.url);
        // What is wrong with the body, told with what came before it.
        let unread = Answer::read(status, headers.clone(), Bytes::new(), secrets.clone());
        let fail = |error| Err(answer::about(&unread, error));
        let too_large = || {
            fail(Error::new(ErrorKind::ResponseTooLarge, format!("The answer of {} to {} is larger than {LARGEST_ANSWER} bytes and was not read.", host(url), self.what))
                .with_next_step("No honest answer is that large: check that the address is right and that no proxy answers in its place."))
        };
        if response.content_length().is_some_and(|length| length > LARGEST_ANSWER as u64) {
            return too_large();
        }
        let mut body = BytesMut::new();
        let silence = self.call.silence_timeout;
        let activity = Activity::new();
        let wire = Wire::of(response.extensions());
        activity.is_on(move || wire.clone());
        loop {
            let chunk = activity.guard(silence, response.chunk()).await.map_err(|_| self.silent(url, silence))?;
            match chunk {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => return too_large(),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => {
                    let failed = error.into();
                    // A body that ends with its connection (RFC 9112, section 6.3) is whole where TLS has no farewell.
                    let ends_with_line =
                        !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING);
                    if ends_with_line && failure::is_unannounced_end(&failed) {
                        break;
                    }
                    let error = failure::of(self.client, url, self.what, &failed);
                    // A line that breaks has brought no answer, but headers.
                    let is_answer = error.kind() == ErrorKind::UnexpectedResponse;
                    return if is_answer { fail(error) } else { Err(error.with_answer_headers(&headers)) };
                }
            }
        }
        let body = match gzip::unpacked(&mut headers, body.freeze(), LARGEST_ANSWER) {
            Ok(body) if body.len() > LARGEST_ANSWER => return too_large(),
            Ok(body) => charset::as_utf8(&mut headers, body),
            // Its status says what it is, whatever was to follow.
            Err(_) if !status.is_success() => Bytes::new(),
            Err(error) => return fail(failure::unreadable(url, self.what, &error.to_string())),
        };
        Ok(Answer::read(status, headers, body, secrets))
    }

    /// Where a redirect leads, if it may be followed: 307 and 308 keep method and body (RFC 9110, section 15.4), and
    /// within one origin no secret meets another host.
    fn redirected(&self, from: &Url, answer: &Answer, redirects_before: usize) -> Result<Url> {
        if !matches!(answer.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
            return Err(
                self.refuse_redirect(&format!("status {}, which would change the request", answer.status.as_u16()))
            );
        }
        let location = answer.headers.get(LOCATION).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        let Some(to) = location.and_then(|location| endpoint::join(from, location)) else {
            return Err(self.refuse_redirect("no usable address"));
        };
        if to.origin() != from.origin() || !to.username().is_empty() || to.password().is_some() {
            return Err(
                self.refuse_redirect(&format!("another origin, {}", redact::clean(&to.origin().ascii_serialization())))
            );
        }
        if redirects_before == MOST_REDIRECTS {
            return Err(self.refuse_redirect(&format!("more than {MOST_REDIRECTS} redirects in a row")));
        }
        Ok(to)
    }

    fn refuse_redirect(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::RedirectRefused,
            format!(
                "{} answered with a redirect that is not followed while trying to {}: {why}.",
                host(&self.url),
                self.what
            ),
        )
        .with_next_step(
            "Check the address: the service itself does not redirect elsewhere, but a sign-in page of the network may.",
        )
    }

    fn silent(&self, url: &Url, silence: Duration) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!("{} was silent for {} while trying to {}.", host(url), retry::in_words(silence), self.what),
        )
        .with_next_step("Check the connection, then run the command again; on a slow network allow a longer time-out.")
        .retryable(true)
    }

    fn log_request(&self, url: &Url, headers: &HeaderMap) {
        self.call.debug(|| {
            let mut text = format!("HTTP REQUEST\n{} {}\n", self.method, redact::url(url.as_str()));
            push_headers(&mut text, headers, &Secrets::default());
            if !self.shown_body.is_empty() {
                text.push_str(&redact::body(self.shown_body, &Secrets::of(&self.headers, url)));
            }
            text
        });
    }

    fn log_answer(&self, answer: &Answer) {
        self.call.debug(|| {
            let mut text = format!("HTTP RESPONSE\n{}\n", answer.status);
            push_headers(&mut text, &answer.headers, &answer.secrets);
            text.push_str(&redact::body(&answer.body, &answer.secrets));
            text
        });
    }
}

fn push_headers(text: &mut String, headers: &HeaderMap, secrets: &Secrets) {
    for (name, value) in headers {
        let value = redact::header_value(name.as_str(), &secrets.mask(&String::from_utf8_lossy(value.as_bytes())));
        text.push_str(&format!("{name}: {value}\n"));
    }
}
