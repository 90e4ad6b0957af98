//! Templates as text.

use muster_proto::v1 as wire;

use super::table;

/// A table of templates.
pub fn templates(templates: &[wire::Template], columns: Option<u16>) -> String {
    let rows = templates.iter().map(|template| {
        [
            template.name.clone(),
            template.phases.to_string(),
            template.tasks.to_string(),
            template.gates.to_string(),
            template.milestones.to_string(),
            template.about.clone(),
        ]
    });
    table(
        ["template", "phases", "tasks", "gates", "milestones", "for"],
        rows,
        columns,
    )
}
