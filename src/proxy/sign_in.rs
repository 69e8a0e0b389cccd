//! Signing in at a proxy as the user of this process: with tokens of the platform's security interface, not with a
//! password (Negotiate, RFC 4559; NTLM, [MS-NTHT]).

use std::fmt;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use http::header::PROXY_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// A way of signing in that works with tokens. The first is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Kerberos where it can be had, else NTLM.
    Negotiate,
    /// NTLM alone.
    Ntlm,
}

impl Scheme {
    /// Its name in a header, which is also that of the security package on Windows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Negotiate => "Negotiate",
            Self::Ntlm => "NTLM",
        }
    }
}

/// What proves to a proxy who the user is.
pub trait SecurityInterface: Send + Sync + fmt::Debug {
    /// Begins to sign in at the proxy of this host name. It may block.
    ///
    /// # Errors
    /// Why it cannot, in words that may be shown.
    fn begin(&self, scheme: Scheme, host: &str) -> Result<Box<dyn Conversation>, String>;
}

/// One sign-in, on one connection.
pub trait Conversation: Send {
    /// The next token for the proxy, after `challenge`, which is empty at the first. It may block.
    ///
    /// # Errors
    /// Why there is none, in words that may be shown.
    fn next_token(&mut self, challenge: &[u8]) -> Result<Vec<u8>, String>;
}

/// The ways of signing in that an answer offers, by name, for a message.
pub(super) fn offered(answer: &HeaderMap) -> Vec<&str> {
    // A list in one header has the parameters of a challenge among its parts.
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    challenges(answer).filter_map(|challenge| challenge.split(' ').next()).filter(is_name).collect()
}

/// The best way of signing in that an answer offers and that works with tokens.
pub(super) fn best(answer: &HeaderMap) -> Option<Scheme> {
    let offers = |scheme: &Scheme| offered(answer).iter().any(|name| name.eq_ignore_ascii_case(scheme.name()));
    [Scheme::Negotiate, Scheme::Ntlm].into_iter().find(offers)
}

/// The token of an answer that goes on with a sign-in; `None` where it begins a new one, which means that it was refused.
pub(super) fn challenge(answer: &HeaderMap, scheme: Scheme) -> Option<Vec<u8>> {
    challenges(answer).find_map(|challenge| {
        let (name, token) = challenge.split_once(' ')?;
        let token = STANDARD.decode(token.trim()).ok().filter(|token| !token.is_empty())?;
        name.eq_ignore_ascii_case(scheme.name()).then_some(token)
    })
}

/// A token as the value of a header.
pub(super) fn credentials(scheme: Scheme, token: &[u8]) -> HeaderValue {
    let text = SecretString::new(format!("{} {}", scheme.name(), STANDARD.encode(token)));
    let mut value = HeaderValue::from_str(text.expose_secret()).expect("Base64 is ASCII");
    value.set_sensitive(true);
    value
}

/// One challenge a header, as those that work with tokens stand (RFC 4559, section 4); a list in one header is taken
/// apart at its commas, which no token holds.
fn challenges(answer: &HeaderMap) -> impl Iterator<Item = &str> {
    answer
        .get_all(PROXY_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|challenge| !challenge.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (PROXY_AUTHENTICATE, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_best_way_is_taken_from_one_header_or_several() {
        for (values, expected) in [
            (&["Negotiate"][..], Some(Scheme::Negotiate)),
            (&["NTLM", "Negotiate"], Some(Scheme::Negotiate)),
            (&["Basic realm=\"a, b\", ntlm"], Some(Scheme::Ntlm)),
            (&["Basic realm=\"NTLM\""], None),
            (&[], None),
        ] {
            assert_eq!(best(&answer(values)), expected, "{values:?}");
        }
    }

    #[test]
    fn a_challenge_is_the_token_of_the_same_scheme() {
        let headers = answer(&["Basic realm=\"x\"", "NTLM TlRMTVNTUAAC", "Negotiate"]);
        assert_eq!(challenge(&headers, Scheme::Ntlm).as_deref(), Some(&b"NTLMSSP\0\x02"[..]));
        assert_eq!(challenge(&headers, Scheme::Negotiate), None);
        assert_eq!(challenge(&answer(&["NTLM ?"]), Scheme::Ntlm), None);
    }
}
