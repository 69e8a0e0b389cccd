//! What may be shown of a URL, a header, a server's text.
//!
//! Everything that reaches a message, a log line or a screen passes through here. Two things are taken out: secrets
//! (queries of URLs, bearer tokens, secret headers, and what is known to be secret) and characters with which a server
//! could write over a terminal. A secret that a server spells with escapes of its own, other than those of JSON and of
//! URLs, is not recognised.

use std::path::Path;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

mod patterns;
mod secrets;

pub use patterns::mask_secrets;
pub(crate) use secrets::Secrets;

/// Longer texts from outside are cut here, in bytes.
const LONGEST_SHOWN: usize = 4096;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Parts of the names, in lower case, of headers whose value is a secret.
const SECRET_NAMES: &[&str] = &["authorization", "cookie", "token", "secret", "password", "apikey", "signature"];

/// Headers whose value is an address that can carry a secret in its query.
const ADDRESS_HEADERS: &[&str] =
    &["location", "content-location", "azure-asyncoperation", "operation-location", "referer"];

/// A URL without what may be secret in it: user information, query and fragment, and what follows a secret's name in its
/// path. Where a query was, `?…` stands.
pub fn url(address: &str) -> String {
    let (scheme, rest) = match address.find("://") {
        Some(at) => address.split_at(at + 3),
        None => ("", address),
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let authority = path.split(['/', '\\']).next().unwrap_or_default();
    let host_start = authority.rfind('@').map_or(0, |at| at + 1);
    let dots = if path.len() < rest.len() { "?…" } else { "" };
    clean(&format!("{scheme}{}{dots}", mask_secrets(&path[host_start..])))
}

/// Host and port of a URL as they may be shown.
pub(crate) fn host(url: &Url) -> String {
    let host = clean(url.host_str().unwrap_or("the service"));
    url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
}

/// A path as it may be shown.
pub(crate) fn path(path: &Path) -> String {
    clean(&path.to_string_lossy())
}

/// The value of a header as it may be shown.
pub fn header_value(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    if is_secret_name(&name) {
        MASK.to_owned()
    } else if ADDRESS_HEADERS.contains(&name.as_str()) {
        url(value)
    } else {
        text(value)
    }
}

/// Whether the value of a header or of a member in JSON is a secret by its name.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // X-Api-Key, Ocp-Apim-Subscription-Key, X-Functions-Key.
    name.ends_with("-key") || SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// Whether a member of a JSON object holds an upload URL, whose query is a secret.
fn is_upload_url(member: &str) -> bool {
    member.eq_ignore_ascii_case("uploadUrl")
}

/// The headers of a response with secret values masked, for keeping in an error.
pub(crate) fn headers(headers: &HeaderMap, secrets: &Secrets) -> HeaderMap {
    let shown = |name: &HeaderName, value: &HeaderValue| {
        let (name, given) = (name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        let is_masked = is_secret_name(name) || ADDRESS_HEADERS.contains(&name);
        let shown = if is_masked { header_value(name, &given) } else { secrets.mask(&given) };
        if shown == given {
            return value.clone();
        }
        let shown = shown.replace('…', "...");
        HeaderValue::from_bytes(shown.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(MASK))
    };
    headers.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
}

/// A text from outside for a message or a log: cleaned, so that no hidden character parts a secret, then masked.
pub fn text(text: &str) -> String {
    cut(mask_secrets(&without_hidden(text, false)), LONGEST_SHOWN)
}

/// The body of a request or a response, with its secrets masked. JSON is masked by what its strings mean, so that no
/// escape hides a secret.
pub(crate) fn body(bytes: &[u8], secrets: &Secrets) -> String {
    let by_meaning = |name: &str, text: &str| match name {
        _ if is_secret_name(name) => MASK.to_owned(),
        _ if is_upload_url(name) => url(text),
        _ => secrets.mask(text),
    };
    match masked_json(bytes, &by_meaning) {
        Some(json) => secrets.mask_known(json),
        None => secrets.mask(&without_hidden(&String::from_utf8_lossy(bytes), true)),
    }
}

/// A JSON object that becomes part of what a caller gets, with these secrets masked in its strings. One without any stays
/// as it is, byte for byte.
pub(crate) fn known_in_json(bytes: &[u8], secrets: &Secrets) -> String {
    let json = masked_json(bytes, &|_, text| secrets.mask_known(text.to_owned()));
    json.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

/// JSON whose strings `mask` has seen, each with its name; `None` for what is no JSON.
fn masked_json(bytes: &[u8], mask: &dyn Fn(&str, &str) -> String) -> Option<String> {
    let mut value = serde_json::from_slice(bytes).ok()?;
    let is_changed = mask_strings(&mut value, "", mask);
    Some(if is_changed { value.to_string() } else { String::from_utf8_lossy(bytes).into_owned() })
}

fn mask_strings(value: &mut Value, name: &str, mask: &dyn Fn(&str, &str) -> String) -> bool {
    match value {
        Value::String(text) => {
            let masked = mask(name, text);
            let is_changed = masked != *text;
            *text = masked;
            is_changed
        }
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| mask_strings(item, name, mask) | changed),
        Value::Object(members) => {
            members.iter_mut().fold(false, |changed, (name, member)| mask_strings(member, name, mask) | changed)
        }
        _ => false,
    }
}

/// A text from outside on one line, fit for a terminal: control, escape and bidirectional characters become spaces or
/// vanish, and it is cut at 4 KiB.
pub fn clean(text: &str) -> String {
    cut(without_hidden(text, false), LONGEST_SHOWN)
}

/// As [`clean`], but line breaks and tabs stay: for the bodies in a debug log.
pub fn clean_lines(text: &str) -> String {
    cut(without_hidden(text, true), LONGEST_SHOWN)
}

/// A text of at most so many bytes, and the end of its last character.
pub(crate) fn cut(mut text: String, longest: usize) -> String {
    if let Some((end, _)) = text.char_indices().find(|&(at, _)| at >= longest) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn without_hidden(text: &str, keep_lines: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' if keep_lines => shown.push(c),
            '\r' if keep_lines => {}
            '\n' | '\r' | '\t' => shown.push(' '),
            '\u{1b}' => skip_escape_sequence(&mut chars),
            _ if is_hidden(c) => {}
            _ => shown.push(c),
        }
    }
    shown
}

/// After an ESC: a control sequence ends with a byte of `@`…`~`, an operating-system command with BEL or ESC `\`.
/// What is malformed loses no more than its first character.
fn skip_escape_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
            chars.next_if(|c| ('@'..='~').contains(c));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            while chars.next_if(|&c| c != '\u{7}' && c != '\u{1b}' && c != '\n').is_some() {}
            chars.next_if(|&c| c == '\u{7}');
        }
        _ => {}
    }
}

/// Characters that are not seen, or that change how others are seen: C0 and C1 controls, zero-width and bidirectional
/// marks, line and paragraph separators, the tag block.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::endpoint::Endpoint;

    #[test]
    fn a_response_loses_the_secrets_that_are_known_and_nothing_else() {
        let url = Url::parse("https://h/u?tempauthtoken=SEC%2FRET.1").unwrap();
        let secrets = Secrets::of(&HeaderMap::new(), &url, &Endpoint::default());
        let honest = r#"{ "id":"9", "documentName":"password=x Bearer SECRET.pdf", "size": 8 }"#;
        assert_eq!(known_in_json(honest.as_bytes(), &secrets), honest);
        let repeated = r#"{"documentName":"it is SEC\u002fRET.1","more":[1,{"x":"SEC%2fRET.1"}],"size":8}"#;
        let masked = r#"{"documentName":"it is ***","more":[1,{"x":"***"}],"size":8}"#;
        assert_eq!(known_in_json(repeated.as_bytes(), &secrets), masked);
    }

    #[test]
    fn a_body_shows_neither_its_upload_url_nor_what_repeats_it() {
        for sent in [
            r#"{"uploadUrl":"https://h/a\nb?t=SECRET-7\u003d","note":"it was SECRET-7="}"#,
            r#"{"uploadUrl":"https://h/a?t=SECRET%2D7","note":"it was SECRET-7 and secret%2d7"}"#,
            r#"{"a":[{"UPLOADURL":"https://h/a#SECRET-7"}],"b":"SECRET-7"}"#,
            r#"{"uploadUrl":"https://h/u?sig=a|SECRET"}"#,
            r#"{"uploadUrl":"https://h/u?v={\"t\":\"SECRET\"}"}"#,
            r#"{"uploadUrl":"https://h/\u001b[31m<a>u?t=SECRET","x":"#,
        ] {
            let shown = body(sent.as_bytes(), &Secrets::default().with_body(sent.as_bytes())).to_uppercase();
            assert!(!shown.contains("SECRET"), "{shown}");
        }
    }
}
