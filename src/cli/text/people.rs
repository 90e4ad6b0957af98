//! Agents, roles, sessions and tokens as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, fields, listed, or_dash, pasted, table, when};

/// A title in a table of notes is cut to so many characters.
const TITLE_CHARACTERS_MAX: usize = 60;
/// And a note to so many; the document has all of it.
const NOTE_CHARACTERS_MAX: usize = 200;

/// A table of agents.
pub fn agents(agents: &[wire::Agent], columns: Option<u16>) -> String {
    if agents.is_empty() {
        return "no agents; next: muster agent register NAME --role ROLE\n".to_owned();
    }
    let rows = agents.iter().map(|agent| {
        let name = if agent.retired {
            format!("{} (retired)", agent.name)
        } else {
            agent.name.clone()
        };
        [
            name,
            listed(&agent.roles),
            listed(&agent.skills),
            format!("{} of {}", agent.holds.len(), agent.capacity),
            listed(&agent.holds),
            cares_for(agent),
            listed(&agent.open_sessions),
            when(agent.last_event_at.as_ref()),
        ]
    });
    table(
        [
            "agent",
            "roles",
            "skills",
            "load",
            "holds",
            "looks after",
            "sessions",
            "last seen",
        ],
        rows,
        columns,
    )
}

/// What an agent comes first for, and in brackets what it stands in for.
fn cares_for(agent: &wire::Agent) -> String {
    let first = agent.primary_of.iter().cloned();
    let second = agent.backup_of.iter().map(|it| format!("({it})"));
    let all: Vec<String> = first.chain(second).collect();
    or_dash(&all.join(", "))
}

/// A table of roles.
pub fn roles(roles: &[wire::Role], columns: Option<u16>) -> String {
    let rows = roles.iter().map(|role| {
        let titles = [&role.title].into_iter().filter(|title| !title.is_empty());
        let names: Vec<&str> = titles.chain(&role.aliases).map(String::as_str).collect();
        [
            role.slug.clone(),
            or_dash(&role.parent),
            listed(&role.backs_up),
            role.tier
                .map_or_else(|| "-".to_owned(), |tier| tier.to_string()),
            role.open_tasks.to_string(),
            if role.filled { "yes" } else { "no" }.to_owned(),
            or_dash(&names.join(", ")),
        ]
    });
    table(
        [
            "role",
            "parent",
            "backs up",
            "tier",
            "open",
            "filled",
            "other names",
        ],
        rows,
        columns,
    )
}

fn status(session: &wire::Session) -> String {
    word(session.status().as_str_name(), "SESSION_STATUS_")
}

/// A table of sessions.
pub fn sessions(sessions: &[wire::Session], columns: Option<u16>) -> String {
    if sessions.is_empty() {
        return "no sessions\n".to_owned();
    }
    let rows = sessions.iter().map(|session| {
        [
            session.id.clone(),
            session.agent.clone(),
            status(session),
            when(session.started_at.as_ref()),
            when(session.ended_at.as_ref()),
            listed(&session.completed),
            listed(&session.holds),
        ]
    });
    table(
        [
            "id",
            "agent",
            "status",
            "started",
            "ended",
            "completed",
            "holds",
        ],
        rows,
        columns,
    )
}

/// What a session begins with: a line for each thing there is.
pub fn session_brief(brief: &wire::SessionBrief) -> String {
    let listed = |list: &[wire::NearbyConcern], total: u32| {
        let lines = list.iter().map(|it| format!("{} {}", it.id, it.text));
        let mut lines: Vec<String> = lines.collect();
        let left = total.saturating_sub(u32::try_from(list.len()).unwrap_or(u32::MAX));
        if left > 0 {
            lines.push(format!("and {left} more"));
        }
        lines.join("\n")
    };
    let last = brief
        .last_session
        .as_ref()
        .map_or_else(String::new, |last| {
            let summary = last.summary.clone().unwrap_or_default();
            let said = [summary.done, summary.next]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join("; next: ");
            format!("{} ({}): {said}", last.id, last.agent)
        });
    fields(&[
        ("phase", brief.phase.clone()),
        ("sprint", brief.sprint.clone()),
        ("last session", last),
        ("you hold", listed(&brief.holds, 0)),
        ("next for you", listed(&brief.next, 0)),
        ("blockers", listed(&brief.blockers, brief.blockers_total)),
        ("decisions", listed(&brief.decisions, brief.decisions_total)),
        (
            "to triage",
            listed(&brief.discovered, brief.discovered_total),
        ),
        (
            "standup",
            brief
                .standup_closes_at
                .as_ref()
                .map_or_else(String::new, |at| {
                    format!("open until {}; muster standup submit …", when(Some(at)))
                }),
        ),
    ])
}

/// All that is known about a session.
pub fn session(session: &wire::Session) -> String {
    let summary = session.summary.clone().unwrap_or_default();
    let mut text = format!(
        "{} {} ({})\n\n",
        clean::line(&session.id),
        clean::line(&session.agent),
        status(session)
    );
    let ended = session.ended_at.as_ref();
    text.push_str(&fields(&[
        ("scope", session.scope.clone()),
        ("model", session.model.clone()),
        ("started", when(session.started_at.as_ref())),
        ("ended", ended.map(|at| when(Some(at))).unwrap_or_default()),
        ("claimed", session.claimed.join(", ")),
        ("completed", session.completed.join(", ")),
        ("holds", session.holds.join(", ")),
        ("carried", session.carried.join(", ")),
        ("done", summary.done),
        ("technologies", summary.technologies),
        ("blockers", summary.blockers),
        ("verification", summary.verification),
        ("next", summary.next),
    ]));
    text
}

/// The log of a session: what became of each task, at the time it was, or since when it is held.
pub fn session_log(answer: &wire::GetSessionResponse, columns: Option<u16>) -> String {
    let mut text = String::new();
    if !answer.tasks.is_empty() {
        let rows = answer.tasks.iter().map(|it| {
            [
                when(it.ended_at.as_ref().or(it.claimed_at.as_ref())),
                format!(
                    "{} {}",
                    it.task,
                    clean::clipped(&it.title, TITLE_CHARACTERS_MAX)
                ),
                outcome(it),
                or_dash(&clean::clipped(&it.note, NOTE_CHARACTERS_MAX)),
            ]
        });
        text.push('\n');
        text.push_str(&table(["date", "task", "status", "notes"], rows, columns));
    }
    if answer.truncated {
        let session = answer.session.as_ref().map_or("", |it| &it.id);
        let command = pasted(&format!("log --session {}", clean::line(session)));
        text.push_str(&format!(
            "\nthe log is longer than this; all of it: {command}\n"
        ));
    }
    text
}

fn outcome(task: &wire::SessionTask) -> String {
    let ended = match task.outcome() {
        wire::SessionOutcome::Unspecified => "unknown".to_owned(),
        wire::SessionOutcome::Held => "in progress".to_owned(),
        wire::SessionOutcome::Carried => "in progress, carried over".to_owned(),
        wire::SessionOutcome::Submitted => "handed in".to_owned(),
        other => word(other.as_str_name(), "SESSION_OUTCOME_"),
    };
    if task.taken_over {
        format!("{ended} (taken over)")
    } else {
        ended
    }
}

/// A table of tokens.
pub fn tokens(tokens: &[wire::Token], columns: Option<u16>) -> String {
    if tokens.is_empty() {
        return "no tokens\n".to_owned();
    }
    let rows = tokens.iter().map(|token| {
        let project = if token.project.is_empty() {
            "all"
        } else {
            &token.project
        };
        [
            token.id.clone(),
            word(token.kind().as_str_name(), "PRINCIPAL_KIND_"),
            token.name.clone(),
            project.to_owned(),
            when(token.issued_at.as_ref()),
            when(token.revoked_at.as_ref()),
        ]
    });
    table(
        ["id", "kind", "name", "project", "issued", "revoked"],
        rows,
        columns,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_shown_with_what_it_left_behind() {
        let session_of = wire::Session {
            id: "S-3".to_owned(),
            agent: "dev-1".to_owned(),
            status: wire::SessionStatus::Closed.into(),
            claimed: vec!["T-1".to_owned(), "T-2".to_owned()],
            summary: Some(wire::SessionSummary {
                done: "the schema".to_owned(),
                next: "payments".to_owned(),
                ..wire::SessionSummary::default()
            }),
            ..wire::Session::default()
        };
        insta::assert_snapshot!(session(&session_of), @r"
        S-3 dev-1 (closed)

        started       -
        claimed       T-1, T-2
        done          the schema
        next          payments
        ");
        insta::assert_snapshot!(sessions(&[session_of], None), @r"
        ID   AGENT  STATUS  STARTED  ENDED  COMPLETED  HOLDS
        S-3  dev-1  closed  -        -      -          -
        ");
    }

    #[test]
    fn the_log_of_a_session_is_a_table_of_what_became_of_each_task() {
        let entry = |task: &str, seconds: i64, outcome: wire::SessionOutcome, note: &str| {
            let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
            let is_held = outcome == wire::SessionOutcome::Held;
            wire::SessionTask {
                task: task.to_owned(),
                title: format!("the {task} task"),
                claimed_at: at(seconds),
                outcome: outcome.into(),
                ended_at: at(seconds + 600).filter(|_| !is_held),
                note: note.to_owned(),
                ..wire::SessionTask::default()
            }
        };
        let mut answer = wire::GetSessionResponse {
            session: Some(wire::Session {
                id: "S-3".to_owned(),
                ..wire::Session::default()
            }),
            tasks: vec![
                entry(
                    "T-1",
                    0,
                    wire::SessionOutcome::Completed,
                    "built\nand tested",
                ),
                entry("T-2", 3_600, wire::SessionOutcome::Submitted, ""),
                entry("T-30", 7_200, wire::SessionOutcome::Held, "60 %: half"),
                entry(
                    "T-4",
                    7_200,
                    wire::SessionOutcome::Unspecified,
                    &"x".repeat(300),
                ),
            ],
            truncated: true,
        };
        answer.tasks[2].taken_over = true;
        let text = session_log(&answer, None).replace(&"x".repeat(199), "(199 x)");
        insta::assert_snapshot!(text, @r"

        DATE               TASK                STATUS                    NOTES
        1970-01-01 00:10Z  T-1 the T-1 task    completed                 built and tested
        1970-01-01 01:10Z  T-2 the T-2 task    handed in                 -
        1970-01-01 02:00Z  T-30 the T-30 task  in progress (taken over)  60 %: half
        1970-01-01 02:10Z  T-4 the T-4 task    unknown                   (199 x)…

        the log is longer than this; all of it: muster log --session S-3
        ");
        assert_eq!(session_log(&wire::GetSessionResponse::default(), None), "");
    }

    #[test]
    fn agents_and_tokens_stand_in_tables() {
        let agent = wire::Agent {
            name: "dev-1".to_owned(),
            roles: vec!["developer".to_owned(), "backend".to_owned()],
            capacity: 1,
            ..wire::Agent::default()
        };
        insta::assert_snapshot!(agents(&[agent], None), @r"
        AGENT  ROLES               SKILLS  LOAD    HOLDS  LOOKS AFTER  SESSIONS  LAST SEEN
        dev-1  developer, backend  -       0 of 1  -      -            -         -
        ");
        let token = wire::Token {
            id: "abc".to_owned(),
            kind: wire::PrincipalKind::Agent.into(),
            name: "dev-1".to_owned(),
            project: "shop".to_owned(),
            ..wire::Token::default()
        };
        insta::assert_snapshot!(tokens(&[token], None), @r"
        ID   KIND   NAME   PROJECT  ISSUED  REVOKED
        abc  agent  dev-1  shop     -       -
        ");
    }
}
