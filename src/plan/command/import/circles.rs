//! The stated edges of a file that cannot be in force: against the phase order, or closing a circle.
//! Linear in the size of the file.

use std::collections::BTreeSet;

use super::super::super::import::{Diagnostic, ImportedDependency, ImportedPlan, ImportedTarget};
use super::{clip_line, diagnose};

/// Steps of a circle that are spelled out.
const NAMED_MAX: usize = 10;

/// Edges by their task's place and their own among its dependencies.
pub type Edges = BTreeSet<(usize, usize)>;

/// The edges to be kept and not enforced, each with a diagnostic.
pub fn find(file: &ImportedPlan, diagnostics: &mut Vec<Diagnostic>) -> Edges {
    let mut dropped = Edges::new();
    against_phase_order(file, &mut dropped, diagnostics);
    Walk::over(file, &mut dropped, diagnostics);
    all_above_in_circles(file, &mut dropped, diagnostics);
    dropped
}

fn against_phase_order(
    file: &ImportedPlan,
    dropped: &mut Edges,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (place, task) in file.tasks.iter().enumerate() {
        for (edge, stated) in task.dependencies.iter().enumerate() {
            let why = match stated.target {
                ImportedTarget::Task(target) => file
                    .tasks
                    .get(target)
                    .is_some_and(|other| other.phase > task.phase)
                    .then_some("stands later in the phase order"),
                ImportedTarget::Phase(target) if target == task.phase => {
                    Some("is the task's own phase")
                }
                ImportedTarget::Phase(target) if target > task.phase => {
                    Some("stands later in the phase order")
                }
                ImportedTarget::Phase(_) | ImportedTarget::AllAbove => None,
            };
            if let Some(why) = why {
                keep_not_in_force(stated, "edge_against_phase_order", why, diagnostics);
                dropped.insert((place, edge));
            }
        }
    }
}

fn keep_not_in_force(
    stated: &ImportedDependency,
    code: &str,
    why: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let message = format!(
        "`{}` {why}; the dependency is kept, not in force",
        clip_line(&stated.text, 80)
    );
    diagnose(diagnostics, stated.line, code, message);
}

/// A depth-first walk over the edges from task to task, without recursion; an edge back to a task under
/// way closes a circle.
struct Walk<'a> {
    file: &'a ImportedPlan,
    /// 0 = new, 1 = done, else under way: the place on the stack, plus 2.
    marks: Vec<usize>,
}

impl Walk<'_> {
    fn over(file: &ImportedPlan, dropped: &mut Edges, diagnostics: &mut Vec<Diagnostic>) {
        let marks = vec![0; file.tasks.len()];
        let mut walk = Walk { file, marks };
        for place in 0..file.tasks.len() {
            walk.from(place, dropped, diagnostics);
        }
    }

    fn from(&mut self, start: usize, dropped: &mut Edges, diagnostics: &mut Vec<Diagnostic>) {
        if self.marks[start] != 0 {
            return;
        }
        self.marks[start] = 2;
        let mut stack = vec![(start, 0_usize)];
        while let Some((place, next)) = stack.last_mut() {
            let (place, edge) = (*place, *next);
            let Some(stated) = self.file.tasks[place].dependencies.get(edge) else {
                self.marks[place] = 1;
                stack.pop();
                continue;
            };
            *next += 1;
            let ImportedTarget::Task(target) = stated.target else {
                continue;
            };
            if dropped.contains(&(place, edge)) {
                continue;
            }
            match self.marks.get(target).copied() {
                Some(0) => {
                    self.marks[target] = stack.len() + 2;
                    stack.push((target, 0));
                }
                Some(1) | None => {}
                Some(on_way) => {
                    let circle = stack.get(on_way - 2..).unwrap_or_default();
                    let why = format!("closes a circle ({})", self.spelled(circle));
                    keep_not_in_force(stated, "dependency_cycle", &why, diagnostics);
                    dropped.insert((place, edge));
                }
            }
        }
    }

    fn spelled(&self, circle: &[(usize, usize)]) -> String {
        let named = circle.iter().take(NAMED_MAX);
        let mut names: Vec<String> = named
            .map(|(place, _)| clip_line(&self.file.tasks[*place].title, 60))
            .collect();
        if circle.len() > NAMED_MAX {
            names.push("…".to_owned());
        }
        names.join(" -> ")
    }
}

/// Rows that wait for everything above them while one of those waits for the row. Row by row: whatever an
/// earlier row waits for is waited for by everything above the next one.
fn all_above_in_circles(
    file: &ImportedPlan,
    dropped: &mut Edges,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut waited_for = vec![false; file.tasks.len()];
    for (place, task) in file.tasks.iter().enumerate() {
        for (edge, stated) in task.dependencies.iter().enumerate() {
            if stated.target == ImportedTarget::AllAbove && waited_for[place] {
                let why = "closes a circle, for a task above waits for this one";
                keep_not_in_force(stated, "dependency_cycle", why, diagnostics);
                dropped.insert((place, edge));
            }
        }
        let mut todo = vec![place];
        while let Some(from) = todo.pop() {
            for (edge, stated) in file.tasks[from].dependencies.iter().enumerate() {
                let ImportedTarget::Task(target) = stated.target else {
                    continue;
                };
                let inside = file
                    .tasks
                    .get(target)
                    .is_some_and(|other| other.phase == task.phase);
                if inside && !waited_for[target] && !dropped.contains(&(from, edge)) {
                    waited_for[target] = true;
                    todo.push(target);
                }
            }
        }
    }
}
