//! Edges of a plan file that cannot be in force: kept as stated, with a diagnostic each.

use std::collections::BTreeSet;

use super::super::super::import::{Diagnostic, ImportedPlan, ImportedTarget};
use super::{clip, diagnose};

/// The stated edges that cannot be in force: against the phase order, or closing a circle. Linear in the
/// size of the file: "all above" stands for one edge to each task back to the last such row.
pub struct Circles<'a> {
    file: &'a ImportedPlan,
    colour: Vec<u8>,
    dropped: BTreeSet<(usize, usize)>,
    above: Vec<Vec<usize>>,
}

impl<'a> Circles<'a> {
    pub fn find(
        file: &'a ImportedPlan,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> BTreeSet<(usize, usize)> {
        let mut circles = Self {
            file,
            colour: vec![0; file.tasks.len()],
            dropped: BTreeSet::new(),
            above: Self::above(file),
        };
        for (place, task) in file.tasks.iter().enumerate() {
            for (edge, stated) in task.dependencies.iter().enumerate() {
                let later = match stated.target {
                    ImportedTarget::Task(target) => file
                        .tasks
                        .get(target)
                        .is_some_and(|other| other.phase > task.phase),
                    ImportedTarget::Phase(target) => target >= task.phase,
                    ImportedTarget::AllAbove => false,
                };
                if later {
                    let message = format!(
                        "`{}` stands later in the phase order; the dependency is kept, not in force",
                        clip(&stated.text, 80)
                    );
                    diagnose(
                        diagnostics,
                        stated.line,
                        "edge_against_phase_order",
                        message,
                    );
                    circles.dropped.insert((place, edge));
                }
            }
        }
        for place in 0..file.tasks.len() {
            circles.walk(place, diagnostics);
        }
        circles.dropped
    }

    fn above(file: &ImportedPlan) -> Vec<Vec<usize>> {
        let mut since: Vec<Vec<usize>> = vec![Vec::new(); file.phases.len()];
        let mut above = vec![Vec::new(); file.tasks.len()];
        for (place, task) in file.tasks.iter().enumerate() {
            let Some(earlier) = since.get_mut(task.phase) else {
                continue;
            };
            if task
                .dependencies
                .iter()
                .any(|stated| stated.target == ImportedTarget::AllAbove)
            {
                above[place] = std::mem::take(earlier);
            }
            earlier.push(place);
        }
        above
    }

    /// The targets of one task: a stated edge with its number, or a step up of an "all above".
    fn targets(&self, place: usize) -> Vec<(usize, usize)> {
        let mut targets = Vec::new();
        for (edge, stated) in self.file.tasks[place].dependencies.iter().enumerate() {
            if self.dropped.contains(&(place, edge)) {
                continue;
            }
            match stated.target {
                ImportedTarget::Task(target) => targets.push((target, edge)),
                ImportedTarget::AllAbove => {
                    targets.extend(self.above[place].iter().map(|target| (*target, edge)));
                }
                ImportedTarget::Phase(_) => {}
            }
        }
        targets
    }

    /// A depth-first walk without recursion; an edge back to a task under way closes a circle.
    fn walk(&mut self, start: usize, diagnostics: &mut Vec<Diagnostic>) {
        const UNDER_WAY: u8 = 1;
        const DONE: u8 = 2;
        if self.colour[start] != 0 {
            return;
        }
        self.colour[start] = UNDER_WAY;
        let mut stack = vec![(start, self.targets(start), 0_usize)];
        while let Some((place, targets, next)) = stack.last_mut() {
            let place = *place;
            let Some(&(target, edge)) = targets.get(*next) else {
                self.colour[place] = DONE;
                stack.pop();
                continue;
            };
            *next += 1;
            match self.colour.get(target).copied() {
                Some(0) => {
                    self.colour[target] = UNDER_WAY;
                    let targets = self.targets(target);
                    stack.push((target, targets, 0));
                }
                Some(UNDER_WAY) => {
                    let circle: Vec<String> = stack
                        .iter()
                        .skip_while(|(on_way, _, _)| *on_way != target)
                        .map(|(on_way, _, _)| clip(&self.file.tasks[*on_way].title, 60))
                        .collect();
                    let stated = &self.file.tasks[place].dependencies[edge];
                    let message = format!(
                        "`{}` closes a circle ({}); the dependency is kept, not in force",
                        clip(&stated.text, 80),
                        circle.join(" -> ")
                    );
                    if self.dropped.insert((place, edge)) {
                        diagnose(diagnostics, stated.line, "dependency_cycle", message);
                    }
                }
                Some(_) | None => {}
            }
        }
    }
}
