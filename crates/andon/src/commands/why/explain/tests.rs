//! See explain.rs.
