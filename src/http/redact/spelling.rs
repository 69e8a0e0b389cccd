//! Texts however they are spelled: percent-encoded, with the escapes of JSON or HTML, and more than once.

use std::ops::Range;

/// Layers of escapes that are taken off. More are no spelling of anything.
const MOST_LAYERS: usize = 4;

/// The longest escape: `&#x10ffff;`.
const LONGEST_ESCAPE: usize = 10;

/// A text without escapes, and where in the text as it is spelled each byte of it stands.
pub(super) struct Plain {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Plain {
    pub(super) fn of(text: &str) -> Self {
        let mut plain = Plain { bytes: text.into(), places: (0..text.len()).map(|at| at..at + 1).collect() };
        for _ in 0..MOST_LAYERS {
            if !plain.take_off_a_layer() {
                break;
            }
        }
        plain
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Where in the text as it is spelled `part` stands; it is not empty.
    pub(super) fn places_of<'a>(&'a self, part: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.bytes.windows(part.len()).enumerate().filter(move |(_, window)| *window == part);
        found.map(move |(at, _)| self.places[at].start..self.places[at + part.len() - 1].end)
    }

    fn take_off_a_layer(&mut self) -> bool {
        let mut plain =
            Plain { bytes: Vec::with_capacity(self.bytes.len()), places: Vec::with_capacity(self.places.len()) };
        let mut at = 0;
        while at < self.bytes.len() {
            let (meant, length) = match escape(&self.bytes[at..]) {
                Some((meant, length)) => (meant, length),
                None => (Meant::Byte(self.bytes[at]), 1),
            };
            let place = self.places[at].start..self.places[at + length - 1].end;
            let mut utf8 = [0; 4];
            let meant = match meant {
                Meant::Byte(byte) => {
                    utf8[0] = byte;
                    &utf8[..1]
                }
                Meant::Char(char) => char.encode_utf8(&mut utf8).as_bytes(),
            };
            plain.bytes.extend_from_slice(meant);
            plain.places.extend(std::iter::repeat_n(place, meant.len()));
            at += length;
        }
        let was_layered = plain.bytes.len() < self.bytes.len();
        *self = plain;
        was_layered
    }
}

/// What an escape stands for.
enum Meant {
    Byte(u8),
    Char(char),
}

/// What the escape at the beginning of `text` stands for, and its length; `None` where there is none.
fn escape(text: &[u8]) -> Option<(Meant, usize)> {
    let number = |digits: &[u8], radix| u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    match text {
        // A sign before the digits is none of an escape's.
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            Some((Meant::Byte(number(&[*high, *low], 16)? as u8), 3))
        }
        [b'\\', b'u', digits @ ..] if digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => {
            Some((Meant::Char(char::from_u32(number(&digits[..4], 16)?)?), 6))
        }
        [b'\\', escaped @ (b'/' | b'\\' | b'"'), ..] => Some((Meant::Byte(*escaped), 2)),
        [b'&', ..] => {
            let end = text.iter().take(LONGEST_ESCAPE).position(|&byte| byte == b';')?;
            let char = match &text[1..end] {
                b"amp" => '&',
                b"lt" => '<',
                b"gt" => '>',
                b"quot" => '"',
                b"apos" => '\'',
                [b'#', b'x' | b'X', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
                    char::from_u32(number(digits, 16)?)?
                }
                [b'#', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => char::from_u32(number(digits, 10)?)?,
                _ => return None,
            };
            Some((Meant::Char(char), end + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_means_the_same() {
        for spelled in [
            "a/b é&\"",
            "a%2Fb%20%C3%A9%26%22",
            "a%2fb%20%c3%a9%26%22",
            "a%252Fb%2520%25C3%25A9%2526%2522",
            r#"a\/b \u00e9&\""#,
            r"a\u002fb\u0020\u00E9\u0026\u0022",
            "a&#x2F;b &#233;&amp;&quot;",
            "a&#47;b&#32;&#xE9;&#38;&#34;",
            r#"a\\\/b é&amp;\\\""#,
        ] {
            let plain = String::from_utf8(Plain::of(spelled).into_bytes()).unwrap();
            assert_eq!(plain.replace('\\', ""), "a/b é&\"", "{spelled}");
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [
            "",
            "%",
            "%4",
            "%zz",
            "%+1",
            "&",
            "&;",
            "&nbsp",
            "&#;",
            "&#x;",
            "&#1114112;",
            r"\u12",
            r"\ud800",
            r"\",
            "é",
        ] {
            assert_eq!(Plain::of(text).into_bytes(), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_text_as_it_is_spelled() {
        let text = "é a%252Fb, a&#x2f;b and a/b";
        let places: Vec<_> = Plain::of(text).places_of(b"a/b").map(|place| text[place].to_owned()).collect();
        assert_eq!(places, ["a%252Fb", "a&#x2f;b", "a/b"]);
    }
}
