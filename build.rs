//! Gives the code that folds events into plans, and writes and reads snapshots, a name of its own: a hash
//! of its sources. A snapshot is used by the code that wrote it and by no other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a snapshot's content depends on; tests beside it do not count.
const SOURCES: &[&str] = &["src/plan", "src/engine/snapshot", "src/engine/request.rs"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        collect(Path::new(source), &mut files)?;
    }
    // In an order that every machine agrees on.
    files.sort();
    // FNV-1a: it tells sources apart that change by hand, nothing is defended by it.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        let text = fs::read(file)?;
        for byte in file.to_string_lossy().bytes().chain(text) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    println!("cargo:rustc-env=MUSTER_PLAN_CODE={hash:016x}");
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let is_test = path.file_stem().is_some_and(|name| name == "tests");
    if is_test {
        return Ok(());
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
