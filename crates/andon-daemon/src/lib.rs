//! The dispatcher: phases, quarantine, profiles, configuration.
