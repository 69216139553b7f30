//! Who asked is written down in one word for each part, with every operation.

use super::*;

#[test]
fn whoever_asked_is_written_as_kind_name_and_door() {
    let written = |kind, surface| Actor { kind, name: "me".to_owned(), surface }.to_string();
    assert_eq!(written(ActorKind::Human, Surface::Cli), "human:me@cli");
    assert_eq!(written(ActorKind::Agent, Surface::Http), "agent:me@http");
    assert_eq!(written(ActorKind::Worker, Surface::Mcp), "worker:me@mcp");
    assert_eq!(Actor::dispatcher().to_string(), "system:dispatcher@dispatcher");
    assert_eq!(Actor::runner().to_string(), "system:runner@runner");
}
