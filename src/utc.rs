//! Points in time as Graph writes them.

use std::time::{Duration, SystemTime};

/// Reads `2020-10-25T02:19:38.1694207Z`, to the second; only what is in UTC.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let text = text.trim().strip_suffix(['Z', 'z'])?;
    let (date, time) = text.split_once(['T', 't'])?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(whole, ':')?;
    let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = hour < 24 && minute < 60 && second <= 60 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    (is_day && is_time).then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

fn numbers(text: &str, between: char) -> Option<[u64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let is_number = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Of the Gregorian calendar, counted from the 1st of March of the year 0, so that a leap day is the last of its year.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.saturating_sub(1), month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day.saturating_sub(1);
    days.saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_graph_writes() {
        for (text, read) in [
            ("2020-10-25T02:19:38.1694207Z", Some("Sun, 25 Oct 2020 02:19:38 GMT")),
            ("1970-01-01T00:00:00Z", Some("Thu, 01 Jan 1970 00:00:00 GMT")),
            ("2024-02-29T23:59:59.9Z", Some("Thu, 29 Feb 2024 23:59:59 GMT")),
            ("2100-03-01T00:00:00Z", Some("Mon, 01 Mar 2100 00:00:00 GMT")),
            ("2020-10-25T02:19:38+02:00", None),
            ("2020-13-25T02:19:38Z", None),
            ("2020-10-25", None),
            ("0000-01-01T00:00:00Z", None),
            ("99999-01-01T00:00:00Z", None),
            ("2020-10-25T02:19:38.xZ", None),
            ("-1-1-1T1:1:1Z", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(httpdate::fmt_http_date).as_deref(), read, "{text}");
        }
    }
}
