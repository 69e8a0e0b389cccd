//! What the service says of a session in JSON: which ranges it misses, and when it expires.

use std::ops::Range;
use std::time::SystemTime;

use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::response::member;
use crate::range::RangeSet;

/// A list of more ranges than this is not read.
const MOST_RANGES: usize = 10_000;

/// `expirationDateTime` of a session or a status.
pub(crate) fn expires(object: &Map<String, Value>) -> Option<SystemTime> {
    let text = member(object, "expirationDateTime")?.as_str()?;
    // To the second, as the Date header that it is compared with has it.
    OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?.replace_nanosecond(0).ok().map(SystemTime::from)
}

/// `nextExpectedRanges` of a session or a status, as a set of bytes. Entries are `"0-99"`, `"100-"` and `"100"`, the
/// last two open to the end, and what can be meant by nothing else; an entry that cannot be read makes the whole list
/// unknown (`None`), as does its absence.
///
/// # Errors
/// [`ErrorKind::ResponseTooLarge`] for more than 10,000 entries.
pub(crate) fn missing_ranges(object: &Map<String, Value>) -> Result<Option<RangeSet>> {
    let entries = match member(object, "nextExpectedRanges") {
        Some(Value::Array(entries)) => entries,
        Some(entry @ (Value::String(_) | Value::Number(_))) => std::slice::from_ref(entry),
        _ => return Ok(None),
    };
    if entries.len() > MOST_RANGES {
        return Err(Error::new(
            ErrorKind::ResponseTooLarge,
            format!("The service lists {} missing ranges; more than {MOST_RANGES} are not read.", entries.len()),
        )
        .with_next_step(NextStep::CheckResponder));
    }
    let says_something = |entry: &&Value| entry.as_str().is_none_or(|text| !text.trim().is_empty());
    Ok(entries.iter().filter(says_something).map(range).collect())
}

fn range(entry: &Value) -> Option<Range<u64>> {
    match entry {
        Value::String(text) => parse_range(text),
        Value::Number(start) => parse_range(&start.to_string()),
        _ => None,
    }
}

fn parse_range(text: &str) -> Option<Range<u64>> {
    // The unit, as Content-Range has it (RFC 9110, section 14.4), is more than is asked for.
    let text = text.trim();
    let text = text.strip_prefix("bytes").map_or(text, |range| range.trim_start_matches([' ', '=']));
    let (start, end) = match text.split_once('-') {
        None => (text, ""),
        Some((start, end)) => (start.trim(), end.trim()),
    };
    let number =
        |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
    let start = number(start)?;
    // The wire's end is inclusive; an open one reaches as far as the document, which the plan knows.
    let end = if end.is_empty() { u64::MAX } else { number(end)?.saturating_add(1) };
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(list: &str) -> Option<Vec<(u64, u64)>> {
        let object = serde_json::from_str(&format!("{{\"nextExpectedRanges\":{list}}}")).unwrap();
        Some(missing_ranges(&object).unwrap()?.iter().map(|range| (range.start, range.end)).collect())
    }

    #[test]
    fn ranges_are_read_in_every_form_that_graph_uses() {
        for (list, read) in [
            (r#"["72797-4533321"]"#, &[(72797, 4533322)][..]),
            (r#"["5-9","0-3"," 20 - 29 "]"#, &[(0, 4), (5, 10), (20, 30)]),
            (r#"["0-"]"#, &[(0, u64::MAX)]),
            (r#"["26"]"#, &[(26, u64::MAX)]),
            ("[7]", &[(7, u64::MAX)]),
            ("[]", &[]),
            (r#""0-3""#, &[(0, 4)]),
            (r#"["bytes 0-3","","bytes=7-"]"#, &[(0, 4), (7, u64::MAX)]),
        ] {
            assert_eq!(ranges(list).as_deref(), Some(read), "{list}");
        }
    }

    #[test]
    fn a_list_that_says_nothing_is_unknown_and_not_empty() {
        for list in ["null", r#"["x"]"#, r#"["9-2"]"#, "[-5]", r#"["-5"]"#, r#"["+1-2"]"#, "{}"] {
            assert_eq!(ranges(list), None, "{list}");
        }
        assert_eq!(missing_ranges(&Map::new()).unwrap(), None);
    }

    #[test]
    fn a_million_ranges_are_too_many() {
        let list = format!(r#"{{"NextExpectedRanges":[{}"0-1"]}}"#, r#""0-1","#.repeat(20_000));
        let error = missing_ranges(&serde_json::from_str(&list).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    }
}
