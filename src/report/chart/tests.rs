//! Charts as people see them, and that none is wider than its place or draws outside of it.

use super::*;
use crate::report::words::width;

fn progress() -> Chart {
    Chart::progress(
        "Progress",
        vec![
            Bar::progress("All tasks", 7, 16, false),
            Bar::progress("1 Foundation", 5, 5, false),
            Bar::progress("2 Build <b>&\"'`", 2, 9, true),
            Bar::progress("3 日本語の題名がとても長く続いている題名", 0, 2, false),
            Bar::progress("4 Empty", 0, 0, false),
            Bar::progress("5 One of very many", 1, 10_000, false),
        ],
    )
}

fn numbers() -> Chart {
    Chart::numbers(
        "Tasks completed by sprint",
        vec![
            Bar::number("SP-1", 4, "4, 1.00 a session"),
            Bar::number("SP-2", 9, "9, 1.50 a session"),
            Bar::number("SP-3", 0, "0"),
        ],
    )
}

fn burndown(open: &[u32], planned: u32) -> Chart {
    let days = (0..).zip(open).map(|(day, open)| BurndownEnd {
        day: format!("2026-11-{:02}", 2 + day % 28),
        open: *open,
    });
    Chart::burndown("Burndown", days.collect(), planned, "2026-11-13")
}

#[test]
fn bars_are_drawn_for_a_terminal() {
    insta::assert_snapshot!("progress_80", terminal(&progress(), 80));
    insta::assert_snapshot!("progress_40", terminal(&progress(), 40));
    insta::assert_snapshot!("numbers_80", terminal(&numbers(), 80));
}

#[test]
fn a_burndown_is_drawn_for_a_terminal() {
    let under_way = burndown(&[8, 8, 7, 5, 5, 6, 3], 12);
    insta::assert_snapshot!("burndown_80", terminal(&under_way, 80));
    insta::assert_snapshot!("burndown_40", terminal(&under_way, 40));
    let late = burndown(&[3, 3, 3, 2, 2, 1], 3);
    insta::assert_snapshot!("burndown_late", terminal(&late, 60));
}

#[test]
fn charts_are_drawn_as_svg() {
    insta::assert_snapshot!("progress_svg", svg(&progress()));
    insta::assert_snapshot!("burndown_svg", svg(&burndown(&[8, 8, 7, 5, 5, 6, 3], 12)));
}

#[test]
fn no_chart_is_wider_than_its_place_or_100_columns() {
    let long: Vec<u32> = (0..366).rev().collect();
    let charts = [
        progress(),
        numbers(),
        burndown(&[8, 7, 3], 12),
        burndown(&[1], 1),
        burndown(&[0], 0),
        burndown(&[4_000_000_000, 1], 2),
        burndown(&long, 100),
        burndown(&long[300..], 366),
    ];
    for chart in charts {
        for columns in [0, 40, 41, 57, 80, 99, 100, 400] {
            let drawn = terminal(&chart, columns);
            let most = columns.clamp(40, 100);
            for line in drawn.lines() {
                assert!(width(line) <= most, "{columns}: {line:?}");
                assert_eq!(line, line.trim_end());
            }
        }
        assert_eq!(svg(&chart), svg(&chart));
    }
}

#[test]
fn nothing_is_drawn_outside_of_the_picture() {
    let long: Vec<u32> = (0..366).rev().collect();
    let charts = [
        progress(),
        numbers(),
        burndown(&[8, 9, 3], 12),
        burndown(&[1], 1),
        burndown(&[0], 0),
        burndown(&[4_000_000_000, 1], 2),
        burndown(&long, 10),
    ];
    for chart in charts {
        let drawn = svg(&chart);
        for (name, most) in [
            ("x", 640),
            ("x1", 640),
            ("x2", 640),
            ("width", 640),
            ("cx", 640),
        ] {
            for value in drawn.split(&format!(" {name}=\"")).skip(1) {
                let value = value.split('"').next().unwrap_or_default();
                let value: u64 = value.parse().expect("a whole number");
                assert!(value <= most, "{name} {value} in {drawn}");
            }
        }
    }
}

#[test]
fn what_there_is_nothing_to_draw_of_is_left_out() {
    for chart in [Chart::progress("Progress", Vec::new()), burndown(&[], 5)] {
        assert!(chart.is_empty());
        assert_eq!(
            (svg(&chart), terminal(&chart, 80)),
            (String::new(), String::new())
        );
    }
}

#[test]
fn more_bars_than_fit_are_counted() {
    let bars = (0..25).map(|number| Bar::progress(&format!("Phase {number}"), 1, 2, false));
    let chart = Chart::progress("Progress", bars.collect());
    assert!(terminal(&chart, 80).ends_with("… and 5 more\n"));
    assert!(chart.told().ends_with("; and 5 more."));
}
