//! What may be shown of a URL, a header, a server's text.
//!
//! Everything that reaches a message, a log line or a screen passes through here. Two things are taken out: secrets
//! (queries of URLs, bearer tokens, secret headers) and characters with which a server could write over a terminal.

use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Longer texts from outside are cut here, in bytes.
const LONGEST_SHOWN: usize = 4096;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Headers whose value is a secret, in lower case.
const SECRET_HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "cookie", "set-cookie", "x-ms-authorization-auxiliary", "x-api-key"];

/// Headers whose value is an address that can carry a secret in its query.
const ADDRESS_HEADERS: &[&str] =
    &["location", "content-location", "azure-asyncoperation", "operation-location", "referer"];

/// A URL without what may be secret in it: user information, query and fragment. Where a query was, `?…` stands.
pub fn url(address: &str) -> String {
    let (scheme, rest) = match address.find("://") {
        Some(at) => address.split_at(at + 3),
        None => ("", address),
    };
    let end_of_path = rest.find(['?', '#']).unwrap_or(rest.len());
    let path = &rest[..end_of_path];
    let authority_end = path.find(['/', '\\']).unwrap_or(path.len());
    let host_start = path[..authority_end].rfind('@').map_or(0, |at| at + 1);
    let dots = if end_of_path < rest.len() { "?…" } else { "" };
    clean(&format!("{scheme}{}{dots}", &path[host_start..]))
}

/// Host and port of a URL as they may be shown.
pub(crate) fn host(url: &Url) -> String {
    let host = clean(url.host_str().unwrap_or("the service"));
    url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
}

/// The value of a header as it may be shown.
pub fn header_value(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    if is_secret_header(&name) {
        MASK.to_owned()
    } else if ADDRESS_HEADERS.contains(&name.as_str()) {
        url(value)
    } else {
        text(value)
    }
}

/// Whether a header's value is a secret by its name.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_HEADERS.contains(&name.as_str())
        || ["token", "secret", "password", "api-key"].iter().any(|word| name.contains(word))
}

/// The headers of an answer with secret values masked, for keeping in an error.
pub(crate) fn headers(headers: &HeaderMap, secrets: &Secrets) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| {
            let lower = name.as_str();
            let shown = if is_secret_header(lower) || ADDRESS_HEADERS.contains(&lower) {
                let shown = header_value(lower, &String::from_utf8_lossy(value.as_bytes()));
                HeaderValue::from_str(&shown.replace('…', "...")).unwrap_or_else(|_| HeaderValue::from_static(MASK))
            } else {
                let given = value.to_str().unwrap_or_default();
                let masked = secrets.mask(given);
                if masked == given {
                    value.clone()
                } else {
                    HeaderValue::from_str(&masked).unwrap_or_else(|_| HeaderValue::from_static(MASK))
                }
            };
            (name.clone(), shown)
        })
        .collect()
}

/// A text from outside for a message or a log: secrets masked, then cleaned.
pub fn text(text: &str) -> String {
    clean(&mask_secrets(text))
}

/// Masks what looks like a secret inside a longer text: the query of any URL, the token after `Bearer` or `Basic`, and
/// the value of anything named `tempauthtoken` or `access_token`.
pub fn mask_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, opening)) = first_opening(rest) {
        let value = &rest[at + opening.len()..];
        shown.push_str(&rest[..at + opening.len()]);
        if opening.ends_with("://") {
            let end = value.find(ends_url).unwrap_or(value.len());
            let address = &value[..end];
            let path = &address[..address.find(['?', '#']).unwrap_or(end)];
            let authority = path.find('/').unwrap_or(path.len());
            shown.push_str(&path[path[..authority].rfind('@').map_or(0, |at| at + 1)..]);
            if path.len() < end {
                shown.push_str("?…");
            }
            rest = &value[end..];
        } else {
            let start = value.len() - value.trim_start_matches([' ', '"', ':', '=', '\\']).len();
            let end = value[start..].find(ends_token).map_or(value.len(), |length| start + length);
            shown.push_str(&value[..start]);
            if end > start {
                shown.push_str(MASK);
            }
            rest = &value[end..];
        }
    }
    shown.push_str(rest);
    shown
}

/// The secrets of one request: what it must not find repeated in an answer's texts.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<SecretString>);

/// Shorter values are no secrets, and would mask half a text.
const SHORTEST_SECRET: usize = 6;

impl Secrets {
    /// Those of the request's headers, and of its URL's query: the whole and each value.
    pub(crate) fn of(headers: &HeaderMap, url: &Url) -> Self {
        let in_headers = headers.iter().filter(|(name, _)| is_secret_header(name.as_str())).filter_map(|(_, value)| {
            let value = value.to_str().ok()?;
            Some(value.rsplit(' ').next().unwrap_or(value).to_owned())
        });
        let query = url.query().unwrap_or_default();
        let in_query = std::iter::once(query).chain(query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1)));
        let decoded = url.query_pairs().map(|(_, value)| value.into_owned());
        let all = in_headers.chain(in_query.map(str::to_owned)).chain(decoded);
        Secrets(all.filter(|secret| secret.len() >= SHORTEST_SECRET).map(SecretString::new).collect())
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
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '`' | '|')
}

fn ends_token(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '&' | ',' | ';' | '\\' | ')' | '}')
}

/// The first place in a text after which a secret may follow. ASCII, so that byte positions hold in any case.
fn first_opening(text: &str) -> Option<(usize, &'static str)> {
    const OPENINGS: &[&str] = &[
        "https://",
        "http://",
        "bearer ",
        "basic ",
        "tempauthtoken",
        "access_token",
        "refresh_token",
        "client_secret",
    ];
    let lower = text.to_ascii_lowercase();
    OPENINGS.iter().filter_map(|&opening| lower.find(opening).map(|at| (at, opening))).min()
}

/// The body of a request or an answer as a debug log shows it. Inside JSON, each string is looked at as what it means,
/// so that an escaped URL hides no secret.
pub(crate) fn body(bytes: &[u8], secrets: &Secrets) -> String {
    let shown = match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(mut value) => {
            mask_strings(&mut value);
            value.to_string()
        }
        Err(_) => mask_secrets(&String::from_utf8_lossy(&bytes[..bytes.len().min(2 * LONGEST_SHOWN)])),
    };
    clean_lines(&secrets.mask(&shown))
}

fn mask_strings(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = mask_secrets(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_strings),
        serde_json::Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    serde_json::Value::String(text) if is_secret_header(name) => *text = MASK.to_owned(),
                    _ => mask_strings(member),
                }
            }
        }
        _ => {}
    }
}

/// A text from outside on one line, fit for a terminal: control, escape and bidirectional characters become spaces or
/// vanish, and it is cut at 4 KiB.
pub fn clean(text: &str) -> String {
    clean_with(text, false)
}

/// As [`clean`], but line breaks and tabs stay: for the bodies in a debug log.
pub fn clean_lines(text: &str) -> String {
    clean_with(text, true)
}

fn clean_with(text: &str, keep_lines: bool) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST_SHOWN));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if shown.len() >= LONGEST_SHOWN {
            shown.push('…');
            break;
        }
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
    use proptest::prelude::*;

    #[test]
    fn a_url_loses_its_secrets() {
        for (address, shown) in [
            ("https://host/uploadSessions/1?tempauthtoken=abc", "https://host/uploadSessions/1?…"),
            ("https://user:pass@host:8443/path#frag", "https://host:8443/path?…"),
            ("https://host", "https://host"),
            ("user:pass@host/x?y", "host/x?…"),
            ("https://host/a@b?c", "https://host/a@b?…"),
        ] {
            assert_eq!(url(address), shown);
        }
    }

    #[test]
    fn secrets_inside_a_text_are_masked() {
        for (given, shown) in [
            ("see https://u:p@h/x?tempauthtoken=SECRET, please", "see https://h/x?… please"),
            ("Authorization: Bearer SECRET.x-y", "Authorization: Bearer ***"),
            (r#"{"uploadUrl":"https://h/s?t=SECRET","x":1}"#, r#"{"uploadUrl":"https://h/s?…","x":1}"#),
            (r#"{"access_token": "SECRET"}"#, r#"{"access_token": "***"}"#),
            ("tempauthtoken=SECRET&x=1", "tempauthtoken=***&x=1"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(mask_secrets(given), shown);
        }
    }

    #[test]
    fn a_terminal_cannot_be_written_over() {
        assert_eq!(clean("a\u{1b}[2J\u{1b}]0;title\u{7}b\u{9b}31mc\u{202e}d\r\ne"), "ab31mcd  e");
        assert_eq!(clean_lines("a\r\n\tb\u{1b}[1A"), "a\n\tb");
        assert!(clean(&"x".repeat(10_000)).len() <= LONGEST_SHOWN + '…'.len_utf8());
    }

    #[test]
    fn secret_headers_are_masked_and_addresses_lose_their_query() {
        assert_eq!(header_value("Authorization", "Bearer x"), MASK);
        assert_eq!(header_value("X-Auth-Token", "x"), MASK);
        assert_eq!(header_value("Location", "https://h/x?sig=1"), "https://h/x?…");
        assert_eq!(header_value("Content-Type", "text/html"), "text/html");
    }

    proptest! {
        #[test]
        fn whatever_comes_in_nothing_hidden_comes_out(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(is_hidden));
        }

        #[test]
        fn a_query_never_survives(path in "[a-z/]{0,12}", secret in "[A-Za-z0-9._~+/=%-]{8,40}", tail in "[ \"<>]?.{0,8}") {
            let shown = text(&format!("before https://host/{path}?tempauthtoken={secret}{tail}"));
            prop_assert!(!shown.contains(&secret), "{}", shown);
        }
    }
}
