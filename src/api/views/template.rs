//! Templates as messages.

use muster_proto::v1 as wire;

use super::count;
use crate::interchange::template::Template;

/// A built-in template.
pub(in super::super) fn template(template: &Template) -> wire::Template {
    let counts = template.counts();
    wire::Template {
        name: template.name.to_owned(),
        title: template.title(),
        about: template.about(),
        phases: count(counts.phases),
        tasks: count(counts.tasks),
        deliverables: count(counts.deliverables),
        milestones: count(counts.milestones),
        gates: count(counts.gates),
        risks: count(counts.risks),
        rules: count(counts.rules),
        decisions: count(counts.decisions),
        workflows: count(counts.workflows),
    }
}
