//! Templates as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

/// A built-in template.
pub fn template(template: &wire::Template) -> Value {
    json!({
        "name": template.name,
        "title": template.title,
        "about": template.about,
        "phases": template.phases,
        "tasks": template.tasks,
        "deliverables": template.deliverables,
        "milestones": template.milestones,
        "gates": template.gates,
        "risks": template.risks,
        "rules": template.rules,
        "decisions": template.decisions,
        "workflows": template.workflows,
    })
}
