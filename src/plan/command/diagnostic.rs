//! What was not taken as written from plan files, marked as settled by a coordinator; each keeps its number.

use super::super::bench::Bench;
use super::super::event::DiagnosticSettled;
use super::super::refusal::{Reason, Refusal};
use super::text;

pub fn settle(bench: &mut Bench<'_>, number: u32, note: &str) -> Result<(), Refusal> {
    let project = bench.plan.project();
    let known = project.and_then(|project| project.diagnostic(number));
    if known.is_none() {
        return Err(Refusal::new(
            Reason::DiagnosticNotFound,
            format!("no diagnostic {number} in this project; look at the list"),
        )
        .next("plan diagnostics --all"));
    }
    if let Some(said) = project.and_then(|project| project.settled_diagnostic(number)) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "diagnostic {number} was settled by {}: {}",
                said.by, said.text
            ),
        )
        .next("plan diagnostics --all"));
    }
    let note = text::required_long("note", note)?;
    bench.record(DiagnosticSettled { number, note });
    Ok(())
}
