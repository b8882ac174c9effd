//! Contract cases.
