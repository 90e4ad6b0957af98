//! Answers that GitHub may call unchanged. What is kept is bounded in number and in bytes, and belongs to
//! one address as seen by one token.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// Bytes that an entry takes beside its texts, roughly.
const ENTRY_BYTES: usize = 200;
/// Bytes of a mark that is sent back.
const MARK_BYTES_MAX: usize = 256;

/// Who asks, without saying what the token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity([u8; 32]);

impl Identity {
    pub(super) fn of(token: Option<&Secret>) -> Self {
        match token {
            Some(token) => Self(Sha256::digest(token.expose()).into()),
            None => Self([0; 32]),
        }
    }
}

/// An answer that was kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// The mark (`ETag`) under which GitHub knows it.
    pub(super) mark: String,
    /// What was read from it, as JSON.
    pub(super) body: Vec<u8>,
    /// Where its next page is.
    pub(super) next: Option<Url>,
}

/// The answers that were kept.
#[derive(Debug)]
pub(super) struct Cache {
    entries_max: usize,
    bytes_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<(Identity, String), Entry>,
    bytes: usize,
    /// Counts uses; the entry with the smallest count was not used for the longest.
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    kept: Arc<Kept>,
    bytes: usize,
    used: u64,
}

impl Cache {
    pub(super) fn new(entries_max: usize, bytes_max: usize) -> Self {
        Self {
            entries_max,
            bytes_max,
            state: Mutex::default(),
        }
    }

    /// The answer kept for an address.
    pub(super) fn find(&self, identity: Identity, url: &Url) -> Option<Arc<Kept>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.uses += 1;
        let uses = state.uses;
        let entry = state.entries.get_mut(&(identity, url.to_string()))?;
        entry.used = uses;
        Some(Arc::clone(&entry.kept))
    }

    /// Keeps an answer in place of the one before; those not used for the longest make room.
    pub(super) fn keep(&self, identity: Identity, url: &Url, kept: Kept) {
        let key = (identity, url.to_string());
        let next = kept.next.as_ref().map_or(0, |next| next.as_str().len());
        let bytes = ENTRY_BYTES + key.1.len() + kept.mark.len() + kept.body.len() + next;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.remove(&key);
        if bytes > self.bytes_max || self.entries_max == 0 || kept.mark.len() > MARK_BYTES_MAX {
            return;
        }
        while state.entries.len() >= self.entries_max || state.bytes + bytes > self.bytes_max {
            let oldest = state.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            state.remove(&oldest);
        }
        state.uses += 1;
        let used = state.uses;
        state.bytes += bytes;
        let kept = Arc::new(kept);
        state.entries.insert(key, Entry { kept, bytes, used });
    }

    /// Lets go of the answer kept for an address.
    pub(super) fn forget(&self, identity: Identity, url: &Url) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.remove(&(identity, url.to_string()));
    }
}

impl State {
    fn remove(&mut self, key: &(Identity, String)) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(number: usize) -> Url {
        let text = format!("https://api.example/{number:03}");
        text.parse().expect("an address")
    }

    fn kept(bytes: usize) -> Kept {
        Kept {
            mark: "\"m\"".to_owned(),
            body: vec![b' '; bytes],
            next: None,
        }
    }

    fn found(cache: &Cache, numbers: std::ops::Range<usize>) -> Vec<usize> {
        let anyone = Identity::of(None);
        numbers
            .filter(|number| cache.find(anyone, &url(*number)).is_some())
            .collect()
    }

    #[test]
    fn one_token_does_not_see_what_another_was_told() {
        let cache = Cache::new(10, 10_000);
        let (one, other) = (Secret::new("one"), Secret::new("other"));
        cache.keep(Identity::of(Some(&one)), &url(1), kept(1));
        assert!(cache.find(Identity::of(Some(&one)), &url(1)).is_some());
        assert!(cache.find(Identity::of(Some(&other)), &url(1)).is_none());
        assert!(cache.find(Identity::of(None), &url(1)).is_none());
    }

    #[test]
    fn the_least_used_make_room_when_there_are_too_many() {
        let cache = Cache::new(3, 10_000);
        let anyone = Identity::of(None);
        for number in 0..3 {
            cache.keep(anyone, &url(number), kept(1));
        }
        assert!(cache.find(anyone, &url(0)).is_some());
        cache.keep(anyone, &url(3), kept(1));
        assert_eq!(found(&cache, 0..4), [0, 2, 3]);
    }

    #[test]
    fn bytes_are_bounded_and_counted_back() {
        let cache = Cache::new(100, 2_000);
        let anyone = Identity::of(None);
        for number in 0..10 {
            cache.keep(anyone, &url(number), kept(700));
        }
        assert_eq!(found(&cache, 0..10), [8, 9]);
        cache.keep(anyone, &url(20), kept(2_000));
        assert_eq!(found(&cache, 0..21), [8, 9]);
        // Replacing counts once; forgetting gives the room back.
        for _ in 0..10 {
            cache.keep(anyone, &url(9), kept(700));
        }
        assert_eq!(found(&cache, 0..10), [8, 9]);
        cache.forget(anyone, &url(8));
        cache.keep(anyone, &url(7), kept(700));
        assert_eq!(found(&cache, 0..10), [7, 9]);
    }

    #[test]
    fn a_mark_that_is_too_long_or_a_cache_without_room_keeps_nothing() {
        let cache = Cache::new(0, 10_000);
        cache.keep(Identity::of(None), &url(0), kept(1));
        assert!(found(&cache, 0..1).is_empty());
        let cache = Cache::new(10, 10_000);
        let long = Kept {
            mark: "m".repeat(257),
            ..kept(1)
        };
        cache.keep(Identity::of(None), &url(0), long);
        assert!(found(&cache, 0..1).is_empty());
    }
}
