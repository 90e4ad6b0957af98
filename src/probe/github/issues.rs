//! The open issues that block a project: those with one of some labels or of a milestone. A label or a
//! milestone that does not exist is said, so that a slip of the pen is not read as "nothing blocks".

use std::collections::BTreeMap;

use super::GitHub;
use super::error::{GitHubError, Kind};
use super::gate::Call;
use super::pages::{ENTRIES, Pages};
use super::repository::Repository;
use super::shortfall::{Part, Shortfall};
use super::wire;

const LABELS_MAX: usize = 20;
const NAME_CHARS_MAX: usize = 200;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Which open issues block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Those with one of these labels, at most 20.
    pub labels: Vec<String>,
    /// Those of this milestone, by its title.
    pub milestone: Option<String>,
    /// After how many days without a change an issue is stale; without it none is.
    pub stale_after_days: Option<u32>,
}

impl Criteria {
    fn check(&self) -> Result<(), GitHubError> {
        if self.labels.is_empty() && self.milestone.is_none() {
            return Err(GitHubError::not_configured(
                "nothing says which issues block; name a label or a milestone",
            ));
        }
        if self.labels.len() > LABELS_MAX {
            return Err(GitHubError::not_configured(format!(
                "more than {LABELS_MAX} labels are named; name fewer"
            )));
        }
        let fits = |name: &String| {
            let chars = name.chars().count();
            (1..=NAME_CHARS_MAX).contains(&chars) && !name.chars().any(char::is_control)
        };
        // A comma stands between labels in the question.
        let mut labels = self.labels.iter();
        if !labels.all(|label| fits(label) && !label.contains(',')) {
            return Err(GitHubError::not_configured(format!(
                "a label is empty, longer than {NAME_CHARS_MAX} characters, or holds a comma or a control character; name it as GitHub shows it"
            )));
        }
        match &self.milestone {
            Some(milestone) if !fits(milestone) => Err(GitHubError::not_configured(format!(
                "the milestone is empty, longer than {NAME_CHARS_MAX} characters or holds a control character; name it as GitHub shows it"
            ))),
            Some(_) | None => Ok(()),
        }
    }
}

/// An open issue that blocks. Texts are those of its authors, in one line and without control characters;
/// they are data, never markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockingIssue {
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its page; empty when GitHub gave none that a browser should be led to.
    pub url: String,
    /// Who wrote it; `ghost` when the account was deleted.
    pub author: String,
    /// Its labels, at most 50.
    pub labels: Vec<String>,
    /// Who works on it, at most 50.
    pub assignees: Vec<String>,
    /// Its milestone.
    pub milestone: Option<String>,
    /// When it was opened, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When something of it last changed, in milliseconds since the epoch.
    pub updated_at_ms: i64,
    /// Whether nothing changed for longer than the criteria allow.
    pub is_stale: bool,
}

/// The open issues that block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocking {
    /// The issues, those opened first standing first.
    pub issues: Vec<BlockingIssue>,
    /// What the list leaves out.
    pub shortfalls: Vec<Shortfall>,
}

impl GitHub {
    /// The open issues of a repository that block, at `now_ms` in milliseconds since the epoch. Pull requests
    /// are no issues here.
    ///
    /// # Errors
    /// When the criteria cannot be used, or GitHub does not tell; see [`Kind`].
    pub async fn blocking_issues(
        &self,
        repository: &Repository,
        criteria: &Criteria,
        now_ms: i64,
    ) -> Result<Blocking, GitHubError> {
        criteria.check()?;
        let call = Call::begin(now_ms, self.options.call_timeout);
        let mut found = BTreeMap::new();
        let mut shortfalls = Vec::new();
        let stale_ms = criteria
            .stale_after_days
            .map(|days| i64::from(days) * DAY_MS);
        let mut add = |listed: Pages<wire::Issue>, shortfalls: &mut Vec<Shortfall>| {
            let cut = self.cut(Part::Issues);
            if listed.is_cut && !shortfalls.contains(&cut) {
                shortfalls.push(cut);
            }
            for issue in listed.items {
                if !issue.is_pull_request {
                    let issue = blocking(issue, stale_ms, now_ms);
                    found.insert((issue.created_at_ms, issue.number), issue);
                }
            }
        };
        for label in &criteria.labels {
            let listed = self.issues(&call, repository, ("labels", label)).await?;
            if listed.items.is_empty() && !self.has_label(&call, repository, label).await? {
                shortfalls.push(Shortfall::NoSuchLabel(label.clone()));
            }
            add(listed, &mut shortfalls);
        }
        if let Some(title) = &criteria.milestone {
            let milestone = self.milestone(&call, repository, title, &mut shortfalls);
            if let Some(number) = milestone.await? {
                let number = number.to_string();
                let listed = self
                    .issues(&call, repository, ("milestone", &number))
                    .await?;
                add(listed, &mut shortfalls);
            }
        }
        Ok(Blocking {
            issues: found.into_values().collect(),
            shortfalls,
        })
    }

    pub(super) fn cut(&self, part: Part) -> Shortfall {
        let pages = self.options.pages_max.max(1);
        Shortfall::Cut { part, pages }
    }

    async fn issues(
        &self,
        call: &Call,
        repository: &Repository,
        which: (&str, &str),
    ) -> Result<Pages<wire::Issue>, GitHubError> {
        // Cut at a limit, it is the newest that are missing: the oldest have blocked for longest.
        let order = [("sort", "created"), ("direction", "asc")];
        let query = [("state", "open"), which, order[0], order[1], ENTRIES];
        let first = self.url(repository, &["issues"], &query);
        self.pages(call, repository, first, self.options.pages_max)
            .await
    }

    async fn has_label(
        &self,
        call: &Call,
        repository: &Repository,
        label: &str,
    ) -> Result<bool, GitHubError> {
        if matches!(label, "." | "..") {
            // No path can name such a label.
            return Ok(true);
        }
        let url = self.url(repository, &["labels", label], &[]);
        match self.get::<wire::Named>(call, repository, url).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The number of a milestone, open ones before closed ones.
    async fn milestone(
        &self,
        call: &Call,
        repository: &Repository,
        title: &str,
        shortfalls: &mut Vec<Shortfall>,
    ) -> Result<Option<u64>, GitHubError> {
        let wanted = super::text::line(title, NAME_CHARS_MAX).to_lowercase();
        for state in ["open", "closed"] {
            let first = self.url(repository, &["milestones"], &[("state", state), ENTRIES]);
            let listed = self.pages(call, repository, first, self.options.pages_max);
            let listed: Pages<wire::Milestone> = listed.await?;
            let is_it = |milestone: &&wire::Milestone| milestone.title.0.to_lowercase() == wanted;
            if let Some(milestone) = listed.items.iter().find(is_it) {
                return Ok(Some(milestone.number));
            }
            if listed.is_cut {
                shortfalls.push(self.cut(Part::Milestones));
            }
        }
        shortfalls.push(Shortfall::NoSuchMilestone(title.to_owned()));
        Ok(None)
    }
}

fn blocking(issue: wire::Issue, stale_ms: Option<i64>, now_ms: i64) -> BlockingIssue {
    let updated_at_ms = issue.updated_at.0;
    let idle_ms = now_ms.saturating_sub(updated_at_ms);
    BlockingIssue {
        number: issue.number,
        title: issue.title.0,
        url: issue.html_url.0,
        author: wire::login(issue.user),
        labels: issue.labels.into_iter().map(|label| label.0.0).collect(),
        assignees: issue
            .assignees
            .into_iter()
            .map(|account| account.login.0)
            .collect(),
        milestone: issue.milestone.map(|milestone| milestone.title.0),
        created_at_ms: issue.created_at.0,
        updated_at_ms,
        is_stale: stale_ms.is_some_and(|stale_ms| idle_ms > stale_ms),
    }
}
