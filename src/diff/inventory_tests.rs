//! The merge, and that it follows the order of real inventories.
