//! A small file system of a test's own: the test runs again as a child in a mount namespace in which a
//! directory is a tmpfs of a few MiB. Where that is not permitted, it says so and is skipped.

use std::path::PathBuf;
use std::process::Command;

use crate::process::Output;

const VARIABLE: &str = "MUSTER_TEST_SMALL_DISK";
const OPTIONS: &str = "size=16m,mode=0700";

/// In the child: the small file system. In the parent, none, after the child has passed.
pub fn here(test: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(VARIABLE) {
        return Some(path.into());
    }
    let home = tempfile::tempdir().expect("a directory can be made");
    let Some(flags) = permitted(&home) else {
        println!("skipped: no file system can be mounted here");
        return None;
    };
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut child = mounted(flags, &home);
    child.arg(program).args([test, "--exact", "--nocapture"]);
    child.env(VARIABLE, home.path());
    let output = Output::of_within(child, std::time::Duration::from_secs(400)).exits(0);
    assert!(output.stdout.contains("1 passed"), "{output:#?}");
    println!("{}", output.stdout);
    None
}

/// The flags of `unshare` that let a file system be mounted, if any do.
fn permitted(home: &tempfile::TempDir) -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    ways.into_iter().find(|flags| {
        let mut command = mounted(flags, home);
        command.arg("true");
        command.output().is_ok_and(|output| output.status.success())
    })
}

/// A command that goes on with its further arguments once the file system is mounted.
fn mounted(flags: &[&str], home: &tempfile::TempDir) -> Command {
    let script = r#"mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@""#;
    let mut command = Command::new("unshare");
    command
        .args(flags)
        .args(["sh", "-c", script, "sh", OPTIONS]);
    command.arg(home.path());
    command
}
