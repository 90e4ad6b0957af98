//! The words of a task that an update changes: those its mask names and no other.

use muster_proto::v1 as wire;
use tonic::Status;

use super::enums;
use super::validate::{bad, estimate, mask, priority, required};
use crate::plan::event::TaskChanges;

const EDITABLE: &[&str] = &[
    "title",
    "description",
    "area",
    "role",
    "priority",
    "estimate",
    "notes",
    "acceptance",
    "skills",
    "alias",
    "review",
];

/// The words that an update names in its mask.
pub(super) fn changes(request: &wire::UpdateTaskRequest) -> Result<TaskChanges, Status> {
    let edit = request
        .edit
        .clone()
        .ok_or_else(|| bad("edit", "is missing"))?;
    let mut changes = TaskChanges::default();
    for path in mask(request.update_mask.clone(), EDITABLE)? {
        match path.as_str() {
            "title" => changes.title = Some(required("edit.title", edit.title.clone())?.into()),
            "description" => changes.description = Some(edit.description.as_str().into()),
            "area" => changes.area = Some(edit.area.as_str().into()),
            "role" => changes.role = Some(edit.role.clone()),
            "priority" => {
                changes.priority = priority(Some(edit.priority))?;
            }
            "estimate" => {
                let estimate = estimate("edit.estimate", &edit.estimate)?;
                changes.estimate =
                    Some(estimate.ok_or_else(|| bad("edit.estimate", "cannot be cleared"))?);
            }
            "notes" => changes.notes = Some(edit.notes.as_str().into()),
            "acceptance" => {
                changes.acceptance = Some(
                    edit.acceptance
                        .iter()
                        .map(|text| text.as_str().into())
                        .collect(),
                );
            }
            "skills" => {
                changes.skills = Some(
                    edit.skills
                        .iter()
                        .map(|text| text.as_str().into())
                        .collect(),
                );
            }
            "review" => {
                changes.review = Some(enums::read_review_need("edit.review", edit.review)?);
            }
            "alias" => changes.alias = Some(required("edit.alias", edit.alias.clone())?),
            other => return Err(bad("update_mask", format!("names `{other}`"))),
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(paths: &[&str]) -> wire::UpdateTaskRequest {
        wire::UpdateTaskRequest {
            task: "T-1".to_owned(),
            edit: Some(wire::TaskEdit {
                title: "New".to_owned(),
                priority: 1,
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: paths.iter().map(|&path| path.to_owned()).collect(),
            }),
            ..Default::default()
        }
    }

    #[test]
    fn only_what_the_mask_names_changes() {
        let expected = TaskChanges {
            title: Some("New".into()),
            notes: Some("".into()),
            ..TaskChanges::default()
        };
        assert_eq!(changes(&update(&["title", "notes"])).unwrap(), expected);
    }

    #[test]
    fn every_editable_field_is_read() {
        for path in EDITABLE {
            let outcome = changes(&update(&[path]));
            match *path {
                "estimate" | "alias" => assert!(outcome.is_err(), "{path} is empty here"),
                _ => assert_ne!(outcome.unwrap(), TaskChanges::default(), "{path}"),
            }
        }
    }
}
