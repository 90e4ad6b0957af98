//! What a file says of itself and what follows from its rows: written numbers are compared and reported,
//! never taken.

use crate::plan::import::{ImportedPhase, ImportedStatus, ImportedTask};

use super::book::{Book, Written};
use super::diagnostic::{code, shown};
use super::resolve::Resolver;

/// How many tasks count and how many of them are completed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Progress {
    completed: u64,
    total: u64,
}

impl Progress {
    fn add(&mut self, task: &ImportedTask) {
        match task.status {
            ImportedStatus::Deferred | ImportedStatus::Cancelled => {}
            ImportedStatus::Completed => {
                self.completed += 1;
                self.total += 1;
            }
            ImportedStatus::Planned
            | ImportedStatus::InProgress
            | ImportedStatus::Blocked
            | ImportedStatus::InReview => self.total += 1,
        }
    }

    /// Integer percent, half up; 0 of 0 is 0.
    fn percent(self) -> u64 {
        if self.total == 0 {
            0
        } else {
            (self.completed * 200 + self.total) / (self.total * 2)
        }
    }
}

/// Compares every written number with the computed one.
pub(super) fn written(book: &mut Book, resolver: &Resolver) {
    let mut of_phase = vec![Progress::default(); book.plan.phases.len()];
    let mut whole = Progress::default();
    for task in &book.plan.tasks {
        of_phase[task.phase].add(task);
        whole.add(task);
    }
    for written in std::mem::take(&mut book.written) {
        match written {
            Written::Progress { phase, text, line } => {
                let computed = phase.map_or(whole, |phase| of_phase[phase]);
                compare_progress(book, &text, computed, line);
            }
            Written::CurrentPhase { text, line } => {
                compare_current(book, resolver, &text, &of_phase, line);
            }
        }
    }
    for (place, progress) in of_phase.iter().enumerate() {
        let phase = &book.plan.phases[place];
        if phase.status == ImportedStatus::Completed && progress.completed < progress.total {
            let open = progress.total - progress.completed;
            book.notes.add(phase.line, code::PHASE_STATUS_MISMATCH, || {
                format!("the phase is written as completed and {open} of its tasks are not")
            });
        }
    }
}

fn compare_progress(book: &mut Book, text: &str, computed: Progress, line: u32) {
    let (counts, percent) = (fraction(text), percentage(text));
    let counts_differ = counts.is_some_and(|counts| counts != computed);
    let percent_differs = percent.is_some_and(|percent| percent != computed.percent());
    if counts_differ || percent_differs {
        book.notes.add(line, code::PROGRESS_MISMATCH, || {
            let Progress { completed, total } = computed;
            format!(
                "`{}` is written; the file's own tasks say {completed}/{total} ({}%)",
                shown(text),
                computed.percent()
            )
        });
    }
}

fn number_before(text: &str) -> Option<u64> {
    let text = text.trim_end();
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    text[text.len() - digits..].parse().ok()
}

fn fraction(text: &str) -> Option<Progress> {
    let (before, after) = text.split_once('/')?;
    let after = after.trim_start();
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    Some(Progress {
        completed: number_before(before)?,
        total: after[..digits].parse().ok()?,
    })
}

fn percentage(text: &str) -> Option<u64> {
    let (before, _) = text.split_once('%')?;
    let number = before.trim_end();
    let start = number
        .rfind(|next: char| !(next.is_ascii_digit() || next == '.'))
        .map_or(0, |at| {
            at + number[at..].chars().next().map_or(1, char::len_utf8)
        });
    let (whole, tenths) = number[start..]
        .split_once('.')
        .unwrap_or((&number[start..], "0"));
    let up = tenths
        .as_bytes()
        .first()
        .is_some_and(|digit| *digit >= b'5');
    Some(whole.parse::<u64>().ok()?.saturating_add(u64::from(up)))
}

fn compare_current(
    book: &mut Book,
    resolver: &Resolver,
    text: &str,
    of_phase: &[Progress],
    line: u32,
) {
    let written = resolver.phase(text);
    let current = book
        .plan
        .phases
        .iter()
        .zip(of_phase)
        .position(|(phase, progress)| !is_over(phase, *progress));
    if written.is_none() || written != current {
        let name = |place: Option<usize>| {
            place.map_or_else(
                || "no phase".to_owned(),
                |place| {
                    let phase = &book.plan.phases[place];
                    let id = phase.id.as_deref().unwrap_or("without a number");
                    format!("phase {id} ({})", shown(&phase.name))
                },
            )
        };
        let computed = name(current);
        book.notes.add(line, code::CURRENT_PHASE_MISMATCH, || {
            format!(
                "`{}` is written; the lowest phase not completed is {computed}",
                shown(text)
            )
        });
    }
}

/// A phase is over when its tasks are and nothing else keeps it open; written as completed settles that.
fn is_over(phase: &ImportedPhase, progress: Progress) -> bool {
    let done = progress.completed == progress.total;
    done && match phase.status {
        ImportedStatus::Completed | ImportedStatus::Cancelled | ImportedStatus::Deferred => true,
        ImportedStatus::InProgress | ImportedStatus::Blocked | ImportedStatus::InReview => {
            progress.total > 0 && phase.criteria.is_empty()
        }
        ImportedStatus::Planned => phase.criteria.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_percentages_are_read_and_rounded_half_up() {
        assert_eq!(
            fraction("1/5 tasks complete (20%)"),
            Some(Progress {
                completed: 1,
                total: 5
            })
        );
        assert_eq!(fraction("none"), None);
        assert_eq!(percentage("1/5 tasks complete (20%)"), Some(20));
        assert_eq!(percentage("about 47.5%"), Some(48));
        assert_eq!(percentage("ä%"), None);
        assert_eq!(
            Progress {
                completed: 1,
                total: 8
            }
            .percent(),
            13
        );
        assert_eq!(Progress::default().percent(), 0);
    }
}
