//! Which texts are secrets.
