//! Who asked for a change. Every write keeps it.

use std::fmt;

/// What kind of caller it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person.
    Human,
    /// A program that is not a worker of this board.
    Agent,
    /// A worker, writing for its own run.
    Worker,
    /// Andon itself.
    System,
}

/// The door through which the request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The command line.
    Cli,
    /// The HTTP interface.
    Http,
    /// The tools for agents.
    Mcp,
    /// A worker's keeper.
    Runner,
    /// The dispatcher.
    Dispatcher,
}

/// Who asked, and through which door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Kind of caller.
    pub kind: ActorKind,
    /// Name of the person or profile.
    pub name: String,
    /// Where the request entered.
    pub surface: Surface,
}

impl Actor {
    /// Andon's own dispatcher.
    pub fn dispatcher() -> Self {
        Self { kind: ActorKind::System, name: "dispatcher".into(), surface: Surface::Dispatcher }
    }

    /// Andon's own runner.
    pub fn runner() -> Self {
        Self { kind: ActorKind::System, name: "runner".into(), surface: Surface::Runner }
    }

    /// A person at a terminal.
    pub fn human(name: &str) -> Self {
        Self { kind: ActorKind::Human, name: name.to_owned(), surface: Surface::Cli }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ActorKind::Human => "human",
            ActorKind::Agent => "agent",
            ActorKind::Worker => "worker",
            ActorKind::System => "system",
        };
        let surface = match self.surface {
            Surface::Cli => "cli",
            Surface::Http => "http",
            Surface::Mcp => "mcp",
            Surface::Runner => "runner",
            Surface::Dispatcher => "dispatcher",
        };
        write!(f, "{kind}:{}@{surface}", self.name)
    }
}

#[cfg(test)]
mod tests;
