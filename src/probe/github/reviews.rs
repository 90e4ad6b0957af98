//! What the reviews of a pull request come to: the last word of each reviewer counts, and a comment is no
//! word.

use std::collections::BTreeMap;

use super::GitHub;
use super::error::{GitHubError, Kind};
use super::gate::Call;
use super::pages::{ENTRIES, Pages};
use super::repository::Repository;
use super::wire::{self, Review};

/// Pages of reviews; the last words stand on the last.
const PAGES_MAX: usize = 4;

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Nobody reviewed it yet.
    Unreviewed,
    /// There are comments, and no decision.
    Commented,
    /// Somebody approved it and nobody wants changes.
    Approved,
    /// Somebody wants changes.
    ChangesRequested,
}

/// The reviews of a pull request, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reviewed {
    pub(super) state: ReviewState,
    /// When the last review was given, in milliseconds since the epoch.
    pub(super) last_at_ms: Option<i64>,
}

impl GitHub {
    /// Reads the reviews of a pull request.
    pub(super) async fn reviewed(
        &self,
        call: &Call,
        repository: &Repository,
        pull: u64,
        author: &str,
    ) -> Result<Reviewed, GitHubError> {
        let number = pull.to_string();
        let first = self.url(repository, &["pulls", &number, "reviews"], &[ENTRIES]);
        let reviews: Pages<Review> = self.pages(call, repository, first, PAGES_MAX).await?;
        if reviews.is_cut {
            return Err(GitHubError::new(
                Kind::TooLarge,
                format!("#{pull} has more reviews than are read; look at it on GitHub"),
            ));
        }
        Ok(Reviewed::of(reviews.items, author))
    }
}

impl Reviewed {
    fn of(reviews: Vec<Review>, author: &str) -> Self {
        let mut last_words: BTreeMap<String, ReviewState> = BTreeMap::new();
        let mut last_at_ms = None;
        for review in reviews {
            let reviewer = wire::login(review.user);
            let word = match review.state.0.as_str() {
                "APPROVED" => Some(ReviewState::Approved),
                "CHANGES_REQUESTED" => Some(ReviewState::ChangesRequested),
                "DISMISSED" => Some(ReviewState::Commented),
                "COMMENTED" => None,
                // A draft of a review, or a word not known here.
                _ => continue,
            };
            // What the author answers is no review.
            if reviewer == author {
                continue;
            }
            last_at_ms = last_at_ms.max(review.submitted_at.map(|at| at.0));
            let known = last_words.entry(reviewer).or_insert(ReviewState::Commented);
            if let Some(word) = word {
                *known = word;
            }
        }
        let any = |word| last_words.values().any(|state| *state == word);
        let state = if any(ReviewState::ChangesRequested) {
            ReviewState::ChangesRequested
        } else if any(ReviewState::Approved) {
            ReviewState::Approved
        } else if any(ReviewState::Commented) {
            ReviewState::Commented
        } else {
            ReviewState::Unreviewed
        };
        Self { state, last_at_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reviews: &[(&str, &str)], expected: ReviewState) {
        let reviews = reviews.iter().map(|(login, state)| {
            let review = serde_json::json!({"user": {"login": login}, "state": state,
                "submitted_at": "2026-11-20T10:00:00Z"});
            serde_json::from_value(review).expect("a review")
        });
        let found = Reviewed::of(reviews.collect(), "ada");
        assert_eq!(found.state, expected);
    }

    #[test]
    fn the_last_word_of_each_reviewer_counts() {
        use ReviewState::{Approved, ChangesRequested, Commented, Unreviewed};
        check(&[], Unreviewed);
        check(&[("bob", "COMMENTED")], Commented);
        check(&[("bob", "APPROVED"), ("bob", "COMMENTED")], Approved);
        check(
            &[("bob", "CHANGES_REQUESTED"), ("bob", "APPROVED")],
            Approved,
        );
        check(
            &[("bob", "CHANGES_REQUESTED"), ("eve", "APPROVED")],
            ChangesRequested,
        );
        check(&[("bob", "DISMISSED")], Commented);
        check(&[("bob", "DISMISSED"), ("eve", "APPROVED")], Approved);
        check(&[("ada", "COMMENTED"), ("bob", "PENDING")], Unreviewed);
        check(&[("bob", "A_WORD_OF_NEXT_YEAR")], Unreviewed);
    }
}
