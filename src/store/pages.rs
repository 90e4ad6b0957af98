//! Follows a log page by page to its end, so that no caller takes a short page for the last one.

use super::{MAX_READ_EVENTS, Reader, Record, StoreError};

/// The pages of one project's log above a version, in order; ends at the log's end or after an error.
pub struct Pages<'a> {
    reader: &'a dyn Reader,
    project: &'a str,
    after: u64,
    ended: bool,
}

impl<'a> Pages<'a> {
    /// Starts above version `after`; 0 is the whole log.
    pub fn new(reader: &'a dyn Reader, project: &'a str, after: u64) -> Self {
        Self {
            reader,
            project,
            after,
            ended: false,
        }
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<Record>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let page = self.reader.read(self.project, self.after, MAX_READ_EVENTS);
        match page.as_ref().map(|records| records.last()) {
            Ok(Some(last)) => self.after = last.version,
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(_) => self.ended = true,
        }
        Some(page)
    }
}
