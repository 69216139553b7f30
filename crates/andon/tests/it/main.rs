//! The command line, from outside: the built binary in a home of its own, what it prints, where,
//! and with which exit code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod arguments;
mod backup;
mod bad_input;
mod bad_values;
mod boards;
mod claiming;
mod completing;
mod control_group;
mod create;
mod demo;
mod disk;
mod doctor;
mod ending;
mod env;
mod following;
mod guard;
mod killed;
mod left_alone;
mod library;
mod limits;
mod links;
mod lists;
mod moves;
mod no_board;
mod one_worker;
mod output;
mod private;
mod processes;
mod reload;
mod repair;
mod restore;
mod secrets;
mod setup;
mod shared_board;
mod shelf;
mod traced;
mod up;
mod upgrade;
mod waiting;
mod why;
mod worker;
