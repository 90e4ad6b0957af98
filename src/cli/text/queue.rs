//! Blockers, discovered tasks and decisions as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, named, or_dash, table, when};

/// A table of blockers.
pub fn blockers(blockers: &[wire::Blocker], columns: Option<u16>) -> String {
    if blockers.is_empty() {
        return "no blockers\n".to_owned();
    }
    let rows = blockers.iter().map(|blocker| {
        let mut what = blocker.tasks.clone();
        if !blocker.phase.is_empty() {
            what.push(format!("phase {}", blocker.phase));
        }
        let owner = if blocker.owner.is_empty() {
            "coordinator"
        } else {
            &blocker.owner
        };
        [
            blocker.id.clone(),
            word(blocker.kind().as_str_name(), "BLOCKER_KIND_"),
            word(blocker.severity().as_str_name(), "SEVERITY_"),
            word(blocker.status().as_str_name(), "BLOCKER_STATUS_"),
            or_dash(&what.join(", ")),
            owner.to_owned(),
            when(blocker.since.as_ref()),
            reason(blocker),
        ]
    });
    table(
        [
            "id", "kind", "severity", "status", "holds", "owner", "since", "reason",
        ],
        rows,
        columns,
    )
}

fn reason(blocker: &wire::Blocker) -> String {
    if blocker.resolution.is_empty() {
        blocker.reason.clone()
    } else {
        format!("{} → {}", blocker.reason, blocker.resolution)
    }
}

/// A table of discovered tasks.
pub fn discovered(found: &[wire::Discovered], columns: Option<u16>) -> String {
    if found.is_empty() {
        return "nothing to triage\n".to_owned();
    }
    let rows = found.iter().map(|found| {
        let status = word(found.status().as_str_name(), "DISCOVERED_STATUS_");
        let standing = if found.became.is_empty() {
            status
        } else {
            format!("{status} ({})", found.became)
        };
        [
            found.id.clone(),
            format!("P{}", found.priority),
            standing,
            or_dash(&found.found_on),
            or_dash(named(&found.found_by)),
            found.title.clone(),
        ]
    });
    table(
        ["id", "prio", "status", "found on", "by", "title"],
        rows,
        columns,
    )
}

/// A table of decisions.
pub fn decisions(decisions: &[wire::Decision], columns: Option<u16>) -> String {
    if decisions.is_empty() {
        return "no decisions\n".to_owned();
    }
    let rows = decisions.iter().map(|decision| {
        let answer = if !decision.superseded_by.is_empty() {
            format!(
                "superseded by {}: {}",
                decision.superseded_by, decision.answer
            )
        } else if !decision.deprecated_because.is_empty() {
            format!("holds no more: {}", decision.answer)
        } else if decision.decided {
            decision.answer.clone()
        } else if !decision.proposals.is_empty() {
            let proposed = decision.proposals.iter();
            let proposed: Vec<&str> = proposed.map(|it| it.answer.as_str()).collect();
            format!("proposed: {}", proposed.join(" | "))
        } else if decision.options.is_empty() {
            "open".to_owned()
        } else {
            format!("open: {}", decision.options.join(" | "))
        };
        [
            decision.id.clone(),
            or_dash(&blocked(decision)),
            when(decision.opened_at.as_ref()),
            clean::line(&answer),
            decision.question.clone(),
        ]
    });
    table(
        ["id", "blocks", "since", "answer", "question"],
        rows,
        columns,
    )
}

fn blocked(decision: &wire::Decision) -> String {
    let phases = decision.phases.iter().map(|id| format!("phase {id}"));
    let blocked: Vec<String> = decision.blocks.iter().cloned().chain(phases).collect();
    blocked.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blockers_stand_in_a_table() {
        let blocker = wire::Blocker {
            id: "B-2".to_owned(),
            kind: wire::BlockerKind::External.into(),
            status: wire::BlockerStatus::Open.into(),
            tasks: vec!["T-4".to_owned()],
            phase: "2".to_owned(),
            reason: "no account\u{7}".to_owned(),
            severity: wire::Severity::High.into(),
            ..wire::Blocker::default()
        };
        let settled = wire::Blocker {
            resolution: "here it is".to_owned(),
            status: wire::BlockerStatus::Resolved.into(),
            owner: "ann".to_owned(),
            ..blocker.clone()
        };
        insta::assert_snapshot!(blockers(&[blocker, settled], None), @r"
        ID   KIND      SEVERITY  STATUS    HOLDS         OWNER        SINCE  REASON
        B-2  external  high      open      T-4, phase 2  coordinator  -      no account
        B-2  external  high      resolved  T-4, phase 2  ann          -      no account → here it is
        ");
    }

    #[test]
    fn discovered_tasks_stand_in_a_table() {
        let found = wire::Discovered {
            id: "D-5".to_owned(),
            title: "Logs hold tokens".to_owned(),
            priority: 1,
            status: wire::DiscoveredStatus::Promoted.into(),
            became: "T-20".to_owned(),
            ..wire::Discovered::default()
        };
        insta::assert_snapshot!(discovered(&[found], None), @r"
        ID   PRIO  STATUS           FOUND ON  BY  TITLE
        D-5  P1    promoted (T-20)  -         -   Logs hold tokens
        ");
    }

    #[test]
    fn decisions_stand_in_a_table() {
        let open = wire::Decision {
            id: "DEC-1".to_owned(),
            question: "Which provider?".to_owned(),
            options: vec!["Stripe".to_owned(), "Adyen".to_owned()],
            blocks: vec!["T-4".to_owned()],
            ..wire::Decision::default()
        };
        let decided = wire::Decision {
            id: "DEC-2".to_owned(),
            decided: true,
            answer: "Adyen".to_owned(),
            ..open.clone()
        };
        insta::assert_snapshot!(decisions(&[open, decided], None), @r"
        ID     BLOCKS  SINCE  ANSWER                QUESTION
        DEC-1  T-4     -      open: Stripe | Adyen  Which provider?
        DEC-2  T-4     -      Adyen                 Which provider?
        ");
    }
}
