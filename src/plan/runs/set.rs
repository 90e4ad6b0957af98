//! Sorted sets: maps without values.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;

use serde::{Serialize, Serializer};

use super::RunMap;

/// A sorted set whose clones cost nothing.
pub(in super::super) struct RunSet<K>(pub(super) RunMap<K, ()>);

impl<K: Ord + Serialize> Serialize for RunSet<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<K> RunSet<K> {
    /// A set without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes every entry out.
    #[cfg(test)]
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<K: Ord> RunSet<K> {
    /// Whether something is there.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.keys()
    }

    /// The entries of a range in order; none of one that ends before it begins.
    pub fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = &K> {
        self.0.range(range).map(|(key, ())| key)
    }
}

impl<K: Ord + Clone> RunSet<K> {
    /// Puts something in; whether it was not there.
    pub fn insert(&mut self, key: K) -> bool {
        // Nothing is copied for what is there already.
        !self.0.contains_key(&key) && self.0.insert(key, ()).is_none()
    }

    /// Takes something out; whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.remove(key).is_some()
    }
}

impl<K> Default for RunSet<K> {
    fn default() -> Self {
        Self(RunMap::default())
    }
}

impl<K> Clone for RunSet<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Ord> PartialEq for RunSet<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Ord + fmt::Debug> fmt::Debug for RunSet<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone> Extend<K> for RunSet<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, entries: I) {
        for entry in entries {
            self.insert(entry);
        }
    }
}

impl<K: Ord + Clone> FromIterator<K> for RunSet<K> {
    /// Of entries in any order; quick when they are in order.
    fn from_iter<I: IntoIterator<Item = K>>(entries: I) -> Self {
        Self(entries.into_iter().map(|entry| (entry, ())).collect())
    }
}
