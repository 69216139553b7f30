//! What must hold on every board, written once: used by `doctor`, conformance and crash tests.
