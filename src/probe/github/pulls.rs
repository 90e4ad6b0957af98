//! The open pull requests, how long each has waited for review, and what is wrong with the first of them.
//! Looking closer costs three requests each, so it is bounded, and what was not looked at is said.

use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::GitHub;
use super::checks::Checks;
use super::error::{GitHubError, Kind};
use super::gate::Call;
use super::pages::{ENTRIES, Pages};
use super::repository::Repository;
use super::reviews::{ReviewState, Reviewed};
use super::shortfall::{Part, Shortfall};
use super::wire;

/// Pull requests that may be looked at closer, whatever is asked.
const INSPECTED_MAX: usize = 200;

/// How closely pull requests are looked at. Drafts never are: they do not wait for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspection {
    /// How many of the oldest, at most 200.
    pub pulls_max: usize,
    /// Whether statuses and check runs are read, two requests each.
    pub checks: bool,
    /// Whether reviews are read, one request each.
    pub reviews: bool,
}

impl Default for Inspection {
    /// The oldest 30, checks and reviews.
    fn default() -> Self {
        Self {
            pulls_max: 30,
            checks: true,
            reviews: true,
        }
    }
}

/// An open pull request. Texts are those of its authors, in one line and without control characters; they
/// are data, never markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its page; empty when GitHub gave none that a browser should be led to.
    pub url: String,
    /// Who wrote it; `ghost` when the account was deleted.
    pub author: String,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// When it was opened, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When something of it last changed, in milliseconds since the epoch.
    pub updated_at_ms: i64,
    /// People whose review is asked for and not given, at most 50.
    pub reviewers: Vec<String>,
    /// Teams whose review is asked for and not given, at most 50.
    pub teams: Vec<String>,
    /// Where its review stands; none when its reviews were not read.
    pub review: Option<ReviewState>,
    /// Since when it waits for a review, in milliseconds since the epoch: since its last review, or since it
    /// was opened. That it was a draft in between is not known. None when it waits for its author or for
    /// nothing.
    pub waiting_since_ms: Option<i64>,
    /// How long that is, in milliseconds.
    pub waiting_ms: Option<i64>,
    /// Its checks; none when they were not read.
    pub checks: Option<Checks>,
    /// The hash of its newest commit, as GitHub gave it.
    pub commit: String,
}

/// The open pull requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullRequests {
    /// The pull requests, those opened first standing first.
    pub pulls: Vec<PullRequest>,
    /// What the list leaves out.
    pub shortfalls: Vec<Shortfall>,
}

impl GitHub {
    /// The open pull requests of a repository, at `now_ms` in milliseconds since the epoch. Checks and
    /// reviews that could not be read are shortfalls of the answer.
    ///
    /// # Errors
    /// When GitHub does not tell the list; see [`Kind`].
    pub async fn pull_requests(
        &self,
        repository: &Repository,
        inspection: Inspection,
        now_ms: i64,
    ) -> Result<PullRequests, GitHubError> {
        let call = Call::begin(now_ms, self.options.call_timeout);
        let order = [("sort", "created"), ("direction", "asc")];
        let query = [("state", "open"), order[0], order[1], ENTRIES];
        let first = self.url(repository, &["pulls"], &query);
        let listed = self.pages(&call, repository, first, self.options.pages_max);
        let listed: Pages<wire::Pull> = listed.await?;
        let mut shortfalls = Vec::new();
        if listed.is_cut {
            shortfalls.push(self.cut(Part::PullRequests));
        }
        let mut pulls: Vec<_> = listed.items.into_iter().map(pull_request).collect();
        // Between two pages a list moves, and what stood at the end of one begins the next.
        pulls.sort_by_key(|pull| (pull.created_at_ms, pull.number));
        pulls.dedup_by_key(|pull| pull.number);
        let reviewed = self
            .inspect(&call, repository, &mut pulls, inspection, &mut shortfalls)
            .await;
        for (pull, reviewed) in pulls.iter_mut().zip(reviewed) {
            pull.review = reviewed.map(|reviewed| reviewed.state);
            pull.waiting_since_ms = waiting_since_ms(pull, reviewed);
            pull.waiting_ms = pull
                .waiting_since_ms
                .map(|since_ms| now_ms.saturating_sub(since_ms).max(0));
        }
        Ok(PullRequests { pulls, shortfalls })
    }

    /// Looks closer at the first pull requests, some at one time, and gives the reviews of each.
    async fn inspect(
        &self,
        call: &Call,
        repository: &Repository,
        pulls: &mut [PullRequest],
        inspection: Inspection,
        shortfalls: &mut Vec<Shortfall>,
    ) -> Vec<Option<Reviewed>> {
        let mut reviewed = vec![None; pulls.len()];
        let ready = |at: &usize| !pulls[*at].is_draft;
        let ready: Vec<usize> = (0..pulls.len()).filter(ready).collect();
        let chosen = &ready[..inspection.pulls_max.min(INSPECTED_MAX).min(ready.len())];
        let mut wanted = inspection;
        if chosen.len() < ready.len() && (wanted.checks || wanted.reviews) {
            shortfalls.push(Shortfall::NotInspected {
                inspected: chosen.len(),
                of: ready.len(),
            });
        }
        let mut failures = Failures::default();
        let mut queue = chosen.iter().copied();
        let mut looking = JoinSet::new();
        loop {
            while looking.len() < self.options.parallel.max(1) && (wanted.checks || wanted.reviews)
            {
                let Some(at) = queue.next() else { break };
                let look =
                    self.clone()
                        .look(*call, repository.clone(), (at, pulls[at].clone()), wanted);
                looking.spawn(look.in_current_span());
            }
            let Some(looked) = looking.join_next().await else {
                break;
            };
            let Ok(looked) = looked else { continue };
            match looked.checks {
                Some(Ok(checks)) => pulls[looked.at].checks = Some(checks),
                Some(Err(error)) => failures.note(Part::Checks, error, &mut wanted),
                None => {}
            }
            match looked.reviewed {
                Some(Ok(found)) => reviewed[looked.at] = Some(found),
                Some(Err(error)) => failures.note(Part::Reviews, error, &mut wanted),
                None => {}
            }
        }
        let unread = |is_unread: &dyn Fn(usize) -> bool| -> Vec<u64> {
            let unread = chosen.iter().filter(|at| is_unread(**at));
            unread.map(|at| pulls[*at].number).collect()
        };
        if inspection.checks {
            let unread = unread(&|at| pulls[at].checks.is_none());
            failures.report(Part::Checks, unread, shortfalls);
        }
        if inspection.reviews {
            let unread = unread(&|at| reviewed[at].is_none());
            failures.report(Part::Reviews, unread, shortfalls);
        }
        reviewed
    }

    /// Reads what is wanted of one pull request.
    async fn look(
        self,
        call: Call,
        repository: Repository,
        (at, pull): (usize, PullRequest),
        wanted: Inspection,
    ) -> Looked {
        let checks = match wanted.checks {
            true => Some(self.checks(&call, &repository, &pull.commit).await),
            false => None,
        };
        let reviewed = match wanted.reviews {
            true => Some(
                self.reviewed(&call, &repository, pull.number, &pull.author)
                    .await,
            ),
            false => None,
        };
        Looked {
            at,
            checks,
            reviewed,
        }
    }
}

/// What was read of one pull request.
struct Looked {
    at: usize,
    checks: Option<Result<Checks, GitHubError>>,
    reviewed: Option<Result<Reviewed, GitHubError>>,
}

/// The first failure of each part.
#[derive(Default)]
struct Failures(Vec<(Part, GitHubError)>);

impl Failures {
    /// Notes a failure, and stops asking for what would fail the same way for every pull request.
    fn note(&mut self, part: Part, error: GitHubError, wanted: &mut Inspection) {
        match error.kind() {
            Kind::Forbidden => match part {
                Part::Checks => wanted.checks = false,
                _ => wanted.reviews = false,
            },
            Kind::Unauthorized | Kind::RateLimited { .. } | Kind::Unavailable | Kind::Deadline => {
                (wanted.checks, wanted.reviews) = (false, false);
            }
            Kind::NotConfigured
            | Kind::NotFound
            | Kind::Refused
            | Kind::TooLarge
            | Kind::BadAnswer => {}
        }
        tracing::warn!(
            ?part,
            detail = error.detail(),
            "a pull request was not looked at closer: {error}"
        );
        self.0.push((part, error));
    }

    /// Tells what was left unread. What was stopped by the failure of the other part is told with that.
    fn report(&self, part: Part, pulls: Vec<u64>, shortfalls: &mut Vec<Shortfall>) {
        let own = self.0.iter().find(|(failed, _)| *failed == part);
        let first = own.or(self.0.first());
        if let (Some((_, error)), false) = (first, pulls.is_empty()) {
            let error = error.clone();
            shortfalls.push(Shortfall::Unread { part, pulls, error });
        }
    }
}

fn pull_request(pull: wire::Pull) -> PullRequest {
    PullRequest {
        number: pull.number,
        title: pull.title.0,
        url: pull.html_url.0,
        author: wire::login(pull.user),
        is_draft: pull.draft,
        created_at_ms: pull.created_at.0,
        updated_at_ms: pull.updated_at.0,
        reviewers: pull
            .requested_reviewers
            .into_iter()
            .map(|account| account.login.0)
            .collect(),
        teams: pull
            .requested_teams
            .into_iter()
            .map(|team| team.name.0)
            .collect(),
        review: None,
        waiting_since_ms: None,
        waiting_ms: None,
        checks: None,
        commit: pull.head.sha.0,
    }
}

/// Since when somebody owes it a review.
fn waiting_since_ms(pull: &PullRequest, reviewed: Option<Reviewed>) -> Option<i64> {
    let is_asked = !pull.reviewers.is_empty() || !pull.teams.is_empty();
    let state = reviewed.map_or(ReviewState::Unreviewed, |reviewed| reviewed.state);
    let is_decided = matches!(state, ReviewState::Approved | ReviewState::ChangesRequested);
    if pull.is_draft || (is_decided && !is_asked) {
        return None;
    }
    let last_at_ms = reviewed.and_then(|reviewed| reviewed.last_at_ms);
    Some(last_at_ms.map_or(pull.created_at_ms, |at_ms| at_ms.max(pull.created_at_ms)))
}
