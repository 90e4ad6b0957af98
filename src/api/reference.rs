//! What tasks refer to, between messages and the core.

use muster_proto::v1 as wire;
use tonic::Status;

use super::enums::known;
use super::validate::{bad, required};
use crate::plan::command::NewReference;
use crate::plan::event::{ReferenceKind, ReferenceStatus};
use crate::plan::model::Reference;

/// The document that a request wants a task to refer to.
pub(super) fn new(stated: Option<&wire::TaskReference>) -> Result<NewReference, Status> {
    let stated = stated.ok_or_else(|| bad("reference", "is missing"))?;
    Ok(NewReference {
        kind: read_kind("reference.kind", stated.kind)?,
        name: required("reference.name", stated.name.clone())?,
        uri: stated.uri.clone(),
        status: read_status("reference.status", stated.status)?,
    })
}

fn read_kind(field: &str, number: i32) -> Result<ReferenceKind, Status> {
    match known(field, number)? {
        wire::ReferenceKind::Req => Ok(ReferenceKind::Req),
        wire::ReferenceKind::Spec => Ok(ReferenceKind::Spec),
        wire::ReferenceKind::Tasks => Ok(ReferenceKind::Tasks),
        wire::ReferenceKind::Iplan => Ok(ReferenceKind::Iplan),
        wire::ReferenceKind::Adr => Ok(ReferenceKind::Adr),
        wire::ReferenceKind::Other => Ok(ReferenceKind::Other),
        wire::ReferenceKind::Unspecified => Err(bad(field, "is missing")),
    }
}

/// The kinds that a project requires, each once.
pub(super) fn read_kinds(numbers: &[i32]) -> Result<Vec<ReferenceKind>, Status> {
    let mut kinds = Vec::new();
    for number in numbers {
        let kind = read_kind("settings.required_references", *number)?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Where a document stands; none when nothing is said.
pub(super) fn read_status(field: &str, number: i32) -> Result<Option<ReferenceStatus>, Status> {
    Ok(match known(field, number)? {
        wire::ReferenceStatus::Unspecified => None,
        wire::ReferenceStatus::NotStarted => Some(ReferenceStatus::NotStarted),
        wire::ReferenceStatus::InProgress => Some(ReferenceStatus::InProgress),
        wire::ReferenceStatus::Completed => Some(ReferenceStatus::Completed),
        wire::ReferenceStatus::Cancelled => Some(ReferenceStatus::Cancelled),
    })
}

pub(super) fn kind(kind: ReferenceKind) -> wire::ReferenceKind {
    match kind {
        ReferenceKind::Req => wire::ReferenceKind::Req,
        ReferenceKind::Spec => wire::ReferenceKind::Spec,
        ReferenceKind::Tasks => wire::ReferenceKind::Tasks,
        ReferenceKind::Iplan => wire::ReferenceKind::Iplan,
        ReferenceKind::Adr => wire::ReferenceKind::Adr,
        ReferenceKind::Other => wire::ReferenceKind::Other,
    }
}

fn status(status: ReferenceStatus) -> wire::ReferenceStatus {
    match status {
        ReferenceStatus::NotStarted => wire::ReferenceStatus::NotStarted,
        ReferenceStatus::InProgress => wire::ReferenceStatus::InProgress,
        ReferenceStatus::Completed => wire::ReferenceStatus::Completed,
        ReferenceStatus::Cancelled => wire::ReferenceStatus::Cancelled,
    }
}

/// A document as a message.
pub(super) fn reference(reference: &Reference) -> wire::TaskReference {
    wire::TaskReference {
        kind: kind(reference.kind).into(),
        name: reference.name.to_string(),
        uri: reference.uri.to_string(),
        status: reference.status.map_or(0, |it| status(it).into()),
    }
}
