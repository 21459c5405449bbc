//! Arenas of components that are shared between worlds until one of them changes.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use slotmap::{DefaultKey, Key, SlotMap};

use crate::shared::Shared;

/// A key of an arena.
pub(crate) trait ArenaKey: Copy {
    /// Makes the key.
    fn new(key: DefaultKey) -> Self;
    /// What is inside.
    fn key(self) -> DefaultKey;
}

macro_rules! arena_keys {
    ($($ty:ident),*) => {$(
        impl ArenaKey for crate::id::$ty {
            fn new(key: DefaultKey) -> Self {
                crate::id::$ty(key)
            }
            fn key(self) -> DefaultKey {
                self.0
            }
        }
    )*};
}

arena_keys!(EndpointId, ConnectionId, EventId, OperationId, PortId, SectionId);

/// The place of a key in its arena: of two keys with the same place at most one lives.
pub(crate) fn place(key: DefaultKey) -> usize {
    (key.data().as_ffi() & 0xffff_ffff) as usize
}

/// Components by key; cloning copies a pointer, the first change after that the pointers of the components.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
pub(crate) struct Arena<K, T> {
    map: Arc<SlotMap<DefaultKey, Shared<T>>>,
    #[serde(skip)]
    keys: PhantomData<K>,
}

impl<K, T> Default for Arena<K, T> {
    fn default() -> Self {
        Arena { map: Arc::default(), keys: PhantomData }
    }
}

impl<K: ArenaKey, T: Clone> Arena<K, T> {
    /// Adds a component.
    pub(crate) fn insert(&mut self, value: T) -> K {
        K::new(self.map_mut().insert(Shared::new(value)))
    }

    /// The component, if it lives.
    pub(crate) fn get(&self, key: K) -> Option<&T> {
        self.map.get(key.key()).map(|arc| &**arc)
    }

    /// The component as worlds share it.
    pub(crate) fn shared(&self, key: K) -> Option<&Shared<T>> {
        self.map.get(key.key())
    }

    /// The component, to be changed.
    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut T> {
        if !self.map.contains_key(key.key()) {
            return None;
        }
        self.map_mut().get_mut(key.key()).map(Shared::change)
    }

    /// Takes a component out.
    pub(crate) fn remove(&mut self, key: K) -> Option<Shared<T>> {
        if !self.map.contains_key(key.key()) {
            return None;
        }
        self.map_mut().remove(key.key())
    }

    fn map_mut(&mut self) -> &mut SlotMap<DefaultKey, Shared<T>> {
        Arc::make_mut(&mut self.map)
    }

    /// Whether two worlds share the whole arena: then all in it is equal. Otherwise it may be.
    pub(crate) fn same(a: &Arena<K, T>, b: &Arena<K, T>) -> bool {
        Arc::ptr_eq(&a.map, &b.map)
    }

    /// An equal arena that shares nothing with this one.
    pub(crate) fn apart(&self) -> Arena<K, T> {
        let mut map = SlotMap::clone(&self.map);
        map.values_mut().for_each(|component| *component = component.apart());
        Arena { map: Arc::new(map), keys: PhantomData }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// All, in the order of the arena: history that must not show. Use it for questions with one answer only.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.map.iter().map(|(key, arc)| (K::new(key), &**arc))
    }
}
