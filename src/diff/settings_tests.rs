//! Settings compared by key.
