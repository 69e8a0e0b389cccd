//! The visitors of a document's objects.

use std::fmt;
use std::io::{self, Write};

use super::text::{page_text_length, write_page_text};

/// What is done with the objects of a document, in order.
pub(super) trait Visitor {
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
pub(super) struct Measure(u64);

impl Measure {
    pub(super) fn new(before: u64) -> Self {
        Self(before)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0
    }

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
pub(super) struct Writing<'a, W> {
    to: &'a mut W,
    written: u64,
    pages: u64,
}

impl<'a, W: Write> Writing<'a, W> {
    pub(super) fn new(to: &'a mut W, written: u64, pages: u64) -> Self {
        Self { to, written, pages }
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }
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
pub(super) struct Table<'a, W> {
    to: &'a mut W,
    offset: u64,
}

impl<'a, W: Write> Table<'a, W> {
    pub(super) fn new(to: &'a mut W, offset: u64) -> Self {
        Self { to, offset }
    }
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
