//! A list of several pages, read to its end or to its limit. Pages that lead in a circle are an error: what
//! they hold is no list.

use std::collections::BTreeSet;

use reqwest::Url;

use super::GitHub;
use super::error::GitHubError;
use super::gate::Call;
use super::repository::Repository;
use super::wire::Shape;

/// Entries of a page. Pull requests take some 20 KB each, so a hundred would be near the limit of an answer.
pub(super) const ENTRIES: (&str, &str) = ("per_page", "50");

/// A list, as far as it was read.
pub(super) struct Pages<T> {
    pub(super) items: Vec<T>,
    /// Whether more pages follow.
    pub(super) is_cut: bool,
}

impl GitHub {
    /// Reads a list from its first page on, at most so many pages, at least one.
    pub(super) async fn pages<T>(
        &self,
        call: &Call,
        repository: &Repository,
        first: Url,
        pages_max: usize,
    ) -> Result<Pages<T>, GitHubError>
    where
        Vec<T>: Shape,
    {
        let mut items = Vec::new();
        let mut seen = BTreeSet::new();
        let mut url = first;
        loop {
            if !seen.insert(url.clone()) {
                return Err(GitHubError::bad_answer("has pages that lead in a circle"));
            }
            let page = self.get::<Vec<T>>(call, repository, url).await?;
            items.extend(page.value);
            match page.next {
                None => {
                    return Ok(Pages {
                        items,
                        is_cut: false,
                    });
                }
                Some(_) if seen.len() >= pages_max => {
                    return Ok(Pages {
                        items,
                        is_cut: true,
                    });
                }
                Some(next) => url = next,
            }
        }
    }
}
