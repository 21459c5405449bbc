//! Components that worlds share until one of them changes theirs.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::canon::Local;

/// A component behind a pointer: cloning copies the pointer, changing it copies what others see, too.
///
/// What its fingerprint needs of it stays beside it once it was asked for, until it is changed. That is no state: it
/// follows from the value, so a copy that is to be changed and a restored one begin without.
pub struct Shared<T>(Arc<Kept<T>>);

struct Kept<T> {
    value: T,
    local: OnceLock<Local>,
}

impl<T> Shared<T> {
    /// A component that only one has so far.
    pub fn new(value: T) -> Shared<T> {
        Shared(Arc::new(Kept { value, local: OnceLock::new() }))
    }

    /// Whether two worlds share the component: then it is equal. Otherwise it may be.
    pub(crate) fn same(a: &Shared<T>, b: &Shared<T>) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }

    /// What the fingerprint needs of the value.
    pub(crate) fn local(&self, make: impl FnOnce(&T) -> Local) -> &Local {
        self.0.local.get_or_init(|| make(&self.0.value))
    }
}

impl<T: Clone> Shared<T> {
    /// The value, to be changed: the only way to it.
    pub fn change(&mut self) -> &mut T {
        let kept = Arc::make_mut(&mut self.0);
        kept.local.take();
        &mut kept.value
    }
}

impl<T: Clone> Shared<T> {
    /// An equal component that shares nothing with this one.
    pub(crate) fn apart(&self) -> Shared<T> {
        Shared(Arc::new(Kept { value: self.0.value.clone(), local: self.0.local.clone() }))
    }
}

impl<T: Clone> Clone for Kept<T> {
    fn clone(&self) -> Kept<T> {
        Kept { value: self.value.clone(), local: OnceLock::new() }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        Shared(self.0.clone())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Shared::new)
    }
}
