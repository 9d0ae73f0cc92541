//! What a peer has to do to be measured, and how one is.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tidings_benches::flow::{Flow, Shape, Step};
use tidings_benches::measure::Latencies;
use tidings_benches::naive::Tape;

/// Order books of another make, one per market.
pub(crate) trait Peer: Sized {
    /// The crate, with the version that the figures were made with.
    const NAME: &'static str;
    /// A step in its own terms, translated before the clock starts.
    type Command;
    /// What it says became of a command.
    type Answer;

    /// Empty books, as large from the start as they will have to be if that can be said.
    fn empty(shape: &Shape) -> Self;

    /// Steps from the very first one on: peers that number orders themselves count them here.
    fn translate<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<Self::Command>;

    /// Carries out one command.
    fn apply(&mut self, command: &Self::Command) -> Self::Answer;

    /// Notes what an answer says that was traded.
    fn note(command: &Self::Command, answer: Self::Answer, tape: &mut Tape);

    /// What it says was traded, of everything from `from` on.
    fn tape(shape: &Shape, commands: &[Self::Command], from: usize) -> Tape {
        let mut peer = Self::empty(shape);
        let mut tape = Tape::default();
        for (ix, command) in commands.iter().enumerate() {
            let answer = peer.apply(command);
            if ix >= from {
                Self::note(command, answer, &mut tape);
            }
        }
        tape
    }
}

/// A peer with a flow in its own terms.
struct Prepared<P: Peer> {
    shape: Shape,
    /// First what fills the books, then what is timed.
    commands: Vec<P::Command>,
    filling: usize,
}

/// A peer of whatever make, ready to run.
pub(crate) trait Contestant {
    /// Its name.
    fn name(&self) -> &'static str;
    /// How long a flow takes, from books that were filled off the clock.
    fn round(&self) -> Duration;
    /// How long each command takes.
    fn one_by_one(&self) -> Latencies;
    /// What it says was traded.
    fn tape(&self) -> Tape;
}

/// Makes a peer ready for a flow.
pub(crate) fn prepare<P: Peer + 'static>(flow: &Flow) -> Box<dyn Contestant> {
    Box::new(Prepared::<P> {
        shape: flow.shape,
        commands: P::translate(flow.filling.iter().chain(&flow.steps)),
        filling: flow.filling.len(),
    })
}

impl<P: Peer> Prepared<P> {
    fn filled(&self) -> (P, &[P::Command]) {
        let mut peer = P::empty(&self.shape);
        let (filling, timed) = self.commands.split_at(self.filling);
        for command in filling {
            peer.apply(command);
        }
        (peer, timed)
    }
}

impl<P: Peer> Contestant for Prepared<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn round(&self) -> Duration {
        let (mut peer, timed) = self.filled();
        let start = Instant::now();
        for command in timed {
            black_box(peer.apply(command));
        }
        start.elapsed()
    }

    fn one_by_one(&self) -> Latencies {
        let (mut peer, timed) = self.filled();
        Latencies::of(timed.iter(), |command| {
            black_box(peer.apply(command));
        })
    }

    fn tape(&self) -> Tape {
        P::tape(&self.shape, &self.commands, self.filling)
    }
}

/// Numbers that are counted market by market.
#[derive(Default)]
pub(crate) struct Counters(Vec<u64>);

impl Counters {
    /// A market's next number, from 0 on.
    pub(crate) fn next(&mut self, market: u32) -> u64 {
        let ix = market as usize;
        if self.0.len() <= ix {
            self.0.resize(ix + 1, 0);
        }
        self.0[ix] += 1;
        self.0[ix] - 1
    }
}
