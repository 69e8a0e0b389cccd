//! What is known to be secret, and so is masked wherever and however it is spelled.

use http::HeaderMap;
use percent_encoding::{percent_decode_str, utf8_percent_encode, NON_ALPHANUMERIC};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::patterns::literal;
use super::{cut, is_secret_header, is_upload_url, mask_secrets, without_hidden, MASK, UPLOAD_URL};

/// More are no honest answer's, and would take their time.
const MOST_SECRETS: usize = 64;

/// Shorter values are no secrets, and would mask half a text.
const SHORTEST_SECRET: usize = 6;

/// The secrets of one request and its answer: what none of its texts may repeat.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Those of the request's headers, and of its URL's query: the whole and each value.
    pub(crate) fn of(headers: &HeaderMap, url: &Url) -> Self {
        let mut secrets = Self::default();
        for (_, value) in headers.iter().filter(|(name, _)| is_secret_header(name.as_str())) {
            if let Ok(value) = value.to_str() {
                secrets.add(value.rsplit(' ').next().unwrap_or(value));
            }
        }
        secrets.add_query(url.as_str());
        secrets
    }

    /// With those of the upload URLs that an answer's body names, be its JSON broken.
    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(value) => self.add_upload_urls(&value),
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                let named = |(at, _)| {
                    let end = at + UPLOAD_URL.len();
                    text.get(at..end).filter(|name| is_upload_url(name)).map(|_| &text[end..])
                };
                for value in text.match_indices(['U', 'u']).filter_map(named).take(MOST_SECRETS) {
                    let value = value.trim_start_matches(|c: char| c == '"' || c == ':' || c.is_whitespace());
                    let literal = literal(value, "\"");
                    let meant = serde_json::from_str::<String>(&format!("\"{literal}\""));
                    self.add_query(&meant.unwrap_or_else(|_| literal.to_owned()));
                    if self.is_full() {
                        break;
                    }
                }
            }
        }
        self
    }

    /// A text with these secrets, and what looks like one, masked.
    pub(crate) fn mask(&self, text: &str) -> String {
        let mut shown = mask_secrets(text);
        for secret in self.0.iter().map(|secret| secret.expose_secret().as_str()) {
            if shown.contains(secret) {
                shown = shown.replace(secret, MASK);
            }
        }
        shown
    }

    /// The same for a message: on one line, fit for a terminal.
    pub(crate) fn text(&self, text: &str) -> String {
        cut(self.mask(&without_hidden(text, false)))
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
        for value in query.split(['&', '#']).filter_map(|pair| Some(pair.split_once('=')?.1)) {
            if self.is_full() {
                break;
            }
            self.add(value);
            self.add(&percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy());
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST_SECRETS
    }

    /// Adds a secret as it is, as JSON spells it, and as a URL does. The longest is masked first: a part of it would
    /// leave the rest.
    fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST_SECRET || self.is_full() {
            return;
        }
        let in_json = Value::from(secret).to_string();
        let in_url = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        for spelling in [secret, &in_json[1..in_json.len() - 1], &in_url] {
            let is_known = self.0.iter().any(|known| known.expose_secret() == spelling);
            if !is_known {
                self.0.push(SecretString::new(spelling.to_owned()));
            }
        }
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }
}
