//! What the room promises of every form: one answer a member, nothing read twice.
