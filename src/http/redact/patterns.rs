//! What looks like a secret in a text, by what stands before it.

use super::MASK;

/// What introduces the address of a URL, also in the escapes of JSON.
const ADDRESS: &[&str] = &["://", ":\\/\\/"];

/// Schemes of `Authorization` (RFC 9110, section 11.4), whose credentials follow.
const SCHEMES: &[&str] = &["bearer ", "basic "];

/// Names whose value is a secret, in a query, in JSON, in words.
const NAMES: &[&str] = &["tempauthtoken", "access_token", "refresh_token", "client_secret", "uploadurl"];

/// Masks what looks like a secret inside a longer text: user information and query of any URL, the token after `Bearer`
/// or `Basic`, the value of what is named as in `NAMES`.
pub fn mask_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut is_in_address) = (text, false);
    while let Some(first) = rest.chars().next() {
        if let Some(opening) = starts_with_any(rest, ADDRESS) {
            shown.push_str(opening);
            rest = without_user(&rest[opening.len()..]);
            is_in_address = true;
        } else if is_in_address && matches!(first, '?' | '#') {
            shown.push_str("?…");
            rest = &rest[address_length(rest)..];
            is_in_address = false;
        } else if let Some((name, value)) = secret_after_name(rest) {
            shown.push_str(name);
            shown.push_str(MASK);
            rest = &rest[name.len() + value.len()..];
        } else {
            is_in_address &= !ends_address(first);
            shown.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    shown
}

fn starts_with_any<'a>(text: &'a str, openings: &[&str]) -> Option<&'a str> {
    let begin = |opening: &&str| text.get(..opening.len()).filter(|begin| begin.eq_ignore_ascii_case(opening));
    openings.iter().find_map(begin)
}

fn without_user(address: &str) -> &str {
    let is_end = |c: char| matches!(c, '/' | '\\' | '?' | '#' | ',') || ends_address(c);
    let authority = &address[..address.find(is_end).unwrap_or(address.len())];
    &address[authority.rfind('@').map_or(0, |at| at + 1)..]
}

/// How much of a text belongs to the address that it begins in. A backslash before a quote is the quote's.
fn address_length(text: &str) -> usize {
    text[..text.find(ends_address).unwrap_or(text.len())].trim_end_matches('\\').len()
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`')
}

/// A name and what separates it from its value, and the value; `None` where no secret is named here.
fn secret_after_name(text: &str) -> Option<(&str, &str)> {
    let scheme = starts_with_any(text, SCHEMES);
    let name = scheme.or_else(|| starts_with_any(text, NAMES))?;
    let rest = &text[name.len()..];
    let separators = &rest[..rest.len() - rest.trim_start_matches([' ', '"', '\'', ':', '=', '\\']).len()];
    let value = &rest[separators.len()..];
    let is_upload_url = name.eq_ignore_ascii_case("uploadurl");
    // That of an upload URL in broken JSON may hold anything but the quote at its end.
    let length = if is_upload_url { literal_length(value) } else { value.find(ends_token).unwrap_or(value.len()) };
    let (value, after) = value.split_at(length);
    let is_secret = match scheme {
        // A challenge has parameters there, and a sentence words.
        Some(_) => !(is_word(value) || value.ends_with('=') && after.starts_with('"')),
        // One without such characters is an address like any other.
        None if is_upload_url => separators.contains(':') && value.contains([' ', '<', '>', '`', '\\']),
        None => separators.is_empty() || !separators.trim().is_empty(),
    };
    (is_secret && !value.is_empty()).then(|| (&text[..name.len() + separators.len()], value))
}

/// The length of a JSON string after its opening quote.
fn literal_length(text: &str) -> usize {
    let mut is_escaped = false;
    let is_end = |&byte: &u8| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    };
    text.as_bytes().iter().position(is_end).unwrap_or(text.len())
}

/// Whether it is a word of a sentence: a token is longer, or has digits, signs or capitals inside.
fn is_word(text: &str) -> bool {
    const LONGEST_WORD: usize = 14;
    let word = text.trim_end_matches(['.', ':', '!', '?']);
    let inside = word.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or(word);
    word.len() <= LONGEST_WORD && inside.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn ends_token(c: char) -> bool {
    ends_address(c) || matches!(c, '\'' | '&' | ',' | ';' | '\\' | ')' | '}')
}
