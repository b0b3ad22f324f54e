//! Paths, matching by id and by place.
