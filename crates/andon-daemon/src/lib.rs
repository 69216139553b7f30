//! The dispatcher: phases, quarantine, profiles, configuration.

pub mod boards;
pub mod config;
pub mod dispatcher;
pub mod env;
mod file_lock;
pub mod home;
pub mod origin;
pub mod private;
pub mod profile;
pub mod quarantine;
mod suggest;
pub mod supervise;
mod toml_text;
pub mod workspace;
