//! The store interface, its parameters and errors, and the in-memory reference model.
