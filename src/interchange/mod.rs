//! Plan files read: bytes in, an `ImportedPlan` out. Every row of a recognised table and every box of a
//! recognised list becomes an entity, a criterion or a diagnostic with its line; nothing is guessed.

mod bytes;

mod block;

mod dates;

mod diagnostic;

mod vocabulary;

mod placeholder;

mod heading;
mod heading_window;

mod section;

mod table;

mod key;

mod header;

mod phases;

mod overview;

mod tasks;

mod discovered;

mod blocked;

mod decision;

mod sprint;

mod names;

mod resolve;

mod edges;

mod compare;

mod book;

mod legend;

mod items;

mod unread;

mod answer;

mod reader;

pub mod template;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use crate::plan::hexadecimal::hexadecimal;
use crate::plan::import::{Diagnostic, ImportedPlan, Source};

pub use bytes::MAX_BYTES;
pub use diagnostic::code;

/// The most tasks that one file may hold; the same limit holds for every queue.
pub const MAX_TASKS: usize = 100_000;

/// The most phases that one file may hold.
pub const MAX_PHASES: usize = 1_000;

/// What the caller allows when a plan file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Read a file whose front matter says `document_type: template`.
    pub allow_template: bool,
}

/// Why a file is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// More bytes than the limit.
    #[error("the file has {bytes} bytes; a plan file may have {limit} (16 MiB); split the plan")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// Bytes that no text file has, or text that is not UTF-8.
    #[error("byte {offset} (line {line}) is not UTF-8 text; save the plan as UTF-8 markdown")]
    NotText {
        /// The first bad byte, from 0.
        offset: usize,
        /// Its line, from 1.
        line: u32,
    },
    /// A structured format that is not read.
    #[error("{format} files are not read; give the plan as a markdown file")]
    UnsupportedFormat {
        /// The format's name.
        format: &'static str,
    },
    /// A template that was not asked for.
    #[error(
        "the front matter says `document_type: template`; fill the template in, or allow templates \
         to import it as it is"
    )]
    Template,
    /// More entries of a kind than the limit.
    #[error("the file states more than {limit} {what}; split the plan")]
    TooMany {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Nothing in the file reads as a task.
    #[error(
        "no tasks found, {phases} phases; write tasks as rows of a table with a Task column and a \
         Status column, or as boxes (`- [ ] …`) under a phase heading"
    )]
    NoTasks {
        /// How many phases the file states.
        phases: usize,
        /// Why nothing was read as a task, a sentence each.
        reasons: Vec<String>,
        /// Everything that was not taken as written, by line.
        diagnostics: Vec<Diagnostic>,
    },
}

/// Reads a plan file. `file_name` is kept without its folders and only decides the format; nothing is
/// opened. Time and memory grow with the size of the file, which is limited.
///
/// # Errors
/// Every `PlanFileError`; a plan without a task is one of them and carries the reasons.
pub fn read_plan(
    file_name: &str,
    bytes: &[u8],
    options: ReadOptions,
) -> Result<ImportedPlan, PlanFileError> {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let text = bytes::decode(name, bytes)?;
    let prepared = bytes::prepare(&text);
    if prepared.is_template() && !options.allow_template {
        return Err(PlanFileError::Template);
    }
    let mut plan = reader::read(&prepared)?;
    plan.source = Source {
        name: name.to_owned(),
        digest: hexadecimal(&Sha256::digest(bytes)),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        status: plan.header.document_status,
    };
    Ok(plan)
}
