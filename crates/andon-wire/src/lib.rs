//! Serialised shapes that are promises: JSON output, error codes, exit codes.
