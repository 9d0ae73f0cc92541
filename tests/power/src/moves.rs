//! How often a disk saw the log being moved into its database, and begun again. A search that never cut the
//! power in the midst of it would say nothing about it.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::disk::{Event, FileId, Image};
use crate::life::DATABASE;

/// What was done with the log of what must survive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Pages of the database were written, and the next commit came before a sync of it: whoever moved them
    /// did so beside the writer.
    pub beside: usize,
    /// They were written and synced: the log was moved to its end.
    pub to_the_end: usize,
    /// The log was begun again from its start.
    pub begun_again: usize,
}

impl Moves {
    /// All that a history has of them.
    pub fn of(start: &Image, history: &[Event]) -> Moves {
        let names = start.files.keys().zip(0..);
        let mut files: BTreeMap<FileId, &str> = names
            .map(|(name, number)| (FileId(number), name.as_str()))
            .collect();
        let log_name = format!("{DATABASE}-wal");
        let mut moves = Moves::default();
        let (mut is_moving, mut is_log_empty) = (false, true);
        for event in history {
            match event {
                Event::Created { name, file } => {
                    files.insert(*file, name);
                    is_log_empty |= *name == log_name;
                }
                Event::Written { file, .. } if files[file] == DATABASE => is_moving = true,
                Event::Synced { file } if files[file] == DATABASE => {
                    moves.to_the_end += usize::from(std::mem::take(&mut is_moving));
                }
                Event::Written { file, at, .. } if files[file] == log_name => {
                    moves.beside += usize::from(std::mem::take(&mut is_moving));
                    moves.begun_again += usize::from(*at == 0 && !is_log_empty);
                    is_log_empty = false;
                }
                _ => {}
            }
        }
        moves
    }
}

impl AddAssign for Moves {
    fn add_assign(&mut self, other: Moves) {
        self.beside += other.beside;
        self.to_the_end += other.to_the_end;
        self.begun_again += other.begun_again;
    }
}
