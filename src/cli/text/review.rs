//! Work under review as text.

use muster_proto::v1 as wire;

use super::{or_dash, table};

/// A table of work that waits for a review.
pub fn reviews(tasks: &[wire::Task], columns: Option<u16>) -> String {
    if tasks.is_empty() {
        return "nothing waits for a review\n".to_owned();
    }
    let rows = tasks.iter().map(|task| {
        let review = task.review.clone().unwrap_or_default();
        [
            task.id.clone(),
            review.author.clone(),
            task.title.clone(),
            or_dash(&review.summary),
            or_dash(&review.verification),
        ]
    });
    table(
        ["task", "by", "title", "what was done", "how it was shown"],
        rows,
        columns,
    )
}
