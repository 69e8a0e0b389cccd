//! Faults of what the service tells: it does what it was asked to do, and its answer says something else.

use std::ops::Range;

use axum::body::Body;
use axum::http::{header, HeaderValue, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};

use super::answer::{optional_status_code, with_type};
use super::Exchange;
use crate::conduct::Told;
use crate::ranges::next_expected_ranges;

/// The service does what it was asked to do, and answers with another status or body. An answer that refuses stays as
/// it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Rewrite {
    /// The status, where it is to be another.
    #[serde(with = "optional_status_code")]
    pub status: Option<StatusCode>,
    /// The body, sent as it is, where it is to be another.
    pub body: Option<String>,
    /// The `Content-Type` of `body`; `application/json` without one.
    pub content_type: Option<String>,
}

impl Rewrite {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let mut response = exchange.service.run(exchange.request).await;
        if !response.status().is_success() {
            return response;
        }
        let status = self.status.unwrap_or(response.status());
        if let Some(body) = self.body {
            return with_type(status, self.content_type.as_deref().unwrap_or("application/json"), body);
        }
        *response.status_mut() = status;
        response
    }
}

/// The service does what it was asked to do, and lists the missing ranges in another way, or wrongly. An answer without
/// a list stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ranges {
    /// How.
    pub form: RangesForm,
}

/// How missing ranges are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RangesForm {
    /// Each gap as several that touch.
    Split,
    /// The same, the last first.
    OutOfOrder,
    /// Each gap, and again its halves.
    Overlapping,
    /// The last gap without an end, `"5-"`.
    Open,
    /// The first missing byte alone, `"5"`.
    Bare,
    /// The last gap one byte too long, as in the public example.
    OnePastEnd,
    /// The last gap far beyond the document's end.
    FarPastEnd,
    /// Everything, also what is there.
    Backwards,
    /// The gaps, and a hole in what is there.
    Hole,
    /// Nothing, though something is missing.
    Empty,
    /// Entries that are no ranges.
    Malformed,
    /// No list.
    Missing,
    /// Null in place of the list.
    Null,
}

impl Ranges {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, state, .. } = exchange;
        let size = state.session(request.uri().path()).map_or(0, |session| session.size());
        let mut response = service.run(request).await;
        let told = response.extensions().get::<Told>().cloned();
        let body = std::mem::take(response.body_mut()).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let listing = serde_json::from_slice::<Map<String, Value>>(&body).ok().filter(|body| body.contains_key(LIST));
        let (Some(Told { gaps, .. }), Some(mut listing)) = (told, listing) else {
            *response.body_mut() = Body::from(body);
            return response;
        };
        match self.form.list(&gaps, size) {
            Some(list) => drop(listing.insert(LIST.to_owned(), list)),
            None => drop(listing.remove(LIST)),
        }
        let body = Value::Object(listing).to_string();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.extensions_mut().remove::<Told>();
        if let Some(told) = Told::by(body.as_bytes()) {
            response.extensions_mut().insert(told);
        }
        *response.body_mut() = Body::from(body);
        response
    }
}

const LIST: &str = "nextExpectedRanges";

impl RangesForm {
    fn list(self, gaps: &[Range<u64>], size: u64) -> Option<Value> {
        let listed = |gaps: &[Range<u64>]| json!(next_expected_ranges(gaps));
        let thirds = || -> Vec<Range<u64>> { gaps.iter().flat_map(|gap| pieces(gap, 3)).collect() };
        let (first, last) = (gaps.first().map_or(0, |gap| gap.start), gaps.last().map_or(0, |gap| gap.start));
        let but_last = &gaps[..gaps.len().saturating_sub(1)];
        let ending = |end: String| {
            let mut list = next_expected_ranges(but_last);
            list.push(format!("{last}-{end}"));
            json!(list)
        };
        Some(match self {
            Self::Split => listed(&thirds()),
            Self::OutOfOrder => {
                let mut pieces = thirds();
                pieces.reverse();
                listed(&pieces)
            }
            Self::Overlapping => {
                let halves = gaps.iter().flat_map(|gap| pieces(gap, 2));
                listed(&gaps.iter().cloned().chain(halves).collect::<Vec<_>>())
            }
            Self::Open => ending(String::new()),
            Self::Bare => json!([first.to_string()]),
            Self::OnePastEnd => ending(size.to_string()),
            Self::FarPastEnd => ending((size + 1_000_000).to_string()),
            Self::Backwards => json!([format!("0-{}", size.saturating_sub(1))]),
            Self::Hole => {
                let there = gaps.first().filter(|gap| gap.start > 2).map_or(0..0, |gap| gap.start / 3..gap.start / 2);
                let hole = (!there.is_empty()).then_some(there);
                listed(&hole.into_iter().chain(gaps.iter().cloned()).collect::<Vec<_>>())
            }
            Self::Empty => json!([]),
            Self::Malformed => json!(["x-y", "", 7, null, "9-2"]),
            Self::Missing => return None,
            Self::Null => Value::Null,
        })
    }
}

/// A gap as so many that touch, as far as it has the bytes for them.
fn pieces(gap: &Range<u64>, count: u64) -> Vec<Range<u64>> {
    let edge = |n: u64| gap.start + (gap.end - gap.start) * n / count;
    (0..count).map(|n| edge(n)..edge(n + 1)).filter(|piece| !piece.is_empty()).collect()
}
