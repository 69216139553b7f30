//! One argument of a command, with places to be filled. A value is put in as it is, inside its
//! argument: nothing splits it again and no shell reads it.

use std::fmt;

use crate::suggest::nearest;

/// What can be put into an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The task's id.
    Task,
    /// The task's title.
    Title,
    /// The task's body; empty if it has none.
    Body,
    /// The built-in instruction for agents.
    Prompt,
    /// The workspace's path.
    Workspace,
    /// The board.
    Board,
    /// The home directory.
    Home,
    /// The path of the `andon` program.
    Andon,
    /// The model that the task asks for.
    Model,
    /// One skill of the task.
    Skill,
    /// The profile's name.
    Profile,
}

/// Arguments that are there only when the task gives cause, in place of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// `model_args`: once, if the task names a model.
    Model,
    /// `skill_args`: once for each skill.
    Skill,
    /// `goal_args`: once, in goal mode.
    Goal,
}

impl Placeholder {
    /// All of them with their names.
    pub const NAMES: [(&str, Self); 11] = [
        ("task", Self::Task),
        ("title", Self::Title),
        ("body", Self::Body),
        ("prompt", Self::Prompt),
        ("workspace", Self::Workspace),
        ("board", Self::Board),
        ("home", Self::Home),
        ("andon", Self::Andon),
        ("model", Self::Model),
        ("skill", Self::Skill),
        ("profile", Self::Profile),
    ];
}

impl Group {
    /// All of them with the names of their keys and marks.
    pub const NAMES: [(&str, Self); 3] =
        [("model_args", Self::Model), ("skill_args", Self::Skill), ("goal_args", Self::Goal)];

    /// Whether `text` is the mark of a group, alone in its argument.
    pub(super) fn marked_by(text: &str) -> Option<Self> {
        let name = text.strip_prefix('{')?.strip_suffix('}')?;
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, group)| *group)
    }
}

/// An argument that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct TemplateError {
    pub(super) problem: String,
    pub(super) hint: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Placeholder),
}

/// An argument with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

impl Template {
    /// Reads an argument: `{name}` is a place, `{{` and `}}` are braces.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let tail = &rest[at..];
            if let Some(after) = tail.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = tail.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else {
                let (name, after) = tail
                    .strip_prefix('{')
                    .and_then(|tail| tail.split_once('}'))
                    .ok_or_else(|| lone_brace(text))?;
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::Value(placeholder(name)?));
                rest = after;
            }
        }
        literal.push_str(rest);
        parts.push(Part::Text(literal));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Self(parts))
    }

    /// Whether a value is put in somewhere.
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        self.0.contains(&Part::Value(placeholder))
    }

    /// Whether the argument is nothing but this value.
    pub fn is_only(&self, placeholder: Placeholder) -> bool {
        self.0 == [Part::Value(placeholder)]
    }

    /// The argument, if no value is put in anywhere.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            [_, ..] => None,
        }
    }

    /// Fills the places; the first value that cannot be had ends it.
    pub(super) fn fill<E>(
        &self,
        mut value: impl FnMut(Placeholder) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut argument = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => argument.push_str(text),
                Part::Value(placeholder) => argument.push_str(&value(*placeholder)?),
            }
        }
        Ok(argument)
    }
}

/// Writes the argument as it was read.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Value(value) => {
                let name = Placeholder::NAMES.iter().find(|(_, known)| known == value);
                write!(f, "{{{}}}", name.map_or("", |(name, _)| name))
            }
        })
    }
}

fn placeholder(name: &str) -> Result<Placeholder, TemplateError> {
    if let Some((_, known)) = Placeholder::NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*known);
    }
    if Group::NAMES.iter().any(|(known, _)| *known == name) {
        return Err(TemplateError {
            problem: format!("{{{name}}} stands for whole arguments"),
            hint: format!("write \"{{{name}}}\" as an argument of its own in `command`"),
        });
    }
    let known = Placeholder::NAMES.iter().map(|(known, _)| *known);
    let hint = match nearest(name, known.clone()) {
        Some(name) => format!("did you mean {{{name}}}?"),
        None => {
            let all: Vec<_> = known.map(|name| format!("{{{name}}}")).collect();
            format!("known are {}; for a brace write {{{{ or }}}}", all.join(" "))
        }
    };
    Err(TemplateError { problem: format!("unknown placeholder {{{name}}}"), hint })
}

fn lone_brace(text: &str) -> TemplateError {
    TemplateError {
        problem: format!("a brace stands alone in {text:?}"),
        hint: "for a brace write {{ or }}".to_owned(),
    }
}

#[cfg(test)]
mod tests;
