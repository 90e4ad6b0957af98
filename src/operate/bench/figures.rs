//! What a run measured, as one document: the stable form that scripts read.

use std::time::Duration;

use serde::Serialize;

use super::crowd::Work;
use super::floor::Floor;

/// All figures of a run. What was not measured is null.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Figures {
    pub floors: Floors,
    pub rows: Vec<Row>,
    /// The slowest claims (99th percentile) with a million tasks over those with a thousand, same agents;
    /// the largest ratio of all numbers of agents.
    pub claim_p99_ratio_1m_to_1k: Option<f64>,
    /// The slowest claims (99th percentile) in the second in which a phase of 100,000 tasks opens over
    /// those of the second before.
    pub claim_p99_ratio_phase_open: Option<f64>,
    /// Memory per task beyond its own words, from a daemon that started with the largest plan.
    pub bytes_per_task: Option<f64>,
    /// Memory of a daemon without a project.
    pub idle_rss_mib: Option<f64>,
    /// From the start of the process until it listens, over reading its snapshots and checking their sums.
    pub start_ratio: Option<f64>,
    /// Events taken in by a second of a start without snapshots.
    pub replay_events_per_s: Option<f64>,
}

/// What the machine allowed.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Floors {
    /// Cores for client and server together.
    pub cores: usize,
    /// One write of 4 KiB made durable, in milliseconds.
    pub fsync_ms: f64,
    /// By number of agents, in the order measured; each stands right before its row.
    pub by_agents: Vec<FloorRow>,
}

/// The floors before one row.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FloorRow {
    pub agents: usize,
    pub empty_rpc_per_s: f64,
    pub empty_rpc_ms: f64,
    pub empty_rpc_cpu_us: Option<f64>,
    pub commit_ms: f64,
    pub row_cpu_us: Option<f64>,
}

/// One number of agents on plans of one size.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub agents: usize,
    /// Tasks of each plan.
    pub tasks: usize,
    /// Acknowledged durable writes a second: claims with start, and completions.
    pub writes_per_s: f64,
    pub loops_per_s: f64,
    /// Of one write, in milliseconds.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Of one claim, in milliseconds.
    pub claim_p99_ms: Option<f64>,
    /// Writes a second that the floors of this row allow.
    pub floor_per_s: f64,
    pub ratio_to_floor: f64,
    /// CPU time of client and server together for one write, in microseconds; the making of plans is in
    /// it where a row needs several rounds.
    pub write_cpu_us: Option<f64>,
    pub seconds: f64,
}

impl FloorRow {
    pub(super) fn of(floor: &Floor) -> Self {
        Self {
            agents: floor.agents,
            empty_rpc_per_s: rounded(floor.empty.per_s, 1),
            empty_rpc_ms: ms(floor.empty.latency),
            empty_rpc_cpu_us: floor.empty.cpu.map(us),
            commit_ms: ms(floor.commits.latency),
            row_cpu_us: floor.commits.row_cpu.map(us),
        }
    }
}

impl Row {
    pub(super) fn of(tasks: usize, floor: &Floor, mut work: Work) -> Self {
        let loops_per_s = work.loops_per_s();
        let floor_per_s = floor.writes_per_s();
        Self {
            agents: floor.agents,
            tasks,
            writes_per_s: rounded(2.0 * loops_per_s, 1),
            loops_per_s: rounded(loops_per_s, 1),
            p50_ms: work.writes.percentile_ms(50),
            p99_ms: work.writes.percentile_ms(99),
            claim_p99_ms: work.claims.percentile_ms(99),
            floor_per_s: rounded(floor_per_s, 1),
            ratio_to_floor: rounded(2.0 * loops_per_s / floor_per_s, 3),
            write_cpu_us: work
                .cpu
                .map(|cpu| us(cpu.div_f64(2.0 * loops_per_s * work.took.as_secs_f64()))),
            seconds: rounded(work.took.as_secs_f64(), 2),
        }
    }
}

impl Figures {
    /// Compares the slowest claims in plans of a million and of a thousand tasks.
    pub(super) fn compare_sizes(&mut self) {
        let ratios = self.rows.iter().filter(|row| row.tasks == 1_000_000);
        let ratios = ratios.filter_map(|large| {
            let alike = |row: &&Row| row.tasks == 1_000 && row.agents == large.agents;
            let small = self.rows.iter().find(alike)?;
            Some(large.claim_p99_ms? / small.claim_p99_ms?)
        });
        self.claim_p99_ratio_1m_to_1k = ratios.reduce(f64::max).map(|ratio| rounded(ratio, 2));
    }
}

/// Milliseconds with the microseconds behind the point.
pub(super) fn ms(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3, 3)
}

fn us(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e6, 1)
}

/// A count or a size as a figure to reckon with.
pub(super) fn float(count: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts and bytes of a run are far below 2^52"
    )]
    let count = count as f64;
    count
}

/// A figure with so many digits behind the point.
pub(super) fn rounded(figure: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (figure * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(agents: usize, tasks: usize, claim_p99_ms: f64) -> Row {
        Row {
            agents,
            tasks,
            writes_per_s: 0.0,
            loops_per_s: 0.0,
            p50_ms: None,
            p99_ms: None,
            claim_p99_ms: Some(claim_p99_ms),
            floor_per_s: 0.0,
            ratio_to_floor: 0.0,
            write_cpu_us: None,
            seconds: 3.0,
        }
    }

    #[test]
    fn the_sizes_are_compared_for_the_same_number_of_agents_and_the_worst_counts() {
        let mut figures = Figures {
            rows: vec![
                row(1, 1_000, 1.0),
                row(8, 1_000, 2.0),
                row(1, 100_000, 9.0),
                row(1, 1_000_000, 1.1),
                row(8, 1_000_000, 2.5),
            ],
            ..Figures::default()
        };
        figures.compare_sizes();
        assert_eq!(figures.claim_p99_ratio_1m_to_1k, Some(1.25));
        figures.rows.truncate(3);
        figures.compare_sizes();
        assert_eq!(figures.claim_p99_ratio_1m_to_1k, None);
    }
}
