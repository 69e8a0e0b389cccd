//! Handles: 64-bit ids that are looked up, never pointers that are believed.
//!
//! An id is made of a type, a slot and a generation. Whatever a host passes — freed twice, of another type, made up —
//! the lookup finds the right object or none.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, PoisonError, RwLock};

use super::entry::{known, Entry};

/// The objects of one type that hosts hold.
pub(super) struct Registry<T> {
    kind: u8,
    table: RwLock<Table<T>>,
}

struct Table<T> {
    slots: Vec<Slot<T>>,
    vacant: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    value: Option<Arc<T>>,
}

const SLOT_BITS: u32 = 24;

impl<T> Registry<T> {
    /// `kind` is different for each type, and not 0: so no handle is ever 0.
    pub(super) const fn new(kind: u8) -> Self {
        Registry { kind, table: RwLock::new(Table { slots: Vec::new(), vacant: Vec::new() }) }
    }

    /// Keeps an object and answers its id; 0 when 16 million are kept already.
    pub(super) fn insert(&self, value: T) -> u64 {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let slot = match table.vacant.pop() {
            Some(slot) => slot,
            None if table.slots.len() < 1 << SLOT_BITS => {
                // A generation that starts anywhere makes an id that was made up unlikely to fit.
                let generation = RandomState::new().hash_one(table.slots.len()) as u32;
                table.slots.push(Slot { generation, value: None });
                (table.slots.len() - 1) as u32
            }
            None => return 0,
        };
        let entry = &mut table.slots[slot as usize];
        entry.value = Some(Arc::new(value));
        u64::from(self.kind) << 56 | u64::from(slot) << 32 | u64::from(entry.generation)
    }

    /// The object of an id. It stays alive for as long as the answer is held, even if another thread frees the id.
    pub(super) fn get(&self, id: u64) -> Option<Arc<T>> {
        let (slot, generation) = self.parts(id)?;
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let entry = table.slots.get(slot).filter(|entry| entry.generation == generation)?;
        entry.value.clone()
    }

    /// Lets go of an id; from now on it is nobody's.
    pub(super) fn remove(&self, id: u64) -> Option<Arc<T>> {
        let (slot, generation) = self.parts(id)?;
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let entry = table.slots.get_mut(slot).filter(|entry| entry.generation == generation)?;
        let value = entry.value.take()?;
        entry.generation = entry.generation.wrapping_add(1);
        table.vacant.push(slot as u32);
        Some(value)
    }

    /// Lets go of an id for its host, who may have none.
    pub(super) fn free(&self, id: u64) -> Entry<()> {
        if id == 0 {
            return Ok(());
        }
        known(self.remove(id)).map(drop)
    }

    fn parts(&self, id: u64) -> Option<(usize, u32)> {
        let slot = (id >> 32) & ((1 << SLOT_BITS) - 1);
        ((id >> 56) as u8 == self.kind).then_some((slot as usize, id as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_freed_id_stays_dead_when_its_slot_lives_again() {
        let registry = Registry::new(7);
        let first = registry.insert("first");
        assert_eq!(registry.remove(first).as_deref(), Some(&"first"));
        let second = registry.insert("second");
        assert_eq!(registry.get(first), None);
        assert_eq!(registry.remove(first), None);
        assert_eq!(registry.get(second).as_deref(), Some(&"second"));
    }

    #[test]
    fn an_id_of_another_type_is_nobody_s() {
        let (left, right) = (Registry::new(1), Registry::new(2));
        let (a, b) = (left.insert(1), right.insert(2));
        assert_ne!(a, b);
        assert_eq!(right.get(a), None);
        assert_eq!(left.get(b), None);
        assert_eq!(left.get(0), None);
    }

    proptest! {
        #[test]
        fn ids_that_were_made_up_find_nothing(ids in proptest::collection::vec(any::<u64>(), 100)) {
            let registry = Registry::new(9);
            let real = registry.insert(());
            for id in ids {
                prop_assert!(id == real || registry.get(id).is_none());
            }
        }
    }

    #[test]
    fn threads_make_and_free_at_once() {
        let registry: Registry<u64> = Registry::new(3);
        std::thread::scope(|scope| {
            for thread in 0..4u64 {
                let registry = &registry;
                scope.spawn(move || {
                    for n in 0..2000 {
                        let value = thread * 10_000 + n;
                        let id = registry.insert(value);
                        assert_eq!(registry.get(id).as_deref(), Some(&value));
                        assert_eq!(registry.remove(id).as_deref(), Some(&value));
                        assert_eq!(registry.remove(id), None);
                    }
                });
            }
        });
    }
}
