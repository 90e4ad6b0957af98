//! How long GitHub wants to be left alone, read from the headers of an answer. Its points in time are
//! measured by its own clock where it shows one, so that a wrong clock here does not matter.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// What to wait when GitHub limits without saying for how long.
const UNSAID: Duration = Duration::from_secs(60);
/// The shortest pause after a limit, so that "now" is no invitation to hammer.
const SHORTEST: Duration = Duration::from_secs(1);

/// The headers of one answer, and the time here when it came.
pub(super) struct Limits<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) now_ms: i64,
}

impl Limits<'_> {
    /// How long until requests are allowed again, when the last one was used up.
    pub(super) fn used_up(&self) -> Option<Duration> {
        if self.number("x-ratelimit-remaining")? != 0 {
            return None;
        }
        let reset_ms = self.number("x-ratelimit-reset")?.checked_mul(1000)?;
        Some(self.until(reset_ms))
    }

    /// How long a refused request has to wait, if it was refused for a limit; `complaint` is what GitHub
    /// said. A 403 is also how it refuses a token that may not read something, which no waiting changes.
    pub(super) fn limited(&self, status: u16, complaint: &str) -> Option<Duration> {
        let pause = match status {
            403 | 429 => self.retry_after().or_else(|| self.used_up()),
            _ => return None,
        };
        let says_so = || {
            let complaint = complaint.to_ascii_lowercase();
            complaint.contains("rate limit") || complaint.contains("abuse detection")
        };
        match pause {
            Some(pause) => Some(pause.max(SHORTEST)),
            None if status == 429 || says_so() => Some(UNSAID),
            None => None,
        }
    }

    /// What `Retry-After` asks for: seconds, or a date.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        match text.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => Some(self.until(date_ms(text)?)),
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        let text = self.headers.get(name)?.to_str().ok()?;
        text.trim().parse().ok()
    }

    fn until(&self, at_ms: i64) -> Duration {
        let date = self.headers.get(DATE).and_then(|date| date.to_str().ok());
        let now_ms = date.and_then(date_ms).unwrap_or(self.now_ms);
        let pause_ms = at_ms.saturating_sub(now_ms).max(0);
        Duration::from_millis(pause_ms.unsigned_abs())
    }
}

/// A date as headers write it.
fn date_ms(text: &str) -> Option<i64> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let date = parser.parse_timestamp(text.trim()).ok()?;
    Some(date.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tue, 14 Nov 2023 22:13:20 GMT.
    const NOW_MS: i64 = 1_700_000_000_000;

    #[track_caller]
    fn check(status: u16, headers: &[(&'static str, &str)], complaint: &str, seconds: Option<u64>) {
        let headers = headers.iter().map(|(name, value)| {
            let value = value.parse().expect("a header");
            (reqwest::header::HeaderName::from_static(name), value)
        });
        let limits = Limits {
            headers: &headers.collect(),
            now_ms: NOW_MS,
        };
        let found = limits.limited(status, complaint);
        assert_eq!(found, seconds.map(Duration::from_secs), "{limits:?}");
    }

    impl std::fmt::Debug for Limits<'_> {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.headers.fmt(formatter)
        }
    }

    #[test]
    fn a_limit_is_told_from_a_refusal() {
        check(403, &[], "Resource not accessible by integration", None);
        check(
            403,
            &[("x-ratelimit-remaining", "12")],
            "Must have admin rights",
            None,
        );
        check(404, &[("retry-after", "5")], "Not Found", None);
        check(429, &[], "", Some(60));
        check(
            403,
            &[],
            "You have exceeded a secondary rate limit",
            Some(60),
        );
        check(
            403,
            &[],
            "You have triggered an abuse detection mechanism",
            Some(60),
        );
        let used_up = &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1700000030"),
        ];
        check(403, used_up, "API rate limit exceeded", Some(30));
        check(403, used_up, "", Some(30));
    }

    #[test]
    fn how_long_is_said_in_seconds_or_as_a_date() {
        check(429, &[("retry-after", "7")], "", Some(7));
        check(429, &[("retry-after", "0")], "", Some(1));
        let date = "Tue, 14 Nov 2023 22:14:20 GMT";
        check(403, &[("retry-after", date)], "", Some(60));
        check(
            403,
            &[("retry-after", "Tue, 14 Nov 2023 22:13:00 GMT")],
            "",
            Some(1),
        );
        for unreadable in ["-5", "soon", "1e9", "Tue, 99 Nov 2023 22:13:00 GMT"] {
            check(429, &[("retry-after", unreadable)], "", Some(60));
        }
        let all_of_time = u64::MAX.to_string();
        check(429, &[("retry-after", &all_of_time)], "", Some(u64::MAX));
    }

    #[test]
    fn points_in_time_are_measured_by_the_clock_of_the_server() {
        let ahead = &[
            ("date", "Tue, 14 Nov 2023 23:13:20 GMT"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1700003610"),
        ];
        check(429, ahead, "", Some(10));
    }

    #[test]
    fn numbers_out_of_range_are_no_numbers() {
        for reset in ["9223372036854775807", "99999999999999999999", "x", ""] {
            let headers = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)];
            check(429, headers, "", Some(60));
        }
    }
}
