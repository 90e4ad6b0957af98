//! Calls made side by side, a bounded number at one time, with the answers in order.

use std::future::Future;

use tokio::task::JoinSet;

use crate::cli::Failure;
use crate::operate::failure::caused;

/// Makes a call for each entry, at most `limit` at one time; the first failure ends it.
pub(super) async fn each_at_once<Entry, Answer, Call>(
    entries: Vec<Entry>,
    limit: usize,
    call: impl Fn(Entry) -> Call,
) -> Result<Vec<Answer>, Failure>
where
    Answer: Send + 'static,
    Call: Future<Output = Result<Answer, Failure>> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut answers: Vec<Option<Answer>> = Vec::new();
    answers.resize_with(entries.len(), || None);
    let mut entries = entries.into_iter().enumerate();
    loop {
        while running.len() < limit.max(1)
            && let Some((place, entry)) = entries.next()
        {
            let call = call(entry);
            running.spawn(async move { (place, call.await) });
        }
        let Some(done) = running.join_next().await else {
            return Ok(answers.into_iter().flatten().collect());
        };
        let (place, answer) = done.map_err(|error| caused("INTERNAL", &error))?;
        if let Some(slot) = answers.get_mut(place) {
            *slot = Some(answer?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operate::failure::failure;

    #[tokio::test]
    async fn answers_come_in_the_order_of_their_entries() {
        let answers = each_at_once(vec![30_u64, 1, 10], 2, |ms| async move {
            tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
            Ok(ms)
        });
        assert_eq!(answers.await.unwrap(), [30, 1, 10]);
    }

    #[tokio::test]
    async fn the_first_failure_ends_it() {
        let answers = each_at_once(vec![1, 2, 3], 1, |number| async move {
            if number == 2 {
                Err(failure("NO", "no"))
            } else {
                Ok(number)
            }
        });
        assert!(answers.await.is_err());
    }
}
