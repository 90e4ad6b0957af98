//! `--as-of`: the past that a read is asked about, in words, in requests and above its answer.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use muster_proto::v1 as wire;
use prost_types::Timestamp;

use super::client::{CALL_TIMEOUT, LONG_CALL_TIMEOUT, call};
use super::{Context, Failure, text};

/// Which past, if any.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AsOf {
    /// As it was: at an instant (2026-11-24T09:00Z), at the end of a day in the project's time zone
    /// (2026-11-24), or at a version (v123 or 123)
    #[arg(long, value_name = "WHEN", value_parser = parse)]
    pub as_of: Option<Point>,
}

/// A point of a project's past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// An instant.
    At(jiff::Timestamp),
    /// The end of a day in the project's time zone.
    EndOf(Date),
    /// A version.
    Version(u64),
}

/// The point as requests have it; neither field for now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// The version.
    pub version: Option<u64>,
    /// The instant.
    pub at: Option<Timestamp>,
}

impl Asked {
    /// As of a version.
    pub fn version(version: u64) -> Self {
        Self {
            version: Some(version),
            at: None,
        }
    }

    /// Whether the past is asked about.
    pub fn is_past(&self) -> bool {
        self.version.is_some() || self.at.is_some()
    }

    /// How long an answer may take: for the past a log may have to be read.
    pub fn timeout(&self) -> Duration {
        if self.is_past() {
            LONG_CALL_TIMEOUT
        } else {
            CALL_TIMEOUT
        }
    }

    /// What stands above an answer about the past: the version it is as of and an instant; nothing above
    /// one about now.
    pub fn heading(&self, version: u64, at: Option<&Timestamp>) -> String {
        if self.is_past() {
            format!("as of version {version} ({})\n\n", text::when(at))
        } else {
            String::new()
        }
    }
}

/// A point such as `2026-11-24T09:00Z`, `2026-11-24`, `v123` or `123`.
fn parse(text: &str) -> Result<Point, String> {
    let trimmed = text.trim();
    if let Ok(version) = trimmed.strip_prefix('v').unwrap_or(trimmed).parse() {
        return Ok(Point::Version(version));
    }
    if let Ok(at) = trimmed.parse() {
        return Ok(Point::At(at));
    }
    if trimmed.len() == "YYYY-MM-DD".len()
        && let Ok(day) = trimmed.parse()
    {
        return Ok(Point::EndOf(day));
    }
    Err(format!(
        "`{text}` is no point of the past; write an instant (2026-11-24T09:00Z), a date for the end of that \
         day (2026-11-24) or a version (v123 or 123)"
    ))
}

impl AsOf {
    /// The point for requests; only a date needs the project's time zone, and with it a call.
    pub async fn asked(&self, context: &Context) -> Result<Asked, Failure> {
        let at = match &self.as_of {
            None => return Ok(Asked::default()),
            Some(Point::Version(version)) => return Ok(Asked::version(*version)),
            Some(Point::At(at)) => *at,
            Some(Point::EndOf(day)) => {
                let time_zone = time_zone(context).await?;
                end_of(*day, &time_zone).map_err(Failure::usage)?
            }
        };
        Ok(Asked {
            version: None,
            at: Some(Timestamp {
                seconds: at.as_second(),
                nanos: at.subsec_nanosecond(),
            }),
        })
    }
}

/// The last millisecond of a day; what is recorded has no finer time.
fn end_of(day: Date, time_zone: &str) -> Result<jiff::Timestamp, String> {
    let zone = TimeZone::get(time_zone)
        .map_err(|_| format!("the project's time zone `{time_zone}` is not known here"))?;
    let no_end = |_| format!("{day} has no end in {time_zone}");
    let next = day.tomorrow().map_err(no_end)?;
    let next = next.to_zoned(zone).map_err(no_end)?.timestamp();
    jiff::Timestamp::from_millisecond(next.as_millisecond() - 1).map_err(no_end)
}

/// The time zone of the project.
pub async fn time_zone(context: &Context) -> Result<String, Failure> {
    let request = wire::GetProjectRequest {
        project: context.project.clone(),
        ..Default::default()
    };
    let answer = call!(&context.client, projects.get_project(request)).await?;
    let settings = answer.project.and_then(|project| project.settings);
    Ok(settings
        .map(|settings| settings.time_zone)
        .filter(|zone| !zone.is_empty())
        .unwrap_or_else(|| "UTC".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_an_instant_a_day_or_a_version() {
        assert_eq!(parse("v123"), Ok(Point::Version(123)));
        assert_eq!(parse(" 123 "), Ok(Point::Version(123)));
        let nine = jiff::Timestamp::from_second(1_795_510_800).unwrap();
        for text in [
            "2026-11-24T09:00Z",
            "2026-11-24T09:00:00Z",
            "2026-11-24T10:00+01:00",
        ] {
            assert_eq!(parse(text), Ok(Point::At(nine)), "{text}");
        }
        let day = jiff::civil::date(2026, 11, 24);
        assert_eq!(parse("2026-11-24"), Ok(Point::EndOf(day)));
        for text in [
            "",
            "v",
            "-1",
            "yesterday",
            "2026-13-01",
            "2026-11-24T09:00",
            "1.5",
        ] {
            let complaint = parse(text).unwrap_err();
            let forms = ["2026-11-24T09:00Z", "2026-11-24)", "v123"];
            assert!(
                forms.iter().all(|form| complaint.contains(form)),
                "{complaint}"
            );
        }
    }

    #[test]
    fn a_day_ends_before_the_next_one_of_its_zone() {
        let day = jiff::civil::date(2026, 11, 24);
        let end = end_of(day, "Europe/Berlin").unwrap();
        assert_eq!(end.to_string(), "2026-11-24T22:59:59.999Z");
        assert!(end_of(day, "Nowhere/Else").unwrap_err().contains("Nowhere"));
        assert!(end_of(Date::MAX, "UTC").is_err());
    }

    #[test]
    fn only_what_is_past_has_a_heading() {
        let at = Timestamp {
            seconds: 1_795_510_800,
            nanos: 0,
        };
        assert_eq!(Asked::default().heading(7, Some(&at)), "");
        assert_eq!(
            Asked::version(7).heading(7, Some(&at)),
            "as of version 7 (2026-11-24 09:00Z)\n\n"
        );
    }
}
