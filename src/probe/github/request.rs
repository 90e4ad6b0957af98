//! One request to GitHub until it has its answer: through the gate, with the mark of the answer before, again
//! after a failure on the way, never to another host, and never beyond the time of its call.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH, LINK, LOCATION,
};
use reqwest::{Response, StatusCode, Url};
use tokio::time::Instant;

use super::GitHub;
use super::cache::Kept;
use super::error::{GitHubError, Kind, Refusals};
use super::gate::Call;
use super::limits::Limits;
use super::link;
use super::repository::Repository;
use super::wire::{Complaint, Shape};
use crate::outbound::{BodyError, body_at_most};

const API_VERSION: &str = "2022-11-28";
/// Bytes of an answer that only says what is wrong.
const COMPLAINT_BYTES_MAX: usize = 64 << 10;
/// Redirects of one request; a renamed repository takes one.
const REDIRECTS_MAX: usize = 3;
/// Waits for a rate limit of one request.
const WAITS_MAX: usize = 3;
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(20);

/// An answer, read.
pub(super) struct Fetched<T> {
    pub(super) value: T,
    pub(super) next: Option<Url>,
}

/// What became of one try.
enum Try<T> {
    Done(Fetched<T>),
    Moved(Url),
    /// GitHub wants to be left alone; the gate knows for how long.
    Limited(GitHubError),
    /// It failed on the way and may be tried again after at least that long.
    Broken(GitHubError, Duration),
}

impl GitHub {
    /// The address of something of a repository.
    pub(super) fn url(
        &self,
        repository: &Repository,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(["repos", repository.owner(), repository.name()]);
            segments.extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Whether an address belongs to the interface: same host, below the same path.
    fn owns(&self, url: &Url) -> bool {
        let below = url
            .path()
            .strip_prefix(self.base.path().trim_end_matches('/'));
        url.origin() == self.base.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && below.is_some_and(|below| below.starts_with('/'))
    }

    /// Reads what stands at an address of the interface.
    pub(super) async fn get<T: Shape>(
        &self,
        call: &Call,
        repository: &Repository,
        url: Url,
    ) -> Result<Fetched<T>, GitHubError> {
        let asked = self.get_in_time(call, repository, url);
        let asked = tokio::time::timeout_at(call.deadline(), asked).await;
        asked.unwrap_or_else(|_| Err(call.over()))
    }

    async fn get_in_time<T: Shape>(
        &self,
        call: &Call,
        repository: &Repository,
        mut url: Url,
    ) -> Result<Fetched<T>, GitHubError> {
        let mut pauses = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(self.options.retry_pause)
            .with_max_delay(RETRY_PAUSE_MAX)
            .with_max_times(self.options.retries)
            .build();
        let (mut redirects, mut waits) = (0, 0);
        loop {
            self.gate.pass(call, self.has_token()).await?;
            let timeout = self.options.request_timeout;
            let tried = tokio::time::timeout(timeout, self.attempt(call, repository, &url)).await;
            let tried = tried.unwrap_or_else(|_| Ok(self.too_slow(&url)))?;
            match tried {
                Try::Done(fetched) => return Ok(fetched),
                Try::Moved(_) if redirects == REDIRECTS_MAX => {
                    return Err(GitHubError::bad_answer("redirects again and again"));
                }
                Try::Moved(to) => {
                    redirects += 1;
                    url = to;
                }
                Try::Limited(error) if waits == WAITS_MAX => return Err(error),
                Try::Limited(error) => {
                    waits += 1;
                    tracing::info!(detail = error.detail(), "GitHub limits requests");
                }
                Try::Broken(error, at_least) => {
                    let Some(pause) = pauses.next().map(|pause| pause.max(at_least)) else {
                        return Err(error);
                    };
                    if !call.has_time_for(pause) {
                        return Err(error);
                    }
                    let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    tracing::warn!(
                        path = url.path(),
                        pause_ms,
                        detail = error.detail(),
                        "GitHub is asked again after a pause"
                    );
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn attempt<T: Shape>(
        &self,
        call: &Call,
        repository: &Repository,
        url: &Url,
    ) -> Result<Try<T>, GitHubError> {
        let kept = self.cache.find(self.identity, url);
        let mut request = self
            .client
            .get(url.clone())
            .header(ACCEPT, "application/vnd.github+json")
            .header(HeaderName::from_static("x-github-api-version"), API_VERSION);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        if let Some(kept) = &kept {
            request = request.header(IF_NONE_MATCH, kept.mark.as_str());
        }
        let begun = Instant::now();
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Ok(self.unreachable(url, &error.without_url())),
        };
        let status = response.status();
        let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(
            path = url.path(),
            status = status.as_u16(),
            took_ms,
            "GitHub answered"
        );
        let limits = Limits {
            headers: response.headers(),
            now_ms: call.now_ms(),
        };
        if let Some(pause) = limits.used_up() {
            self.gate.shut(call, pause);
        }
        match (status, kept) {
            (StatusCode::OK, _) => self.read(url, response).await,
            (StatusCode::NOT_MODIFIED, Some(kept)) => self.reuse(url, &kept),
            (StatusCode::NOT_MODIFIED, None) => Err(GitHubError::bad_answer(
                "is that nothing changed since an answer that was never given",
            )),
            (status, _) if status.is_redirection() => self.moved(url, &response),
            (status, _) if status.is_success() => Err(GitHubError::bad_answer(format!(
                "has the status {}",
                status.as_u16()
            ))),
            _ => self.refused(call, repository, url, response).await,
        }
    }

    /// Reads an answer, and keeps it when it is marked.
    async fn read<T: Shape>(&self, url: &Url, response: Response) -> Result<Try<T>, GitHubError> {
        let headers = response.headers();
        let content_type = text_of(headers, &CONTENT_TYPE).unwrap_or_default();
        if !is_json(content_type) {
            let shown = super::text::line(content_type, 80);
            let what = match shown.is_empty() {
                true => "does not say what it is".to_owned(),
                false => format!("is {shown}"),
            };
            return Err(GitHubError::bad_answer(what).with_detail(&about(url), None));
        }
        let next = self.next_of(url, headers)?;
        let mark = text_of(headers, &ETAG).map(str::to_owned);
        let body = match body_at_most(response, self.options.body_bytes_max).await {
            Ok(body) => body,
            Err(BodyError::Broken(error)) => return Ok(self.unreachable(url, &error)),
            Err(error) => {
                let sentence = format!(
                    "GitHub's {error}; ask for less, or allow longer answers in the daemon's settings"
                );
                let error = GitHubError::new(Kind::TooLarge, sentence);
                return Err(error.with_detail(&about(url), None));
            }
        };
        let value: T = match serde_json::from_slice(&body) {
            Ok(value) => value,
            Err(error) => {
                let what = match error.classify() {
                    serde_json::error::Category::Data => "has other fields than expected",
                    _ => "is no JSON",
                };
                let detail = format!("{}: {error}", about(url));
                let token = self.options.token.as_ref();
                return Err(GitHubError::bad_answer(what).with_detail(&detail, token));
            }
        };
        if let (Some(mark), Ok(body)) = (mark, serde_json::to_vec(&value)) {
            let next = next.clone();
            self.cache
                .keep(self.identity, url, Kept { mark, body, next });
        }
        Ok(Try::Done(Fetched { value, next }))
    }

    /// Reads an answer that was kept and is still good.
    fn reuse<T: Shape>(&self, url: &Url, kept: &Kept) -> Result<Try<T>, GitHubError> {
        match serde_json::from_slice(&kept.body) {
            Ok(value) => Ok(Try::Done(Fetched {
                value,
                next: kept.next.clone(),
            })),
            Err(error) => {
                self.cache.forget(self.identity, url);
                let detail = format!("{}: kept: {error}", about(url));
                Ok(Try::Broken(
                    GitHubError::bad_answer("was kept and cannot be read")
                        .with_detail(&detail, None),
                    Duration::ZERO,
                ))
            }
        }
    }

    /// Where the next page is; an error when it is not with the same host.
    fn next_of(&self, url: &Url, headers: &HeaderMap) -> Result<Option<Url>, GitHubError> {
        let links = headers.get_all(LINK).iter();
        let mut next = links.filter_map(|header| link::next(header.to_str().ok()?));
        let Some(target) = next.next() else {
            return Ok(None);
        };
        match url.join(target) {
            Ok(next) if self.owns(&next) && next.as_str().len() <= super::URL_BYTES_MAX => {
                Ok(Some(next))
            }
            Ok(_) | Err(_) => {
                let detail = format!("{}: next page at {}", about(url), place(target));
                let token = self.options.token.as_ref();
                Err(
                    GitHubError::bad_answer("has its next page at another place")
                        .with_detail(&detail, token),
                )
            }
        }
    }

    /// Follows a redirect that stays with the host.
    fn moved<T>(&self, url: &Url, response: &Response) -> Result<Try<T>, GitHubError> {
        let location = text_of(response.headers(), &LOCATION).unwrap_or_default();
        let to = url.join(location).ok();
        match to {
            Some(to) if self.owns(&to) && !location.is_empty() => Ok(Try::Moved(to)),
            Some(_) | None => {
                let detail = format!("{}: redirected to {}", about(url), place(location));
                let token = self.options.token.as_ref();
                Err(GitHubError::new(
                    Kind::BadAnswer,
                    format!(
                        "{} redirects to another place, which is not followed; set the base address of GitHub to the right one, and check for a login page on the way",
                        self.host()
                    ),
                )
                .with_detail(&detail, token))
            }
        }
    }

    /// Tells a limit, a failure that may pass, and a refusal apart.
    async fn refused<T>(
        &self,
        call: &Call,
        repository: &Repository,
        url: &Url,
        response: Response,
    ) -> Result<Try<T>, GitHubError> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = body_at_most(response, COMPLAINT_BYTES_MAX).await;
        let complaint: Complaint = body
            .ok()
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or_default();
        let complaint = complaint.message.0;
        let limits = Limits {
            headers: &headers,
            now_ms: call.now_ms(),
        };
        let detail = format!("{}: {status}: {complaint}", about(url));
        let token = self.options.token.as_ref();
        if let Some(pause) = limits.limited(status, &complaint) {
            let until_ms = self.gate.shut(call, pause);
            let error = GitHubError::limited(until_ms, self.has_token());
            return Ok(Try::Limited(error.with_detail(&detail, token)));
        }
        let refusals = Refusals {
            repository,
            setting: &self.options.token_setting,
            has_token: self.has_token(),
            sign_on: headers.contains_key("x-github-sso"),
        };
        let error = refusals.of(status).with_detail(&detail, token);
        match status {
            500 | 502 | 503 | 504 => {
                let at_least = limits.retry_after().unwrap_or_default();
                Ok(Try::Broken(error, at_least))
            }
            _ => Err(error),
        }
    }

    fn too_slow<T>(&self, url: &Url) -> Try<T> {
        let timeout_ms = self.options.request_timeout.as_millis();
        let sentence = format!(
            "{} did not answer within {timeout_ms} ms; try again later",
            self.host()
        );
        let error = GitHubError::new(Kind::Unavailable, sentence);
        Try::Broken(error.with_detail(&about(url), None), Duration::ZERO)
    }

    fn unreachable<T>(&self, url: &Url, error: &reqwest::Error) -> Try<T> {
        let sentence = format!(
            "{} cannot be reached; check the network and the base address of GitHub, or try again later",
            self.host()
        );
        let detail = format!("{}: {}", about(url), chain(error));
        let token = self.options.token.as_ref();
        let error = GitHubError::new(Kind::Unavailable, sentence).with_detail(&detail, token);
        Try::Broken(error, Duration::ZERO)
    }
}

/// An error with all its causes, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

fn about(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("GET {}?{query}", url.path()),
        None => format!("GET {}", url.path()),
    }
}

/// A place that was pointed to, without what stands behind its path: login pages put secrets there.
fn place(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or_default()
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a content type is JSON, plain or by its ending.
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}
