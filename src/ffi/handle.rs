//! Handles: 64-bit ids that are looked up, never pointers that are believed.
//!
//! An id is made of a type and a number that is given once. Whatever a host passes — freed twice, of another type, made up —
//! the lookup finds the right object or none.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use once_cell::sync::Lazy;

use super::entry::Entry;
use crate::status::Status;

/// The objects of one type that hosts hold.
pub(super) struct Registry<T> {
    kind: u8,
    objects: RwLock<BTreeMap<u64, Arc<T>>>,
}

/// The next number, of which 56 bits count. The first is any.
static NEXT: Lazy<AtomicU64> = Lazy::new(|| AtomicU64::new(fastrand::u64(..)));

/// Numbers lie far apart, so that an id that was made up is unlikely to fit; an odd step comes to each once.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl<T> Registry<T> {
    /// `kind` is different for each type, and not 0: so no handle is ever 0.
    pub(super) const fn new(kind: u8) -> Self {
        Registry { kind, objects: RwLock::new(BTreeMap::new()) }
    }

    /// Keeps an object and answers its id.
    pub(super) fn insert(&self, value: T) -> u64 {
        let number = NEXT.fetch_add(STEP, Ordering::Relaxed) & (u64::MAX >> 8);
        let id = u64::from(self.kind) << 56 | number;
        self.objects.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(value));
        id
    }

    /// The object of an id. It stays alive for as long as the answer is held, even if another thread frees the id.
    pub(super) fn get(&self, id: u64) -> Entry<Arc<T>> {
        let objects = self.objects.read().unwrap_or_else(PoisonError::into_inner);
        Ok(objects.get(&id).cloned().ok_or(Status::InvalidHandle)?)
    }

    /// Lets go of an id for its host, who may have none; from now on it is nobody's. Answers what it was of.
    pub(super) fn free(&self, id: u64) -> Entry<Option<Arc<T>>> {
        let freed = self.objects.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if freed.is_none() && id != 0 {
            return Err(Status::InvalidHandle.into());
        }
        Ok(freed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_one_object_of_one_type_until_it_is_freed() {
        let (left, right) = (Registry::new(1), Registry::new(2));
        let (a, b) = (left.insert("a"), right.insert("b"));
        assert!(right.get(a).is_err() && left.get(b).is_err() && left.get(0).is_err());
        assert!(left.free(a).is_ok_and(|freed| freed.as_deref() == Some(&"a")));
        let c = left.insert("c");
        assert!(left.get(a).is_err() && left.free(a).is_err() && left.free(0).is_ok());
        assert!(left.get(c).is_ok_and(|object| *object == "c"));
    }
}
