//! The forms in which times are written. Pure: the caller brings time and zone.

use jiff::civil::Time;
use jiff::{Timestamp, Zoned, tz::TimeZone};

/// `2024-12-18T03:00:00+01:00`: RFC 3339 with the local offset.
pub fn rfc3339_local(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `2024-12-18T02:00:00.000Z`: UTC with milliseconds.
pub fn rfc3339_utc_millis(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `2024-12-18T02:00:00Z`: UTC with seconds.
pub fn rfc3339_utc(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2024-12-18 03:00:00`: local, for people.
pub fn local_for_people(time: &Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `03:00`: an hour to the minute.
pub fn hour(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// `Wed 2024-12-18 03:00:00 CET`: the form of `systemctl list-timers`.
pub fn as_systemd_writes(time: &Zoned) -> String {
    time.strftime("%a %Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The time of a file's seconds and nanoseconds; the epoch where they are out of range.
pub fn from_unix(seconds: i64, nanoseconds: i64) -> Timestamp {
    let nanoseconds = i32::try_from(nanoseconds).unwrap_or(0);
    Timestamp::new(seconds, nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_the_contract_s() {
        let utc: Timestamp = "2024-12-18T02:00:00Z".parse().unwrap();
        let local = utc.to_zoned(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap());
        assert_eq!(rfc3339_local(&local), "2024-12-18T03:00:00+01:00");
        assert_eq!(rfc3339_utc_millis(utc), "2024-12-18T02:00:00.000Z");
        assert_eq!(rfc3339_utc(utc), "2024-12-18T02:00:00Z");
        assert_eq!(local_for_people(&local), "2024-12-18 03:00:00");
        assert_eq!(as_systemd_writes(&local), "Wed 2024-12-18 03:00:00 CET");
    }
}
