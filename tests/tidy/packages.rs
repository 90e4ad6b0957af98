//! What the project depends on: licences that let anyone use it, none of the libraries it does without,
//! and none that nobody calls.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::tree::root;

/// Licences that ask for no more than a notice.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages under MPL-2.0, which asks that changes to their own files be published; used unchanged.
const UNDER_MPL: &[&str] = &["bitmaps", "imbl", "imbl-sized-chunks"];

/// Packages kept out: a second TLS, one with a large C build, and zone data a year behind.
const BANNED: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "chrono-tz",
    "native-tls",
    "openssl-sys",
];

/// One package of the lock file.
pub struct Package {
    pub name: String,
    pub licence: Option<String>,
}

/// Every package that the lock file names, asked of cargo.
pub fn locked() -> Vec<Package> {
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let run = |offline: &[&str]| {
        Command::new(env!("CARGO"))
            .args(arguments)
            .args(offline)
            .current_dir(root())
            .output()
            .unwrap()
    };
    // Packages for other platforms may not have been fetched yet.
    let mut output = run(&["--offline"]);
    if !output.status.success() {
        output = run(&[]);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {told}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| Package {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            licence: package["license"].as_str().map(str::to_owned),
        })
        .collect()
}

/// Licences that are not in the list.
pub fn licences(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter_map(|package| {
            let name = &package.name;
            let Some(licence) = &package.licence else {
                return Some(format!("{name} names no licence"));
            };
            let by_name = UNDER_MPL.contains(&name.as_str()) && licence.starts_with("MPL-2.0");
            (!by_name && !is_allowed(licence)).then(|| format!("{name} is under {licence}"))
        })
        .collect()
}

/// Packages that are kept out.
pub fn bans(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| BANNED.contains(&package.name.as_str()))
        .map(|package| format!("{} is kept out", package.name))
        .collect()
}

/// Whether an SPDX expression can be kept with the list above: one of an `OR`, all of an `AND`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = all_of(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        allowed |= all_of(words, at);
    }
    allowed
}

fn all_of(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        allowed &= one(words, at);
    }
    allowed
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(first) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if *first == "(" {
        let allowed = any_of(words, at);
        *at += 1;
        return allowed;
    }
    let mut name = (*first).to_owned();
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        name = format!("{name} WITH {exception}");
        *at += 2;
    }
    LICENCES.contains(&name.as_str())
}

/// Entries of `[dependencies]` in a manifest that no path in the source begins with.
pub fn unused(manifest: &str, mentioned: &BTreeSet<String>) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    dependencies
        .keys()
        .map(|name| name.replace('-', "_"))
        .filter(|name| !mentioned.contains(name))
        .map(|name| format!("nothing in src/ uses {name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, licence: Option<&str>) -> Vec<Package> {
        vec![Package {
            name: name.to_owned(),
            licence: licence.map(str::to_owned),
        }]
    }

    #[test]
    fn a_licence_outside_of_the_list_is_found() {
        for licence in [
            Some("GPL-3.0-only"),
            Some("MIT AND GPL-3.0-only"),
            Some("(MIT OR Apache-2.0) AND SSPL-1.0"),
            Some("MPL-2.0"),
            Some("Apache-2.0 WITH Some-exception"),
            Some("MIT Apache-2.0"),
            Some(""),
            None,
        ] {
            assert_eq!(licences(&package("x", licence)).len(), 1, "{licence:?}");
        }
    }

    #[test]
    fn a_licence_of_the_list_passes() {
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "(MIT OR GPL-3.0-only) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert_eq!(licences(&package("x", Some(licence))), Vec::<String>::new());
        }
        assert_eq!(licences(&package("imbl", Some("MPL-2.0+"))).len(), 0);
    }

    #[test]
    fn a_banned_package_is_found() {
        assert_eq!(bans(&package("openssl-sys", Some("MIT"))).len(), 1);
        assert_eq!(bans(&package("ring", Some("ISC"))).len(), 0);
    }

    #[test]
    fn a_dependency_that_nobody_uses_is_found() {
        let manifest = "[dependencies]\narc-swap = \"1\"\nserde = { version = \"1\" }\n";
        let mentioned = BTreeSet::from(["serde".to_owned()]);
        assert_eq!(
            unused(manifest, &mentioned),
            ["nothing in src/ uses arc_swap"]
        );
    }
}
