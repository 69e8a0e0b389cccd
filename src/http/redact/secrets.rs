//! What is known to be secret, and so is masked wherever and however it is spelled.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString, SecretVec};
use serde_json::Value;
use url::Url;

use super::patterns::literal;
use super::spelling::Plain;
use super::{cut, is_secret_header, is_upload_url, mask_secrets, without_hidden, MASK, UPLOAD_URL};

/// More are no honest response's, and would take their time.
const MOST_SECRETS: usize = 64;

/// Shorter values are no secrets, and would mask half a text.
const SHORTEST_SECRET: usize = 6;

/// The secrets of one request and its response: what none of its texts may repeat. Where they are is noted; they are looked
/// for when there is a text to be shown, which is seldom.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<Noted>);

#[derive(Clone, Default)]
struct Noted {
    headers: Vec<SecretString>,
    address: Option<SecretString>,
    body: Bytes,
    found: OnceLock<Arc<Found>>,
}

impl Secrets {
    /// Those of the request's headers, and of its URL's query: the whole and each value.
    pub(crate) fn of(headers: &HeaderMap, url: &Url) -> Self {
        let named = headers.iter().filter(|(name, _)| is_secret_header(name.as_str()));
        let headers = named.filter_map(|(_, value)| value.to_str().ok()).map(secret_of).collect();
        Secrets(Arc::new(Noted { headers, address: Some(secret_of(url.as_str())), ..Noted::default() }))
    }

    /// With those of the upload URLs that a response's body names, be its JSON broken.
    pub(crate) fn with_body(self, body: &Bytes) -> Self {
        let noted = Arc::unwrap_or_clone(self.0);
        Secrets(Arc::new(Noted { body: body.clone(), found: OnceLock::new(), ..noted }))
    }

    /// A text with these secrets, and what looks like one, masked.
    pub(crate) fn mask(&self, text: &str) -> String {
        self.mask_known(mask_secrets(text))
    }

    /// A text with these secrets masked, and nothing that may be a name as well.
    pub(crate) fn mask_known(&self, text: String) -> String {
        let mut shown = text;
        let found = &self.0.found.get_or_init(|| Arc::new(Found::in_all_of(&self.0))).0;
        let plain = Plain::of(&shown);
        let mut places: Vec<_> = found.iter().flat_map(|secret| plain.places_of(secret.expose_secret())).collect();
        places.sort_by_key(|place| place.start);
        places.dedup_by(|next, place| {
            let overlap = next.start < place.end;
            if overlap {
                place.end = place.end.max(next.end);
            }
            overlap
        });
        for mut place in places.into_iter().rev() {
            // A secret that is no text may begin or end within a character.
            while !shown.is_char_boundary(place.start) {
                place.start -= 1;
            }
            while !shown.is_char_boundary(place.end) {
                place.end += 1;
            }
            shown.replace_range(place, MASK);
        }
        shown
    }

    /// The same for a message: on one line, fit for a terminal.
    pub(crate) fn text(&self, text: &str) -> String {
        cut(self.mask(&without_hidden(text, false)))
    }
}

fn secret_of(text: &str) -> SecretString {
    SecretString::new(text.to_owned())
}

/// Secrets without escapes.
#[derive(Default)]
struct Found(Vec<SecretVec<u8>>);

impl Found {
    fn in_all_of(noted: &Noted) -> Self {
        let mut found = Self::default();
        for value in noted.headers.iter().map(|value| value.expose_secret()) {
            found.add(value.rsplit(' ').next().unwrap_or(value));
        }
        if let Some(address) = &noted.address {
            found.add_query(address.expose_secret());
        }
        found.add_body(&noted.body);
        found
    }

    fn add_body(&mut self, body: &[u8]) {
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
            self.add(&value.replace('+', " "));
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST_SECRETS
    }

    fn add(&mut self, secret: &str) {
        let plain = Plain::of(secret).into_bytes();
        let is_known = || self.0.iter().any(|known| *known.expose_secret() == plain);
        if plain.len() >= SHORTEST_SECRET && !self.is_full() && !is_known() {
            self.0.push(SecretVec::new(plain));
        }
    }
}
