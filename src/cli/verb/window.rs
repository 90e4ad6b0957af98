//! `window …`: when roles work, in the whole project or in a phase.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// What can be done with the times of roles.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List when roles work
    List,
    /// Say when a role works
    Set(Set),
    /// Take back what was said of a role
    Remove(Remove),
}

/// When a role works.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("time").required(true))]
pub struct Set {
    /// The role
    pub role: String,
    /// In one phase only [default: in the whole project]
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// In these days of the project, such as 3-14
    #[arg(long, group = "time", value_name = "FROM-TO", value_parser = span)]
    pub days: Option<(u32, u32)>,
    /// In these weeks of the project, such as 1-2
    #[arg(long, group = "time", value_name = "FROM-TO", value_parser = span)]
    pub weeks: Option<(u32, u32)>,
    /// Whenever there is work; in a phase this sets aside what is said of the project
    #[arg(long, group = "time")]
    pub always: bool,
}

/// What is taken back.
#[derive(Debug, clap::Args)]
pub struct Remove {
    /// The role
    pub role: String,
    /// What was said of it in this phase [default: of the whole project]
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
}

/// Reads "3" or "1-3".
pub fn span(written: &str) -> Result<(u32, u32), String> {
    let (from, to) = written.split_once('-').unwrap_or((written, written));
    let number = |text: &str| {
        text.trim()
            .parse::<u32>()
            .map_err(|_| format!("`{written}` is no span; write it like 1-3, or 2"))
    };
    Ok((number(from)?, number(to)?))
}

/// The window of days or weeks that are stated.
pub fn window(days: Option<(u32, u32)>, weeks: Option<(u32, u32)>) -> Option<wire::Window> {
    let of = |unit: wire::WindowUnit| {
        move |(from, to): (u32, u32)| wire::Window {
            unit: unit.into(),
            from,
            to,
        }
    };
    let days = days.map(of(wire::WindowUnit::Day));
    days.or(weeks.map(of(wire::WindowUnit::Week)))
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List => list(context).await,
        Verb::Set(arguments) => set(arguments, context).await,
        Verb::Remove(arguments) => remove(arguments, context).await,
    }
}

async fn list(context: &Context) -> Result<(), Failure> {
    let request = wire::ListRoleWindowsRequest {
        project: context.project.clone(),
    };
    let answer = call!(&context.client, phases.list_role_windows(request)).await?;
    let windows = answer.role_windows;
    context.out.either(
        || {
            let listed: Vec<_> = windows.iter().map(documents::role_window).collect();
            json!({"role_windows": listed})
        },
        || text::role_windows(&windows, context.out.columns()),
    )
}

async fn set(arguments: Set, context: &Context) -> Result<(), Failure> {
    use wire::role_window::Time;
    let during = window(arguments.days, arguments.weeks).map(Time::Window);
    let time = during.or(arguments.always.then_some(Time::Always(true)));
    let stated = wire::RoleWindow {
        role: arguments.role,
        phase: arguments.phase.unwrap_or_default(),
        time,
        ..wire::RoleWindow::default()
    };
    send(stated, context).await
}

async fn remove(arguments: Remove, context: &Context) -> Result<(), Failure> {
    let stated = wire::RoleWindow {
        role: arguments.role,
        phase: arguments.phase.unwrap_or_default(),
        ..wire::RoleWindow::default()
    };
    send(stated, context).await
}

async fn send(stated: wire::RoleWindow, context: &Context) -> Result<(), Failure> {
    let role = stated.role.clone();
    let request = wire::SetRoleWindowRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        role_window: Some(stated),
    };
    let answer = call!(&context.client, phases.set_role_window(request)).await?;
    context.out.either(
        || json!({"role_window": answer.role_window.as_ref().map(documents::role_window)}),
        || {
            let said = match &answer.role_window {
                Some(window) => text::role_time(window),
                None => format!("took back when {role} works"),
            };
            format!("{}\n{}", text::clean::line(&said), hint("window list"))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_one_number_or_two() {
        assert_eq!(span("3-14"), Ok((3, 14)));
        assert_eq!(span("2"), Ok((2, 2)));
        for text in ["", "a", "1-", "1-2-3", "-1"] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
