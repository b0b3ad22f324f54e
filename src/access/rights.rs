//! What a request needs, and who has it. Pure.

use serde::{Deserialize, Serialize};

/// What a route asks of whoever calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Anybody: the page itself, signing in.
    Nothing,
    /// To see list, status and jobs.
    Read,
    /// To see what an archive holds and what has changed, secrets masked.
    Look,
    /// To make a backup.
    Create,
    /// To have an archive, which holds secrets.
    Download,
    /// To delete, import, restore, pin, verify, read the audit, and set the nightly backup's
    /// switch and hour and how long archives are kept.
    Admin,
    /// A person who knows the password: password, sessions and tokens themselves.
    Person,
}

impl Need {
    /// Its name in the API's document.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Read => "read",
            Self::Look => "look",
            Self::Create => "create",
            Self::Download => "download",
            Self::Admin => "admin",
            Self::Person => "person",
        }
    }

    /// All that can be granted, for whoever wants to know what he may do.
    pub const GRANTED: [Self; 6] =
        [Self::Read, Self::Look, Self::Create, Self::Download, Self::Admin, Self::Person];
}

/// What a token is good for. Each may read besides; `admin` may do everything that a
/// person may but manage passwords, sessions and tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// List, status, jobs, and what archives hold, secrets masked.
    Read,
    /// The same, and making backups.
    Create,
    /// The same as `read`, and downloading archives.
    Download,
    /// All of these, and deleting, importing, restoring, pinning, verifying, the audit, the
    /// nightly backup's switch and hour, and how long archives are kept.
    Admin,
}

impl Scope {
    /// Each with its name.
    pub const NAMES: [(&str, Self); 4] = [
        ("read", Self::Read),
        ("create", Self::Create),
        ("download", Self::Download),
        ("admin", Self::Admin),
    ];

    /// Its name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Download => "download",
            Self::Admin => "admin",
        }
    }

    fn meets(self, need: Need) -> bool {
        match need {
            Need::Nothing | Need::Read | Need::Look => true,
            Need::Create => matches!(self, Self::Create | Self::Admin),
            Need::Download => matches!(self, Self::Download | Self::Admin),
            Need::Admin => self == Self::Admin,
            Need::Person => false,
        }
    }
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody who has shown nothing.
    Nobody,
    /// A person who has signed in.
    Session {
        /// The session's public name.
        id: String,
    },
    /// A script with a token.
    Token {
        /// The token's name.
        name: String,
        /// What it is good for.
        scope: Scope,
    },
}

/// How the door stands for somebody who has shown nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The old behaviour: everybody on the network may do everything.
    Open,
    /// No password has been set yet: list, status and a backup, and nothing that could
    /// hurt the club.
    Unclaimed,
    /// A password has been set.
    Closed,
}

impl Who {
    /// Whether this caller has what a route needs.
    pub(super) fn has(&self, need: Need, door: Standing) -> bool {
        match (self, door) {
            _ if need == Need::Nothing => true,
            (Self::Session { .. }, _) => true,
            (Self::Token { scope, .. }, _) => scope.meets(need),
            (Self::Nobody, Standing::Open) => need != Need::Person,
            (Self::Nobody, Standing::Unclaimed) => matches!(need, Need::Read | Need::Create),
            (Self::Nobody, Standing::Closed) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(who: &Who, door: Standing) -> String {
        let granted = Need::GRANTED.into_iter().filter(|need| who.has(*need, door));
        granted.map(Need::code).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_stranger_may_read_and_create_before_the_claim_and_nothing_after_it() {
        assert_eq!(granted(&Who::Nobody, Standing::Unclaimed), "read create");
        assert_eq!(granted(&Who::Nobody, Standing::Closed), "");
        assert_eq!(granted(&Who::Nobody, Standing::Open), "read look create download admin");
    }

    #[test]
    fn each_scope_is_good_for_what_it_says() {
        let token = |scope| Who::Token { name: "t".into(), scope };
        for (scope, rights) in [
            (Scope::Read, "read look"),
            (Scope::Create, "read look create"),
            (Scope::Download, "read look download"),
            (Scope::Admin, "read look create download admin"),
        ] {
            for door in [Standing::Unclaimed, Standing::Closed, Standing::Open] {
                assert_eq!(granted(&token(scope), door), rights);
            }
        }
        let person = Who::Session { id: "s".into() };
        assert_eq!(granted(&person, Standing::Closed), "read look create download admin person");
    }
}
