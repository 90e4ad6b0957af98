//! The files that belong to the project: those git tracks or would track, or, where there is no git, all
//! but build output.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One file and its text; files that are not UTF-8 are no business of these checks.
pub struct File {
    /// From the top, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|end| end == "rs")
    }
}

/// Every text file, ordered by path.
pub fn files() -> Vec<File> {
    paths()
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root().join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect()
}

/// Every file's path, ordered.
pub fn paths() -> BTreeSet<String> {
    let listed = git().unwrap_or_else(|| {
        let mut found = BTreeSet::new();
        walk(root(), &mut found);
        found
    });
    assert!(listed.contains("Cargo.toml"), "the list of files is empty");
    listed
}

fn git() -> Option<BTreeSet<String>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .ok()?;
    let listed = String::from_utf8(output.stdout).ok()?;
    let listed: BTreeSet<String> = listed
        .split_terminator('\0')
        .filter(|path| root().join(path).exists())
        .map(str::to_owned)
        .collect();
    (output.status.success() && !listed.is_empty()).then_some(listed)
}

fn walk(folder: &Path, found: &mut BTreeSet<String>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path: PathBuf = entry.unwrap().path();
        let inner = path.strip_prefix(root()).unwrap();
        // The fuzz targets are a workspace of their own.
        let built = ["target", ".git", "tests/fuzz/target"];
        if built.iter().any(|folder| inner == Path::new(folder)) {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.insert(inner.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Source files that are tests as a whole: declared as `#[cfg(test)] mod name;`, or below `tests/`.
pub fn test_files(files: &[File]) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        if !file.path.starts_with("src/") {
            tests.insert(file.path.clone());
            continue;
        }
        let folder = format!("src/{}", crate::paths::home(&file.path).join("/"));
        for name in crate::paths::read(&file.path, &file.text).test_modules {
            let own = format!("{folder}/{name}.rs");
            let below = format!("{folder}/{name}/");
            tests.extend(
                files
                    .iter()
                    .filter(|file| file.path == own || file.path.starts_with(&below))
                    .map(|file| file.path.clone()),
            );
        }
    }
    tests
}
