//! What looks like a secret in a text, by what stands before it.

use super::{url, MASK};

/// What a secret may follow in a text, and how the secret is told from what comes after it. ASCII in small letters, so
/// that byte positions hold in any case.
const OPENINGS: &[(&str, Mask)] = &[
    ("https://", address),
    ("http://", address),
    ("https:\\/\\/", address),
    ("http:\\/\\/", address),
    ("bearer ", credentials),
    ("basic ", credentials),
    ("tempauthtoken", named),
    ("access_token", named),
    ("refresh_token", named),
    ("client_secret", named),
    ("uploadurl", upload_url),
];

/// What is shown of a text's beginning, and what follows it.
type Masked<'a> = (String, &'a str);

/// Masks the secret at the beginning of a text.
type Mask = fn(&str) -> Masked<'_>;

/// Masks what looks like a secret inside a longer text: the query of any URL, the token after `Bearer` or `Basic`, the
/// value of anything named `tempauthtoken` or `access_token`, the query of an `uploadUrl` in JSON, be the JSON broken.
pub fn mask_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((end, mask)) = first_opening(rest) {
        shown.push_str(&rest[..end]);
        let (masked, after) = mask(&rest[end..]);
        shown.push_str(&masked);
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// The end of the first opening in a text, and what masks the secret behind it.
fn first_opening(text: &str) -> Option<(usize, Mask)> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let opens = |opening: &str| {
            bytes.get(at..at + opening.len()).is_some_and(|here| here.eq_ignore_ascii_case(opening.as_bytes()))
        };
        OPENINGS.iter().find(|(opening, _)| opens(opening)).map(|&(opening, mask)| (at + opening.len(), mask))
    })
}

/// A URL after its `://`: it loses user information, query and fragment.
fn address(text: &str) -> Masked<'_> {
    let (address, after) = text.split_at(end_of_address(text));
    let path = &address[..address.find(['?', '#']).unwrap_or(address.len())];
    let dots = if path.len() < address.len() { "?…" } else { "" };
    (format!("{}{dots}", mask_names(without_user(path))), after)
}

/// The end of a URL inside a text, which is also where another begins right behind its path. A backslash escapes
/// something of the URL, but where it escapes the quote at its end.
fn end_of_address(text: &str) -> usize {
    let mut is_in_path = true;
    for (at, c) in text.char_indices() {
        match c {
            '"' => return text[..at].trim_end_matches('\\').len(),
            '<' | '>' | '`' => return at,
            _ if c.is_whitespace() || c.is_control() => return at,
            '?' | '#' => is_in_path = false,
            'h' | 'H' if is_in_path && is_address(&text[at..]) => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_address(text: &str) -> bool {
    let opens = |opening: &str| text.get(..opening.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(opening));
    ["https://", "http://", "https:\\/\\/", "http:\\/\\/"].into_iter().any(opens)
}

fn without_user(path: &str) -> &str {
    let authority = path.find(['/', '\\']).unwrap_or(path.len());
    &path[path[..authority].rfind('@').map_or(0, |at| at + 1)..]
}

/// A path with a secret after its name.
pub(super) fn mask_names(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let names = ["tempauthtoken", "access_token", "refresh_token", "client_secret"];
    match names.iter().filter_map(|name| lower.find(name).map(|at| at + name.len())).min() {
        Some(end) => format!("{}{MASK}", &path[..end]),
        None => path.to_owned(),
    }
}

/// What stands between a name and its value, in JSON, in a query, in words.
fn after_separators(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches([' ', '"', '\'', ':', '=', '\\']).len())
}

/// The value after a name. A name in a sentence has none.
fn named(text: &str) -> Masked<'_> {
    let (separators, rest) = after_separators(text);
    let (value, after) = rest.split_at(rest.find(ends_token).unwrap_or(rest.len()));
    let is_sentence = !separators.is_empty() && separators.trim().is_empty();
    if is_sentence || value.is_empty() {
        // What comes next is text like any other.
        return (separators.to_owned(), rest);
    }
    (format!("{separators}{MASK}"), after)
}

/// What follows the name of a scheme (RFC 9110, section 11.4): credentials, or the parameters of a challenge, or words.
fn credentials(text: &str) -> Masked<'_> {
    let (separators, rest) = after_separators(text);
    let (value, after) = rest.split_at(rest.find(ends_token).unwrap_or(rest.len()));
    let is_parameter = value.ends_with('=') && after.starts_with('"');
    if is_parameter || value.is_empty() || is_word(value) {
        return (separators.to_owned(), rest);
    }
    (format!("{separators}{MASK}"), after)
}

/// Whether it is a word of a sentence: a token is longer, or has digits, signs or capitals inside.
fn is_word(text: &str) -> bool {
    const LONGEST_WORD: usize = 14;
    let word = text.trim_end_matches(['.', ':', '!', '?']);
    let inside = word.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or(word);
    word.len() <= LONGEST_WORD && inside.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The value of an upload URL's member in JSON, or in JSON inside a string of JSON: whole where it has escapes or no end.
fn upload_url(text: &str) -> Masked<'_> {
    let (separators, value) = after_separators(text);
    let quote = if separators.ends_with("\\\"") { "\\\"" } else { "\"" };
    if !separators.contains(':') || !separators.ends_with(quote) {
        return (separators.to_owned(), value);
    }
    let literal = literal(value, quote);
    let is_plain = literal.len() < value.len() && !literal.contains('\\');
    let shown = if is_plain { url(literal) } else { MASK.to_owned() };
    (format!("{separators}{shown}"), &value[literal.len()..])
}

/// The text before the quote that ends it; all of it where none does.
pub(super) fn literal<'a>(text: &'a str, quote: &str) -> &'a str {
    let is_end =
        |at: usize| quote.len() > 1 || text[..at].bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 0;
    let end = text.match_indices(quote).map(|(at, _)| at).find(|&at| is_end(at));
    &text[..end.unwrap_or(text.len())]
}

fn ends_token(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '&' | ',' | ';' | '\\' | ')' | '}')
}
