//! Where a value of a settings file ends.
