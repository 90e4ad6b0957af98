//! The figures for people: a row each with a bar for how near it comes to what the machine allows.

use super::figures::{Figures, Row};
use crate::cli::text::table;

/// Cells of a full bar.
const CELLS: f64 = 20.0;

/// The whole answer.
pub(super) fn text(figures: &Figures, columns: Option<u16>) -> String {
    let header = [
        "agents",
        "tasks",
        "writes/s",
        "loops/s",
        "p50 ms",
        "p99 ms",
        "cpu us",
        "floor/s",
        "of the floor",
        "",
    ];
    let rows: Vec<[String; 10]> = figures.rows.iter().map(cells).collect();
    let mut widths = header.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    // Figures are compared by their last digits.
    let aligned = rows.into_iter().map(|mut row| {
        for (cell, width) in row.iter_mut().zip(widths) {
            *cell = format!("{cell:>width$}");
        }
        row
    });
    let mut text = table(header, aligned, columns);
    text.push('\n');
    for (name, value) in closing(figures) {
        text.push_str(&format!("{name:<44}{value}\n"));
    }
    text
}

fn cells(row: &Row) -> [String; 10] {
    let ms = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.2}"));
    [
        row.agents.to_string(),
        grouped(row.tasks),
        whole(row.writes_per_s),
        whole(row.loops_per_s),
        ms(row.p50_ms),
        ms(row.p99_ms),
        row.write_cpu_us
            .map_or_else(|| "-".to_owned(), |us| format!("{us:.0}")),
        whole(row.floor_per_s),
        bar(row.ratio_to_floor),
        format!("{:.2}", row.ratio_to_floor),
    ]
}

/// What is said below the table; what was not measured is left out.
fn closing(figures: &Figures) -> Vec<(&'static str, String)> {
    let floors = &figures.floors;
    let mut lines = vec![
        ("cores for client and server", floors.cores.to_string()),
        ("fsync of 4 KiB", format!("{:.3} ms", floors.fsync_ms)),
    ];
    if let Some(floor) = floors.by_agents.first() {
        lines.push((
            "commit by bare SQLite",
            format!("{:.3} ms", floor.commit_ms),
        ));
    }
    let mut line = |name, value: Option<f64>, unit: &str, aim: &str| {
        if let Some(value) = value {
            lines.push((name, format!("{value}{unit}   {aim}")));
        }
    };
    let at_most = "(aim: at most 1.5)";
    line(
        "slowest claims, 1,000,000 tasks to 1,000",
        figures.claim_p99_ratio_1m_to_1k,
        "",
        at_most,
    );
    line(
        "slowest claims while a phase of 100,000 opens",
        figures.claim_p99_ratio_phase_open,
        "",
        at_most,
    );
    line(
        "memory per task beyond its words",
        figures.bytes_per_task,
        " bytes",
        "(aim: at most 1024)",
    );
    line(
        "memory of an idle daemon",
        figures.idle_rss_mib,
        " MiB",
        "(aim: at most 20)",
    );
    line(
        "start to reading the snapshots",
        figures.start_ratio,
        "",
        "(aim: at most 3)",
    );
    line(
        "events replayed in a second",
        figures.replay_events_per_s,
        "",
        "(aim: at least 300000)",
    );
    lines
}

fn bar(ratio: f64) -> String {
    let filled = (ratio.clamp(0.0, 1.0) * CELLS).round();
    (0..20_u8)
        .map(|cell| {
            if f64::from(cell) < filled {
                '█'
            } else {
                '░'
            }
        })
        .collect()
}

fn whole(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    digits.parse().map_or(digits, grouped)
}

/// A count with its thousands set apart.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::figures::{FloorRow, Floors};
    use super::*;

    #[test]
    fn a_run_reads_as_a_table_with_a_bar_for_each_row() {
        let row = |agents, tasks, writes_per_s: f64, ratio_to_floor| Row {
            agents,
            tasks,
            writes_per_s,
            loops_per_s: writes_per_s / 2.0,
            p50_ms: Some(1.25),
            p99_ms: Some(3.5),
            claim_p99_ms: Some(3.75),
            floor_per_s: writes_per_s / ratio_to_floor,
            ratio_to_floor,
            write_cpu_us: Some(105.5),
            seconds: 3.0,
        };
        let figures = Figures {
            floors: Floors {
                cores: 2,
                fsync_ms: 0.171,
                by_agents: vec![FloorRow {
                    agents: 1,
                    empty_rpc_per_s: 9_000.0,
                    empty_rpc_ms: 0.111,
                    empty_rpc_cpu_us: Some(95.0),
                    commit_ms: 0.213,
                    row_cpu_us: Some(12.0),
                }],
            },
            rows: vec![
                row(1, 1_000, 1_234.5, 0.81),
                row(128, 1_000_000, 18_000.0, 0.799),
            ],
            claim_p99_ratio_1m_to_1k: Some(1.12),
            idle_rss_mib: Some(14.2),
            ..Figures::default()
        };
        insta::assert_snapshot!(text(&figures, None));
    }
}
