//! What may be shown of a URL, a header, a server's text.
//!
//! Everything that reaches a message, a log line or a screen passes through here. Two things are taken out: secrets
//! (queries of URLs, bearer tokens, secret headers) and characters with which a server could write over a terminal.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

mod patterns;
mod secrets;
mod spelling;

use patterns::mask_names;
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
    let end_of_path = rest.find(['?', '#']).unwrap_or(rest.len());
    let path = &rest[..end_of_path];
    let authority_end = path.find(['/', '\\']).unwrap_or(path.len());
    let host_start = path[..authority_end].rfind('@').map_or(0, |at| at + 1);
    let dots = if end_of_path < rest.len() { "?…" } else { "" };
    clean(&format!("{scheme}{}{dots}", mask_names(&path[host_start..])))
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
    // X-Api-Key, Ocp-Apim-Subscription-Key, X-Functions-Key.
    name.ends_with("-key") || SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// The member of a session whose query is a secret.
const UPLOAD_URL: &str = "uploadUrl";

fn is_upload_url(member: &str) -> bool {
    member.eq_ignore_ascii_case(UPLOAD_URL)
}

/// The headers of a response with secret values masked, for keeping in an error.
pub(crate) fn headers(headers: &HeaderMap, secrets: &Secrets) -> HeaderMap {
    let shown = |name: &HeaderName, value: &HeaderValue| {
        let (name, given) = (name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        let is_masked = is_secret_header(name) || ADDRESS_HEADERS.contains(&name);
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
    cut(mask_secrets(&without_hidden(text, false)))
}

/// The body of a request or a response as a debug log shows it. Inside JSON, each string is looked at as what it means,
/// so that an escaped URL hides no secret.
pub(crate) fn body(bytes: &[u8], secrets: &Secrets) -> String {
    let shown = match serde_json::from_slice::<Value>(bytes) {
        Ok(mut value) => {
            mask_strings(&mut value, secrets);
            value.to_string()
        }
        Err(_) => secrets.mask(&without_hidden(&String::from_utf8_lossy(bytes), true)),
    };
    clean_lines(&shown)
}

/// A JSON object that becomes part of what a caller gets, with these secrets masked in its strings. One without any, as an
/// honest service's is, stays as it is, byte for byte.
pub(crate) fn known_in_json(bytes: &[u8], secrets: &Secrets) -> String {
    let as_it_is = || String::from_utf8_lossy(bytes).into_owned();
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return as_it_is() };
    if mask_known_in_strings(&mut value, secrets) {
        value.to_string()
    } else {
        as_it_is()
    }
}

fn mask_known_in_strings(value: &mut Value, secrets: &Secrets) -> bool {
    match value {
        Value::String(text) => {
            let masked = secrets.mask_known(text.clone());
            let is_changed = masked != *text;
            *text = masked;
            is_changed
        }
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| mask_known_in_strings(item, secrets) | changed)
        }
        Value::Object(members) => {
            members.values_mut().fold(false, |changed, member| mask_known_in_strings(member, secrets) | changed)
        }
        _ => false,
    }
}

fn mask_strings(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = secrets.mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_strings(item, secrets)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if is_secret_header(name) => *text = MASK.to_owned(),
                    Value::String(address) if is_upload_url(name) => *address = url(address),
                    _ => mask_strings(member, secrets),
                }
            }
        }
        _ => {}
    }
}

/// A text from outside on one line, fit for a terminal: control, escape and bidirectional characters become spaces or
/// vanish, and it is cut at 4 KiB.
pub fn clean(text: &str) -> String {
    cut(without_hidden(text, false))
}

/// As [`clean`], but line breaks and tabs stay: for the bodies in a debug log.
pub fn clean_lines(text: &str) -> String {
    cut(without_hidden(text, true))
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().find(|&(at, _)| at >= LONGEST_SHOWN) {
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
    use proptest::prelude::*;

    #[test]
    fn what_follows_a_name_in_a_sentence_is_looked_at_too() {
        for text in [
            "the tempauthtoken https://h/x?sig=SECRET was refused",
            "access_token tempauthtoken=SECRET",
            "the access_token client_secret=SECRET",
            "Bearer tempauthtoken: SECRET",
            "basic \"tempauthtoken\":\"SECRET\"",
            "refresh_token bearer SECRET1234567890",
            "https://h/x,https://u:SECRET@h/y",
            "https://h/client_secret=SECRET",
        ] {
            assert!(!super::text(text).contains("SECRET"), "{}", super::text(text));
        }
    }

    #[test]
    fn a_response_loses_the_secrets_that_are_known_and_nothing_else() {
        let url = url::Url::parse("https://h/u?tempauthtoken=SEC%2FRET.1").unwrap();
        let secrets = Secrets::of(&http::HeaderMap::new(), &url);
        let honest = r#"{ "id":"9", "documentName":"password=x Bearer SECRET.pdf", "size": 8 }"#;
        assert_eq!(known_in_json(honest.as_bytes(), &secrets), honest);
        let told = r#"{"documentName":"it is SEC\u002fRET.1","more":[1,{"x":"SEC%2fRET.1"}],"size":8}"#;
        assert_eq!(
            known_in_json(told.as_bytes(), &secrets),
            r#"{"documentName":"it is ***","more":[1,{"x":"***"}],"size":8}"#
        );
    }

    #[test]
    fn a_url_loses_its_secrets() {
        for (address, shown) in [
            ("https://host/uploadSessions/1?tempauthtoken=abc", "https://host/uploadSessions/1?…"),
            ("https://user:pass@host:8443/path#frag", "https://host:8443/path?…"),
            ("https://host", "https://host"),
            ("user:pass@host/x?y", "host/x?…"),
            ("https://host/a@b?c", "https://host/a@b?…"),
            ("https://host/a;tempauthtoken=abc", "https://host/a;tempauthtoken***"),
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
            ("https://h/a|b?t=SECRET", "https://h/a|b?…"),
            ("https://h/s?sig=a|SECRET", "https://h/s?…"),
            (r"https://h/s?tempauthtoken\u003dSECRET ok", "https://h/s?… ok"),
            (r"https://h/a\nb?t=SECRET", r"https://h/a\nb?…"),
            (r"https:\/\/h\/s?t=SECRET", r"https:\/\/h\/s?…"),
            ("https://h/tempauthtoken=SECRET", "https://h/tempauthtoken***"),
            ("tempauthtoken='SECRET'", "tempauthtoken='***'"),
            (r#"{"uploadUrl":"https://h/<b>?t=SECRET","x":1"#, r#"{"uploadUrl":"https://h/<b>?…","x":1"#),
            (r#"{"uploadUrl": "https://h/s?a=\"SECRET\"","x":1"#, r#"{"uploadUrl": "***","x":1"#),
            (r#"{"m":"{\"UploadUrl\":\"https://h/a b?t=SECRET\"}""#, r#"{"m":"{\"UploadUrl\":\"https://h/a b?…\"}""#),
            (r#"{"uploadUrl":"https://h/a b?t=SEC"#, r#"{"uploadUrl":"***"#),
        ] {
            assert_eq!(mask_secrets(given), shown);
        }
    }

    #[test]
    fn words_are_left() {
        for words in [
            "Bearer token is missing.",
            "Bearer authentication, please",
            r#"Bearer realm="", error="invalid_token""#,
            "the access_token expired",
            "Basic auth.",
            "the uploadUrl is wrong",
        ] {
            assert_eq!(mask_secrets(words), words);
        }
    }

    #[test]
    fn no_hidden_character_parts_a_secret() {
        assert_eq!(text("tempauth\u{200b}token=SECRET"), "tempauthtoken=***");
        assert_eq!(text("https://h/\u{1b}[31ms?t=SECRET"), "https://h/s?…");
    }

    #[test]
    fn the_upload_url_of_a_body_is_masked_however_it_is_spelled() {
        for (body, repeated) in [
            (r#"{"uploadUrl":"https://h/a\nb?t=SECRET-7\u003d"}"#, "it was t=SECRET-7="),
            (r#"{"uploadUrl":"https://h/a?t=SECRET%2d7"}"#, "it was SECRET-7 and SECRET%2D7"),
            (
                r#"{"uploadUrl":"https://h/a?t=SECRET%2F7"}"#,
                r"SECRET%2f7, SECRET&#x2F;7, SECRET\/7, SECRET%252f7, SECRET/7",
            ),
            (r#"{"uploadUrl":"https://h/<a>?t=SECRET-7&u=a+b","x":"#, "see https://h/<a>?t=SECRET-7"),
            (r#"{"a":[{"UPLOADURL":"https://h/a#SECRET-7"}]}"#, "SECRET-7"),
        ] {
            let secrets = Secrets::default().with_body(&body.to_owned().into());
            assert!(!secrets.mask(repeated).contains("SECRET"), "{body}: {}", secrets.mask(repeated));
        }
    }

    #[test]
    fn a_body_shows_no_query_of_its_upload_url() {
        for address in [
            "h/u?sig=a|SECRET",
            "h/u?a b=SECRET",
            r#"h/u?v={\"t\":\"SECRET\"}"#,
            r"h/\u001b[31mu?t=SECRET",
            r"h/u\u003fSECRET",
        ] {
            for rest in ["}", ",\"x\":"] {
                let sent = format!(r#"{{"uploadUrl":"https://{address}"{rest}"#);
                let shown = body(sent.as_bytes(), &Secrets::default());
                assert!(!shown.contains("SECRET"), "{shown}");
            }
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
        for name in ["X-Auth-Token", "X-Api-Key", "Ocp-Apim-Subscription-Key", "X-Functions-Key"] {
            assert_eq!(header_value(name, "x"), MASK);
        }
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
