//! Names found among tasks: by id, or by words free of order, case and ending (the first five letters
//! decide). A name that fits several tasks fits none; work is bounded, also for a hostile file.

use std::cell::Cell;
use std::collections::HashMap;

use crate::plan::selector::stems;

/// How many postings one look-up may read.
const MAX_STEPS_PER_NAME: usize = 20_000;

/// How many postings all look-ups of a file may read together.
const MAX_STEPS: usize = 100_000_000;

/// How many tasks one family name may stand for.
const MAX_FAMILY: usize = 1_000;

/// What a name reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    None,
    One(usize),
    /// A plural that names a family ("Features" for "Feature A" and "Feature B").
    Family(Vec<usize>),
    /// Several, of which the first few are given.
    Many(Vec<usize>),
}

/// Among which tasks a name is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scope {
    /// Only tasks before this one.
    pub before: Option<usize>,
    /// Only tasks of this phase.
    pub phase: Option<usize>,
    /// Not this task.
    pub except: Option<usize>,
}

/// The names of all tasks of a file.
#[derive(Debug, Default)]
pub(super) struct Names {
    stems: HashMap<String, u32>,
    postings: Vec<Vec<usize>>,
    titles: Vec<Title>,
    whole: HashMap<Vec<u32>, Vec<usize>>,
    ids: HashMap<String, usize>,
    labels: HashMap<String, Vec<usize>>,
    steps: Cell<usize>,
}

#[derive(Debug)]
struct Title {
    /// Sorted, each once.
    stems: Vec<u32>,
    first: Option<u32>,
    phase: usize,
}

impl Names {
    /// Adds the next task; its place is the number of tasks added before.
    pub fn add(&mut self, title: &str, phase: usize, id: Option<&str>, label: Option<&str>) {
        let place = self.titles.len();
        let mut all = Vec::new();
        for stem in stems(title) {
            let next = u32::try_from(self.stems.len()).unwrap_or(u32::MAX);
            let stem = *self.stems.entry(stem).or_insert(next);
            if stem == next {
                self.postings.push(Vec::new());
            }
            all.push(stem);
        }
        let first = all.first().copied();
        all.sort_unstable();
        all.dedup();
        for stem in &all {
            if let Some(posting) = self.postings.get_mut(*stem as usize) {
                posting.push(place);
            }
        }
        self.whole.entry(all.clone()).or_default().push(place);
        self.titles.push(Title {
            stems: all,
            first,
            phase,
        });
        if let Some(id) = id {
            self.ids.entry(id.to_lowercase()).or_insert(place);
        }
        if let Some(label) = label {
            self.labels
                .entry(label.to_lowercase())
                .or_default()
                .push(place);
        }
    }

    /// The task with an authored id; else the one with this number in its row, of `phase` when several.
    pub fn by_id(&self, id: &str, phase: Option<usize>) -> Option<usize> {
        let id = id.trim().to_lowercase();
        if let Some(task) = self.ids.get(&id) {
            return Some(*task);
        }
        match self.labels.get(&id)?.as_slice() {
            [one] => Some(*one),
            several => {
                let mut same = several
                    .iter()
                    .take(MAX_FAMILY)
                    .filter(|task| Some(self.titles[**task].phase) == phase);
                let first = same.next();
                first.filter(|_| same.next().is_none()).copied()
            }
        }
    }

    /// Looks a name up by its words.
    pub fn find(&self, name: &str, scope: Scope) -> Found {
        let mut words = Vec::new();
        for stem in stems(name).take(64) {
            match self.stems.get(&stem) {
                Some(stem) => words.push(*stem),
                None => return Found::None,
            }
        }
        words.sort_unstable();
        words.dedup();
        let Some(rarest) = words
            .iter()
            .min_by_key(|stem| self.postings[**stem as usize].len())
        else {
            return Found::None;
        };
        if let Some(same) = self.whole.get(&words)
            && let [one] = self.some_in_scope(same, scope, 2, |_| true).as_slice()
        {
            return Found::One(*one);
        }
        let posting = &self.postings[*rarest as usize];
        let fits = |title: &Title| {
            words
                .iter()
                .all(|stem| title.stems.binary_search(stem).is_ok())
        };
        let found = self.some_in_scope(posting, scope, 6, fits);
        match found.as_slice() {
            [] => Found::None,
            [one] => Found::One(*one),
            _ => self
                .family(name, &words, posting, scope)
                .map_or(Found::Many(found), Found::Family),
        }
    }

    fn some_in_scope(
        &self,
        posting: &[usize],
        scope: Scope,
        most: usize,
        fits: impl Fn(&Title) -> bool,
    ) -> Vec<usize> {
        let end = scope.before.map_or(posting.len(), |before| {
            posting.partition_point(|task| *task < before)
        });
        let mut found = Vec::new();
        let left = MAX_STEPS
            .saturating_sub(self.steps.get())
            .min(MAX_STEPS_PER_NAME);
        let mut steps = 0;
        // The nearest come first, so that a bounded look finds what is close to the asking task.
        for task in posting[..end].iter().rev().take(left) {
            steps += 1;
            let title = &self.titles[*task];
            if Some(*task) != scope.except
                && scope.phase.is_none_or(|phase| title.phase == phase)
                && fits(title)
            {
                found.push(*task);
                if found.len() >= most {
                    break;
                }
            }
        }
        self.steps.set(self.steps.get() + steps);
        // A look that was cut short cannot tell that what it found is the only one.
        if steps == left && end > left && found.len() == 1 {
            found.clear();
        }
        found.reverse();
        found
    }

    fn family(
        &self,
        name: &str,
        words: &[u32],
        posting: &[usize],
        scope: Scope,
    ) -> Option<Vec<usize>> {
        let ([stem], true) = (words, name.trim().to_lowercase().ends_with('s')) else {
            return None;
        };
        let members = self.some_in_scope(posting, scope, MAX_FAMILY + 1, |_| true);
        let phase = self.titles[*members.first()?].phase;
        let related = members.iter().all(|task| {
            let title = &self.titles[*task];
            title.first == Some(*stem) && title.phase == phase
        });
        (related && members.len() <= MAX_FAMILY).then_some(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(titles: &[&str]) -> Names {
        let mut names = Names::default();
        for (place, title) in titles.iter().enumerate() {
            names.add(title, place / 10, None, None);
        }
        names
    }

    #[test]
    fn order_case_and_ending_do_not_matter() {
        let names = names(&[
            "Set up project structure",
            "Integrate payment provider",
            "Write unit tests",
        ]);
        for (name, place) in [
            ("Project structure", 0),
            ("PAYMENT integration", 1),
            ("unit test", 2),
            ("structures", 0),
        ] {
            assert_eq!(
                names.find(name, Scope::default()),
                Found::One(place),
                "{name}"
            );
        }
        assert_eq!(names.find("project payment", Scope::default()), Found::None);
        assert_eq!(names.find("", Scope::default()), Found::None);
    }

    #[test]
    fn several_are_none_unless_one_has_the_whole_name() {
        let names = names(&["Main API", "Main API tests", "Other tests"]);
        assert_eq!(names.find("Main API", Scope::default()), Found::One(0));
        assert_eq!(names.find("API", Scope::default()), Found::Many(vec![0, 1]));
        let before = Scope {
            before: Some(1),
            ..Scope::default()
        };
        assert_eq!(names.find("API", before), Found::One(0));
    }

    #[test]
    fn a_plural_stands_for_its_family() {
        let names = names(&["Feature A", "Feature B", "Document a feature"]);
        let before = Scope {
            before: Some(2),
            ..Scope::default()
        };
        assert_eq!(names.find("Features", before), Found::Family(vec![0, 1]));
        assert_eq!(
            names.find("Features", Scope::default()),
            Found::Many(vec![0, 1, 2])
        );
    }

    #[test]
    fn common_words_cost_bounded_work() {
        let mut names = Names::default();
        for place in 0..50_000 {
            names.add(
                if place % 2 == 0 {
                    "left hand"
                } else {
                    "right hand"
                },
                0,
                None,
                None,
            );
        }
        for _ in 0..5_000 {
            assert_eq!(names.find("left right", Scope::default()), Found::None);
        }
        assert!(names.steps.get() <= MAX_STEPS);
    }
}
