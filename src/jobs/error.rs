//! Why a job failed.

use crate::model::{Failure, Sentence};
use crate::sources::SourceError;
use crate::store::StoreError;

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that must be in the archive could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl JobError {
    /// The error of a source whose temporary copy lies in `folder`: that the copy could
    /// not be kept says something about the store's disk, not about the source.
    pub(super) fn of_source(error: SourceError, folder: &std::path::Path) -> Self {
        match error {
            SourceError::Spool { source } => StoreError::of("write", folder, source).into(),
            other => other.into(),
        }
    }

    /// Code and sentence, for the status, the events and the API.
    pub fn failure(&self) -> Failure {
        Failure { code: self.code().to_owned(), sentence: self.sentence() }
    }

    /// English and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Source(error) => error.code(),
        }
    }

    /// What happened to what, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Store(error) => error.sentence(),
            Self::Source(error) => error.sentence(),
        }
    }
}
