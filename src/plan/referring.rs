//! What tasks refer to, and what they lack of what the project requires.

use super::event::{ReferenceKind, ReferenceStatus};
use super::explain::Cause;
use super::id::TaskId;
use super::inbox::{WaitKind, Waiting};
use super::model::{Reference, Status, least_of_plans};
use super::state::{Plan, TaskView};

/// Tasks that are ready and looked at for what they lack, and those that are named.
const LOOKED_AT_MAX: usize = 200;
const NAMED_MAX: usize = 20;

impl Plan {
    /// The documents a task refers to, in the order they were added.
    pub fn references_of(&self, id: TaskId) -> &[Reference] {
        self.references
            .get(&id)
            .map_or(&[], |entry| &entry.references)
    }

    /// The kinds of documents that a task must refer to before it is started, and does not.
    pub fn missing_references(&self, id: TaskId) -> Vec<ReferenceKind> {
        let required = self.project().map(|it| &it.settings.required_references);
        let required = required.into_iter().flatten();
        let has = |kind: &ReferenceKind| self.references_of(id).iter().any(|it| it.kind == *kind);
        required.filter(|kind| !has(kind)).copied().collect()
    }

    /// The plans of a task that are not as far as they must be when it is at a status.
    pub fn lagging_plans(&self, id: TaskId, at: Status) -> impl Iterator<Item = &Reference> {
        let least: ReferenceStatus = least_of_plans(at);
        let references = self.references_of(id).iter();
        references.filter(move |it| it.lags(least))
    }

    /// The command that gives a task what it lacks first.
    fn referring(id: TaskId, missing: &[ReferenceKind]) -> String {
        let kind = missing.first().map_or("KIND", |kind| kind.as_str());
        format!("task ref add {id} {kind} NAME")
    }

    /// What a task lacks before it can be started; a remark, for it may be claimed.
    pub(super) fn explain_references(&self, view: &TaskView<'_>, causes: &mut Vec<Cause>) {
        let id = view.id;
        if !matches!(view.state.status, Status::Planned | Status::Claimed) {
            return;
        }
        let missing = self.missing_references(id);
        if missing.is_empty() {
            return;
        }
        causes.push(Cause {
            code: "REFERENCES_MISSING",
            message: format!(
                "{id} cannot be started before it refers to {}",
                titles(&missing)
            ),
            refs: vec![id.to_string()],
            who: "coordinator".to_owned(),
            next: Self::referring(id, &missing),
        });
    }

    /// Tasks that are held or could be, and that cannot be started.
    pub(super) fn references_waiting(&self, waiting: &mut Vec<Waiting>) {
        let Some(project) = self.project() else {
            return;
        };
        if project.settings.required_references.is_empty() {
            return;
        }
        let live = self.index.live.iter().copied();
        let phases = self.workable_phases();
        let ready = phases.flat_map(|no| self.ready_in(no)).take(LOOKED_AT_MAX);
        let lacking = live.chain(ready).filter_map(|id| {
            let view = self.task(id)?;
            let begun = !matches!(view.state.status, Status::Planned | Status::Claimed);
            let missing = self.missing_references(id);
            (!begun && !missing.is_empty()).then_some((view, missing))
        });
        waiting.extend(lacking.take(NAMED_MAX).map(|(view, missing)| Waiting {
            kind: WaitKind::References,
            id: view.id.to_string(),
            title: format!("{} lacks {}", view.spec.title, titles(&missing)),
            since: view.spec.created_at,
            holds_up: 0,
            command: Self::referring(view.id, &missing),
        }));
    }
}

/// Kinds in a row, for people.
pub(super) fn titles(kinds: &[ReferenceKind]) -> String {
    let titles = kinds.iter().map(|kind| kind.title());
    titles.collect::<Vec<_>>().join(", ")
}
