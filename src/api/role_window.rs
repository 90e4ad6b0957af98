//! When phases and roles have their time, as requests state it.

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::enums;
use super::validate::{bad, required};
use super::{Api, status};
use crate::plan::Command;
use crate::plan::command::PhaseTiming;
use crate::plan::event::RoleTime;
use crate::plan::window::{Window, WindowUnit};

/// A window; whether its numbers are in order is the core's to say.
pub(super) fn window(field: &str, stated: &wire::Window) -> Result<Window, Status> {
    let unit = match enums::known(&format!("{field}.unit"), stated.unit)? {
        wire::WindowUnit::Day => WindowUnit::Day,
        wire::WindowUnit::Week => WindowUnit::Week,
        wire::WindowUnit::Unspecified => {
            return Err(bad(
                &format!("{field}.unit"),
                "is missing; say days or weeks",
            ));
        }
    };
    Ok(Window {
        unit,
        from: stated.from,
        to: stated.to,
    })
}

/// The timing of a new phase.
pub(super) fn timing(stated: Option<&wire::Window>, ordering: i32) -> Result<PhaseTiming, Status> {
    Ok(PhaseTiming {
        window: stated.map(|it| window("window", it)).transpose()?,
        drop_window: false,
        ordering: enums::read_phase_ordering(ordering)?,
    })
}

impl Call<wire::SetRoleWindowRequest> {
    pub(super) async fn set_role_window(
        self,
        api: &Api,
    ) -> Result<wire::SetRoleWindowResponse, Status> {
        use wire::role_window::Time;
        let stated = self.body.role_window.clone();
        let stated = stated.ok_or_else(|| bad("role_window", "is missing"))?;
        let role = required("role_window.role", stated.role)?;
        let time = match &stated.time {
            None => None,
            Some(Time::Always(true)) => Some(RoleTime::Always),
            Some(Time::Always(false)) => {
                let no = "is false; leave the time out to take back what was said";
                return Err(bad("role_window.always", no));
            }
            Some(Time::Window(it)) => Some(RoleTime::During(window("role_window.window", it)?)),
        };
        let refused = |refusal| status::refused(&refusal);
        let no = self.plan.resolve_role(&role).map_err(refused)?;
        let phase = match stated.phase.trim() {
            "" => None,
            written => Some(self.plan.resolve_phase(written).map_err(refused)?),
        };
        let command = Command::SetRoleWindow {
            role,
            phase: stated.phase,
            time,
        };
        let answer = api.submit(&self, command).await?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let mut windows = answer.plan.role_windows().iter();
        let found = windows.find(|it| (it.phase, it.role) == (phase, no));
        Ok(wire::SetRoleWindowResponse {
            role_window: found.map(|window| view.role_window(window)),
        })
    }
}
