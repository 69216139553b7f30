//! The reference model, held to what every store must do.

mod conformance;
mod fuzz;
mod model;
mod power;
mod schedule;
mod sequence;
