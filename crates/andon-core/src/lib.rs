//! The rules of the board.
//!
//! Everything here is a plain function over plain values: a command and what it may look at go
//! in, a [`transition::Transition`] or a [`rejected::Rejected`] comes out. Time, randomness,
//! the board and the limits are arguments. This crate reads no clock, no file and no
//! environment, and knows nothing of storage or serialisation.
//!
//! A reader's way in: [`task`] and [`run`] say what there is, [`command`] what can be asked,
//! [`transition`] what may come of it, [`policy`] how much of it, [`invariant`] what must hold.

pub mod actor;
pub mod command;
pub mod event;
pub mod id;
pub mod invariant;
pub mod policy;
pub mod process;
pub mod rejected;
pub mod run;
pub mod table;
pub mod task;
pub mod text;
pub mod time;
pub mod transition;
pub mod view;
