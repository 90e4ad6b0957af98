//! Looks through a log for events that name something. A log may be long and what is looked for rare, so a
//! look ends at a limit and says what it has not looked at; it neither asks the writer nor makes it wait.

use std::ops::Range;
use std::sync::Arc;

use super::EngineError;
use super::board::Board;
use super::fold::{FoldError, read_between};
use super::history::{PAGE_BYTES_MAX, blocking};
use super::shared::Shared;
use crate::plan::codec;
use crate::plan::event::Recorded;
use crate::plan::naming::Naming;
use crate::store::{Reader, Record};

/// What is looked for, and where.
#[derive(Debug, Clone)]
pub struct Look {
    /// Which events.
    pub naming: Naming,
    /// Among those with a version above the start and up to the end; nothing unpublished is looked at.
    pub versions: Range<u64>,
    /// At most so many are wanted.
    pub limit: usize,
    /// From the newest on, instead of from the oldest.
    pub newest: bool,
}

/// What a look found.
#[derive(Debug)]
pub struct Seen {
    /// The events, in order.
    pub events: Vec<Arc<Recorded>>,
    /// What was not looked at, above the start and up to the end; empty once everything was.
    pub rest: Range<u64>,
}

/// A look looks at no more events than so many.
const LOOK_EVENTS_MAX: u64 = 10_000;

/// Nor does it go on once it has looked at so many bytes of documents.
const LOOK_BYTES_MAX: usize = 64 * 1024 * 1024;

/// So many records are in memory at a time during a look.
const LOOK_PAGE_EVENTS: u64 = 500;

/// Published events that name something, from the store alone: a document says more cheaply than an event
/// whether it may be one of them.
pub(super) async fn through(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    mut look: Look,
) -> Result<Seen, EngineError> {
    look.versions.end = look.versions.end.min(board.plan().version());
    let slug = Arc::clone(board.slug());
    blocking(shared, move |shared| {
        if look.newest {
            look_back(&*shared.reader, &slug, &look)
        } else {
            look_ahead(&*shared.reader, &slug, &look)
        }
    })
    .await
}

/// Takes in what is found until one of the limits is reached.
struct Looking<'a> {
    look: &'a Look,
    found: Vec<Arc<Recorded>>,
    found_bytes: usize,
    seen_bytes: usize,
}

impl<'a> Looking<'a> {
    fn new(look: &'a Look) -> Self {
        Self {
            look,
            found: Vec::new(),
            found_bytes: 0,
            seen_bytes: 0,
        }
    }

    /// Looks at one record; false once nothing more is to be looked at behind it.
    fn goes_on(&mut self, record: &Record) -> Result<bool, FoldError> {
        self.seen_bytes += record.document.len();
        let naming = &self.look.naming;
        if naming.may_be(&record.document) {
            let version = record.version;
            let event = codec::decode(&record.document)
                .map_err(|source| FoldError::Undecodable { version, source })?;
            let data = event.event.to_data();
            // What cannot be written was never stored.
            if data.is_ok_and(|data| naming.is(event.session, &data)) {
                self.found_bytes += record.document.len();
                self.found.push(Arc::new(event));
            }
        }
        Ok(self.found.len() < self.look.limit
            && self.found_bytes <= PAGE_BYTES_MAX
            && self.seen_bytes <= LOOK_BYTES_MAX)
    }

    fn seen(self, rest: Range<u64>) -> Seen {
        Seen {
            events: self.found,
            rest,
        }
    }
}

fn look_ahead(reader: &dyn Reader, project: &str, look: &Look) -> Result<Seen, FoldError> {
    let mut looking = Looking::new(look);
    let (mut at, end) = (look.versions.start, look.versions.end);
    let last = end.min(at.saturating_add(LOOK_EVENTS_MAX));
    while at < last {
        let page = (last - at).min(LOOK_PAGE_EVENTS);
        let page = read_between(reader, project, at, at + page)?;
        if page.is_empty() {
            break;
        }
        for record in page {
            at = record.version;
            if !looking.goes_on(&record)? {
                return Ok(looking.seen(at..end));
            }
        }
    }
    Ok(looking.seen(at..end))
}

fn look_back(reader: &dyn Reader, project: &str, look: &Look) -> Result<Seen, FoldError> {
    let mut looking = Looking::new(look);
    let start = look.versions.start;
    let mut at = look.versions.end;
    let first = start.max(at.saturating_sub(LOOK_EVENTS_MAX));
    'pages: while at > first {
        let page = (at - first).min(LOOK_PAGE_EVENTS);
        let page = read_between(reader, project, at - page, at)?;
        if page.is_empty() {
            break;
        }
        for record in page.iter().rev() {
            at = record.version.saturating_sub(1);
            if !looking.goes_on(record)? {
                break 'pages;
            }
        }
    }
    looking.found.reverse();
    Ok(looking.seen(start..at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::{Event, ProjectPaused, ReleaseCause, TaskReleased};
    use crate::plan::fact::Actor;
    use crate::plan::id::TaskId;
    use crate::plan::time::Timestamp;
    use crate::store::memory::MemoryStore;
    use crate::store::{Append, Store as _};

    fn recorded(version: u64, event: Event) -> Recorded {
        Recorded {
            version,
            at: Timestamp(0),
            actor: Actor::System,
            session: None,
            request: None,
            event,
        }
    }

    /// A log of so many events, of which these name T-12 in documents of at least so many bytes.
    fn log(versions: u64, named: &[u64], bytes: usize) -> Box<dyn Reader> {
        let event = |version: u64| -> Event {
            if named.contains(&version) {
                return Event::from(TaskReleased {
                    task: TaskId(12),
                    fence: version,
                    cause: ReleaseCause::Returned,
                    reason: "x".repeat(bytes).into(),
                });
            }
            Event::from(ProjectPaused {
                reason: "not T-12".to_owned(),
            })
        };
        let record = |version: u64| Record {
            version,
            at_ms: 0,
            kind: event(version).kind().to_owned(),
            document: codec::encode(&recorded(version, event(version)), "").unwrap(),
            hash: String::new(),
        };
        let mut store = MemoryStore::new();
        let append = Append {
            project: "shop".to_owned(),
            expected_version: 0,
            epoch: 0,
            records: (1..=versions).map(record).collect(),
        };
        store.append(&[append]).unwrap();
        store.reader().unwrap()
    }

    #[track_caller]
    fn check(
        reader: &dyn Reader,
        (versions, limit, newest): (Range<u64>, usize, bool),
        expected: &[u64],
        rest: Range<u64>,
    ) {
        let look = Look {
            naming: Naming::new(Some(TaskId(12)), None).unwrap(),
            versions,
            limit,
            newest,
        };
        let seen = match newest {
            true => look_back(reader, "shop", &look),
            false => look_ahead(reader, "shop", &look),
        };
        let seen = seen.unwrap();
        let found: Vec<u64> = seen.events.iter().map(|event| event.version).collect();
        assert_eq!((found.as_slice(), seen.rest), (expected, rest));
    }

    #[test]
    fn a_look_finds_what_names_it_from_either_end() {
        let log = log(1_200, &[3, 700, 1_200], 1);
        check(&*log, (0..1_200, 9, false), &[3, 700, 1_200], 1_200..1_200);
        check(&*log, (0..1_200, 9, true), &[3, 700, 1_200], 0..0);
        check(&*log, (3..1_199, 9, false), &[700], 1_199..1_199);
        check(&*log, (3..1_199, 9, true), &[700], 3..3);
        check(&*log, (0..1_200, 1, false), &[3], 3..1_200);
        check(&*log, (0..1_200, 1, true), &[1_200], 0..1_199);
        check(&*log, (1_200..1_200, 9, false), &[], 1_200..1_200);
        // A caller may have seen more than there is to look at.
        let beyond = || Range {
            start: 1_300,
            end: 1_200,
        };
        check(&*log, (beyond(), 9, false), &[], beyond());
        check(&*log, (beyond(), 9, true), &[], beyond());
    }

    #[test]
    fn a_look_ends_at_its_limit_and_says_where_to_go_on() {
        let end = LOOK_EVENTS_MAX + 500;
        let log = log(end, &[1, end], 1);
        check(&*log, (0..end, 9, false), &[1], LOOK_EVENTS_MAX..end);
        check(&*log, (LOOK_EVENTS_MAX..end, 9, false), &[end], end..end);
        check(&*log, (0..end, 9, true), &[end], 0..500);
        check(&*log, (0..500, 9, true), &[1], 0..0);
        check(
            &*log,
            (1..end - 1, 9, false),
            &[],
            LOOK_EVENTS_MAX + 1..end - 1,
        );
    }

    #[test]
    fn large_events_end_a_look_as_well() {
        let log = log(80, &(1..=80).collect::<Vec<_>>(), 250_000);
        let fitting = (PAGE_BYTES_MAX / 250_000 + 1) as u64;
        let first: Vec<u64> = (1..=fitting).collect();
        check(&*log, (0..80, 1_000, false), &first, fitting..80);
        let last: Vec<u64> = (81 - fitting..=80).collect();
        check(&*log, (0..80, 1_000, true), &last, 0..80 - fitting);
    }
}
