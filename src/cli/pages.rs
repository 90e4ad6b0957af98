//! Lists are read to their end: pages are followed until the last one or the limit the caller set.

use std::future::Future;

use super::failure::Failure;

/// The most the daemon puts on a page.
const PAGE_SIZE_MAX: usize = 1_000;

/// Everything a list holds, or its first `limit` entries. `page` fetches one page from its size and
/// token and answers with entries and the token of the next page.
///
/// # Errors
/// What the daemon refused.
pub async fn all<Entry, Fetching>(
    limit: Option<usize>,
    mut page: impl FnMut(i32, String) -> Fetching,
) -> Result<Vec<Entry>, Failure>
where
    Fetching: Future<Output = Result<(Vec<Entry>, String), Failure>>,
{
    let mut entries = Vec::new();
    let mut token = String::new();
    loop {
        let wanted = limit.map_or(PAGE_SIZE_MAX, |limit| limit.saturating_sub(entries.len()));
        if wanted == 0 {
            return Ok(entries);
        }
        let size = i32::try_from(wanted.min(PAGE_SIZE_MAX)).unwrap_or(i32::MAX);
        let (more, next) = page(size, token).await?;
        entries.extend(more.into_iter().take(wanted));
        if next.is_empty() {
            return Ok(entries);
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a list of 2,500 numbers and says how many pages that took.
    fn check(limit: Option<usize>) -> (Vec<usize>, usize) {
        let mut pages = 0;
        let reading = all(limit, |size, token| {
            pages += 1;
            let from: usize = token.parse().unwrap_or(0);
            let to = (from + usize::try_from(size).unwrap()).min(2_500);
            let next = if to < 2_500 {
                to.to_string()
            } else {
                String::new()
            };
            std::future::ready(Ok(((from..to).collect(), next)))
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let entries = runtime.block_on(reading).unwrap();
        (entries, pages)
    }

    #[test]
    fn without_a_limit_every_page_is_followed() {
        let (entries, pages) = check(None);
        assert!(entries.iter().copied().eq(0..2_500));
        assert_eq!(pages, 3);
    }

    #[test]
    fn with_a_limit_no_page_too_many_is_asked_for() {
        for (limit, expected_pages) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (9_999, 3)] {
            let (entries, pages) = check(Some(limit));
            assert!(entries.iter().copied().eq(0..limit.min(2_500)), "{limit}");
            assert_eq!(pages, expected_pages, "{limit}");
        }
    }
}
