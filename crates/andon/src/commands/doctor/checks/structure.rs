//! `structure` and `indexes`: SQLite's own check of everything, and the indexes apart, because a
//! damaged index alone can be mended without loss.

use crate::commands::doctor::case::BoardCase;
use crate::commands::doctor::finding::{Finding, Fix};
use andon_store_sqlite::{Inspection, Verdict, is_of_index};

/// Findings of SQLite that are told; more of them say nothing new.
const TOLD_MAX: usize = 5;

pub(super) fn structure(case: &BoardCase<'_>) -> Vec<Finding> {
    if case.inspection().is_err() {
        return vec![Finding::not_made("the file cannot be opened")];
    }
    match case.structure() {
        Ok(Verdict::Sound) => vec![Finding::ok("SQLite finds nothing wrong")],
        Ok(Verdict::OutOfTime) => {
            vec![Finding::note("nothing is wrong so far, but the check took too long to be ended")]
        }
        Ok(Verdict::Damaged(lines)) => {
            let damaged: Vec<&String> = lines.iter().filter(|line| !is_of_index(line)).collect();
            if damaged.is_empty() {
                return vec![Finding::ok("SQLite finds nothing wrong beside indexes")];
            }
            told(&damaged).into_iter().map(|text| Finding::problem(text, REPAIR)).collect()
        }
        Err(error) => vec![Finding::problem(error, REPAIR)],
    }
}

const REPAIR: &str = "stop what writes to the board, and save what is readable into a new file \
                      with `andon repair`, or restore a backup";

pub(super) fn indexes(case: &BoardCase<'_>) -> Vec<Finding> {
    let verdict = match case.structure() {
        Ok(verdict) => verdict,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let lines: &[String] = match verdict {
        Verdict::Damaged(lines) => lines,
        Verdict::Sound | Verdict::OutOfTime => &[],
    };
    let of_indexes: Vec<&String> = lines.iter().filter(|line| is_of_index(line)).collect();
    if of_indexes.len() < lines.len() {
        return vec![Finding::not_made("the structure is damaged")];
    }
    let counts = match case.look(Inspection::indexes) {
        Ok(counts) => counts,
        Err(error) => return vec![Finding::not_made(error)],
    };
    let differ = counts.iter().filter(|rows| rows.by_index != rows.by_table).map(|rows| {
        format!(
            "index {} has {} rows, its table {} has {}",
            rows.index, rows.by_index, rows.table, rows.by_table
        )
    });
    let mut texts: Vec<String> = differ.collect();
    texts.extend(told(&of_indexes));
    if texts.is_empty() {
        return vec![Finding::ok(format!(
            "{} indexes have the rows of their tables",
            counts.len()
        ))];
    }
    let remedy = "write the indexes anew: no row is changed by that";
    let problem = |text| Finding::problem(text, remedy).fix(Fix::Indexes);
    texts.into_iter().map(problem).collect()
}

fn told(lines: &[&String]) -> Vec<String> {
    let mut told: Vec<String> = lines.iter().take(TOLD_MAX).map(|line| (*line).clone()).collect();
    if lines.len() > TOLD_MAX {
        told.push(format!("and {} more such findings", lines.len() - TOLD_MAX));
    }
    told
}
