//! What is read of GitHub's answers: only what is used, with texts made safe to show. What is read here is
//! also what the cache keeps, so each shape reads back what it writes.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use super::text;

/// Characters of a text; GitHub's own titles have at most 256.
const TEXT_CHARS_MAX: usize = 300;
/// Labels, people or teams of one issue or pull request.
const FEW: usize = 50;
/// What GitHub shows in place of an account that was deleted.
const GHOST: &str = "ghost";

/// What an answer is read into.
pub(super) trait Shape: Serialize + DeserializeOwned + Send + 'static {}
impl<T: Serialize + DeserializeOwned + Send + 'static> Shape for T {}

/// One line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Line(pub(super) String);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Ok(Self(text::line(&text, TEXT_CHARS_MAX)))
    }
}

/// The address of a page.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Page(pub(super) String);

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Ok(Self(text::page_address(&text)))
    }
}

/// A point in time, in milliseconds since the epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time(pub(super) i64);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read: Result<jiff::Timestamp, _> = text.parse();
        match read {
            Ok(time) => Ok(Self(time.as_millisecond())),
            Err(_) => Err(serde::de::Error::custom("a time is not in ISO 8601")),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => to.collect_str(&time),
            Err(error) => Err(serde::ser::Error::custom(error)),
        }
    }
}

/// An account; nothing else of it is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) login: Line,
}

/// The name of an account, which is null once the account is deleted.
pub(super) fn login(account: Option<Account>) -> String {
    match account {
        Some(account) if !account.login.0.is_empty() => account.login.0,
        Some(_) | None => GHOST.to_owned(),
    }
}

/// Anything of which only the name is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) name: Line,
}

/// A label, which GitHub writes as an object or, in old answers, as its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "LabelForm")]
pub(super) struct Label(pub(super) Line);

#[derive(Deserialize)]
#[serde(untagged)]
enum LabelForm {
    Name(Line),
    Object {
        #[serde(default)]
        name: Option<Line>,
    },
}

impl From<LabelForm> for Label {
    fn from(form: LabelForm) -> Self {
        match form {
            LabelForm::Name(name) => Self(name),
            LabelForm::Object { name } => Self(name.unwrap_or_default()),
        }
    }
}

/// A milestone, by the number it is asked for with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Milestone {
    pub(super) number: u64,
    pub(super) title: Line,
}

/// An issue, or a pull request where issues are listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) title: Line,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) html_url: Page,
    #[serde(default)]
    pub(super) user: Option<Account>,
    #[serde(default, deserialize_with = "few")]
    pub(super) labels: Vec<Label>,
    #[serde(default, deserialize_with = "few")]
    pub(super) assignees: Vec<Account>,
    #[serde(default)]
    pub(super) milestone: Option<Milestone>,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    /// Whether the field that only pull requests have is there.
    #[serde(
        rename = "pull_request",
        default,
        deserialize_with = "is_there",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub(super) is_pull_request: bool,
}

/// A pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) title: Line,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) html_url: Page,
    #[serde(default)]
    pub(super) user: Option<Account>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) draft: bool,
    #[serde(default, deserialize_with = "few")]
    pub(super) requested_reviewers: Vec<Account>,
    #[serde(default, deserialize_with = "few")]
    pub(super) requested_teams: Vec<Named>,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    pub(super) head: Head,
}

/// The newest commit of a pull request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) sha: Line,
}

/// A review; an account that was deleted has none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Review {
    #[serde(default)]
    pub(super) user: Option<Account>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) state: Line,
    #[serde(default)]
    pub(super) submitted_at: Option<Time>,
}

/// The statuses of a commit, the newest of each context.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Statuses {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) total_count: u64,
    pub(super) statuses: Vec<Status>,
}

/// What one outside service says of a commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Status {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) context: Line,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) state: Line,
}

/// The newest check runs of a commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CheckRuns {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) total_count: u64,
    pub(super) check_runs: Vec<CheckRun>,
}

/// One check run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CheckRun {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: Line,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) status: Line,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) conclusion: Line,
}

/// What GitHub says about a request it did not answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Complaint {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) message: Line,
}

/// A value that may be null.
fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The first few of a list that may be null and may hold nulls.
fn few<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list: Option<Vec<Option<T>>> = Option::deserialize(from)?;
    Ok(list.into_iter().flatten().flatten().take(FEW).collect())
}

/// Whether there is a value other than null.
fn is_there<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Option::<IgnoredAny>::deserialize(from)?.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::samples;
    use super::*;

    /// Reads an answer, and again what the cache would keep of it.
    #[track_caller]
    fn check<T: Shape + std::fmt::Debug>(answer: &Value) {
        let text = answer.to_string();
        let read: T = serde_json::from_str(&text).expect("the shape of the sample");
        let kept = serde_json::to_string(&read).expect("what was read");
        let again: T = serde_json::from_str(&kept).expect("what was kept");
        assert_eq!(format!("{again:?}"), format!("{read:?}"));
        assert!(kept.len() < text.len(), "only what is used is kept");
        for (end, _) in text.char_indices() {
            assert!(serde_json::from_str::<T>(&text[..end]).is_err());
        }
    }

    #[test]
    fn every_shape_reads_back_what_it_writes_and_no_part_of_an_answer_is_an_answer() {
        let mut issue = samples::issue(1, 2, 3);
        check::<Issue>(&issue);
        issue["milestone"] = samples::milestone(4, "MVP");
        issue["pull_request"] = serde_json::json!({"url": "x"});
        issue["user"] = Value::Null;
        check::<Issue>(&issue);
        check::<Pull>(&samples::pull(1, 2));
        check::<Review>(&samples::review("bob", "APPROVED", 2));
        check::<Milestone>(&samples::milestone(4, "MVP"));
        check::<Named>(&samples::label("blocker"));
        check::<Statuses>(&samples::statuses(&[("a", "success"), ("b", "error")]));
        let runs = [("a", "completed", Some("success")), ("b", "queued", None)];
        check::<CheckRuns>(&samples::check_runs(&runs));
    }
}
