//! The nodes of a tree, and how an entry comes in or out: nodes that a clone shares are copied first, full ones
//! split, those that have become small are joined with one beside them. All leaves are equally deep.

use std::borrow::Borrow;
use std::sync::Arc;

/// The most nodes below a branch. Copying one touches each of them, so fewer make changes quicker and more
/// make looking up quicker.
pub(super) const BRANCH_MAX: usize = 24;

/// The most entries of a leaf with plain keys and small values: copying them is copying bytes.
const PLAIN_MAX: usize = 64;

/// The most entries of a leaf whose keys or values are counted pointers or large.
const DEAR_MAX: usize = 24;

/// Values larger than this are large, in bytes.
const LARGE_BYTES: usize = 64;

/// A leaf: keys in order, each with its value. A branch: nodes in order, each with a bound that is not above
/// its keys and above those of the node before it; the first bound is never looked at.
#[derive(Clone)]
pub(super) struct Node<K, V> {
    pub keys: Vec<K>,
    pub below: Below<K, V>,
}

/// What belongs to the keys of a node.
#[derive(Clone)]
pub(super) enum Below<K, V> {
    Values(Vec<V>),
    Nodes(Vec<Arc<Node<K, V>>>),
}

impl<K, V> Default for Node<K, V> {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            below: Below::Values(Vec::new()),
        }
    }
}

impl<K, V> Node<K, V> {
    /// The most entries of a leaf.
    pub const LEAF_MAX: usize = {
        let is_dear = std::mem::needs_drop::<K>() || std::mem::needs_drop::<V>();
        if is_dear || size_of::<V>() > LARGE_BYTES {
            DEAR_MAX
        } else {
            PLAIN_MAX
        }
    };

    fn most(&self) -> usize {
        match self.below {
            Below::Values(_) => Self::LEAF_MAX,
            Below::Nodes(_) => BRANCH_MAX,
        }
    }

    /// Which node below a branch has a key, if any has.
    pub fn child<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        child(&self.keys, key)
    }

    /// Where a leaf has a key, or where it would stand.
    pub fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        find(&self.keys, key)
    }

    /// What stands from a place on, as a node of its own.
    fn split_off(&mut self, at: usize) -> Self {
        let below = match &mut self.below {
            Below::Values(values) => Below::Values(values.split_off(at)),
            Below::Nodes(nodes) => Below::Nodes(nodes.split_off(at)),
        };
        Self {
            keys: self.keys.split_off(at),
            below,
        }
    }
}

/// Which of the nodes with these bounds has a key, if any has.
pub(super) fn child<K: Borrow<Q>, Q: Ord + ?Sized>(bounds: &[K], key: &Q) -> usize {
    let others = bounds.get(1..).unwrap_or_default();
    others.partition_point(|bound| bound.borrow() <= key)
}

/// Where a key stands among these, or where it would.
pub(super) fn find<K: Borrow<Q>, Q: Ord + ?Sized>(keys: &[K], key: &Q) -> Result<usize, usize> {
    keys.binary_search_by(|other| other.borrow().cmp(key))
}

/// Puts into a list that grows by little: most leaves stay as they are.
fn put_at<T>(list: &mut Vec<T>, at: usize, entry: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 4).max(4));
    }
    list.insert(at, entry);
}

/// A node that was split off, and its bound.
type Beside<K, V> = Option<(K, Arc<Node<K, V>>)>;

/// Gives a key a value below a node: the value it had, and what was split off and belongs right behind it.
pub(super) fn put<K: Ord + Clone, V: Clone>(
    node: &mut Arc<Node<K, V>>,
    key: K,
    value: V,
) -> (Option<V>, Beside<K, V>) {
    let node = Arc::make_mut(node);
    let (before, last) = match &mut node.below {
        Below::Values(values) => match find(&node.keys, &key) {
            Ok(at) => return (Some(std::mem::replace(&mut values[at], value)), None),
            Err(at) => {
                put_at(&mut node.keys, at, key);
                put_at(values, at, value);
                (None, at + 1 == node.keys.len())
            }
        },
        Below::Nodes(nodes) => {
            let at = child(&node.keys, &key);
            let (before, beside) = put(&mut nodes[at], key, value);
            let Some((bound, beside)) = beside else {
                return (before, None);
            };
            put_at(&mut node.keys, at + 1, bound);
            put_at(nodes, at + 1, beside);
            (before, at + 2 == node.keys.len())
        }
    };
    let len = node.keys.len();
    if len <= node.most() {
        return (before, None);
    }
    // What comes in at the end mostly goes on there: what is in front of it stays full.
    let beside = node.split_off(if last { len - 1 } else { len / 2 });
    let bound = beside.keys[0].clone();
    (before, Some((bound, Arc::new(beside))))
}

/// Takes a key out below a node: the value it had.
pub(super) fn take<K: Ord + Clone + Borrow<Q>, V: Clone, Q: Ord + ?Sized>(
    node: &mut Arc<Node<K, V>>,
    key: &Q,
) -> Option<V> {
    let Node { keys, below } = Arc::make_mut(node);
    match below {
        Below::Values(values) => {
            let at = find(keys, key).ok()?;
            keys.remove(at);
            Some(values.remove(at))
        }
        Below::Nodes(nodes) => {
            let at = child(keys, key);
            let removed = take(&mut nodes[at], key);
            let child = &nodes[at];
            if child.keys.is_empty() {
                keys.remove(at);
                nodes.remove(at);
            } else if child.keys.len() < child.most() / 4 {
                join_small(keys, nodes, at);
            }
            removed
        }
    }
}

/// Joins a small node with the one behind or before it, when both leave half of a node free.
fn join_small<K: Ord + Clone, V: Clone>(
    bounds: &mut Vec<K>,
    nodes: &mut Vec<Arc<Node<K, V>>>,
    at: usize,
) {
    let small = nodes[at].keys.len();
    let most = nodes[at].most() / 2;
    let fits = |other: usize| {
        let other = nodes.get(other);
        other.is_some_and(|other| other.keys.len() + small <= most)
    };
    let right = if fits(at + 1) {
        at + 1
    } else if at > 0 && fits(at - 1) {
        at
    } else {
        return;
    };
    let bound = bounds.remove(right);
    let mut taken = Arc::unwrap_or_clone(nodes.remove(right));
    let left = Arc::make_mut(&mut nodes[right - 1]);
    match (&mut left.below, &mut taken.below) {
        (Below::Values(values), Below::Values(more)) => values.append(more),
        (Below::Nodes(nodes), Below::Nodes(more)) => {
            // It is looked at from now on.
            taken.keys[0] = bound;
            nodes.append(more);
        }
        (Below::Values(_), Below::Nodes(_)) | (Below::Nodes(_), Below::Values(_)) => {
            unreachable!("all leaves are equally deep")
        }
    }
    left.keys.append(&mut taken.keys);
}
