//! Requests held against what a command can say: every refusal names the field. What depends on the plan
//! (whether an id exists, whether a text is too long for it) is the core's to say.

use std::fmt::Display;
use std::str::FromStr;

use muster_proto::v1 as wire;
use tonic::Status;

use super::status;
use crate::plan::Refusal;
use crate::plan::command::{NewPart, NewTask, OnRef};
use crate::plan::day::Day;
use crate::plan::time::{Estimate, Timestamp};

const REQUEST_ID_LENGTH_MAX: usize = 128;
const DEPENDENCIES_MAX: usize = 1_000;
/// A field mask names each field once; more paths than this are no mask of ours.
const MASK_PATHS_MAX: usize = 64;

/// A field is wrong.
pub(super) fn bad(field: &str, description: impl Into<String>) -> Status {
    status::refused(&Refusal::field(field, description))
}

/// A text that must be there.
pub(super) fn required(field: &str, text: String) -> Result<String, Status> {
    if text.trim().is_empty() {
        return Err(bad(field, "is missing"));
    }
    Ok(text)
}

/// A short id of the wanted kind.
pub(super) fn id<T>(field: &str, text: &str) -> Result<T, Status>
where
    T: FromStr,
    T::Err: Display,
{
    let text = text.trim();
    if text.is_empty() {
        return Err(bad(field, "is missing"));
    }
    text.parse()
        .map_err(|error: T::Err| bad(field, format!("cannot be read: {error}")))
}

/// A short id, or none for an empty text.
pub(super) fn optional_id<T>(field: &str, text: &str) -> Result<Option<T>, Status>
where
    T: FromStr,
    T::Err: Display,
{
    if text.trim().is_empty() {
        return Ok(None);
    }
    id(field, text).map(Some)
}

/// A fencing token; 0 is what a request without one carries.
pub(super) fn fence(fence: u64) -> Result<u64, Status> {
    if fence == 0 {
        return Err(bad(
            "fence",
            "is missing; give the fence that came with the claim",
        ));
    }
    Ok(fence)
}

/// 0 (P0) to 3 (P3), or none.
pub(super) fn priority(priority: Option<u32>) -> Result<Option<u8>, Status> {
    within("priority", priority, 3)
}

/// 0 to 100, or none.
pub(super) fn percent(field: &str, percent: Option<u32>) -> Result<Option<u8>, Status> {
    within(field, percent, 100)
}

fn within(field: &str, value: Option<u32>, most: u8) -> Result<Option<u8>, Status> {
    value
        .map(|value| {
            u8::try_from(value)
                .ok()
                .filter(|value| *value <= most)
                .ok_or_else(|| {
                    bad(
                        field,
                        format!("is {value}; it must be between 0 and {most}"),
                    )
                })
        })
        .transpose()
}

/// An estimate, or none for an empty text.
pub(super) fn estimate(field: &str, text: &str) -> Result<Option<Estimate>, Status> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error: crate::plan::time::BadEstimate| bad(field, error.to_string()))
}

/// A day such as `2026-11-24`, or none for an empty text.
pub(super) fn day(field: &str, text: &str) -> Result<Option<Day>, Status> {
    optional_id(field, text)
}

/// A request id, or none for an empty text.
pub(super) fn request_id(text: &str) -> Result<Option<&str>, Status> {
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if text.len() > REQUEST_ID_LENGTH_MAX || !text.bytes().all(printable) {
        return Err(bad(
            "request_id",
            format!("must be at most {REQUEST_ID_LENGTH_MAX} printable ASCII characters"),
        ));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// An instant between the years 1970 and 9999.
pub(super) fn instant(field: &str, at: prost_types::Timestamp) -> Result<Timestamp, Status> {
    const YEAR_10000: i64 = 253_402_300_800;
    if !(0..YEAR_10000).contains(&at.seconds) || !(0..1_000_000_000).contains(&at.nanos) {
        return Err(bad(field, "is no instant between the years 1970 and 9999"));
    }
    Ok(Timestamp(
        at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000,
    ))
}

/// The paths of an update mask, each one of `known`.
pub(super) fn mask(
    mask: Option<prost_types::FieldMask>,
    known: &[&str],
) -> Result<Vec<String>, Status> {
    let paths = mask.unwrap_or_default().paths;
    let fields = || known.join(", ");
    if paths.is_empty() {
        return Err(bad(
            "update_mask",
            format!("is missing; name what changes: {}", fields()),
        ));
    }
    if paths.len() > MASK_PATHS_MAX {
        return Err(bad("update_mask", "names too many fields"));
    }
    for path in &paths {
        if !known.contains(&path.as_str()) {
            let path: String = path.chars().take(60).collect();
            return Err(bad(
                "update_mask",
                format!(
                    "names `{path}`, which cannot be changed here; there is {}",
                    fields()
                ),
            ));
        }
    }
    Ok(paths)
}

/// What a dependency points at. `batch` is how many tasks the request adds, where it adds some.
pub(super) fn target(
    field: &str,
    target: Option<wire::DependencyTarget>,
    batch: Option<usize>,
) -> Result<OnRef, Status> {
    use wire::dependency_target::On;
    match target.and_then(|target| target.on) {
        None => Err(bad(
            field,
            "names nothing; give a task, a phase or all_above",
        )),
        Some(On::Task(task)) => required(field, task).map(OnRef::Task),
        Some(On::Phase(phase)) => required(field, phase).map(OnRef::Phase),
        Some(On::AllAbove(true)) => Ok(OnRef::AllAbove),
        Some(On::AllAbove(false)) => Err(bad(field, "has an all_above that is not true")),
        Some(On::BatchIndex(index)) => {
            let place = usize::try_from(index).ok();
            match (place, batch) {
                (Some(place), Some(tasks)) if place < tasks => Ok(OnRef::Batch(place)),
                (_, Some(tasks)) => Err(bad(
                    field,
                    format!("names task {index} of a batch of {tasks}; places start at 0"),
                )),
                (_, None) => Err(bad(field, "has a batch_index, which only a batch may have")),
            }
        }
    }
}

/// At most 1,000 dependencies.
pub(super) fn targets(
    field: &str,
    list: Vec<wire::DependencyTarget>,
    batch: Option<usize>,
) -> Result<Vec<OnRef>, Status> {
    if list.len() > DEPENDENCIES_MAX {
        return Err(bad(
            field,
            format!("has {} entries; at most {DEPENDENCIES_MAX}", list.len()),
        ));
    }
    list.into_iter()
        .map(|on| target(field, Some(on), batch))
        .collect()
}

/// A task to add; `field` says where it stands in the request.
pub(super) fn new_task(
    field: &str,
    task: wire::NewTask,
    batch: Option<usize>,
) -> Result<NewTask, Status> {
    let at = |name: &str| format!("{field}.{name}");
    Ok(NewTask {
        title: required(&at("title"), task.title)?,
        phase: task.phase,
        external_id: task.external_id,
        description: task.description,
        area: task.area,
        role: task.role,
        priority: within(&at("priority"), task.priority, 3)?,
        estimate: estimate(&at("estimate"), &task.estimate)?,
        notes: task.notes,
        acceptance: task.acceptance,
        skills: task.skills,
        review: super::enums::read_review_need(&at("review"), task.review)?,
        dependencies: targets(&at("dependencies"), task.dependencies, batch)?,
        elicit: task.elicit,
    })
}

/// A part of a task that is split; `field` says where it stands in the request.
pub(super) fn new_part(field: &str, part: wire::SplitPart) -> Result<NewPart, Status> {
    let at = |name: &str| format!("{field}.{name}");
    Ok(NewPart {
        title: required(&at("title"), part.title)?,
        description: part.description,
        role: part.role,
        priority: within(&at("priority"), part.priority, 3)?,
        estimate: estimate(&at("estimate"), &part.estimate)?,
        acceptance: part.acceptance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;
    use tonic_types::StatusExt as _;

    fn check<T: std::fmt::Debug>(outcome: Result<T, Status>, field: &str) {
        let status = outcome.expect_err("a bad field");
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        let details = status.get_details_bad_request().expect("a bad request");
        assert_eq!(details.field_violations[0].field, field);
    }

    #[test]
    fn what_is_missing_or_out_of_range_is_named() {
        check(required("title", "  ".to_owned()), "title");
        check(fence(0), "fence");
        check(priority(Some(4)), "priority");
        check(percent("percent", Some(101)), "percent");
        check(percent("percent", Some(u32::MAX)), "percent");
        check(estimate("estimate", "soon"), "estimate");
        check(
            id::<crate::plan::id::BlockerId>("blocker", "T-1"),
            "blocker",
        );
        check(id::<crate::plan::id::BlockerId>("blocker", ""), "blocker");
        check(
            optional_id::<crate::plan::id::SessionId>("session", "seven"),
            "session",
        );
    }

    #[test]
    fn a_request_id_is_short_and_printable() {
        check(request_id(&"r".repeat(129)), "request_id");
        check(request_id("a\nb"), "request_id");
        check(request_id("ä"), "request_id");
        assert_eq!(request_id("").unwrap(), None);
        assert_eq!(request_id("r-1").unwrap(), Some("r-1"));
    }

    #[test]
    fn an_instant_outside_of_time_is_refused() {
        for (seconds, nanos) in [
            (-1, 0),
            (i64::MAX, 0),
            (253_402_300_800, 0),
            (0, -1),
            (0, 1_000_000_000),
        ] {
            check(
                instant("since", prost_types::Timestamp { seconds, nanos }),
                "since",
            );
        }
        let at = prost_types::Timestamp {
            seconds: 7,
            nanos: 5_999_999,
        };
        assert_eq!(instant("since", at).unwrap(), Timestamp(7_005));
    }

    #[test]
    fn a_mask_names_known_fields_only() {
        let of = |paths: &[&str]| {
            Some(prost_types::FieldMask {
                paths: paths.iter().map(|&path| path.to_owned()).collect(),
            })
        };
        check(mask(None, &["title"]), "update_mask");
        check(mask(of(&["title", "fence"]), &["title"]), "update_mask");
        check(mask(of(&["title"; 65]), &["title"]), "update_mask");
        assert_eq!(mask(of(&["title"]), &["title"]).unwrap(), ["title"]);
    }

    #[test]
    fn a_dependency_points_at_something() {
        use wire::dependency_target::On;
        let of = |on| Some(wire::DependencyTarget { on });
        check(target("on", None, None), "on");
        check(target("on", of(None), None), "on");
        check(target("on", of(Some(On::Task(String::new()))), None), "on");
        check(target("on", of(Some(On::AllAbove(false))), None), "on");
        check(target("on", of(Some(On::BatchIndex(0))), None), "on");
        check(target("on", of(Some(On::BatchIndex(2))), Some(2)), "on");
        let last = target("on", of(Some(On::BatchIndex(1))), Some(2));
        assert_eq!(last.unwrap(), OnRef::Batch(1));
        let many = vec![wire::DependencyTarget::default(); 1_001];
        check(targets("on", many, None), "on");
    }
}
