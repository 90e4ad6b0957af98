//! What an answer leaves out, and why. An answer with a shortfall is no proof that nothing is there.

use std::fmt;

use super::error::GitHubError;

/// A part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The open issues.
    Issues,
    /// The milestones.
    Milestones,
    /// The open pull requests.
    PullRequests,
    /// Statuses and check runs of pull requests.
    Checks,
    /// Reviews of pull requests.
    Reviews,
}

impl Part {
    fn in_words(self) -> &'static str {
        match self {
            Self::Issues => "issues",
            Self::Milestones => "milestones",
            Self::PullRequests => "pull requests",
            Self::Checks => "checks",
            Self::Reviews => "reviews",
        }
    }
}

/// Something an answer leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortfall {
    /// A list goes on behind the last page that was read.
    Cut {
        /// Which list.
        part: Part,
        /// Pages that were read.
        pages: usize,
    },
    /// No issue has this label because the repository has no such label.
    NoSuchLabel(String),
    /// No issue has this milestone because the repository has no such milestone.
    NoSuchMilestone(String),
    /// Checks and reviews were read for the first pull requests only.
    NotInspected {
        /// For how many they were read.
        inspected: usize,
        /// Of how many.
        of: usize,
    },
    /// Checks or reviews of some pull requests could not be read.
    Unread {
        /// Which of both.
        part: Part,
        /// The numbers of the pull requests.
        pulls: Vec<u64>,
        /// Why the first of them could not.
        error: GitHubError,
    },
}

impl fmt::Display for Shortfall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { part, pages } => {
                let part = part.in_words();
                write!(
                    formatter,
                    "there are more {part} than the {pages} pages read"
                )
            }
            Self::NoSuchLabel(label) => {
                write!(formatter, "the repository has no label `{label}`")
            }
            Self::NoSuchMilestone(milestone) => {
                write!(formatter, "the repository has no milestone `{milestone}`")
            }
            Self::NotInspected { inspected, of } => write!(
                formatter,
                "checks and reviews were read for {inspected} of {of} pull requests"
            ),
            Self::Unread { part, pulls, error } => {
                write!(formatter, "the {} of ", part.in_words())?;
                for (at, pull) in pulls.iter().take(NUMBERS_SHOWN).enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(formatter, "{comma}#{pull}")?;
                }
                if let Some(more @ 1..) = pulls.len().checked_sub(NUMBERS_SHOWN) {
                    write!(formatter, " and {more} more")?;
                }
                write!(formatter, " are not known: {error}")
            }
        }
    }
}

/// Pull requests that a sentence names.
const NUMBERS_SHOWN: usize = 5;
