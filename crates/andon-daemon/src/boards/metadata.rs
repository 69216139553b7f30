//! `board.json`: what a board is called and looks like (board reference §3.5).
//!
//! Keys that this program does not know are kept as they are, for another program wrote them.
//! A file that cannot be read is an error; defaults in its place would be saved over it (B9).

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use andon_core::id::BoardSlug;
use andon_core::time::Timestamp;
use serde_json::{Map, Value};

use super::{BoardError, replace};
use crate::home::Layout;
use crate::private;

/// Largest `board.json` that is read; a description is prose, not a data file.
const METADATA_BYTES_MAX: u64 = 1 << 20;

/// Longest name, icon or colour: they stand in a column of a list.
const NAME_BYTES_MAX: usize = 200;

/// Longest description, and longest path, in bytes. All texts together stay far below what is
/// read again, however they are escaped.
const DESCRIPTION_BYTES_MAX: usize = 16 << 10;
const PATH_BYTES_MAX: usize = 4_096;

/// What a board says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardMetadata {
    /// The board.
    pub slug: BoardSlug,
    /// Display name.
    pub name: String,
    /// What the board is for; may be empty.
    pub description: String,
    /// A character or short text shown beside the name; may be empty.
    pub icon: String,
    /// A CSS colour; may be empty.
    pub color: String,
    /// Where tasks without a workspace of their own work.
    pub default_workdir: Option<PathBuf>,
    /// When the metadata were first written; none while they never were.
    pub created_at: Option<Timestamp>,
    /// Set by other programs to hide a board.
    pub archived: bool,
    /// Keys that this program does not know, in the order of the file.
    pub unknown: Map<String, Value>,
}

/// What is to become different; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataChange {
    /// Display name; a blank one stands for the name made from the slug.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Icon.
    pub icon: Option<String>,
    /// Colour.
    pub color: Option<String>,
    /// Default directory; `Some(None)` clears it (S23).
    pub default_workdir: Option<Option<PathBuf>>,
}

/// The display name made from a slug: `atm10-server` becomes `Atm10 Server`.
pub fn display_name(slug: &BoardSlug) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    let words: Vec<_> = slug.as_str().split(['-', '_']).filter_map(capitalised).collect();
    words.join(" ")
}

/// Reads a board's metadata; a board without the file has the defaults.
pub(super) fn read(layout: &Layout) -> Result<BoardMetadata, BoardError> {
    read_file(&layout.metadata_file(), layout.slug())
}

/// The same, of a board whose file lies there.
pub(super) fn read_file(path: &Path, slug: &BoardSlug) -> Result<BoardMetadata, BoardError> {
    let mut fields = Fields { path, map: read_object(path)? };
    // The directory says which board this is, whatever a copied file says.
    fields.map.shift_remove("slug");
    Ok(BoardMetadata {
        slug: slug.clone(),
        name: fields.text("name")?.unwrap_or_else(|| display_name(slug)),
        description: fields.text("description")?.unwrap_or_default(),
        icon: fields.text("icon")?.unwrap_or_default(),
        color: fields.text("color")?.unwrap_or_default(),
        default_workdir: fields.text("default_workdir")?.map(PathBuf::from),
        created_at: fields.timestamp("created_at")?,
        archived: fields.flag("archived")?.unwrap_or(false),
        unknown: fields.map,
    })
}

/// Reads, changes and writes a board's metadata. The caller holds the boards lock.
pub(super) fn change(
    layout: &Layout,
    change: &MetadataChange,
    now: Timestamp,
) -> Result<BoardMetadata, BoardError> {
    check(change)?;
    let mut metadata = read(layout)?;
    if let Some(name) = &change.name {
        metadata.name = match name.trim() {
            "" => display_name(layout.slug()),
            name => name.to_owned(),
        };
    }
    for (field, changed) in [
        (&mut metadata.description, &change.description),
        (&mut metadata.icon, &change.icon),
        (&mut metadata.color, &change.color),
    ] {
        if let Some(text) = changed {
            field.clone_from(text);
        }
    }
    if let Some(workdir) = &change.default_workdir {
        metadata.default_workdir = workdir.clone().filter(|path| !path.as_os_str().is_empty());
    }
    metadata.created_at = metadata.created_at.or(Some(now));
    replace::write(&layout.metadata_file(), render(&metadata).as_bytes())?;
    Ok(metadata)
}

/// Refuses texts that no reader of the file would take, or that would drive a terminal.
fn check(change: &MetadataChange) -> Result<(), BoardError> {
    let path = change.default_workdir.iter().flatten().map(|path| path.to_string_lossy());
    let path = path.map(|path| ("default directory", path, PATH_BYTES_MAX));
    let texts = [
        ("name", &change.name, NAME_BYTES_MAX),
        ("description", &change.description, DESCRIPTION_BYTES_MAX),
        ("icon", &change.icon, NAME_BYTES_MAX),
        ("color", &change.color, NAME_BYTES_MAX),
    ];
    let texts = texts.into_iter();
    let texts = texts.filter_map(|(field, text, max)| Some((field, text.as_deref()?.into(), max)));
    for (field, text, bytes_max) in texts.chain(path) {
        let why = if text.len() > bytes_max {
            format!("{} bytes, at most {bytes_max}", text.len())
        } else if text.chars().any(char::is_control) {
            "it has control characters or line breaks".to_owned()
        } else {
            continue;
        };
        return Err(BoardError::BadText { field, why });
    }
    Ok(())
}

/// The text of the file: known keys in the peer's order, then the unknown ones.
fn render(metadata: &BoardMetadata) -> String {
    let workdir = metadata.default_workdir.as_ref().map(|path| path.to_string_lossy());
    let known = [
        ("slug", Value::from(metadata.slug.as_str())),
        ("name", Value::from(metadata.name.as_str())),
        ("description", Value::from(metadata.description.as_str())),
        ("icon", Value::from(metadata.icon.as_str())),
        ("color", Value::from(metadata.color.as_str())),
        ("default_workdir", workdir.map_or(Value::Null, Value::from)),
        ("created_at", metadata.created_at.map_or(Value::Null, |at| Value::from(at.0))),
        ("archived", Value::from(metadata.archived)),
    ];
    let known = known.into_iter().map(|(key, value)| (key.to_owned(), value));
    let unknown = metadata.unknown.iter().map(|(key, value)| (key.clone(), value.clone()));
    let object: Map<String, Value> = known.chain(unknown).collect();
    // `{:#}` of a JSON value is indented by two spaces and keeps letters as they are.
    format!("{:#}\n", Value::Object(object))
}

fn read_object(path: &Path) -> Result<Map<String, Value>, BoardError> {
    let file = match private::open_to_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(BoardError::io("read", path, error)),
    };
    let mut bytes = Vec::new();
    file.take(METADATA_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| BoardError::io("read", path, source))?;
    if bytes.len() as u64 > METADATA_BYTES_MAX {
        return Err(broken(path, format!("it is larger than {METADATA_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| broken(path, error.to_string()))?;
    match serde_json::from_str(text).map_err(|error| broken(path, error.to_string()))? {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(broken(path, "it is not a JSON object".to_owned()))
        }
    }
}

/// The keys of a file, taken out one by one; what is left is unknown.
struct Fields<'a> {
    path: &'a Path,
    map: Map<String, Value>,
}

impl Fields<'_> {
    fn text(&mut self, key: &'static str) -> Result<Option<String>, BoardError> {
        self.take(key, "a text", |value| value.as_str().map(str::to_owned))
            .map(|text| text.filter(|text| !text.is_empty()))
    }

    fn flag(&mut self, key: &'static str) -> Result<Option<bool>, BoardError> {
        self.take(key, "true or false", Value::as_bool)
    }

    fn timestamp(&mut self, key: &'static str) -> Result<Option<Timestamp>, BoardError> {
        let time = self.take(key, "a number of seconds", Value::as_i64)?;
        // The peer takes 0 for "not yet".
        Ok(time.filter(|seconds| *seconds != 0).map(Timestamp))
    }

    fn take<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, BoardError> {
        match self.map.shift_remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(&value)
                .map(Some)
                .ok_or_else(|| broken(self.path, format!("key `{key}` is not {wanted}"))),
        }
    }
}

fn broken(path: &Path, problem: String) -> BoardError {
    BoardError::BrokenMetadata { path: path.to_owned(), problem }
}
