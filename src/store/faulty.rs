//! A store that fails at a chosen append or has no room for a while, so that tests can ask what its user
//! does then; like the real ones, it takes nothing more after it has failed, and goes on once it has room.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Append, Outcome, Reader, Store, StoreError};

/// What the failing append leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of the batch is stored.
    BeforeStoring,
    /// The whole batch is stored, and failure is reported all the same.
    AfterStoring,
}

/// Wraps a store; one of its appends fails, and all after it, or it has no room when told so.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    fault: Option<(u64, Fault)>,
    full: Option<Arc<AtomicBool>>,
    appends: u64,
    failed: bool,
}

impl<S: Store> FaultyStore<S> {
    /// Fails at the `nth` call of `append`, counted from 1.
    pub fn failing_at(inner: S, nth: u64, fault: Fault) -> Self {
        Self {
            fault: Some((nth, fault)),
            ..Self::sound(inner)
        }
    }

    /// Has no room for anything while `full` says so.
    pub fn full_while(inner: S, full: Arc<AtomicBool>) -> Self {
        Self {
            full: Some(full),
            ..Self::sound(inner)
        }
    }

    /// Never fails by itself.
    pub fn sound(inner: S) -> Self {
        Self {
            inner,
            fault: None,
            full: None,
            appends: 0,
            failed: false,
        }
    }

    /// The store inside, as a restart would open it.
    pub fn into_inner(self) -> S {
        self.inner
    }

    fn fail(&mut self) -> StoreError {
        self.failed = true;
        StoreError::Unwritable {
            reason: "a fault was asked for".to_owned(),
            source: None,
        }
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        self.appends += 1;
        if self.failed {
            return Err(self.fail());
        }
        if !self.has_room() {
            return Err(StoreError::Full { source: None });
        }
        match self.fault {
            Some((nth, Fault::BeforeStoring)) if nth == self.appends => Err(self.fail()),
            Some((nth, Fault::AfterStoring)) if nth == self.appends => {
                self.inner.append(batch)?;
                Err(self.fail())
            }
            _ => self.inner.append(batch),
        }
    }

    fn has_room(&mut self) -> bool {
        let full = self.full.as_ref();
        !full.is_some_and(|full| full.load(Ordering::SeqCst))
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.inner.idle()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::memory::MemoryStore;
    use super::super::suite::{append, following};
    use super::*;

    /// Fails at the second append; then says what is left, and that nothing more is taken.
    fn fail_at_second(fault: Fault) -> (Vec<Record>, Vec<Record>) {
        let events = following(&[], 3, "");
        let mut store = FaultyStore::failing_at(MemoryStore::new(), 2, fault);
        store.append(&[append("web", &events[..1])]).unwrap();

        let failed = store.append(&[append("web", &events[1..2])]).unwrap_err();
        let refused = store.append(&[append("web", &events[1..])]).unwrap_err();

        assert!(matches!(failed, StoreError::Unwritable { .. }));
        assert!(matches!(refused, StoreError::Unwritable { .. }));
        let reader = store.into_inner().reader().unwrap();
        (reader.read("web", 0, 10).unwrap(), events)
    }

    #[test]
    fn a_fault_before_storing_leaves_nothing_of_its_batch() {
        let (left, events) = fail_at_second(Fault::BeforeStoring);
        assert_eq!(left, events[..1]);
    }

    #[test]
    fn a_store_without_room_stores_nothing_and_goes_on_once_it_has_some() {
        let events = following(&[], 2, "");
        let full = Arc::new(AtomicBool::new(true));
        let mut store = FaultyStore::full_while(MemoryStore::new(), Arc::clone(&full));

        let refused = store.append(&[append("web", &events)]).unwrap_err();
        assert!(matches!(refused, StoreError::Full { .. }));
        assert!(store.reader().unwrap().heads().unwrap().is_empty());

        full.store(false, Ordering::SeqCst);
        store.append(&[append("web", &events)]).unwrap();
        let reader = store.into_inner().reader().unwrap();
        assert_eq!(reader.read("web", 0, 10).unwrap(), events);
    }

    #[test]
    fn a_fault_after_storing_leaves_the_whole_batch() {
        let (left, events) = fail_at_second(Fault::AfterStoring);
        assert_eq!(left, events[..2]);
    }
}
