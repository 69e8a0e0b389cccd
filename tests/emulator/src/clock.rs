//! Points in time as Graph writes them.

use std::time::SystemTime;

use time::OffsetDateTime;

/// `2020-10-25T02:19:38.1694207Z`: UTC with the seven digits of .NET ticks, as in `expirationDateTime`.
pub(crate) fn ticks(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    format!("{}.{:07}Z", seconds_of(at), at.nanosecond() / 100)
}

/// `2020-10-25T02:19:38`: the date of an `innerError`.
pub(crate) fn seconds(at: SystemTime) -> String {
    seconds_of(OffsetDateTime::from(at))
}

fn seconds_of(at: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn writes_seven_digits() {
        let at = SystemTime::UNIX_EPOCH + Duration::new(1_603_592_378, 169_420_799);
        assert_eq!(ticks(at), "2020-10-25T02:19:38.1694207Z");
        assert_eq!(seconds(at), "2020-10-25T02:19:38");
    }
}
