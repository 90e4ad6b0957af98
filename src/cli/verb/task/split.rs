//! `task split`: a task that nobody holds becomes several that stand in its place.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use crate::cli::client::call;
use crate::cli::verb::{hint, request_id};
use crate::cli::{Context, Failure, json as documents, parse, text};

/// Which task, and into what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names; planned, held by nobody
    pub task: String,
    /// A part's title; given once for each part, 2 to 50 times
    #[arg(long, value_name = "TITLE", required = true)]
    pub into: Vec<String>,
    /// The parts' role, once for all or once for each [default: the task's]
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// The parts' priority, once for all or once for each [default: the task's]
    #[arg(long, value_parser = parse::priority)]
    pub priority: Vec<u32>,
    /// The parts' estimate, once for all or once for each [default: an even share of the task's]
    #[arg(long, value_name = "ESTIMATE")]
    pub estimate: Vec<String>,
    /// Which acceptance criteria go to which part, such as 1=1,3 for the first and third to the first
    /// part; what no part is given goes to all
    #[arg(long, value_name = "PART=NUMBERS", value_parser = parse::criteria)]
    pub criteria: Vec<(usize, Vec<u32>)>,
    /// Each part waits for the one before it; who waited for the task waits for the last one
    #[arg(long)]
    pub chain: bool,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::SplitTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        parts: parts(&arguments)?,
        task: arguments.task,
        chain: arguments.chain,
    };
    let answer = call!(&context.client, tasks.split_task(request)).await?;
    context.out.either(|| document(&answer), || said(&answer))
}

fn parts(arguments: &Arguments) -> Result<Vec<wire::SplitPart>, Failure> {
    let count = arguments.into.len();
    let roles = spread("role", &arguments.role, count)?;
    let priorities = spread("priority", &arguments.priority, count)?;
    let estimates = spread("estimate", &arguments.estimate, count)?;
    let mut parts: Vec<wire::SplitPart> = arguments
        .into
        .iter()
        .enumerate()
        .map(|(place, title)| wire::SplitPart {
            title: title.clone(),
            role: roles.get(place).cloned().unwrap_or_default(),
            priority: priorities.get(place).copied(),
            estimate: estimates.get(place).cloned().unwrap_or_default(),
            ..wire::SplitPart::default()
        })
        .collect();
    for (part, numbers) in &arguments.criteria {
        let Some(part) = part.checked_sub(1).and_then(|place| parts.get_mut(place)) else {
            return Err(Failure::usage(format!(
                "--criteria names part {part}; there are {count}, numbered from 1"
            )));
        };
        part.acceptance.extend(numbers);
    }
    Ok(parts)
}

/// One value for all parts, or one for each.
fn spread<T: Clone>(flag: &str, values: &[T], count: usize) -> Result<Vec<T>, Failure> {
    match values {
        [one] => Ok(vec![one.clone(); count]),
        values if values.is_empty() || values.len() == count => Ok(values.to_vec()),
        values => Err(Failure::usage(format!(
            "--{flag} is given {} times for {count} parts; give it once, or once for each",
            values.len()
        ))),
    }
}

fn document(answer: &wire::SplitTaskResponse) -> Value {
    json!({
        "task": answer.task.as_ref().map(documents::task),
        "parts": answer.parts.iter().map(documents::task).collect::<Vec<_>>(),
    })
}

fn said(answer: &wire::SplitTaskResponse) -> String {
    let task = answer.task.clone().unwrap_or_default();
    let mut said = format!(
        "split {} {} into\n",
        text::clean::line(&task.id),
        text::clean::line(&task.title)
    );
    for part in &answer.parts {
        let estimate = match part.estimate.as_str() {
            "" => String::new(),
            estimate => format!(" ({estimate})"),
        };
        said.push_str(&format!(
            "  {} {}{}\n",
            text::clean::line(&part.id),
            text::clean::line(&part.title),
            text::clean::line(&estimate)
        ));
    }
    let first = answer.parts.first().map_or("", |part| &part.id);
    said + &hint(&format!("task show {}", text::clean::line(first)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Exit;

    fn arguments(into: &[&str]) -> Arguments {
        Arguments {
            task: "T-1".to_owned(),
            into: into.iter().map(|&title| title.to_owned()).collect(),
            role: Vec::new(),
            priority: Vec::new(),
            estimate: Vec::new(),
            criteria: Vec::new(),
            chain: false,
        }
    }

    #[test]
    fn a_flag_is_given_once_for_all_parts_or_once_for_each() {
        let mut given = arguments(&["A", "B"]);
        given.role = vec!["backend".to_owned()];
        given.estimate = vec!["1h".to_owned(), "2h".to_owned()];
        given.criteria = vec![(2, vec![1, 3])];
        let parts = parts(&given).expect("good flags");
        assert!(parts.iter().all(|part| part.role == "backend"));
        assert_eq!((&*parts[0].estimate, &*parts[1].estimate), ("1h", "2h"));
        assert_eq!(parts[1].acceptance, [1, 3]);
        assert!(parts[0].acceptance.is_empty());
        assert_eq!(parts[0].priority, None);
    }

    #[test]
    fn what_fits_no_part_is_wrong_usage() {
        let mut given = arguments(&["A", "B", "C"]);
        given.priority = vec![1, 2];
        let failure = parts(&given).expect_err("two for three");
        assert_eq!(failure.exit(), Exit::Usage);
        for part in [0, 4] {
            let mut given = arguments(&["A", "B", "C"]);
            given.criteria = vec![(part, vec![1])];
            let failure = parts(&given).expect_err("no such part");
            assert_eq!(failure.exit(), Exit::Usage, "{part}");
        }
    }

    #[test]
    fn people_are_told_what_it_became() {
        let task = |id: &str, title: &str| wire::Task {
            id: id.to_owned(),
            title: title.to_owned(),
            estimate: "1 session".to_owned(),
            ..wire::Task::default()
        };
        let answer = wire::SplitTaskResponse {
            task: Some(task("T-1", "Take payments")),
            parts: vec![task("T-8", "Take cards"), task("T-9", "Take cash")],
        };
        insta::assert_snapshot!(said(&answer), @r"
        split T-1 Take payments into
          T-8 Take cards (1 session)
          T-9 Take cash (1 session)
        next: muster task show T-8
        ");
        assert_eq!(document(&answer)["parts"][1]["id"], "T-9");
    }
}
