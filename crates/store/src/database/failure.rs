//! How a statement can fail.

use crate::error::{Cause, StoreError};
use crate::journal::AppendError;

/// Why a statement has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The journal does not end where the statement says, or belongs to another owner: it did nothing.
    NotOwner,
    /// The connection was lost, or the answer did not come in time: it may have been carried out.
    Interrupted(Cause),
    /// The database said that it failed.
    Failed(Cause),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> StoreError {
        StoreError::Database(match failure {
            Failure::NotOwner => "the journal has another owner".into(),
            Failure::Interrupted(cause) | Failure::Failed(cause) => cause,
        })
    }
}

impl From<Failure> for AppendError {
    fn from(failure: Failure) -> AppendError {
        match failure {
            Failure::NotOwner => AppendError::NotOwner,
            Failure::Interrupted(cause) => AppendError::Interrupted(cause),
            Failure::Failed(cause) => AppendError::Failed(cause),
        }
    }
}
