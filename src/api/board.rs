//! The board and the critical path: read from the published plan, and cut to what a message may hold.

use std::sync::Arc;

use muster_proto::v1 as wire;
use tonic::Status;

use super::aside::aside;
use super::status;
use super::validate::bad;
use super::views;
use crate::plan::Plan;
use crate::plan::id::RoleNo;

const COLUMN_LIMIT_MAX: u32 = 100;
const NEXT_LIMIT_MAX: u32 = 100;
const NEXT_LIMIT_DEFAULT: u32 = 3;
const SLACK_LIMIT_MAX: u32 = 1_000;
const STEPS_LISTED_MAX: usize = 1_000;
/// Bytes of an answer past which its lists are halved until it is smaller; clients take 4 MiB.
const BYTES_MAX: usize = 3 * 1024 * 1024;

fn limit(field: &str, wanted: u32, most: u32) -> Result<usize, Status> {
    if wanted > most {
        return Err(bad(
            field,
            format!("is {wanted}; at most {most} are listed"),
        ));
    }
    Ok(wanted as usize)
}

/// Makes an answer of at most so many entries a list that a client takes.
fn fitting<M: prost::Message>(mut entries: usize, make: impl Fn(usize) -> M) -> M {
    loop {
        let answer = make(entries);
        if answer.encoded_len() <= BYTES_MAX || entries == 0 {
            return answer;
        }
        entries /= 2;
    }
}

pub(super) async fn board(
    plan: Arc<Plan>,
    body: &wire::GetBoardRequest,
) -> Result<wire::GetBoardResponse, Status> {
    let column_limit = limit("column_limit", body.column_limit, COLUMN_LIMIT_MAX)?;
    let next_limit = match body.next_limit {
        0 => NEXT_LIMIT_DEFAULT,
        wanted => wanted,
    };
    let next_limit = limit("next_limit", next_limit, NEXT_LIMIT_MAX)?;
    let role = match body.role.trim() {
        "" => None,
        role => Some(
            plan.resolve_role(role)
                .map_err(|refusal| status::refused(&refusal))?,
        ),
    };
    aside(move || {
        let most = column_limit.max(next_limit);
        fitting(most, |entries| {
            whole_board(
                &plan,
                column_limit.min(entries),
                next_limit.min(entries),
                role,
            )
        })
    })
    .await
}

fn whole_board(
    plan: &Plan,
    column_limit: usize,
    next_limit: usize,
    role: Option<RoleNo>,
) -> wire::GetBoardResponse {
    let outlook = plan.outlook(next_limit);
    let columns = plan.board(column_limit);
    let rows = outlook.roles.iter();
    let rows = rows.filter(|row| role.is_none() || row.role == role);
    wire::GetBoardResponse {
        version: plan.version(),
        recorded_at: Some(views::time(plan.last_at())),
        columns: columns
            .iter()
            .map(|column| views::board_column(plan, column))
            .collect(),
        roles: rows.map(|row| views::role_outlook(plan, row)).collect(),
        ready: outlook.ready,
        could_start: outlook.could_start,
        bottleneck_role: outlook
            .bottleneck
            .map_or_else(String::new, |role| plan.role_slug(role).to_owned()),
    }
}

pub(super) async fn critical_path(
    plan: Arc<Plan>,
    body: &wire::GetCriticalPathRequest,
) -> Result<wire::GetCriticalPathResponse, Status> {
    let tightest = limit("slack_limit", body.slack_limit, SLACK_LIMIT_MAX)?;
    aside(move || {
        let path = plan.critical_path(tightest);
        fitting(STEPS_LISTED_MAX, |entries| wire::GetCriticalPathResponse {
            version: plan.version(),
            total_minutes: path.total_minutes,
            open_tasks: path.open,
            critical_tasks: path.critical,
            path: path
                .path
                .iter()
                .take(entries)
                .map(|slot| views::scheduled_task(&plan, slot))
                .collect(),
            path_total: u32::try_from(path.path.len()).unwrap_or(u32::MAX),
            waits_for: path
                .waits_for
                .iter()
                .cloned()
                .map(views::not_ready)
                .collect(),
            tightest: path
                .tightest
                .iter()
                .take(entries)
                .map(|slot| views::scheduled_task(&plan, slot))
                .collect(),
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_limit_is_refused_with_the_limit() {
        assert_eq!(limit("next_limit", 100, NEXT_LIMIT_MAX).unwrap(), 100);
        let status = limit("next_limit", 101, NEXT_LIMIT_MAX).unwrap_err();
        assert!(status.message().contains("at most 100"), "{status}");
    }

    #[test]
    fn an_answer_is_cut_until_a_client_takes_it() {
        let of = |entries: usize| wire::BoardColumn {
            tasks: vec![
                wire::TaskBrief {
                    title: "x".repeat(100_000),
                    ..Default::default()
                };
                entries
            ],
            ..Default::default()
        };
        assert_eq!(fitting(100, of).tasks.len(), 25);
        assert_eq!(fitting(10, of).tasks.len(), 10);
    }
}
