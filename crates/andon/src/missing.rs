//! Where there is no board or no home: what the person can do about it. A hint must never name a
//! verb that would refuse for the same reason.

use crate::equipment;
use crate::error::CliError;
use andon_daemon::home::{Home, Layout};
use andon_store::StoreError;
use std::path::Path;

/// A failure to open or make a board.
pub(crate) fn told(error: StoreError, home: &Home, layout: &Layout) -> CliError {
    let is_missing = matches!(error, StoreError::Missing { .. });
    let mut told = CliError::from(error);
    if is_missing {
        told.hints = vec![way_out(home, layout)];
    }
    told
}

/// Why nothing can be served, where this board should be.
pub(crate) fn nothing_to_serve(home: &Home, layout: &Layout) -> CliError {
    let message = format!("there is no board to serve in {}", home.path().display());
    match equipment::open_to_look(home, layout, crate::target::now()) {
        Ok(_) => CliError::user("no_board", message).hint("see `andon boards list --all`"),
        Err(StoreError::Missing { .. }) => {
            CliError::user("no_board", message).hint(way_out(home, layout))
        }
        Err(error) => error.into(),
    }
}

/// A home that is none.
pub(crate) fn no_home(home: &Home) -> CliError {
    let shown = home.path().display();
    if leads_nowhere(home.path()) {
        let message = format!("the home {shown} is a link that leads nowhere");
        return CliError::user("no_home", message).hint(put_back(home.path()));
    }
    if home.path().exists() && !home.path().is_dir() {
        return CliError::user("no_home", format!("the home {shown} is not a directory"))
            .hint("name another one with `--home`");
    }
    CliError::user("no_home", format!("there is no home at {shown}"))
        .hint("make one with `andon init`")
}

fn way_out(home: &Home, layout: &Layout) -> String {
    let database = layout.database();
    if let Some(link) = [home.path(), database].into_iter().find(|path| leads_nowhere(path)) {
        return put_back(link);
    }
    let slug = layout.slug();
    if Layout::new(home, slug).database() != database {
        "make a board there with `andon create`, or correct the variable that names it".to_owned()
    } else if slug.is_default() {
        "make a board with `andon init`".to_owned()
    } else {
        format!("make it with `andon boards create {slug}`")
    }
}

fn leads_nowhere(path: &Path) -> bool {
    path.is_symlink() && !path.exists()
}

fn put_back(link: &Path) -> String {
    format!("put back what {} leads to, or remove that link", link.display())
}
