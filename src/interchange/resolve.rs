//! Names in dependency cells, queues and decisions become places: an id first, then a phase, then words.
//! What fits nothing, or fits several, is a diagnostic and never a guess.

use std::collections::HashMap;

use super::book::Book;
use super::heading;
use super::names::{Found, Names, Scope};
use super::table::looks_like_id;
use super::vocabulary;

/// The most dependencies that a task may state.
pub(super) const MAX_DEPENDENCIES: usize = 1_000;

/// The longest name that is looked up, in bytes.
const LONGEST_NAME: usize = 500;

/// What a written name reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reached {
    Tasks(Vec<usize>),
    Phases(Vec<usize>),
    AllAbove,
    Several(Vec<usize>),
    Nothing,
}

/// Everything that a name can mean in one file.
pub(super) struct Resolver {
    names: Names,
    phase_ids: HashMap<String, usize>,
    phase_names: HashMap<String, Option<usize>>,
    /// The first tasks of each phase.
    pub(super) phase_tasks: Vec<Vec<usize>>,
}

impl Resolver {
    /// Indexes the phases and tasks read so far.
    pub fn new(book: &Book) -> Self {
        let mut names = Names::default();
        let mut phase_tasks = vec![Vec::new(); book.plan.phases.len()];
        for (place, (task, pending)) in book.plan.tasks.iter().zip(&book.pending).enumerate() {
            if phase_tasks[task.phase].len() < MAX_DEPENDENCIES {
                phase_tasks[task.phase].push(place);
            }
            names.add(
                &task.title,
                task.phase,
                task.external_id.as_deref(),
                pending.label.as_deref(),
            );
        }
        let (mut phase_ids, mut phase_names) = (HashMap::new(), HashMap::new());
        for (place, phase) in book.plan.phases.iter().enumerate() {
            if let Some(id) = &phase.id {
                phase_ids.entry(id.to_lowercase()).or_insert(place);
            }
            phase_names
                .entry(super::table::name(&phase.name))
                .and_modify(|known| *known = None)
                .or_insert(Some(place));
        }
        Self {
            names,
            phase_ids,
            phase_names,
            phase_tasks,
        }
    }

    /// What one name reaches, seen from a task of `phase` or from a queue.
    pub fn reach(&self, name: &str, scope: Scope, phase: Option<usize>) -> Reached {
        let name = name.trim().trim_end_matches(['.', ',', ';']).trim();
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Reached::Nothing;
        }
        let bare = without_state(name);
        for id in [name, bare, without_id_word(bare)] {
            if let Some(task) = self.names.by_id(id, phase) {
                return Reached::Tasks(vec![task]);
            }
        }
        if is_all_above(bare) {
            return Reached::AllAbove;
        }
        if let Some(tasks) = self.range(without_id_word(bare), phase) {
            return Reached::Tasks(tasks);
        }
        if let Some(reached) = self.in_phase(bare, scope) {
            return reached;
        }
        let is_numbered_task = strip_word(bare, "task").is_some_and(looks_like_id);
        if is_numbered_task || looks_like_id(bare.trim_start_matches('#')) {
            return Reached::Nothing;
        }
        match self.by_words(name, scope) {
            Reached::Nothing if bare.len() < name.len() => self.by_words(bare, scope),
            reached => reached,
        }
    }

    fn by_words(&self, name: &str, scope: Scope) -> Reached {
        match self.names.find(name, scope) {
            Found::One(task) => Reached::Tasks(vec![task]),
            Found::Family(tasks) => Reached::Tasks(tasks),
            Found::Many(tasks) => Reached::Several(tasks),
            Found::None => Reached::Nothing,
        }
    }

    /// The phase that a text names by its number or its whole name.
    pub fn phase(&self, text: &str) -> Option<usize> {
        let text = without_state(text.trim());
        if let Some((_, rest)) = heading::phase_word(text)
            && let Some((id, rest)) = heading::number(rest)
            && let Some(place) = self.phase_ids.get(&id.to_lowercase())
            && (rest.trim().is_empty()
                || rest
                    .trim_start()
                    .starts_with([':', '-', '–', '—', '(', '.', ',']))
        {
            return Some(*place);
        }
        self.phase_names
            .get(&super::table::name(text))
            .copied()
            .flatten()
    }

    /// A bare number after a phase in the same cell ("Phase 1, 2").
    pub fn phase_number(&self, text: &str) -> Option<usize> {
        self.phase_ids.get(&text.trim().to_lowercase()).copied()
    }

    /// "Phase 2", "Phases 1-3", "All Phase 1 tasks", "Phase 2 payment integration".
    fn in_phase(&self, text: &str, scope: Scope) -> Option<Reached> {
        let text =
            strip_word(text, "all").map_or(text, |rest| strip_word(rest, "of").unwrap_or(rest));
        let (_, rest) = heading::phase_word(text)?;
        let (id, rest) = heading::number(rest)?;
        let Some(phase) = self.phase_ids.get(&id.to_lowercase()).copied() else {
            let (first, last) = id.split_once('-')?;
            let (first, last) = (self.phase_number(first)?, self.phase_number(last)?);
            return (rest.trim().is_empty() && first <= last)
                .then(|| Reached::Phases((first..=last).collect()));
        };
        let words = without_state(rest.trim_start_matches([' ', ':', '-', '–', '—', '\'', ',']));
        let whole = matches!(
            words.to_lowercase().as_str(),
            "" | "tasks" | "all tasks" | "s"
        ) || vocabulary::is_none(words);
        if whole {
            return Some(Reached::Phases(vec![phase]));
        }
        Some(self.by_words(
            words,
            Scope {
                phase: Some(phase),
                ..scope
            },
        ))
    }

    /// "T001-T008", "Steps 3-5", "1.1 – 1.4": every id of the range, all of which must be known.
    fn range(&self, text: &str, phase: Option<usize>) -> Option<Vec<usize>> {
        let (first, last) = ["..", " to ", " through ", "–", "—", "-"]
            .iter()
            .find_map(|mark| text.rsplit_once(mark))?;
        let (prefix, low, width) = tail_number(first.trim())?;
        let last = last.trim();
        let (last_prefix, high, _) = tail_number(last)?;
        if !(last_prefix.is_empty() || last_prefix.eq_ignore_ascii_case(prefix)) {
            return None;
        }
        if high <= low || high - low >= MAX_DEPENDENCIES as u64 {
            return None;
        }
        (low..=high)
            .map(|number| {
                self.names
                    .by_id(&format!("{prefix}{number:0width$}"), phase)
            })
            .collect()
    }
}

/// "T008" as its prefix, its number and how wide the number is written.
fn tail_number(text: &str) -> Option<(&str, u64, usize)> {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (prefix, number) = text.split_at(text.len() - digits);
    (prefix.len() <= 16 && (1..=9).contains(&digits) && !prefix.contains(char::is_whitespace))
        .then(|| number.parse().ok().map(|value| (prefix, value, digits)))
        .flatten()
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    (head.eq_ignore_ascii_case(word) && rest.starts_with(' ')).then(|| rest.trim_start())
}

/// A name without the state asked of it: "Phase 1 complete", "Task 3.1.1 approved", "API layer (done)".
fn without_state(text: &str) -> &str {
    let mut text = text.trim();
    if text.ends_with(')')
        && let Some(open) = text.rfind(" (")
    {
        text = text[..open].trim_end();
    }
    while let Some((rest, word)) = text.rsplit_once(' ') {
        let word = word.to_ascii_lowercase();
        let state = matches!(
            word.as_str(),
            "complete"
                | "completed"
                | "completion"
                | "done"
                | "finished"
                | "approved"
                | "merged"
                | "closed"
                | "is"
                | "be"
                | "must"
                | "fully"
                | "are"
        );
        if !state {
            break;
        }
        text = rest.trim_end();
    }
    text
}

fn without_id_word(text: &str) -> &str {
    [
        "tasks", "task", "steps", "step", "stories", "story", "items", "item",
    ]
    .iter()
    .find_map(|word| strip_word(text, word))
    .unwrap_or(text)
    .trim_start_matches('#')
}

fn is_all_above(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split_whitespace()
        .filter(|word| !matches!(*word, "of" | "the" | "tasks" | "items" | "steps" | "rows"))
        .take(4)
        .collect();
    matches!(
        words.as_slice(),
        [
            "all" | "everything",
            "above" | "previous" | "prior" | "earlier" | "preceding"
        ]
    )
}
