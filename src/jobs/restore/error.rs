//! Why a restore was not made, or was taken back, as facts.

use crate::archive::{Damage, Fault};
use crate::jobs::JobError;
use crate::model::{ArchiveName, Failure, Sentence};
use crate::store::StoreError;
use crate::targets::TargetError;

/// Why a restore was not made, or was taken back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A backup, or what is read for one, failed: the safety copy could not be made.
    #[error(transparent)]
    Job(#[from] JobError),
    /// A file cannot be put in its place.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The archive is not what it should be.
    #[error("{archive} was refused")]
    Refused {
        /// The archive.
        archive: ArchiveName,
        /// The rule that it breaks.
        #[source]
        damage: Damage,
    },
    /// The archive holds nothing that the configuration names.
    #[error("{archive} holds nothing that can be put back")]
    Nothing {
        /// The archive.
        archive: ArchiveName,
    },
    /// A member that was asked for is not in the archive, or not in the configuration.
    #[error("{member} is not in {archive}, or the configuration does not name it")]
    NoMember {
        /// The archive.
        archive: ArchiveName,
        /// The member.
        member: String,
    },
    /// A member is not what its name says.
    #[error("{member} must not be put back")]
    Faulty {
        /// The member.
        member: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The archive is of another club, and nobody has confirmed that by its name.
    #[error("the archive is of {club}, and this box of {here}")]
    OtherClub {
        /// The name in the archive.
        club: String,
        /// The name as it is now.
        here: String,
    },
    /// A file that would be replaced could not be copied for safety.
    #[error("{member} could not be copied for safety")]
    NoSafety {
        /// The member.
        member: String,
    },
    /// A service did not stay up with the restored files; those of before are back.
    #[error("{unit} did not stay up")]
    Service {
        /// The unit.
        unit: String,
        /// systemd's word.
        reason: String,
    },
    /// Going back failed as well; the next start tries again.
    #[error("going back failed")]
    Stuck {
        /// Why.
        #[source]
        source: TargetError,
    },
    /// There is no restore that could be taken back.
    #[error("nothing to undo")]
    NothingToUndo,
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl RestoreError {
    /// Code and sentence.
    pub fn failure(&self) -> Failure {
        Failure { code: self.code().to_owned(), sentence: self.sentence() }
    }

    /// English and stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Job(error) => error.code(),
            Self::Target(error) => error.code(),
            Self::Refused { .. } => "archive_refused",
            Self::Nothing { .. } => "nothing_to_restore",
            Self::NoMember { .. } => "member_not_found",
            Self::Faulty { .. } => "member_invalid",
            Self::OtherClub { .. } => "other_club",
            Self::NoSafety { .. } => "no_safety_copy",
            Self::Service { .. } => "service_failed",
            Self::Stuck { .. } => "restore_stuck",
            Self::NothingToUndo => "nothing_to_undo",
        }
    }

    /// What happened to what, why, and the one thing to do.
    pub fn sentence(&self) -> Sentence {
        let say = Sentence::new(&format!("error.{}", self.code()));
        match self {
            Self::Job(error) => error.sentence(),
            Self::Target(error) => error.sentence(),
            Self::Refused { archive, damage } => {
                say.with("name", archive).with_sentence("reason", damage.sentence())
            }
            Self::Nothing { archive } => say.with("name", archive),
            Self::NoMember { archive, member } => say.with("name", archive).with("member", member),
            Self::Faulty { member, fault } => {
                say.with("member", member).with_sentence("fault", fault.sentence())
            }
            Self::OtherClub { club, here } => say.with("club", club).with("here", here),
            Self::NoSafety { member } => say.with("member", member),
            Self::Service { unit, reason } => say.with("unit", unit).with("reason", reason),
            Self::Stuck { source } => say.with_sentence("reason", source.sentence()),
            Self::NothingToUndo => say,
        }
    }
}
