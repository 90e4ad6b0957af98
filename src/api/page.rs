//! Pages of lists. A token holds the list's name and the last entry given, so that it works only where it
//! came from and survives changes in between.

use prost::Message;
use tonic::Status;

use super::validate::bad;
use crate::plan::hexadecimal::hexadecimal;

/// The size of a page that asks for none.
const SIZE_DEFAULT: usize = 100;
/// A client that sets nothing takes messages of 4 MiB; a page of long entries ends before that.
pub(super) const BYTES_MAX: usize = 3 << 20;
const TOKEN_BYTES_MAX: usize = 1_024;

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    list: &'static str,
    size: usize,
    /// The key of the last entry of the page before; none for the first page.
    pub(super) after: Option<String>,
}

impl Page {
    /// Reads what a list request says of its page. Too large a size is cut to `size_max`.
    pub(super) fn read(
        list: &'static str,
        size: i32,
        token: &str,
        size_max: usize,
    ) -> Result<Self, Status> {
        let size = usize::try_from(size)
            .map_err(|_| bad("page_size", "is negative; 0 means the default"))?;
        let size = if size == 0 { SIZE_DEFAULT } else { size };
        let after = match token {
            "" => None,
            token => Some(
                open_token(list, token)
                    .ok_or_else(|| bad("page_token", "is none that this list gave"))?,
            ),
        };
        Ok(Self {
            list,
            size: size.min(size_max).max(1),
            after,
        })
    }

    /// The key of the last entry as the type it has; a token that does not read so is none of this list.
    pub(super) fn after<T: std::str::FromStr>(&self) -> Result<Option<T>, Status> {
        self.after
            .as_deref()
            .map(|key| {
                key.parse()
                    .map_err(|_| bad("page_token", "is none that this list gave"))
            })
            .transpose()
    }

    /// How many entries the page has at most.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Shows a page of what comes after `after`, and the token of the next one (empty on the last).
    pub(super) fn fill<T, M: Message>(
        &self,
        rest: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
        show: impl Fn(T) -> M,
    ) -> (Vec<M>, String) {
        let mut entries = Vec::new();
        let mut last = String::new();
        let mut bytes = 0;
        for entry in rest {
            if entries.len() == self.size {
                return (entries, self.token(&last));
            }
            let here = key(&entry);
            let shown = show(entry);
            bytes += shown.encoded_len();
            if bytes > BYTES_MAX && !entries.is_empty() {
                return (entries, self.token(&last));
            }
            entries.push(shown);
            last = here;
        }
        (entries, String::new())
    }

    /// The token of the page after the entry with this key.
    pub(super) fn token(&self, key: &str) -> String {
        hexadecimal(format!("{}/{key}", self.list).as_bytes())
    }
}

fn open_token(list: &str, token: &str) -> Option<String> {
    if token.len() > TOKEN_BYTES_MAX || !token.len().is_multiple_of(2) || !token.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..token.len())
        .step_by(2)
        .map(|start| u8::from_str_radix(&token[start..start + 2], 16).ok())
        .collect();
    let text = String::from_utf8(bytes?).ok()?;
    text.strip_prefix(list)?
        .strip_prefix('/')
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(size: i32) -> Vec<Vec<u32>> {
        let mut pages = Vec::new();
        let mut token = String::new();
        loop {
            let page = Page::read("numbers", size, &token, 1_000).unwrap();
            let after: u32 = page.after().unwrap().unwrap_or(0);
            let (entries, next) = page.fill((after + 1)..=10, u32::to_string, |number| number);
            pages.push(entries);
            if next.is_empty() {
                return pages;
            }
            token = next;
        }
    }

    #[test]
    fn pages_give_every_entry_once() {
        for size in [1, 3, 5, 9, 10, 11, 0] {
            assert_eq!(all(size).concat(), (1..=10).collect::<Vec<u32>>(), "{size}");
        }
        assert_eq!(all(5).len(), 2, "no empty page at the end");
    }

    #[test]
    fn a_page_of_long_entries_ends_before_the_client_refuses_it() {
        let page = Page::read("texts", 0, "", 1_000).unwrap();
        let long = |_: usize| "x".repeat(1 << 20);
        let (entries, token) = page.fill(0..5, usize::to_string, long);
        assert_eq!(entries.len(), 2);
        assert_eq!(open_token("texts", &token).as_deref(), Some("1"));
        let huge = |_: usize| "x".repeat(4 << 20);
        let (entries, token) = page.fill(0..1, usize::to_string, huge);
        assert_eq!((entries.len(), token.as_str()), (1, ""), "one always fits");
    }

    #[test]
    fn a_size_is_cut_and_a_negative_one_refused() {
        assert_eq!(Page::read("a", 0, "", 1_000).unwrap().size(), 100);
        assert_eq!(Page::read("a", i32::MAX, "", 1_000).unwrap().size(), 1_000);
        let status = Page::read("a", -1, "", 1_000).unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
    }

    #[test]
    fn a_token_works_only_for_its_own_list() {
        let token = Page::read("tasks", 1, "", 10).unwrap().token("T-1");
        assert_eq!(
            Page::read("tasks", 1, &token, 10).unwrap().after.as_deref(),
            Some("T-1")
        );
        for wrong in [token.as_str(), "zz", "abc", "ä", "ff", &"0".repeat(2_000)] {
            assert!(Page::read("agents", 1, wrong, 10).is_err(), "{wrong}");
        }
        let page = Page::read("tasks", 1, &token, 10).unwrap();
        assert!(page.after::<u32>().is_err());
    }
}
