//! Events as lines, for people and for programs.

use crate::output::{Format, Ui};
use crate::when;
use andon_core::event::Event;
use andon_core::id::EventId;
use andon_wire::StreamedEvent;

/// Events read at once from a board: enough to catch up fast, few enough to hold.
pub(crate) const PAGE: usize = 500;

/// Writes an event: an object of one line for programs, else what `for_people` makes of it.
pub(crate) fn write(ui: &mut Ui, event: &Event, for_people: impl FnOnce(&Event) -> String) {
    match ui.format() {
        Format::Human => ui.out(for_people(event)),
        Format::Json => ui.json_line(&StreamedEvent::from(event)),
    }
}

/// An event among those of its own task. The payload is the JSON that is stored (S29).
pub(crate) fn of_task(event: &Event) -> String {
    let payload = event.payload.as_ref().map(|payload| format!(" {}", payload.0));
    format!("[{}] {}{}", when::local(event.at), event.kind, payload.unwrap_or_default())
}

/// Id of the last of these events, or `before` if there are none.
pub(crate) fn last(events: &[Event], before: Option<EventId>) -> Option<EventId> {
    events.last().map(|event| event.id).or(before)
}
