//! The demo's screen: a pure picture of the tape, at most `HEIGHT` lines, and the few terminal commands
//! that put it up and take it down again however the demo ends.

use std::io::{self, Write};

use super::tape::{Line, Tape};
use crate::plan::model::{Agent, Phase, PhaseStatus, Status};

const BAR_CELLS: u32 = 20;
const NEWEST: usize = 8;
const WIDTH: usize = 110;

/// The picture, line by line.
pub(super) fn picture(tape: &Tape) -> Vec<String> {
    let plan = tape.plan();
    let total = plan.total();
    let name = plan.project().map_or("", |project| &*project.name);
    let mut lines = vec![
        format!(
            "{name}   {} of {} tasks   {}",
            total.completed,
            total.all(),
            seconds(tape.elapsed_ms())
        ),
        String::new(),
    ];
    lines.extend(plan.phases().map(|phase| phase_line(tape, phase)));
    lines.push(String::new());
    lines.extend(plan.agents().map(|agent| agent_line(tape, agent)));
    lines.push(String::new());
    lines.push(format!(
        "blockers {}   discovered {}   decisions open {}",
        plan.open_blockers().count(),
        plan.untriaged().count(),
        plan.decisions()
            .filter(|decision| decision.answer.is_none())
            .count()
    ));
    lines.push(String::new());
    lines.extend(tape.newest(NEWEST).map(event_line));
    lines.iter().map(|line| cut(line)).collect()
}

/// A sentence with its time, as it stands on the screen and in plain output.
pub(super) fn event_line(line: &Line) -> String {
    format!("{:>7}  {}", seconds(line.after_ms), line.text)
}

fn phase_line(tape: &Tape, phase: &Phase) -> String {
    let plan = tape.plan();
    let tally = plan.tally(phase.no);
    let counted = tally.counted().max(1);
    let filled = tally.completed * BAR_CELLS / counted;
    let bar: String = (0..BAR_CELLS)
        .map(|cell| if cell < filled { '#' } else { '.' })
        .collect();
    let status = match plan.phase_status(phase.no) {
        PhaseStatus::Planned => "planned",
        PhaseStatus::Active => "active",
        PhaseStatus::Gating => "waits for its criteria",
        PhaseStatus::Completed => "completed",
        PhaseStatus::Blocked => "blocked",
        PhaseStatus::Skipped => "skipped",
    };
    format!(
        "{:>3} {:<14} [{bar}] {:>2}/{:<2} {status}",
        phase.id,
        phase.name,
        tally.completed,
        tally.counted()
    )
}

fn agent_line(tape: &Tape, agent: &Agent) -> String {
    let plan = tape.plan();
    let role = plan.role_slug(agent.roles.first().copied());
    let task = agent.holds.first().and_then(|id| plan.task(*id));
    let doing = match task {
        Some(view) => {
            let lease = view.state.lease.as_ref();
            let verb = match view.state.status {
                Status::InProgress => "works on",
                _ => "holds",
            };
            format!(
                "{verb} {} {}   attempt {}, lease {}",
                view.id,
                view.spec.title,
                lease.map_or(0, |lease| lease.attempt),
                seconds(lease.map_or(0, |lease| lease.lease_ms))
            )
        }
        None => "-".to_owned(),
    };
    format!("    {:<6} {role:<10} {doing}", agent.name)
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

/// One line of the screen, without what could steer the terminal.
fn cut(line: &str) -> String {
    line.chars()
        .filter(|character| !character.is_control())
        .take(WIDTH)
        .collect()
}

/// The terminal while the picture is up.
pub(super) struct Screen;

impl Screen {
    /// Puts up an empty screen beside the one that scrolls; long lines are cut, not wrapped.
    pub(super) fn open() -> Self {
        draw("\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J");
        Self
    }

    /// Draws a picture over the one before it.
    pub(super) fn show(&self, lines: &[String]) {
        let mut frame = String::from("\x1b[H");
        for line in lines {
            frame.push_str(line);
            frame.push_str("\x1b[K\r\n");
        }
        frame.push_str("\x1b[J");
        draw(&frame);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        draw("\x1b[?25h\x1b[?7h\x1b[?1049l");
    }
}

fn draw(text: &str) {
    let mut stdout = io::stdout().lock();
    // A terminal that is gone is noticed by the next answer; the picture is only a picture.
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_steer_the_terminal_and_has_an_end() {
        let line = format!("a\x1b[2Jb\n{}", "x".repeat(500));
        let cut = cut(&line);
        assert!(cut.starts_with("a[2Jb"), "{cut}");
        assert_eq!(cut.chars().count(), WIDTH);
    }

    #[test]
    fn an_empty_tape_has_a_picture() {
        let lines = picture(&Tape::default());
        assert!(lines[0].contains("0 of 0 tasks"), "{lines:?}");
    }

    #[test]
    fn a_time_is_shown_in_tenths_of_a_second() {
        assert_eq!(seconds(12_345), "12.3 s");
        let line = Line {
            after_ms: 900,
            text: "ada claimed T-1".to_owned(),
            notable: true,
        };
        assert_eq!(event_line(&line), "  0.9 s  ada claimed T-1");
    }
}
