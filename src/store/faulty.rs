//! A store that fails at a chosen append, so that tests can ask what its user does then; like the real
//! ones, it takes nothing more after it has failed.

use super::{Append, Outcome, Reader, Store, StoreError};

/// What the failing append leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of the batch is stored.
    BeforeStoring,
    /// The whole batch is stored, and failure is reported all the same.
    AfterStoring,
}

/// Wraps a store; one of its appends fails, and all after it.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    fault: Option<(u64, Fault)>,
    appends: u64,
    failed: bool,
}

impl<S: Store> FaultyStore<S> {
    /// Fails at the `nth` call of `append`, counted from 1.
    pub fn failing_at(inner: S, nth: u64, fault: Fault) -> Self {
        Self {
            inner,
            fault: Some((nth, fault)),
            appends: 0,
            failed: false,
        }
    }

    /// Never fails by itself.
    pub fn sound(inner: S) -> Self {
        Self {
            inner,
            fault: None,
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
        match self.fault {
            Some((nth, Fault::BeforeStoring)) if nth == self.appends => Err(self.fail()),
            Some((nth, Fault::AfterStoring)) if nth == self.appends => {
                self.inner.append(batch)?;
                Err(self.fail())
            }
            _ => self.inner.append(batch),
        }
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.inner.idle()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }
}
