//! Tokens for scripts: their form, their names, their end. Pure but for random numbers.

use jiff::{SignedDuration, Timestamp};

use super::kept::{Kept, Token};
use super::{AccessError, Moment, Scope, secret};

/// So that a token is known for what it is where somebody left it.
const PREFIX: &str = "neopro_";
/// Tokens in all.
const MOST: usize = 64;
/// Bytes of a name.
const LONGEST_NAME: usize = 40;
/// Days that a token may live: ten years.
const MOST_DAYS: i64 = 3_650;

/// Adds a token; gives its secret, which is told once and kept by nobody.
///
/// # Errors
/// A name of another form or one that is taken; an end that has passed; too many.
pub(super) fn add(
    kept: &mut Kept,
    name: &str,
    scope: Scope,
    expires: Option<Timestamp>,
    now: Moment,
) -> Result<String, AccessError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fits) {
        return Err(AccessError::BadTokenName);
    }
    let latest = now.wall.checked_add(SignedDuration::from_hours(MOST_DAYS * 24 + 24));
    if expires.is_some_and(|end| end <= now.wall || latest.is_ok_and(|latest| end > latest)) {
        return Err(AccessError::BadExpiry);
    }
    kept.tokens.retain(|token| !is_over(token, now) || token.name != name);
    if kept.tokens.iter().any(|token| token.name == name) {
        return Err(AccessError::TokenExists { name: name.to_owned() });
    }
    if kept.tokens.len() >= MOST {
        return Err(AccessError::TooManyTokens { most: MOST });
    }
    let token = format!("{PREFIX}{}", secret::new()?);
    kept.tokens.push(Token {
        name: name.to_owned(),
        secret: secret::hash(&token),
        scope,
        created: now.wall,
        expires,
        used: None,
        address: None,
    });
    Ok(token)
}

/// The token that was shown, where it is one and has not expired.
pub(super) fn find<'k>(kept: &'k Kept, shown: &str, now: Moment) -> Option<&'k Token> {
    let hash = secret::hash(shown);
    kept.tokens.iter().find(|token| token.secret == hash && !is_over(token, now))
}

/// By the clock on the wall: a token is told to end on a date.
pub(super) fn is_over(token: &Token, now: Moment) -> bool {
    token.expires.is_some_and(|end| end <= now.wall)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: i64) -> Moment {
        let wall = Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        Moment { wall, running: Duration::ZERO }
    }

    #[test]
    fn a_token_is_found_by_its_secret_until_its_end() {
        let mut kept = Kept::default();
        let shown = add(&mut kept, "nas", Scope::Download, Some(at(10).wall), at(0)).unwrap();
        assert!(shown.starts_with("neopro_") && shown.len() == 71, "{shown}");
        assert!(!serde_json::to_string(&kept).unwrap().contains(&shown));
        assert_eq!(find(&kept, &shown, at(9)).unwrap().scope, Scope::Download);
        assert!(find(&kept, &shown, at(10)).is_none());
        assert!(find(&kept, &shown[..70], at(0)).is_none() && find(&kept, "", at(0)).is_none());
    }

    #[test]
    fn names_and_ends_are_checked_and_the_list_is_bounded() {
        let mut kept = Kept::default();
        for name in ["", "a b", "é", "../x", &"x".repeat(41)] {
            assert!(matches!(add(&mut kept, name, Scope::Read, None, at(0)), Err(AccessError::BadTokenName)));
        }
        for end in [at(0), at(4_000 * 86_400)] {
            let added = add(&mut kept, "t", Scope::Read, Some(end.wall), at(0));
            assert!(matches!(added, Err(AccessError::BadExpiry)));
        }
        add(&mut kept, "t", Scope::Read, Some(at(5).wall), at(0)).unwrap();
        let twice = add(&mut kept, "t", Scope::Read, None, at(1));
        assert!(matches!(twice, Err(AccessError::TokenExists { .. })));
        add(&mut kept, "t", Scope::Read, None, at(6)).expect("the place of one that has expired");
        for n in 1..MOST {
            add(&mut kept, &format!("t{n}"), Scope::Read, None, at(6)).unwrap();
        }
        let more = add(&mut kept, "more", Scope::Read, None, at(6));
        assert!(matches!(more, Err(AccessError::TooManyTokens { most: 64 })));
    }
}
