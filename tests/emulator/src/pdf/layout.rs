//! The objects of a document, their order, and the bytes around them.

use std::io::{self, Write};

use super::text::{page_text_length, write_comment};
use super::visit::{Measure, Table, Visitor, Writing};
use super::{PdfError, LARGEST};

/// Pages under one node of the page tree.
const PAGES_A_NODE: u64 = 50;

/// The second line tells programs that look at the first bytes that this is not a text file.
const HEADER: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";

const CATALOG: u64 = 1;
const FONT: u64 = 2;
const DOCUMENT_INFORMATION: u64 = 3;
const ROOT_NODE: u64 = 4;
const FIRST_NODE: u64 = 5;

/// Everything that decides the bytes of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pages: u64,
    /// Bytes of comment between the last object and the cross-reference table.
    padding: u64,
    /// Whether a line end more stands before `startxref`: the one byte that longer padding would make two of, where
    /// it gives the table's offset another digit.
    spare_line_end: bool,
}

impl Layout {
    pub(super) fn of_size(bytes: u64) -> Result<Self, PdfError> {
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
        Self { pages, padding: 0, spare_line_end: false }
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
        let mut measure = Measure::new(HEADER.len() as u64);
        self.walk(&mut measure).unwrap_or_default();
        let table_offset = measure.bytes() + self.padding;
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

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(HEADER)?;
        let mut writing = Writing::new(to, HEADER.len() as u64, self.pages);
        self.walk(&mut writing)?;
        let table_offset = writing.written() + self.padding;
        write_comment(self.padding, to)?;
        to.write_all(self.table_heading().as_bytes())?;
        to.write_all(b"0000000000 65535 f \n")?;
        self.walk(&mut Table::new(to, HEADER.len() as u64))?;
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
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
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
        visitor
            .text(format_args!("{number} 0 obj\n<< /Type /Pages /Parent {ROOT_NODE} 0 R /Count {count} /Kids [\n"))?;
        for page in 0..count {
            visitor.text(format_args!("{} 0 R\n", number + 1 + 2 * page))?;
        }
        visitor.text(format_args!("] >>\nendobj\n"))?;
        for page in 0..count {
            let object = number + 1 + 2 * page;
            let content = object + 1;
            visitor.object(
                format_args!(
                    "{object} 0 obj\n<< /Type /Page /Parent {number} 0 R /Contents {content} 0 R >>\nendobj\n"
                ),
                None,
            )?;
            visitor.object(
                format_args!("{content} 0 obj\n<< /Length {} >>\nstream\n", page_text_length()),
                Some(first + page),
            )?;
        }
        Ok(())
    }
}

fn node_number(node: u64) -> u64 {
    FIRST_NODE + node * (1 + 2 * PAGES_A_NODE)
}
