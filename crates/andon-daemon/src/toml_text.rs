//! Reading our TOML files so that every complaint can point at a line and a column.
//!
//! The settings and the profiles read their files through this; it knows neither.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::private;
use crate::suggest::nearest;

/// Largest settings or profiles file that is read. Written by hand, a tenth of it is a lot.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 20;

/// A file of ours that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The filesystem refused, or the file is not text.
    #[error("cannot read {path}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that nobody wrote by hand.
    #[error("file {path} is larger than {FILE_BYTES_MAX} bytes", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file of settings or profiles; a missing one is none.
pub(crate) fn read_file(path: PathBuf) -> Result<Option<(PathBuf, String)>, ReadError> {
    let mut text = String::new();
    let read = private::open_to_read(&path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text));
    match read {
        Ok(bytes) if bytes as u64 > FILE_BYTES_MAX => Err(ReadError::TooLarge { path }),
        Ok(_) => Ok(Some((path, text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReadError::Unreadable { path, source }),
    }
}

/// A place in a file; lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// The place of the byte at `offset` of `text`.
    fn of(path: &Path, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// Something in a file that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct FileError {
    /// Where it stands.
    pub place: Place,
    /// What is wrong.
    pub problem: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
}

impl FileError {
    #[must_use]
    pub(crate) fn with_hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// The name and text of a file that is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
}

/// One `key = value` of a table, with the places of both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    source: Source<'a>,
    pub(crate) key: &'a str,
    key_at: usize,
    pub(crate) value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Source<'a> {
    pub(crate) fn parse(self) -> Result<DeTable<'a>, FileError> {
        DeTable::parse(self.text).map(Spanned::into_inner).map_err(|error| {
            let at = error.span().map_or(0, |span: Range<usize>| span.start);
            self.error(at, error.message().to_owned())
        })
    }

    pub(crate) fn error(self, offset: usize, problem: String) -> FileError {
        FileError { place: Place::of(self.path, self.text, offset), problem, hint: None }
    }

    pub(crate) fn entries(self, table: &'a DeTable<'a>) -> impl Iterator<Item = Entry<'a>> {
        table.iter().map(move |(key, value)| Entry {
            source: self,
            key: key.get_ref(),
            key_at: key.span().start,
            value,
        })
    }
}

impl<'a> Entry<'a> {
    /// A complaint about the key.
    pub(crate) fn key_error(&self, problem: String) -> FileError {
        self.source.error(self.key_at, problem)
    }

    /// A complaint about the value.
    pub(crate) fn error(&self, problem: String) -> FileError {
        self.error_at(self.value, problem)
    }

    /// A complaint about one element of the value.
    pub(crate) fn error_at(&self, value: &Spanned<DeValue<'_>>, problem: String) -> FileError {
        self.source.error(value.span().start, problem)
    }

    /// The complaint about a key that nobody knows.
    pub(crate) fn unknown<'k>(
        &self,
        what: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> FileError {
        let hint = nearest(self.key, known).map(|name| format!("did you mean `{name}`?"));
        self.key_error(format!("unknown {what} `{}`", self.key)).with_hint(hint)
    }

    /// The complaint about a value of another type.
    pub(crate) fn wrong_type(&self, wanted: &str) -> FileError {
        let found = self.value.get_ref().type_str();
        self.error(format!("`{}` is {wanted}, not {found}", self.key))
    }

    pub(crate) fn table(&self) -> Result<&'a DeTable<'a>, FileError> {
        self.value.get_ref().as_table().ok_or_else(|| self.wrong_type("a table"))
    }

    pub(crate) fn entries(&self) -> Result<impl Iterator<Item = Entry<'a>> + use<'a>, FileError> {
        Ok(self.source.entries(self.table()?))
    }

    pub(crate) fn text(&self) -> Result<&'a str, FileError> {
        self.value.get_ref().as_str().ok_or_else(|| self.wrong_type("a text"))
    }

    pub(crate) fn flag(&self) -> Result<bool, FileError> {
        self.value.get_ref().as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// The value as a whole number, if it is one that 64 bits hold.
    pub(crate) fn integer(&self) -> Option<i64> {
        let number = self.value.get_ref().as_integer()?;
        i64::from_str_radix(number.as_str(), number.radix()).ok()
    }

    /// The value as a list of texts, each with its place.
    pub(crate) fn texts(&self) -> Result<Vec<(&'a str, &'a Spanned<DeValue<'a>>)>, FileError> {
        let array = self.value.get_ref().as_array().ok_or_else(|| self.wrong_type("a list"))?;
        let text = |item: &'a Spanned<DeValue<'a>>| match item.get_ref().as_str() {
            Some(text) => Ok((text, item)),
            None => {
                let found = item.get_ref().type_str();
                Err(self.error_at(item, format!("`{}` is a list of texts, not {found}", self.key)))
            }
        };
        array.iter().map(text).collect()
    }
}
