//! The `kanban` section of the peer's `config.yaml`, read event by event: nothing is built from
//! the rest of the file, so its size, anchors and aliases cost nothing and cannot harm.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::ConfigError;
use crate::toml_text::{FileError, Place, Source};

/// A plain `key: value` of the section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) place: Place,
}

/// Reads the scalars of `kanban:` in their order; of equal keys the last counts, as the peer has
/// it. Keys without a value and keys that hold lists or mappings are passed over. An empty file
/// has none.
pub(super) fn kanban_scalars(source: Source<'_>) -> Result<Vec<Scalar>, ConfigError> {
    let mut events = Events { parser: Parser::new_from_str(source.text), source };
    // The whole file is read even after the section: half of a broken file is not to be trusted.
    let mut found = Vec::new();
    while let Some((event, _)) = events.next()? {
        if matches!(event, Event::DocumentStart(_)) {
            document(&mut events, &mut found)?;
        }
    }
    Ok(found)
}

fn document(events: &mut Events<'_>, found: &mut Vec<Scalar>) -> Result<(), ConfigError> {
    let (event, _) = events.expect_next()?;
    if !matches!(event, Event::MappingStart(..)) {
        return events.skip(&event);
    }
    events.each_pair(|events, key, value, span| {
        let is_section = key.as_deref() == Some("kanban");
        match value {
            Event::MappingStart(..) if is_section => section(events, found),
            Event::Scalar(text, ..) if is_section && !is_null(&text) => {
                Err(events.error(&span, "`kanban` is not a mapping".to_owned()))
            }
            value => events.skip(&value),
        }
    })
}

fn section(events: &mut Events<'_>, found: &mut Vec<Scalar>) -> Result<(), ConfigError> {
    events.each_pair(|events, key, value, span| match (key, value) {
        (Some(key), Event::Scalar(text, style, ..)) => {
            let quoted = style != ScalarStyle::Plain;
            if quoted || !is_null(&text) {
                let place = events.place(&span);
                found.push(Scalar { key, value: text.trim().to_owned(), place });
            }
            Ok(())
        }
        (_, value) => events.skip(&value),
    })
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What a visitor of pairs answers.
type Done = Result<(), ConfigError>;

/// The events of a file, with its errors made ours.
struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    source: Source<'a>,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, ConfigError> {
        self.parser.next().transpose().map_err(|error| self.unreadable(&error))
    }

    fn expect_next(&mut self) -> Result<(Event<'a>, Span), ConfigError> {
        let end = Span::empty(saphyr_parser::Marker::new(0, 1, 0));
        self.next()?.ok_or_else(|| self.error(&end, "the file ends too early".to_owned()))
    }

    /// Visits the pairs of a mapping whose start has been read. The visitor gets the key, if it
    /// is a scalar, and the first event of the value, which it must read to its end.
    fn each_pair(
        &mut self,
        mut visit: impl FnMut(&mut Self, Option<String>, Event<'a>, Span) -> Done,
    ) -> Done {
        loop {
            let key = match self.expect_next()?.0 {
                Event::MappingEnd => return Ok(()),
                Event::Scalar(text, ..) => Some(text.into_owned()),
                other => {
                    self.skip(&other)?;
                    None
                }
            };
            let (value, span) = self.expect_next()?;
            visit(self, key, value, span)?;
        }
    }

    /// Reads to the end of the node that began with `first`.
    fn skip(&mut self, first: &Event<'a>) -> Result<(), ConfigError> {
        let mut depth = step(first);
        while depth > 0 {
            depth += step(&self.expect_next()?.0);
        }
        Ok(())
    }

    fn place(&self, span: &Span) -> Place {
        let path = self.source.path.to_owned();
        Place { path, line: span.start.line(), column: span.start.col() + 1 }
    }

    fn error(&self, span: &Span, problem: String) -> ConfigError {
        ConfigError::File(FileError { place: self.place(span), problem, hint: None })
    }

    fn unreadable(&self, error: &ScanError) -> ConfigError {
        self.error(&Span::empty(*error.marker()), error.info().to_owned())
    }
}

/// How an event changes the depth.
fn step(event: &Event<'_>) -> i64 {
    match event {
        Event::MappingStart(..) | Event::SequenceStart(..) => 1,
        Event::MappingEnd | Event::SequenceEnd => -1,
        Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::Alias(_)
        | Event::Scalar(..) => 0,
    }
}
