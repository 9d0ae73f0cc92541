//! What can be found after a power cut.
//!
//! In: the history of a disk, event by event. Out, at any point of it: an image that a disk may leave
//! when the power fails there. What was synced is there. Of what was done since, any part may be: a
//! drive writes in whatever order it likes, sector by sector, a file's new length before its content,
//! and a name in the directory before or after what it names. Only one thing is promised, and SQLite
//! counts on it as well: bytes that nobody wrote stay as they were.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidings_tests::seed::Random;

use crate::disk::{Event, FileId, Image, put};

/// What is on the platter for certain, and what may be.
#[derive(Clone, Debug, Default)]
pub struct Platter {
    names: BTreeMap<String, Name>,
    files: Vec<File>,
    /// Which of them the running system means by a [`FileId`].
    open: Vec<usize>,
    /// Counts events, so that what is uncertain has an order over all files.
    clock: usize,
}

/// A name in the directory: what it stands for, and what it may stand for.
#[derive(Clone, Debug, Default)]
struct Name {
    certain: Option<usize>,
    since: Vec<(usize, Option<usize>)>,
}

#[derive(Clone, Debug, Default)]
struct File {
    certain: Vec<u8>,
    since: Vec<(usize, Change)>,
    /// As the running system sees it.
    cached: Vec<u8>,
    /// Whether something is cached that is neither certain nor going to be written.
    is_spoilt: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Written { at: usize, bytes: Arc<[u8]> },
    Truncated { len: usize },
}

/// How the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Only what was synced is there.
    Barest,
    /// Everything is there, as after the process alone was killed.
    Fullest,
    /// What was done until some moment is there, and the beginning of what was done at it.
    UpTo,
    /// Each file is as certain, as last written, or anything between, sector by sector.
    Scattered {
        /// The drive's sector.
        sector: usize,
    },
}

impl Cut {
    /// The two ends, and what lies between them.
    pub const ALL: &[Cut] = &[
        Cut::Scattered { sector: 512 },
        Cut::UpTo,
        Cut::Barest,
        Cut::Scattered { sector: 4_096 },
        Cut::Fullest,
    ];
}

/// What becomes of a piece of a write that was not synced.
#[derive(Clone, Copy)]
enum Fate {
    Kept,
    Lost,
    /// Its first bytes are there.
    Torn(usize),
    /// The file is as long as with it, and something else is in its place.
    Blank(u8),
}

impl Platter {
    /// A disk on which all of this is certain.
    pub fn of(image: &Image) -> Platter {
        let mut platter = Platter::default();
        for (name, bytes) in &image.files {
            let place = platter.files.len();
            let (certain, since) = (Some(place), Vec::new());
            platter.names.insert(name.clone(), Name { certain, since });
            platter.open.push(place);
            platter.files.push(File {
                certain: bytes.clone(),
                cached: bytes.clone(),
                ..File::default()
            });
        }
        platter
    }

    /// Takes the next event.
    pub fn follow(&mut self, event: &Event) {
        self.clock += 1;
        let when = self.clock;
        match event {
            Event::Created { name, file } => {
                assert_eq!(
                    file.0,
                    self.open.len(),
                    "files are numbered as they are made"
                );
                let place = self.files.len();
                self.open.push(place);
                self.files.push(File::default());
                let since = &mut self.names.entry(name.clone()).or_default().since;
                since.push((when, Some(place)));
            }
            Event::Deleted { name } => {
                let since = &mut self.names.entry(name.clone()).or_default().since;
                since.push((when, None));
            }
            Event::Written { file, at, bytes } => {
                let (at, bytes) = (*at, Arc::clone(bytes));
                self.file(*file).change(when, Change::Written { at, bytes });
            }
            Event::Truncated { file, len } => {
                self.file(*file)
                    .change(when, Change::Truncated { len: *len });
            }
            Event::Synced { file } => self.file(*file).settle(),
            Event::SyncFailed { file } => self.file(*file).spoil(),
            Event::DirectorySynced => self.names.values_mut().for_each(Name::settle),
        }
    }

    /// The same platter when another process has the files: its disk, which starts with what is cached,
    /// numbers them by their names.
    #[must_use]
    pub fn reopened(mut self) -> Platter {
        self.open = self.names.values().filter_map(Name::last).collect();
        self
    }

    /// An image that a cut of this kind leaves.
    pub fn image(&self, cut: Cut, random: &mut Random) -> Image {
        self.image_by_name(|_| cut, random)
    }

    /// An image that is left when files are cut off in different ways, by their names.
    pub fn image_by_name(&self, cut: impl Fn(&str) -> Cut, random: &mut Random) -> Image {
        let until = self.somewhere(random);
        let mut image = Image::default();
        for (name, entry) in &self.names {
            let cut = cut(name);
            let Some(file) = entry.after(cut, until, random) else {
                continue;
            };
            let bytes = self.files[file].after(cut, until, random);
            image.files.insert(name.clone(), bytes);
        }
        image
    }

    /// How many events a cut may undo.
    pub fn uncertain(&self) -> usize {
        self.moments().count()
    }

    fn file(&mut self, file: FileId) -> &mut File {
        &mut self.files[self.open[file.0]]
    }

    fn moments(&self) -> impl Iterator<Item = usize> {
        let names = self.names.values().flat_map(|name| &name.since);
        let files = self.files.iter().flat_map(|file| &file.since);
        let moments = names.map(|(when, _)| *when);
        moments.chain(files.map(|(when, _)| *when))
    }

    /// One of the moments of what is uncertain.
    fn somewhere(&self, random: &mut Random) -> usize {
        let moments: Vec<usize> = self.moments().collect();
        match moments.is_empty() {
            true => 0,
            false => *random.pick(&moments),
        }
    }
}

impl Name {
    fn settle(&mut self) {
        self.certain = self.last();
        self.since.clear();
    }

    /// As the running system has it.
    fn last(&self) -> Option<usize> {
        let last = self.since.last();
        last.map_or(self.certain, |(_, file)| *file)
    }

    fn after(&self, cut: Cut, until: usize, random: &mut Random) -> Option<usize> {
        let kept = match cut {
            Cut::Barest => 0,
            Cut::Fullest => self.since.len(),
            Cut::UpTo => self.since.partition_point(|(when, _)| *when <= until),
            Cut::Scattered { .. } => below(random, self.since.len() + 1),
        };
        let last = self.since[..kept].last();
        last.map_or(self.certain, |(_, file)| *file)
    }
}

impl File {
    fn change(&mut self, when: usize, change: Change) {
        change.apply(&mut self.cached);
        let change = match change {
            // Whole pages are written, with all that is cached of them.
            Change::Written { at, bytes } if self.is_spoilt => {
                let end = (at + bytes.len()).next_multiple_of(PAGE);
                let (at, end) = (at - at % PAGE, end.min(self.cached.len()));
                let bytes = self.cached[at..end].into();
                Change::Written { at, bytes }
            }
            change => change,
        };
        self.since.push((when, change));
    }

    fn spoil(&mut self) {
        self.since.clear();
        self.is_spoilt = true;
    }

    fn settle(&mut self) {
        for (_, change) in self.since.drain(..) {
            change.apply(&mut self.certain);
        }
    }

    fn after(&self, cut: Cut, until: usize, random: &mut Random) -> Vec<u8> {
        let mut bytes = self.certain.clone();
        match cut {
            Cut::Barest => {}
            Cut::Fullest => self
                .since
                .iter()
                .for_each(|(_, change)| change.apply(&mut bytes)),
            Cut::UpTo => {
                for (when, change) in self.since.iter().filter(|(when, _)| *when <= until) {
                    match change {
                        Change::Written { at, bytes: written } if *when == until => {
                            let torn = Fate::Torn(below(random, written.len() + 1));
                            torn.befall(&mut bytes, *at, written);
                        }
                        change => change.apply(&mut bytes),
                    }
                }
            }
            Cut::Scattered { sector } => {
                // In fourths: a file of which all is lost meets one of which all is there.
                let luck = *random.pick(&[0, 1, 2, 2, 3, 4]);
                for (_, change) in &self.since {
                    self.scatter(change, sector, luck, &mut bytes, random);
                }
            }
        }
        bytes
    }

    fn scatter(
        &self,
        change: &Change,
        sector: usize,
        luck: u64,
        bytes: &mut Vec<u8>,
        random: &mut Random,
    ) {
        let Change::Written { at, bytes: written } = change else {
            if random.below(4) < luck {
                change.apply(bytes);
            }
            return;
        };
        let mut done = 0;
        while done < written.len() {
            let place = at + done;
            let length = (sector - place % sector).min(written.len() - done);
            let piece = &written[done..done + length];
            let is_there = random.below(4) < luck;
            let fate = match random.below(16) {
                0 => Fate::Torn(below(random, length)),
                1 if luck > 0 && place >= self.certain.len() => {
                    Fate::Blank(*random.pick(&[0, 0xa5]))
                }
                _ if is_there => Fate::Kept,
                _ => Fate::Lost,
            };
            fate.befall(bytes, place, piece);
            done += length;
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Written { at, bytes } => put(content, *at, bytes),
            Change::Truncated { len } => content.resize(*len, 0),
        }
    }
}

impl Fate {
    fn befall(self, content: &mut Vec<u8>, at: usize, piece: &[u8]) {
        match self {
            Fate::Kept => put(content, at, piece),
            Fate::Lost | Fate::Torn(0) => {}
            Fate::Torn(length) => put(content, at, &piece[..length]),
            Fate::Blank(with) => put(content, at, &vec![with; piece.len()]),
        }
    }
}

/// The system's unit of what is written.
const PAGE: usize = 4_096;

fn below(random: &mut Random, end: usize) -> usize {
    usize::try_from(random.below(end as u64)).expect("an index")
}

#[cfg(test)]
mod tests;
