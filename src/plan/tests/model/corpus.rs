//! What failed once and must not again: every file of `corpus/` is a list of commands, run with every check
//! after each of them. A file's first lines say what it was about.

use std::fs;
use std::path::PathBuf;

use super::WHOLE_EVERY;
use super::run::{Checks, Run};
use super::script::{Asked, read};
use crate::plan::fact::Guards;

fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/plan/tests/model/corpus"
    ))
}

/// Every file's name and commands, in order.
fn files() -> Vec<(String, Vec<Asked>)> {
    let entries = fs::read_dir(folder()).expect("the corpus is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let file = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("# "),
            "{path:?} does not say what it is about"
        );
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, read(&text))
    };
    paths.into_iter().map(file).collect()
}

#[test]
fn what_failed_once_holds_now() {
    let files = files();
    assert!(!files.is_empty(), "the corpus is empty");
    let checks = Checks {
        whole_every: 1,
        guards: Guards::default(),
    };
    for (name, script) in files {
        let mut run = Run::new(checks);
        if let Err(why) = run.follow(&script) {
            panic!("{name}: {why}");
        }
        let taken: usize = run.commands.values().map(|count| count.taken).sum();
        assert!(taken * 2 > script.len(), "{name}: most of it is refused");
    }
}

#[test]
fn the_corpus_fails_when_what_it_shows_is_broken() {
    let files = files();
    let (_, script) = files
        .iter()
        .find(|(name, _)| name == "late-holder.jsonl")
        .expect("the file about a late holder");
    let checks = Checks {
        whole_every: WHOLE_EVERY,
        guards: Guards::without_fence_check_for_a_negative_control(),
    };
    let why = Run::new(checks)
        .follow(script)
        .expect_err("the fence is not looked at");
    assert!(why.contains("late"), "{why}");
}
