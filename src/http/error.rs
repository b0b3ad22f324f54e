//! Errors as the contract wants them: JSON with a stable code and one sentence in
//! the caller's language. A status is chosen here and nowhere else.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::AccessError;
use crate::config::SettingError;
use crate::jobs::RestoreError;
use crate::model::{Failure, JobId, Sentence};
use crate::store::StoreError;
use crate::supervisor::SupervisorError;
use crate::text::Language;

/// An answer that says no. `language::speak` gives it its words.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) sentence: Sentence,
    /// The job that stands in the way.
    pub(super) job: Option<JobId>,
    /// Seconds until it may be tried again; a minute where nobody can tell.
    pub(super) retry_after: Option<u64>,
}

impl ApiError {
    /// An error of the request itself; its sentence is `error.CODE`.
    pub(super) fn of(status: StatusCode, code: &str) -> Self {
        let sentence = Sentence::new(&format!("error.{code}"));
        Self::said(status, code, sentence)
    }

    fn said(status: StatusCode, code: &str, sentence: Sentence) -> Self {
        Self { status, code: code.to_owned(), sentence, job: None, retry_after: None }
    }

    /// The same, to be tried again after so long.
    pub(super) fn after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait.as_secs().max(1)), ..self }
    }

    pub(super) fn bad_request() -> Self {
        Self::of(StatusCode::BAD_REQUEST, "bad_request")
    }

    pub(super) fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND, "not_found")
    }

    pub(super) fn internal() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// A job that failed: its code decides.
    pub(super) fn of_failure(failure: Failure) -> Self {
        let status = match failure.code.as_str() {
            "disk_full" | "no_inodes" | "source.spool_full" => StatusCode::INSUFFICIENT_STORAGE,
            "run_in_progress" | "other_club" | "target_changed" | "service_failed" | "nothing_to_undo"
            | "target_missing" | "target_link" | "target_not_regular" | "target_read_only"
            | "target_denied" | "no_safety_copy" | "name_taken" => StatusCode::CONFLICT,
            "archive_refused" | "nothing_to_restore" | "member_invalid" => StatusCode::UNPROCESSABLE_ENTITY,
            "backup_not_found" | "member_not_found" => StatusCode::NOT_FOUND,
            "no_backup_directory" | "store_locked" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::said(status, &failure.code, failure.sentence)
    }

    /// The body in one language.
    pub(super) fn body(&self, language: Language) -> String {
        let message = language.say(&self.sentence);
        let mut body = json!({ "success": false, "code": self.code, "message": message });
        if let Some(job) = &self.job {
            body["job"] = json!(job);
        }
        body.to_string()
    }
}

impl IntoResponse for ApiError {
    /// The words come later, when the caller's language is at hand.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE || self.status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = self.retry_after.unwrap_or(60);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // No browser asks for a password by itself for this scheme.
            let scheme = HeaderValue::from_static("Bearer realm=\"neopro-backup\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match &error {
            StoreError::NotFound { .. } => StatusCode::NOT_FOUND,
            StoreError::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            StoreError::Busy { .. } | StoreError::Pinned { .. } | StoreError::NameTaken { .. } => {
                StatusCode::CONFLICT
            }
            StoreError::DiskFull { .. } | StoreError::NoInodes { .. } => StatusCode::INSUFFICIENT_STORAGE,
            StoreError::NoDirectory { .. } | StoreError::Locked => StatusCode::SERVICE_UNAVAILABLE,
            StoreError::ReadOnly { .. }
            | StoreError::Denied { .. }
            | StoreError::NotProven { .. }
            | StoreError::Io { .. } => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "request failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let said = Self::said(status, error.code(), error.sentence());
        match error {
            StoreError::Busy { job } => Self { job, ..said },
            _ => said,
        }
    }
}

impl From<RestoreError> for ApiError {
    /// As the same error has it when a job reports it.
    fn from(error: RestoreError) -> Self {
        Self::of_failure(error.failure())
    }
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        let status = match error {
            AccessError::Store(error) => return error.into(),
            AccessError::SignInNeeded
            | AccessError::NotClaimed
            | AccessError::BadToken
            | AccessError::WrongCode
            | AccessError::WrongPassword => StatusCode::UNAUTHORIZED,
            AccessError::NotAllowed { .. } => StatusCode::FORBIDDEN,
            AccessError::Claimed | AccessError::TokenExists { .. } | AccessError::TooManyTokens { .. } => {
                StatusCode::CONFLICT
            }
            AccessError::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            AccessError::Weak(_) | AccessError::BadTokenName | AccessError::BadExpiry => {
                StatusCode::BAD_REQUEST
            }
            AccessError::NoToken { .. } | AccessError::NoSession => StatusCode::NOT_FOUND,
            AccessError::Damaged { .. } => StatusCode::SERVICE_UNAVAILABLE,
            AccessError::NoRandomness => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(%error, "access failed");
        }
        let said = Self::said(status, error.code(), error.sentence());
        match error {
            AccessError::TooManyAttempts { wait } => said.after(wait),
            _ => said,
        }
    }
}

impl From<SettingError> for ApiError {
    fn from(error: SettingError) -> Self {
        let status = match error {
            SettingError::Locked { .. } => StatusCode::CONFLICT,
            SettingError::Unknown { .. } | SettingError::Bounds { .. } | SettingError::Time => {
                StatusCode::BAD_REQUEST
            }
        };
        Self::said(status, error.code(), error.sentence())
    }
}

impl From<SupervisorError> for ApiError {
    fn from(error: SupervisorError) -> Self {
        match error {
            SupervisorError::Store(error) => error.into(),
            SupervisorError::Setting(error) => error.into(),
            SupervisorError::Overridden { .. } => {
                Self::said(StatusCode::CONFLICT, error.code(), error.sentence())
            }
            SupervisorError::Spawn { .. }
            | SupervisorError::Stillborn
            | SupervisorError::Away { .. }
            | SupervisorError::Refused { .. }
            | SupervisorError::Objected { .. }
            | SupervisorError::Failed { .. } => {
                tracing::error!(%error, "supervisor failed");
                Self::said(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.sentence())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_s_failure_has_the_status_that_the_same_error_has_elsewhere() {
        let status = |code: &str| {
            let failure = Failure { code: code.into(), sentence: Sentence::new("error.internal") };
            ApiError::of_failure(failure).status.as_u16()
        };
        assert_eq!(["disk_full", "no_inodes", "source.spool_full"].map(status), [507; 3]);
        assert_eq!(["no_backup_directory", "store_locked"].map(status), [503; 2]);
        assert_eq!(["source.missing", "not_proven", "io_error"].map(status), [500; 3]);
        assert_eq!(status("run_in_progress"), 409);
    }
}
