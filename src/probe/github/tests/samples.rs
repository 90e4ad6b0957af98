//! Answers in GitHub's shapes, with the many fields that nobody here asks for.

use serde_json::{Value, json};

pub(in super::super) fn user(login: &str) -> Value {
    json!({
        "login": login, "id": 1, "node_id": "MDQ6VXNlcjE=", "avatar_url": "https://avatars/u/1?v=4",
        "gravatar_id": "", "url": format!("https://api.github.com/users/{login}"),
        "html_url": format!("https://github.com/{login}"), "type": "User", "user_view_type": "public",
        "site_admin": false
    })
}

pub(in super::super) fn label(name: &str) -> Value {
    json!({
        "id": 208_045_946_u64, "node_id": "MDU6TGFiZWwyMDgwNDU5NDY=", "name": name, "color": "f29513",
        "url": "https://api.github.com/repos/octo/widgets/labels/x", "default": true, "description": null
    })
}

pub(in super::super) fn milestone(number: u64, title: &str) -> Value {
    json!({
        "number": number, "title": title, "state": "open", "description": null, "creator": user("ada"),
        "open_issues": 4, "closed_issues": 8, "created_at": "2026-04-10T20:09:31Z",
        "updated_at": "2026-11-03T18:58:10Z", "closed_at": null, "due_on": "2026-12-09T23:39:01Z"
    })
}

/// An issue of a day of November, changed on another.
pub(in super::super) fn issue(number: u64, created: u32, updated: u32) -> Value {
    json!({
        "id": number, "node_id": "MDU6SXNzdWUx", "number": number, "state": "open",
        "url": format!("https://api.github.com/repos/octo/widgets/issues/{number}"),
        "html_url": format!("https://github.com/octo/widgets/issues/{number}"),
        "title": format!("Issue {number}"), "body": "It does not work.\r\n\r\n```\nerror\n```",
        "user": user("ada"), "labels": [label("blocker")], "assignee": null, "assignees": [],
        "milestone": null, "locked": true, "active_lock_reason": "too heated", "comments": 0,
        "closed_at": null, "created_at": format!("2026-11-{created:02}T10:00:00Z"),
        "updated_at": format!("2026-11-{updated:02}T10:00:00Z"), "closed_by": null,
        "author_association": "COLLABORATOR", "state_reason": null, "type": null,
        "sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
        "reactions": {"url": "https://api.github.com/x", "total_count": 0, "+1": 0, "-1": 0},
        "performed_via_github_app": null, "timeline_url": "https://api.github.com/x"
    })
}

/// The hash of the newest commit of a pull request.
pub(in super::super) fn commit(number: u64) -> String {
    format!("{number:040x}")
}

/// A pull request of a day of November.
pub(in super::super) fn pull(number: u64, created: u32) -> Value {
    json!({
        "id": number, "number": number, "state": "open", "locked": false, "title": format!("Pull {number}"),
        "url": format!("https://api.github.com/repos/octo/widgets/pulls/{number}"),
        "html_url": format!("https://github.com/octo/widgets/pull/{number}"),
        "user": user("ada"), "body": null, "labels": [], "milestone": null, "active_lock_reason": null,
        "created_at": format!("2026-11-{created:02}T10:00:00Z"),
        "updated_at": format!("2026-11-{created:02}T11:00:00Z"), "closed_at": null, "merged_at": null,
        "merge_commit_sha": null, "assignee": null, "assignees": [],
        "requested_reviewers": [user("bob")],
        "requested_teams": [{"id": 1, "name": "Justice League", "slug": "justice-league", "privacy": "closed",
            "parent": null}],
        "head": {"label": "octo:topic", "ref": "topic", "sha": commit(number), "user": user("octo"),
            "repo": null},
        "base": {"label": "octo:main", "ref": "main", "sha": commit(0), "user": user("octo"), "repo": {}},
        "_links": {"self": {"href": "https://api.github.com/x"}}, "author_association": "OWNER",
        "auto_merge": null, "draft": false
    })
}

pub(in super::super) fn review(login: &str, state: &str, day: u32) -> Value {
    json!({
        "id": 80, "user": user(login), "body": "", "state": state, "html_url": "https://github.com/x",
        "submitted_at": format!("2026-11-{day:02}T12:00:00Z"), "commit_id": commit(1),
        "author_association": "COLLABORATOR"
    })
}

pub(in super::super) fn statuses(entries: &[(&str, &str)]) -> Value {
    let entries: Vec<Value> = entries
        .iter()
        .map(|(context, state)| {
            json!({"url": "https://api.github.com/x", "context": context, "state": state,
                "description": null, "target_url": null, "created_at": "2026-11-20T01:19:13Z"})
        })
        .collect();
    json!({"state": "pending", "sha": commit(1), "total_count": entries.len(), "statuses": entries,
        "repository": {}, "commit_url": "https://api.github.com/x"})
}

pub(in super::super) fn check_runs(entries: &[(&str, &str, Option<&str>)]) -> Value {
    let entries: Vec<Value> = entries
        .iter()
        .map(|(name, status, conclusion)| {
            json!({"id": 4, "head_sha": commit(1), "name": name, "status": status,
                "conclusion": conclusion, "app": {"slug": "octoapp"}, "pull_requests": [],
                "output": {"title": null, "summary": "x"}, "completed_at": null})
        })
        .collect();
    json!({"total_count": entries.len(), "check_runs": entries})
}
