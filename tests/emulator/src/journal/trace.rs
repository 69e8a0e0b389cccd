//! How an entry of the journal is written.

use std::fmt;
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::http::{header, HeaderMap};
use bytes::Bytes;

use super::{locked, Entry, Journal, Outcome, Part};
use crate::line::Line;

/// How many violations are remembered with their words.
const VIOLATIONS_KEPT: usize = 1_000;

/// Headers whose values are secrets, or may quote one.
const SECRET_HEADERS: [header::HeaderName; 4] =
    [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE, header::REFERER];

/// The entry of one request, while it is being answered.
#[derive(Clone)]
pub(crate) struct Trace {
    journal: Arc<Journal>,
    entry: Arc<Mutex<Entry>>,
}

impl Trace {
    pub(super) fn new(journal: Arc<Journal>, entry: Arc<Mutex<Entry>>) -> Self {
        Self { journal, entry }
    }

    pub(crate) fn body(&self, body: &Bytes) {
        let mut entry = locked(&self.entry);
        entry.body_bytes = body.len() as u64;
        entry.body = Some(body.clone());
    }

    pub(crate) fn number(&self) -> u64 {
        locked(&self.entry).number
    }

    pub(crate) fn fault(&self, name: &'static str) {
        locked(&self.entry).fault = Some(name);
        self.journal.changed.send_replace(());
    }

    pub(crate) fn violation(&self, rule: impl fmt::Display) {
        let mut entry = locked(&self.entry);
        let number = entry.number;
        entry.violations.push(rule.to_string());
        drop(entry);
        let mut pages = self.journal.pages();
        pages.counts.violations += 1;
        if pages.violations.len() < VIOLATIONS_KEPT {
            pages.violations.push(format!("request {number}: {rule}"));
        }
    }

    pub(crate) fn puts_open(&self, open: usize) {
        let mut pages = self.journal.pages();
        pages.counts.most_puts_open = pages.counts.most_puts_open.max(open as u64);
    }

    /// Counts what was read of a body that is not kept.
    pub(crate) fn body_bytes(&self, read: u64) {
        let mut entry = locked(&self.entry);
        entry.body_bytes += read;
        let put = entry.method == "PUT";
        drop(entry);
        if put {
            self.journal.pages().counts.put_bytes += read;
        }
    }

    /// Counts bytes of a PUT that the session had already received.
    pub(crate) fn bytes_again(&self, again: u64) {
        self.journal.pages().counts.put_bytes_again += again;
    }

    pub(crate) fn ended(&self, outcome: Outcome, status: Option<u16>) {
        let mut entry = locked(&self.entry);
        entry.outcome = outcome;
        entry.status = status;
        drop(entry);
        self.journal.changed.send_replace(());
    }
}

pub(super) fn entry_of(request: &Request, line: &Line, number: u64) -> Entry {
    let part = Part::of(request.uri().path());
    let text = |name| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Entry {
        number,
        connection: line.number(),
        part,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: (part == Part::Graph).then(|| request.uri().query().map(str::to_owned)).flatten(),
        headers: headers_without_secrets(request.headers()),
        content_range: text(header::CONTENT_RANGE),
        body: None,
        body_bytes: 0,
        status: None,
        fault: None,
        violations: Vec::new(),
        outcome: Outcome::Open,
    }
}

fn headers_without_secrets(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = if SECRET_HEADERS.contains(name) {
                "(present)".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}
