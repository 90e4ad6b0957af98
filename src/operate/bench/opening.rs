//! Claims while a large phase opens: agents work in one phase, and in the midst of it the only task that
//! another phase waits for is finished.

use std::sync::Arc;
use std::time::Duration;

use super::crowd::{self, Crowd};
use super::daemon::Daemon;
use super::field::{Field, Stage};
use super::restart::Words;
use crate::cli::Failure;
use crate::operate::failure::caused;

/// Tasks of the phase that opens.
pub(super) const OPENING_TASKS: usize = 100_000;
/// Tasks of the phase in which the agents work meanwhile.
pub(super) const STEADY_TASKS: usize = 40_000;
const AGENTS: usize = 8;
const WINDOW: Duration = Duration::from_secs(1);

/// The slowest claims in the second in which the phase opens, over those of the second before.
pub(super) async fn measure(daemon: &Daemon, words: &mut Words) -> Result<Option<f64>, Failure> {
    let stage = |id, tasks, after| Stage { id, tasks, after };
    let stages = [
        stage("steady", STEADY_TASKS, None),
        stage("gate", 1, None),
        stage("large", OPENING_TASKS, Some("gate")),
    ];
    let chief = daemon.chief().await?;
    let field = Field::make(&chief, &stages, AGENTS + 1).await?;
    words.note(&field);
    let fields = [Arc::new(field)];
    let crowd = Crowd::connect(daemon, AGENTS).await?;
    // The first claims open sessions; they belong to neither window.
    crowd.work(&fields, WINDOW / 4).await?;
    let mut before = crowd.work(&fields, WINDOW).await?;

    let opener = fields[0].agent(&chief, AGENTS)?;
    let opening = tokio::spawn(async move {
        tokio::time::sleep(WINDOW / 10).await;
        crowd::finish(&opener, &format!("T-{}", STEADY_TASKS + 1)).await
    });
    let mut during = crowd.work(&fields, WINDOW).await?;
    opening
        .await
        .map_err(|error| caused("INTERNAL", &error))??;
    let ratio = during
        .claims
        .percentile_ms(99)
        .zip(before.claims.percentile_ms(99));
    Ok(ratio.map(|(during, before)| during / before))
}
