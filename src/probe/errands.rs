//! What is carried out on tasks of its own, each once at a time, by whoever looks again and again at what is wanted.

use std::collections::HashSet;
use std::hash::Hash;
use std::time::Duration;

use tokio::task::JoinSet;

/// What is under way.
pub(super) struct Errands<E> {
    under_way: HashSet<E>,
    running: JoinSet<Option<E>>,
}

impl<E: Clone + Eq + Hash + Send + 'static> Errands<E> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            under_way: HashSet::new(),
            running: JoinSet::new(),
        }
    }

    /// Begins an errand unless it is under way. It ends with itself, or with none when what came of it could not be
    /// recorded: then it stays under way, and the next start of the daemon tries again.
    pub fn begin<F>(&mut self, errand: E, carry_out: impl FnOnce(E) -> F)
    where
        F: Future<Output = Option<E>> + Send + 'static,
    {
        if self.under_way.insert(errand.clone()) {
            self.running.spawn(carry_out(errand));
        }
    }

    /// Waits until an errand has ended, there is something else to look at, or the pause is over.
    pub async fn rest(&mut self, work: impl Future<Output = ()>, pause: Duration) {
        tokio::select! {
            biased;
            Some(done) = self.running.join_next() => {
                if let Ok(Some(errand)) = done {
                    self.under_way.remove(&errand);
                }
            }
            () = work => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
