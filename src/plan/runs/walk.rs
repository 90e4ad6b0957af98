//! A walk over the entries of a range, from both ends. It keeps no path: from leaf to leaf it comes down from
//! the root again, which is once in a few dozen entries.

use std::ops::Bound;

use super::node::{Below, Node};

/// The entries of a range in order.
pub(in super::super) struct Walk<'a, K, V> {
    root: &'a Node<K, V>,
    ends: Option<Ends<'a, K, V>>,
}

/// What is still to come: from an entry of a leaf to before another; at least one.
struct Ends<'a, K, V> {
    first: Leaf<'a, K, V>,
    at: usize,
    last: Leaf<'a, K, V>,
    /// Behind the last entry; not 0.
    end: usize,
}

struct Leaf<'a, K, V> {
    keys: &'a [K],
    values: &'a [V],
}

impl<K, V> Clone for Leaf<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Leaf<'_, K, V> {}

impl<'a, K, V> Leaf<'a, K, V> {
    /// The leaf at one end of what is below a node.
    fn outermost(mut node: &'a Node<K, V>, is_first: bool) -> Option<Self> {
        loop {
            match &node.below {
                Below::Values(values) => {
                    let keys = node.keys.as_slice();
                    return Some(Self { keys, values });
                }
                Below::Nodes(nodes) if is_first => node = nodes.first()?,
                Below::Nodes(nodes) => node = nodes.last()?,
            }
        }
    }

    fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.keys.as_ptr(), other.keys.as_ptr())
    }
}

impl<'a, K: Ord, V> Leaf<'a, K, V> {
    /// The leaf in which a key stands or would.
    fn with(root: &'a Node<K, V>, key: &K) -> Self {
        let mut node = root;
        loop {
            match &node.below {
                Below::Nodes(nodes) => node = &nodes[node.child(key)],
                Below::Values(values) => {
                    let keys = node.keys.as_slice();
                    return Self { keys, values };
                }
            }
        }
    }

    /// The leaf behind or before the one in which a key stands or would.
    fn beside(root: &'a Node<K, V>, key: &K, is_behind: bool) -> Option<Self> {
        let (mut node, mut beside) = (root, None);
        while let Below::Nodes(nodes) = &node.below {
            let at = node.child(key);
            let other = if is_behind {
                nodes.get(at + 1)
            } else {
                at.checked_sub(1).and_then(|before| nodes.get(before))
            };
            beside = other.or(beside);
            node = &nodes[at];
        }
        Self::outermost(beside?, is_behind)
    }
}

impl<'a, K: Ord, V> Walk<'a, K, V> {
    pub(super) fn of(root: &'a Node<K, V>, from: Bound<&K>, to: Bound<&K>) -> Self {
        let ends = Self::start(root, from).zip(Self::end(root, to));
        let ends = ends.map(|((first, at), (last, end))| Ends {
            first,
            at,
            last,
            end,
        });
        // A range may begin behind its end.
        let ends = ends.filter(|it| it.first.keys[it.at] <= it.last.keys[it.end - 1]);
        Self { root, ends }
    }

    fn start(root: &'a Node<K, V>, from: Bound<&K>) -> Option<(Leaf<'a, K, V>, usize)> {
        let (leaf, at, key) = match from {
            Bound::Unbounded => {
                let leaf = Leaf::outermost(root, true)?;
                return (!leaf.keys.is_empty()).then_some((leaf, 0));
            }
            Bound::Included(key) => {
                let leaf = Leaf::with(root, key);
                (leaf, leaf.keys.partition_point(|other| other < key), key)
            }
            Bound::Excluded(key) => {
                let leaf = Leaf::with(root, key);
                (leaf, leaf.keys.partition_point(|other| other <= key), key)
            }
        };
        if at < leaf.keys.len() {
            return Some((leaf, at));
        }
        Leaf::beside(root, key, true).map(|leaf| (leaf, 0))
    }

    fn end(root: &'a Node<K, V>, to: Bound<&K>) -> Option<(Leaf<'a, K, V>, usize)> {
        let (leaf, end, key) = match to {
            Bound::Unbounded => {
                let leaf = Leaf::outermost(root, false)?;
                return (!leaf.keys.is_empty()).then_some((leaf, leaf.keys.len()));
            }
            Bound::Included(key) => {
                let leaf = Leaf::with(root, key);
                (leaf, leaf.keys.partition_point(|other| other <= key), key)
            }
            Bound::Excluded(key) => {
                let leaf = Leaf::with(root, key);
                (leaf, leaf.keys.partition_point(|other| other < key), key)
            }
        };
        if end > 0 {
            return Some((leaf, end));
        }
        Leaf::beside(root, key, false).map(|leaf| (leaf, leaf.keys.len()))
    }
}

impl<'a, K: Ord, V> Iterator for Walk<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let ends = self.ends.as_mut()?;
        let (key, value) = (&ends.first.keys[ends.at], &ends.first.values[ends.at]);
        ends.at += 1;
        if ends.first.is(&ends.last) {
            if ends.at == ends.end {
                self.ends = None;
            }
        } else if ends.at == ends.first.keys.len() {
            match Leaf::beside(self.root, key, true) {
                Some(leaf) => (ends.first, ends.at) = (leaf, 0),
                None => self.ends = None,
            }
        }
        Some((key, value))
    }
}

impl<K: Ord, V> DoubleEndedIterator for Walk<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let ends = self.ends.as_mut()?;
        let place = ends.end - 1;
        let (key, value) = (&ends.last.keys[place], &ends.last.values[place]);
        ends.end = place;
        if ends.first.is(&ends.last) {
            if ends.at == ends.end {
                self.ends = None;
            }
        } else if ends.end == 0 {
            match Leaf::beside(self.root, key, false) {
                Some(leaf) => (ends.last, ends.end) = (leaf, leaf.keys.len()),
                None => self.ends = None,
            }
        }
        Some((key, value))
    }
}
