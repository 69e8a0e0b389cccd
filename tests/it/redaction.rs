//! What may be shown of a URL, a header, a server's text.

use mgprint::http::redact::{clean, clean_lines, header_value, mask_secrets, text, url, MASK};
use proptest::prelude::*;

#[test]
fn secrets_inside_a_text_are_masked() {
    for (given, shown) in [
        ("see https://u:p@h/x?tempauthtoken=SECRET, please", "see https://h/x?… please"),
        ("Authorization: Bearer SECRET.x-y", "Authorization: Bearer ***"),
        (r#"{"uploadUrl":"https://h/s?t=SECRET","x":1}"#, r#"{"uploadUrl":"https://h/s?…","x":1}"#),
        (r#"{"access_token": "SECRET"}"#, r#"{"access_token": "***"}"#),
        ("tempauthtoken=SECRET&x=1", "tempauthtoken=***&x=1"),
        ("https://h/a|b?t=a|SECRET", "https://h/a|b?…"),
        (r"https:\/\/h\/s?tempauthtoken\u003dSECRET ok", r"https:\/\/h\/s?… ok"),
        ("https://h/tempauthtoken=SECRET", "https://h/tempauthtoken=***"),
        ("tempauthtoken='SECRET'", "tempauthtoken='***'"),
        (r#"{"uploadUrl":"https://h/<b>?t=SECRET","x":1"#, r#"{"uploadUrl":"***","x":1"#),
        (r#"{"uploadUrl": "https://h/s?a=\"SECRET\"","x":1"#, r#"{"uploadUrl": "***","x":1"#),
        (r#"{"uploadUrl":"https://h/a b?t=SEC"#, r#"{"uploadUrl":"***"#),
        // What follows a name in a sentence is looked at too.
        ("the tempauthtoken https://h/x?sig=SECRET", "the tempauthtoken https://h/x?…"),
        ("the access_token client_secret=SECRET", "the access_token client_secret=***"),
        ("Bearer tempauthtoken: SECRET", "Bearer tempauthtoken: ***"),
        (r#"basic "tempauthtoken":"SECRET""#, r#"basic "tempauthtoken":"***""#),
        ("refresh_token bearer SECRET1234567890", "refresh_token bearer ***"),
        ("https://h/x,https://u:SECRET@h/y", "https://h/x,https://h/y"),
    ] {
        assert_eq!(mask_secrets(given), shown);
    }
}

#[test]
fn words_are_left() {
    for words in [
        "nothing here",
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

proptest! {
    #[test]
    fn a_query_never_survives(path in "[a-z/]{0,12}", secret in "[A-Za-z0-9._~+/=%-]{8,40}", tail in "[ \"<>]?.{0,8}") {
        let shown = mask_secrets(&format!("before https://host/{path}?tempauthtoken={secret}{tail}"));
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }
}

#[test]
fn a_url_loses_its_secrets() {
    for (address, shown) in [
        ("https://host/uploadSessions/1?tempauthtoken=abc", "https://host/uploadSessions/1?…"),
        ("https://user:pass@host:8443/path#frag", "https://host:8443/path?…"),
        ("https://host", "https://host"),
        ("user:pass@host/x?y", "host/x?…"),
        ("https://host/a@b?c d", "https://host/a@b?…"),
        ("https://host/a;tempauthtoken=abc", "https://host/a;tempauthtoken=***"),
    ] {
        assert_eq!(url(address), shown);
    }
}

#[test]
fn a_terminal_cannot_be_written_over() {
    assert_eq!(clean("a\u{1b}[2J\u{1b}]0;title\u{7}b\u{9b}31mc\u{202e}d\r\ne"), "ab31mcd  e");
    assert_eq!(clean_lines("a\r\n\tb\u{1b}[1A"), "a\n\tb");
    assert!(clean(&"x".repeat(10_000)).len() <= 4096 + '…'.len_utf8());
    assert_eq!(text("tempauth\u{200b}token=SECRET"), "tempauthtoken=***");
    assert_eq!(text("https://h/\u{1b}[31ms?t=SECRET"), "https://h/s?…");
}

#[test]
fn secret_headers_are_masked_and_addresses_lose_their_query() {
    for name in ["Authorization", "X-Auth-Token", "X-Api-Key", "Ocp-Apim-Subscription-Key", "X-Functions-Key"] {
        assert_eq!(header_value(name, "x"), MASK);
    }
    assert_eq!(header_value("Location", "https://h/x?sig=1"), "https://h/x?…");
    assert_eq!(header_value("Content-Type", "text/html"), "text/html");
}

proptest! {
    #[test]
    fn whatever_comes_in_nothing_hidden_comes_out(text in any::<String>()) {
        let is_hidden = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{feff}');
        prop_assert!(!clean(&text).chars().any(is_hidden));
    }
}
