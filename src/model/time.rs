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

/// The first second of the year 0, the earliest that RFC 3339 can say.
const EARLIEST: i64 = -62_167_219_200;

/// The time of a file's seconds and nanoseconds; the epoch where RFC 3339 cannot say them: some
/// file systems keep any number, and what is written must be read again.
pub fn from_unix(seconds: i64, nanoseconds: i64) -> Timestamp {
    let nanoseconds = i32::try_from(nanoseconds).unwrap_or(0);
    let time = Timestamp::new(seconds, nanoseconds).ok().filter(|_| seconds >= EARLIEST);
    time.unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_time_of_any_file_is_read_as_it_is_written(
            seconds in prop_oneof![any::<i64>(), -99_000_000_000..-60_000_000_000_i64, 0..253_500_000_000_i64], nanoseconds: i64
        ) {
            let time = from_unix(seconds, nanoseconds);
            let whole = time.as_nanosecond().div_euclid(1_000_000_000);
            let read: Timestamp = rfc3339_utc(time).parse().unwrap();
            prop_assert_eq!(read.as_nanosecond(), whole * 1_000_000_000);
        }
    }

    #[test]
    fn a_file_s_time_is_its_own_as_far_as_it_can_be_written() {
        let said = |seconds| rfc3339_utc(from_unix(seconds, 0));
        assert_eq!(said(EARLIEST), "0000-01-01T00:00:00Z");
        assert_eq!(said(-1), "1969-12-31T23:59:59Z");
        for beyond in [EARLIEST - 1, i64::MIN, i64::MAX] {
            assert_eq!(said(beyond), "1970-01-01T00:00:00Z", "{beyond}");
        }
    }

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
