//! Reads the project itself and holds it to the rules that a machine can check. Each check is a function
//! over a path and a text, and each is also fed a bad sample, so that none passes by looking away.

// Tells clippy that helpers beside the tests are test code too.
#![cfg(test)]

mod lexer;
mod links;
mod modules;
mod packages;
mod paths;
mod text;
mod tree;

use std::collections::BTreeSet;

use tree::File;

/// Fails with every problem found, one a line.
fn hold(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Runs a check over the files that `concerns` picks.
fn over(concerns: impl Fn(&File) -> bool, check: fn(&str, &str) -> Vec<String>) {
    let files = tree::files();
    let picked: Vec<&File> = files.iter().filter(|file| concerns(file)).collect();
    assert!(!picked.is_empty(), "no file is looked at");
    hold(
        picked
            .into_iter()
            .flat_map(|file| check(&file.path, &file.text))
            .collect(),
    );
}

/// Source below `src/` that is not a test as a whole.
fn product(files: &[File]) -> Vec<&File> {
    let tests = tree::test_files(files);
    files
        .iter()
        .filter(|file| file.is_rust() && file.path.starts_with("src/"))
        .filter(|file| !tests.contains(&file.path))
        .collect()
}

#[test]
fn no_module_mentions_what_it_must_not() {
    let files = tree::files();
    let product = product(&files);
    assert!(product.len() > 5, "no source is looked at");
    hold(
        product
            .into_iter()
            .flat_map(|file| modules::check(&file.path, &file.text))
            .collect(),
    );
}

#[test]
fn every_source_file_says_what_it_is_for() {
    over(File::is_rust, text::header);
}

#[test]
fn no_source_file_is_too_long() {
    let files = tree::files();
    hold(
        product(&files)
            .into_iter()
            .flat_map(|file| text::length(&file.path, &file.text))
            .collect(),
    );
}

#[test]
fn nothing_is_a_stub_or_silenced_or_skipped() {
    over(File::is_rust, text::stubs);
}

#[test]
fn no_note_to_oneself_is_left() {
    over(|file| !file.path.ends_with("Cargo.lock"), text::notes);
}

#[test]
fn no_file_speaks_of_the_workshop() {
    over(|file| !file.path.ends_with("Cargo.lock"), text::words);
}

#[test]
fn nothing_unknown_lies_at_the_top() {
    hold(text::top_level(&tree::paths()));
}

#[test]
fn links_in_documents_lead_somewhere() {
    let documents = tree::files()
        .into_iter()
        .filter(|file| file.path.ends_with(".md") && !file.path.starts_with("tests/"));
    let exists = |path: &str| tree::root().join(path).exists();
    hold(
        documents
            .flat_map(|file| links::check(&file.path, &file.text, exists))
            .collect(),
    );
}

#[test]
fn every_dependency_has_a_licence_we_can_keep_and_none_is_banned() {
    let packages = packages::locked();
    assert!(packages.len() > 20, "no package is looked at");
    let mut problems = packages::licences(&packages);
    problems.extend(packages::bans(&packages));
    hold(problems);
}

#[test]
fn every_dependency_is_used() {
    let files = tree::files();
    let mut mentioned = BTreeSet::new();
    for file in product(&files) {
        for mention in paths::read(&file.path, &file.text).mentions {
            if !mention.in_test {
                let first = mention.path.split("::").next().unwrap_or_default();
                mentioned.insert(first.to_owned());
            }
        }
    }
    let manifest = files.iter().find(|file| file.path == "Cargo.toml").unwrap();
    let unused = packages::unused(&manifest.text, &mentioned);
    // While a module holds nothing but its header, what it will use cannot be there yet.
    let unwritten = product(&files)
        .into_iter()
        .any(|file| file.text.lines().all(|line| line.starts_with("//!")));
    if unwritten {
        println!("skipped, a module is not written yet: {unused:?}");
    } else {
        hold(unused);
    }
}
