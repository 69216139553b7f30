//! The project tasks: `cargo xtask ci`, `tidy`, `gen`, `bench`.

fn main() {}
