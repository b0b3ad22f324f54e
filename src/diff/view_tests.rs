//! What people see of a member.
