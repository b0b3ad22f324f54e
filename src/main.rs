//! argv → one command → exit status.

fn main() {}
