//! Dependency cells become edges: each name of a cell is resolved, a Dependents cell is turned round, and
//! what a queue or a decision names is found the same way.

use crate::plan::import::{ImportedDependency, ImportedTarget};

use super::book::Book;
use super::diagnostic::{code, shown};
use super::names::Scope;
use super::resolve::{MAX_DEPENDENCIES, Reached, Resolver};
use super::vocabulary;

/// The most dependencies that a file may state: a family's name in every row multiplies.
const MAX_STATED: usize = 300_000;

/// The names that a cell lists.
fn parts(cell: &str) -> Vec<&str> {
    cell.split([',', ';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn smaller_parts(part: &str) -> Vec<&str> {
    [" and ", " & ", " + "]
        .iter()
        .fold(vec![part], |parts, mark| {
            parts
                .into_iter()
                .flat_map(|part| part.split(mark))
                .map(str::trim)
                .collect()
        })
}

/// Resolves every dependency cell and every dependents cell of the file.
pub(super) fn resolve(book: &mut Book, resolver: &Resolver) {
    for task in 0..book.pending.len() {
        if let Some((cell, line)) = book.pending[task].depends.take() {
            depends_cell(book, resolver, task, &cell, line);
        }
        if let Some((cell, line)) = book.pending[task].dependents.take() {
            dependents_cell(book, resolver, task, &cell, line);
        }
    }
}

/// Calls `take` for each name of a cell with what it reaches: the whole cell, its parts, or their parts.
fn each_name(
    cell: &str,
    reach: impl Fn(&str) -> Reached,
    mut take: impl FnMut(&str, Reached, bool) -> bool,
) {
    let cell = cell.trim();
    let listed = parts(cell);
    let mut after_phase = false;
    for part in listed
        .iter()
        .copied()
        .filter(|part| !vocabulary::is_none(part))
    {
        let reached = reach(part);
        let smaller = smaller_parts(part);
        if matches!(reached, Reached::Nothing) && smaller.len() > 1 {
            for name in smaller.into_iter().filter(|name| !name.is_empty()) {
                after_phase = take(name, reach(name), after_phase);
            }
        } else {
            after_phase = take(part, reached, after_phase);
        }
    }
}

fn depends_cell(book: &mut Book, resolver: &Resolver, task: usize, cell: &str, line: u32) {
    let phase = book.plan.tasks[task].phase;
    let scope = Scope {
        before: Some(task),
        ..Scope::default()
    };
    let reach = |name: &str| resolver.reach(name, scope, Some(phase));
    // A title may hold commas of its own, so the whole cell is tried first.
    if parts(cell).len() > 1
        && let Reached::Tasks(tasks) = reach(cell)
        && tasks.len() == 1
    {
        bind(
            book,
            resolver,
            task,
            cell.trim(),
            Reached::Tasks(tasks),
            line,
        );
        return;
    }
    each_name(cell, reach, |name, reached, after_phase| {
        let reached = match (&reached, after_phase, resolver.phase_number(name)) {
            (Reached::Nothing, true, Some(phase)) => Reached::Phases(vec![phase]),
            _ => reached,
        };
        let is_phase = matches!(reached, Reached::Phases(_));
        bind(book, resolver, task, name, reached, line);
        is_phase
    });
}

fn bind(
    book: &mut Book,
    resolver: &Resolver,
    task: usize,
    text: &str,
    reached: Reached,
    line: u32,
) {
    let targets: Vec<ImportedTarget> = match reached {
        Reached::Tasks(tasks) => {
            if tasks.len() > 1 {
                let titles = titles(book, &tasks);
                book.notes.add(line, code::DEPENDENCY_ON_GROUP, || {
                    format!(
                        "`{}` stands for {} tasks: {titles}",
                        shown(text),
                        tasks.len()
                    )
                });
            }
            tasks.into_iter().map(ImportedTarget::Task).collect()
        }
        Reached::Phases(phases) => phases.into_iter().map(ImportedTarget::Phase).collect(),
        Reached::AllAbove => vec![ImportedTarget::AllAbove],
        Reached::Several(tasks) => {
            let titles = titles(book, &tasks);
            book.notes.add(line, code::AMBIGUOUS_DEPENDENCY, || {
                format!(
                    "`{}` fits several tasks ({titles}); write more of the title, or its id",
                    shown(text)
                )
            });
            return;
        }
        Reached::Nothing => {
            let anywhere = Scope {
                except: Some(task),
                ..Scope::default()
            };
            let later = match resolver.reach(text, anywhere, None) {
                Reached::Tasks(tasks) => tasks.first().map(|task| book.plan.tasks[*task].line),
                _ => None,
            };
            let hint = later.map_or_else(
                || "write a task's title, its id, or `Phase N`".to_owned(),
                |line| format!("the task at line {line} fits but comes later; name it by its id"),
            );
            book.notes.add(line, code::UNRESOLVED_DEPENDENCY, || {
                format!(
                    "`{}` names no earlier task and no phase; {hint}",
                    shown(text)
                )
            });
            return;
        }
    };
    for target in targets {
        push_dependency(
            book,
            task,
            ImportedDependency {
                text: text.to_owned(),
                target,
                line,
            },
        );
    }
}

fn push_dependency(book: &mut Book, task: usize, dependency: ImportedDependency) {
    let own_phase = book.plan.tasks[task].phase;
    let (itself, other_phase) = match dependency.target {
        ImportedTarget::Task(other) => (other == task, book.plan.tasks[other].phase),
        ImportedTarget::Phase(phase) => (phase == own_phase, phase),
        ImportedTarget::AllAbove => (false, own_phase),
    };
    let (line, text) = (dependency.line, shown(&dependency.text));
    if itself {
        book.notes.add(line, code::UNRESOLVED_DEPENDENCY, || {
            format!("`{text}` names the task itself or its own phase; it cannot wait for that")
        });
        return;
    }
    if other_phase > own_phase {
        book.notes.add(line, code::EDGE_AGAINST_PHASE_ORDER, || {
            format!("`{text}` belongs to a later phase; the dependency is kept and not in force")
        });
    }
    let stated = &mut book.plan.tasks[task].dependencies;
    if stated.iter().any(|known| known.target == dependency.target) {
        return;
    }
    if stated.len() >= MAX_DEPENDENCIES || book.stated >= MAX_STATED {
        book.notes.add(line, code::TOO_MANY_DEPENDENCIES, || {
            format!(
                "`{text}` is left out: a task may depend on {MAX_DEPENDENCIES} things, and a file may \
                 state {MAX_STATED} dependencies"
            )
        });
        return;
    }
    stated.push(dependency);
    book.stated += 1;
}

fn dependents_cell(book: &mut Book, resolver: &Resolver, task: usize, cell: &str, line: u32) {
    let phase = book.plan.tasks[task].phase;
    let scope = Scope {
        except: Some(task),
        ..Scope::default()
    };
    let mut reversed = Vec::new();
    each_name(
        cell,
        |name| resolver.reach(name, scope, Some(phase)),
        |name, reached, _| {
            match reached {
                Reached::Tasks(tasks) => reversed.push((name.to_owned(), tasks)),
                Reached::Phases(_) | Reached::AllAbove | Reached::Several(_) | Reached::Nothing => {
                    book.notes.add(line, code::UNRESOLVED_DEPENDENT, || {
                        format!(
                            "`{}` names no single task that could wait for this one",
                            shown(name)
                        )
                    });
                }
            }
            false
        },
    );
    for (text, dependents) in reversed {
        for dependent in dependents {
            let target = ImportedTarget::Task(task);
            push_dependency(
                book,
                dependent,
                ImportedDependency {
                    text: text.clone(),
                    target,
                    line,
                },
            );
        }
    }
}

/// The tasks that a clause of a queue or a decision reaches; a part that reaches none, or several, is given
/// back.
pub(super) fn clause(resolver: &Resolver, text: &str) -> (Vec<usize>, Vec<String>) {
    let (mut tasks, mut lost) = (Vec::new(), Vec::new());
    let reach = |name: &str| resolver.reach(name, Scope::default(), None);
    each_name(text, reach, |name, reached, _| {
        match reached {
            Reached::Tasks(found) => tasks.extend(found),
            Reached::Phases(phases) => {
                tasks.extend(
                    phases
                        .iter()
                        .flat_map(|phase| &resolver.phase_tasks[*phase]),
                );
            }
            Reached::AllAbove | Reached::Several(_) | Reached::Nothing => {
                lost.push(name.to_owned())
            }
        }
        false
    });
    tasks.sort_unstable();
    tasks.dedup();
    tasks.truncate(MAX_DEPENDENCIES);
    (tasks, lost)
}

fn titles(book: &Book, tasks: &[usize]) -> String {
    let listed = tasks
        .iter()
        .take(5)
        .map(|task| format!("`{}`", shown(&book.plan.tasks[*task].title)));
    let mut listed = listed.collect::<Vec<_>>().join(", ");
    if tasks.len() > 5 {
        listed.push_str(", …");
    }
    listed
}
