//! What a thread that writes beside trade does between its rows.

use std::fmt;
use std::sync::Arc;

/// A rest to take now and then. Clones are the same.
#[derive(Clone)]
pub(crate) struct Rest(Option<Arc<dyn Fn() + Send + Sync>>);

impl Rest {
    pub(crate) fn new(rest: impl Fn() + Send + Sync + 'static) -> Rest {
        Rest(Some(Arc::new(rest)))
    }

    /// For whoever does not rest.
    pub(crate) fn none() -> Rest {
        Rest(None)
    }

    pub(crate) fn is_any(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn take(&self) {
        if let Some(rest) = &self.0 {
            rest();
        }
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rest").field(&self.0.is_some()).finish()
    }
}
