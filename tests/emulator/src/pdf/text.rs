//! What is on the pages: a heading and prose that means nothing.

use std::io::{self, Write};

/// Lines of text on a page, and characters in a line.
const LINES: u64 = 52;
const LINE_CHARACTERS: usize = 88;

const TEXT_BEGIN: &str = "BT\n/F1 10 Tf\n14 TL\n60 780 Td\n";
const TEXT_END: &str = "ET\n";
const WORDS: [&str; 32] = [
    "paper", "printer", "margin", "letter", "page", "ink", "range", "session", "server", "job", "queue", "document",
    "header", "footer", "column", "table", "figure", "chapter", "line", "word", "and", "of", "the", "with", "under",
    "between", "before", "after", "into", "a", "each", "every",
];

/// Every page has the same number of bytes.
pub(super) const fn page_text_length() -> u64 {
    // `(` … `) Tj T*` and a line end around each line.
    let line = LINE_CHARACTERS as u64 + 9;
    TEXT_BEGIN.len() as u64 + LINES * line + TEXT_END.len() as u64
}

pub(super) fn write_page_text(page: u64, pages: u64, to: &mut impl Write) -> io::Result<()> {
    to.write_all(TEXT_BEGIN.as_bytes())?;
    let heading = format!("Page {} of {pages}", page + 1);
    write_line(&heading, to)?;
    write_line("", to)?;
    let mut prose = Prose::of_page(page);
    for _ in 2..LINES {
        write_line(prose.line(), to)?;
    }
    to.write_all(TEXT_END.as_bytes())
}

fn write_line(line: &str, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "({line:<LINE_CHARACTERS$}) Tj T*")
}

/// Words in an order that looks like none, another on every page.
struct Prose {
    state: u64,
    line: String,
}

impl Prose {
    fn of_page(page: u64) -> Self {
        Self {
            state: page.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            line: String::with_capacity(LINE_CHARACTERS),
        }
    }

    fn line(&mut self) -> &str {
        self.line.clear();
        loop {
            // Knuth's MMIX generator: the high bits of a linear congruence are random enough for prose.
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let word = WORDS[(self.state >> 59) as usize];
            if self.line.len() + word.len() + 1 > LINE_CHARACTERS {
                return &self.line;
            }
            self.line.push_str(word);
            self.line.push(' ');
        }
    }
}

/// `length` bytes that mean nothing between two objects: lines of comment, or an empty line for a single byte.
pub(super) fn write_comment(length: u64, to: &mut impl Write) -> io::Result<()> {
    const LINE: &[u8] = b"% This line only brings the document to the size that was asked for.............\n";
    let mut left = length;
    while left > 0 {
        // Never a last line of one byte that would be a lone `%`.
        let take = left.min(LINE.len() as u64) as usize;
        to.write_all(&LINE[..take - 1])?;
        to.write_all(b"\n")?;
        left -= take as u64;
    }
    Ok(())
}
