//! What is known to be secret, and so is masked wherever it stands.

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::http::endpoint::Endpoint;

use super::{cut, is_secret_name, is_upload_url, mask_secrets, without_hidden, LONGEST_SHOWN, MASK};

/// No response of the service has more, and each takes time.
const MOST_SECRETS: usize = 64;

/// Shorter values are no secrets, and would mask half a text.
const SHORTEST_SECRET: usize = 6;

/// The secrets of one request and its response: what none of its texts may repeat.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Those of a request's headers, and of its URL where that is no Graph resource: the query, whole and each value.
    pub(crate) fn of(headers: &HeaderMap, url: &Url, endpoint: &Endpoint) -> Self {
        let mut secrets = Secrets::default();
        let named = headers.iter().filter(|(name, _)| is_secret_name(name.as_str()));
        for value in named.filter_map(|(_, value)| value.to_str().ok()) {
            secrets.add(value.rsplit(' ').next().unwrap_or(value));
        }
        secrets.with_url(url, endpoint)
    }

    /// With those of another address.
    pub(crate) fn with_url(mut self, url: &Url, endpoint: &Endpoint) -> Self {
        if !endpoint.has_resource(url) {
            self.add_query(url.as_str());
        }
        self
    }

    /// With a token.
    pub(crate) fn with(mut self, token: &str) -> Self {
        self.add(token);
        self
    }

    /// With those of another request.
    pub(crate) fn and(mut self, others: Secrets) -> Self {
        others.0.iter().for_each(|other| self.add(other.expose_secret()));
        self
    }

    /// With those of the upload URLs that the JSON of a response names.
    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        let has_upload_url = body.windows("uploadUrl".len()).any(|name| name.eq_ignore_ascii_case(b"uploadUrl"));
        if let Some(value) = has_upload_url.then(|| serde_json::from_slice(body).ok()).flatten() {
            self.add_upload_urls(&value);
        }
        self
    }

    /// A text with these secrets, and what looks like one, masked.
    pub(crate) fn mask(&self, text: &str) -> String {
        self.mask_known(mask_secrets(text))
    }

    /// A text with these secrets masked, and nothing that may be a name as well.
    pub(crate) fn mask_known(&self, mut text: String) -> String {
        for secret in self.0.iter().map(|secret| secret.expose_secret().as_bytes()) {
            // Escapes of URLs have small digits and large ones.
            let is_secret = |part: &[u8]| part.eq_ignore_ascii_case(secret);
            let (mut masked, mut rest) = (String::with_capacity(text.len()), text.as_str());
            while let Some(at) = rest.as_bytes().windows(secret.len()).position(is_secret) {
                masked.push_str(&rest[..at]);
                masked.push_str(MASK);
                rest = &rest[at + secret.len()..];
            }
            masked.push_str(rest);
            text = masked;
        }
        text
    }

    /// The same for a message: on one line, fit for a terminal.
    pub(crate) fn text(&self, text: &str) -> String {
        cut(self.mask(&without_hidden(text, false)), LONGEST_SHOWN)
    }

    fn add_upload_urls(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add_upload_urls(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(address) if is_upload_url(name) => self.add_query(address),
                        _ => self.add_upload_urls(member),
                    }
                }
            }
            _ => {}
        }
    }

    fn add_query(&mut self, address: &str) {
        let Some((_, query)) = address.split_once(['?', '#']) else { return };
        self.add(query);
        for (_, value) in query.split(['&', '#']).filter_map(|pair| pair.split_once('=')) {
            self.add(value);
        }
    }

    /// As it is, and as it reads without the escapes of URLs.
    fn add(&mut self, secret: &str) {
        let plain = percent_encoding::percent_decode_str(&secret.replace('+', " ")).decode_utf8_lossy().into_owned();
        for form in [secret.to_owned(), plain] {
            let is_known = self.0.iter().any(|known| *known.expose_secret() == form);
            if form.len() >= SHORTEST_SECRET && self.0.len() < MOST_SECRETS && !is_known {
                self.0.push(SecretString::new(form));
            }
        }
    }
}
