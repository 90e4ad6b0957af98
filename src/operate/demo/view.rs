//! Follows the project over the event stream and shows it: a screen at a terminal, else a line for each
//! thing worth one. It asks for nothing but events.

use std::time::Duration;

use muster_proto::v1 as wire;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::screen::{Screen, event_line, picture};
use super::tape::Tape;
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::operate::failure::failure;
use crate::operate::wire::{Wire, refused};

const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// How the demo is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    /// A screen that is drawn again and again.
    Screen,
    /// A line for each thing worth one.
    Lines,
    /// Nothing; scripts read the end.
    Silent,
}

/// Follows the project until the version that `until` says has been seen; it is `u64::MAX` while nobody
/// knows which one that will be.
pub(super) async fn follow(
    wire: Wire,
    dress: Dress,
    output: Output,
    mut until: watch::Receiver<u64>,
) -> Result<Tape, Failure> {
    let request = wire::WatchEventsRequest::default();
    let watched = wire.events().watch_events(request).await;
    let mut events = watched
        .map_err(|status| refused("the view", "WatchEvents", &status))?
        .into_inner();
    let screen = (dress == Dress::Screen).then(Screen::open);
    let mut redraw = interval(REDRAW_EVERY);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut tape = Tape::default();
    loop {
        if tape.plan().version() >= *until.borrow_and_update() {
            return Ok(tape);
        }
        tokio::select! {
            biased;
            message = events.message() => {
                let message = message
                    .map_err(|status| refused("the view", "WatchEvents", &status))?
                    .ok_or_else(|| failure("WATCH_BROKEN", "the event stream ended early"))?;
                for event in &message.events {
                    let line = tape.take(event)?;
                    if dress == Dress::Lines && line.notable {
                        output.text(&event_line(&line))?;
                    }
                }
            }
            changed = until.changed() => {
                changed.map_err(|_| failure("DEMO_STOPPED", "the demo was stopped"))?;
            }
            _ = redraw.tick(), if screen.is_some() => {
                if let Some(screen) = &screen {
                    screen.show(&picture(&tape));
                }
            }
        }
    }
}
