//! The name of a repository; a value of this type is safe to put into a path.

use std::fmt;
use std::str::FromStr;

use super::error::GitHubError;

const OWNER_CHARS_MAX: usize = 39;
const NAME_CHARS_MAX: usize = 100;

/// A repository on GitHub, `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    owner: String,
    name: String,
}

impl Repository {
    /// The account or organisation it belongs to.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Its name within that account.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for Repository {
    type Err = GitHubError;

    /// # Errors
    /// When the text is not `owner/name` in the characters GitHub allows.
    fn from_str(text: &str) -> Result<Self, GitHubError> {
        let (owner, name) = text.split_once('/').unwrap_or((text, ""));
        let is = |character: char, more: &[char]| {
            character.is_ascii_alphanumeric() || more.contains(&character)
        };
        let owner_fits = (1..=OWNER_CHARS_MAX).contains(&owner.len())
            && owner.chars().all(|character| is(character, &['-', '_']));
        let name_fits = (1..=NAME_CHARS_MAX).contains(&name.len())
            && name
                .chars()
                .all(|character| is(character, &['-', '_', '.']))
            && !matches!(name, "." | "..");
        if owner_fits && name_fits {
            return Ok(Self {
                owner: owner.to_owned(),
                name: name.to_owned(),
            });
        }
        let shown = super::text::line(text, OWNER_CHARS_MAX + NAME_CHARS_MAX);
        Err(GitHubError::not_configured(format!(
            "`{shown}` names no repository; write it as owner/name, like rust-lang/cargo"
        )))
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_parts_of_plain_characters() {
        for good in [
            "rust-lang/cargo",
            "a/b",
            "a_b/.github",
            "o/r.s-t_u",
            "o/...",
        ] {
            let read: Repository = good.parse().expect(good);
            assert_eq!(read.to_string(), good);
        }
        let long = format!("{}/x", "o".repeat(40));
        for wrong in [
            "",
            "a",
            "a/",
            "/b",
            "a/b/c",
            "a/..",
            "a/.",
            "../b",
            "a/b?c",
            "a/b c",
            "a/b%2f",
            "https://github.com/a/b",
            "ä/b",
            &long,
        ] {
            let told = wrong.parse::<Repository>().expect_err(wrong).to_string();
            assert!(told.contains("owner/name"), "{told}");
        }
    }
}
