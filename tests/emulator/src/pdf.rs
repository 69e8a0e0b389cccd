//! A valid PDF of many pages and exactly as many bytes as asked for, the same for the same number.
//!
//! The document is walked several times, each time by another visitor: to measure it, to write it, to list the
//! offsets of its objects. So it takes the same memory whatever its size.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// An entry of the cross-reference table has ten digits for an offset.
const LARGEST: u64 = 9_999_999_999;

/// Pages under one node of the page tree.
const PAGES_A_NODE: u64 = 50;

/// Lines of text on a page, and characters in a line.
const LINES: u64 = 52;
const LINE_CHARACTERS: usize = 88;

/// The second line tells programs that look at the first bytes that this is not a text file.
const HEADER: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";

const CATALOG: u64 = 1;
const FONT: u64 = 2;
const DOCUMENT_INFORMATION: u64 = 3;
const ROOT_NODE: u64 = 4;
const FIRST_NODE: u64 = 5;

/// Why a document cannot be made.
#[derive(Debug)]
pub enum PdfError {
    /// The number of bytes is below what one page takes.
    TooSmall {
        /// What was asked for.
        bytes: u64,
        /// The fewest bytes that can be made.
        least: u64,
    },
    /// The number of bytes is beyond what a cross-reference table can point to.
    TooLarge {
        /// What was asked for.
        bytes: u64,
    },
    /// The file could not be written.
    Io(io::Error),
}

impl fmt::Display for PdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSmall { bytes, least } => write!(
                f,
                "A PDF of {bytes} bytes cannot be made: a page of text takes at least {least} bytes."
            ),
            Self::TooLarge { bytes } => write!(
                f,
                "A PDF of {bytes} bytes cannot be made: its table of offsets reaches {LARGEST} bytes at most."
            ),
            Self::Io(error) => write!(f, "The PDF could not be written: {error}."),
        }
    }
}

impl std::error::Error for PdfError {}

impl From<io::Error> for PdfError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Writes a PDF of exactly `bytes` bytes to `path`, in place of what may be there.
///
/// # Errors
/// [`PdfError`], with nothing written unless it is [`PdfError::Io`].
pub fn make(path: &Path, bytes: u64) -> Result<(), PdfError> {
    let layout = Layout::of_size(bytes)?;
    let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
    layout.write(&mut file)?;
    file.flush()?;
    Ok(())
}

/// Everything that decides the bytes of a document.
#[derive(Clone, Copy, Debug)]
struct Layout {
    pages: u64,
    /// Bytes of comment between the last object and the cross-reference table.
    padding: u64,
    /// Whether a line end more stands before `startxref`: the one byte that longer padding would make two of, where
    /// it gives the table's offset another digit.
    spare_line_end: bool,
}

impl Layout {
    fn of_size(bytes: u64) -> Result<Self, PdfError> {
        if bytes > LARGEST {
            return Err(PdfError::TooLarge { bytes });
        }
        let least = Self::unpadded(1).size();
        if bytes < least {
            return Err(PdfError::TooSmall { bytes, least });
        }
        // The largest number of pages that fits, by halving: `fits` pages do, `beyond` do not.
        let (mut fits, mut beyond) = (1, bytes / page_text_length() + 1);
        while beyond - fits > 1 {
            let middle = fits + (beyond - fits) / 2;
            if Self::unpadded(middle).size() <= bytes {
                fits = middle;
            } else {
                beyond = middle;
            }
        }
        Ok(Self::unpadded(fits).padded_to(bytes))
    }

    fn unpadded(pages: u64) -> Self {
        Self {
            pages,
            padding: 0,
            spare_line_end: false,
        }
    }

    fn padded_to(mut self, bytes: u64) -> Self {
        self.padding = bytes - self.size();
        if self.size() > bytes {
            // The padding gave the offset of the table another digit.
            self.padding -= 1;
            self.spare_line_end = self.size() < bytes;
        }
        self
    }

    fn size(&self) -> u64 {
        let mut measure = Measure(HEADER.len() as u64);
        self.walk(&mut measure).unwrap_or_default();
        let table_offset = measure.0 + self.padding;
        let mut tail = Vec::new();
        self.write_tail(table_offset, &mut tail).unwrap_or_default();
        let heading = self.table_heading().len() as u64;
        table_offset + heading + 20 * (self.objects() + 1) + tail.len() as u64
    }

    /// The number of objects; they are numbered from 1.
    fn objects(&self) -> u64 {
        ROOT_NODE + self.nodes() + 2 * self.pages
    }

    fn nodes(&self) -> u64 {
        self.pages.div_ceil(PAGES_A_NODE)
    }

    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(HEADER)?;
        let mut writing = Writing {
            to,
            written: HEADER.len() as u64,
            pages: self.pages,
        };
        self.walk(&mut writing)?;
        let table_offset = writing.written + self.padding;
        write_comment(self.padding, to)?;
        to.write_all(self.table_heading().as_bytes())?;
        to.write_all(b"0000000000 65535 f \n")?;
        let offset = HEADER.len() as u64;
        self.walk(&mut Table { to, offset })?;
        self.write_tail(table_offset, to)
    }

    fn table_heading(&self) -> String {
        format!("xref\n0 {}\n", self.objects() + 1)
    }

    fn write_tail(&self, table_offset: u64, to: &mut impl Write) -> io::Result<()> {
        let spare = if self.spare_line_end { "\n" } else { "" };
        write!(
            to,
            "trailer\n<< /Size {} /Root {CATALOG} 0 R /Info {DOCUMENT_INFORMATION} 0 R >>\n{spare}\
             startxref\n{table_offset}\n%%EOF\n",
            self.objects() + 1
        )
    }

    /// Shows every object to `visitor`, in the order of their numbers, which is that of their offsets.
    fn walk(&self, visitor: &mut impl Visitor) -> io::Result<()> {
        let fixed = [
            format!("<< /Type /Catalog /Pages {ROOT_NODE} 0 R >>"),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
                .to_owned(),
            "<< /Title (A document of many pages) /Producer (mgprint-emulator) >>".to_owned(),
        ];
        for (number, body) in (CATALOG..).zip(fixed) {
            visitor.object(format_args!("{number} 0 obj\n{body}\nendobj\n"), None)?;
        }
        self.walk_root(visitor)?;
        for node in 0..self.nodes() {
            self.walk_node(node, visitor)?;
        }
        Ok(())
    }

    fn walk_root(&self, visitor: &mut impl Visitor) -> io::Result<()> {
        visitor.begin()?;
        let (pages, nodes) = (self.pages, self.nodes());
        visitor.text(format_args!(
            "{ROOT_NODE} 0 obj\n<< /Type /Pages /Count {pages} /MediaBox [0 0 595 842]\n\
             /Resources << /Font << /F1 {FONT} 0 R >> >>\n/Kids [\n"
        ))?;
        for node in 0..nodes {
            visitor.text(format_args!("{} 0 R\n", node_number(node)))?;
        }
        visitor.text(format_args!("] >>\nendobj\n"))
    }

    fn walk_node(&self, node: u64, visitor: &mut impl Visitor) -> io::Result<()> {
        let number = node_number(node);
        let first = node * PAGES_A_NODE;
        let count = PAGES_A_NODE.min(self.pages - first);
        visitor.begin()?;
        visitor.text(format_args!(
            "{number} 0 obj\n<< /Type /Pages /Parent {ROOT_NODE} 0 R /Count {count} /Kids [\n"
        ))?;
        for page in 0..count {
            visitor.text(format_args!("{} 0 R\n", number + 1 + 2 * page))?;
        }
        visitor.text(format_args!("] >>\nendobj\n"))?;
        for page in 0..count {
            let object = number + 1 + 2 * page;
            let content = object + 1;
            visitor.object(
                format_args!("{object} 0 obj\n<< /Type /Page /Parent {number} 0 R /Contents {content} 0 R >>\nendobj\n"),
                None,
            )?;
            visitor.object(
                format_args!(
                    "{content} 0 obj\n<< /Length {} >>\nstream\n",
                    page_text_length()
                ),
                Some(first + page),
            )?;
        }
        Ok(())
    }
}

fn node_number(node: u64) -> u64 {
    FIRST_NODE + node * (1 + 2 * PAGES_A_NODE)
}

/// What is done with the objects of a document, in order.
trait Visitor {
    /// An object begins.
    fn begin(&mut self) -> io::Result<()>;
    fn text(&mut self, text: fmt::Arguments<'_>) -> io::Result<()>;
    fn page_text(&mut self, page: u64) -> io::Result<()>;

    /// A whole object; a content stream when it has the text of a page.
    fn object(&mut self, text: fmt::Arguments<'_>, page: Option<u64>) -> io::Result<()> {
        self.begin()?;
        self.text(text)?;
        if let Some(page) = page {
            self.page_text(page)?;
            self.text(format_args!("endstream\nendobj\n"))?;
        }
        Ok(())
    }
}

/// Adds up how many bytes the objects have.
struct Measure(u64);

impl Measure {
    fn count(text: fmt::Arguments<'_>) -> u64 {
        struct Counted(u64);
        impl fmt::Write for Counted {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 += text.len() as u64;
                Ok(())
            }
        }
        let mut counted = Counted(0);
        // Counting cannot fail.
        let _ = fmt::write(&mut counted, text);
        counted.0
    }
}

impl Visitor for Measure {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn text(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.0 += Self::count(text);
        Ok(())
    }

    fn page_text(&mut self, _: u64) -> io::Result<()> {
        self.0 += page_text_length();
        Ok(())
    }
}

/// Writes the objects.
struct Writing<'a, W> {
    to: &'a mut W,
    written: u64,
    pages: u64,
}

impl<W: Write> Visitor for Writing<'_, W> {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn text(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.written += Measure::count(text);
        self.to.write_fmt(text)
    }

    fn page_text(&mut self, page: u64) -> io::Result<()> {
        self.written += page_text_length();
        write_page_text(page, self.pages, self.to)
    }
}

/// Writes one entry of the cross-reference table for each object.
struct Table<'a, W> {
    to: &'a mut W,
    offset: u64,
}

impl<W: Write> Visitor for Table<'_, W> {
    fn begin(&mut self) -> io::Result<()> {
        writeln!(self.to, "{:010} 00000 n ", self.offset)
    }

    fn text(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.offset += Measure::count(text);
        Ok(())
    }

    fn page_text(&mut self, _: u64) -> io::Result<()> {
        self.offset += page_text_length();
        Ok(())
    }
}

const TEXT_BEGIN: &str = "BT\n/F1 10 Tf\n14 TL\n60 780 Td\n";
const TEXT_END: &str = "ET\n";
const WORDS: [&str; 32] = [
    "paper", "printer", "margin", "letter", "page", "ink", "range", "session", "server", "job",
    "queue", "document", "header", "footer", "column", "table", "figure", "chapter", "line",
    "word", "and", "of", "the", "with", "under", "between", "before", "after", "into", "a", "each",
    "every",
];

/// Every page has the same number of bytes.
const fn page_text_length() -> u64 {
    // `(` … `) Tj T*` and a line end around each line.
    let line = LINE_CHARACTERS as u64 + 9;
    TEXT_BEGIN.len() as u64 + LINES * line + TEXT_END.len() as u64
}

fn write_page_text(page: u64, pages: u64, to: &mut impl Write) -> io::Result<()> {
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
            self.state = self
                .state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
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
fn write_comment(length: u64, to: &mut impl Write) -> io::Result<()> {
    const LINE: &[u8] =
        b"% This line only brings the document to the size that was asked for.............\n";
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn made(bytes: u64) -> Vec<u8> {
        let mut document = Vec::new();
        Layout::of_size(bytes)
            .unwrap()
            .write(&mut document)
            .unwrap();
        document
    }

    fn least() -> u64 {
        match Layout::of_size(0) {
            Err(PdfError::TooSmall { least, .. }) => least,
            other => panic!("{other:?}"),
        }
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    /// Follows the file as a reader does: from its end to the table, from the table to each object.
    fn check(document: &[u8]) -> u64 {
        assert!(document.starts_with(b"%PDF-1.7\n") && document.ends_with(b"\n%%EOF\n"));
        let tail = text(&document[document.len() - 40..]);
        let (_, offset) = tail.split_once("startxref\n").unwrap();
        let table: usize = offset.trim_end_matches("\n%%EOF\n").parse().unwrap();
        let table = text(&document[table..]);
        let mut lines = table.lines();
        assert_eq!(lines.next(), Some("xref"));
        let entries: u64 = lines.next().unwrap()[2..].parse().unwrap();
        assert_eq!(lines.next(), Some("0000000000 65535 f "));
        for number in 1..entries {
            let entry = lines.next().unwrap();
            assert_eq!((entry.len(), &entry[10..]), (19, " 00000 n "));
            let object = &document[entry[..10].parse::<usize>().unwrap()..];
            assert!(object.starts_with(format!("{number} 0 obj\n").as_bytes()));
            check_stream(object);
        }
        assert_eq!(lines.next(), Some("trailer"));
        assert!(lines
            .next()
            .unwrap()
            .starts_with(&format!("<< /Size {entries} /Root 1 0 R")));
        entries
    }

    fn check_stream(object: &[u8]) {
        let head = &object[..object.len().min(80)];
        let Some(at) = head.windows(8).position(|w| w == b"\nstream\n") else {
            return;
        };
        let length = text(&head[..at]).split_once("/Length ").unwrap().1;
        let length: usize = length.trim_end_matches(" >>").parse().unwrap();
        assert!(object[at + 8 + length..].starts_with(b"endstream\nendobj\n"));
    }

    #[test]
    fn a_size_below_one_page_is_refused_with_a_sentence() {
        let refusal = Layout::of_size(100).unwrap_err().to_string();
        assert_eq!(
            refusal,
            format!(
                "A PDF of 100 bytes cannot be made: a page of text takes at least {} bytes.",
                least()
            )
        );
        assert!(matches!(
            Layout::of_size(LARGEST + 1),
            Err(PdfError::TooLarge { .. })
        ));
    }

    #[test]
    fn every_size_around_a_digit_more_is_met() {
        // Where the offset of the table grows from five digits to six, and where a second page begins to fit.
        for bytes in (least()..least() + 40).chain(100_000..101_200) {
            assert_eq!(made(bytes).len() as u64, bytes);
        }
    }

    #[test]
    fn the_sizes_of_the_demo_are_met() {
        for bytes in [4_533_322, 67_108_864] {
            let document = made(bytes);
            assert_eq!(document.len() as u64, bytes);
            assert!(check(&document) > 100);
        }
    }

    #[test]
    fn the_same_size_gives_the_same_bytes() {
        assert_eq!(made(123_456), made(123_456));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_size_is_met_by_a_sound_document(bytes in 8_000u64..3_000_000) {
            let document = made(bytes);
            prop_assert_eq!(document.len() as u64, bytes);
            check(&document);
        }
    }
}
