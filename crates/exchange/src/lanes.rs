//! The way to the desk, in two lanes: commands that let people out or stop trade overtake what waits, and
//! have room when nothing else has. The order in the journal is the order of application, whichever lane a
//! command came by.

use std::sync::Arc;

use tidings_core::command::{Command, Request};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::desk::{AllAnswered, Job};
use crate::{SubmitError, Unavailable};

/// Urgent requests that overtake what waits: more than arrive in the time of a commit. When still more want
/// out they wait among the others, where there is room.
pub(crate) const URGENT: usize = 1_024;
/// Urgent requests in a row before one of the others has its turn, if one waits: a flood of cancels must
/// not be a way to stop trade.
const IN_A_ROW: usize = 64;

/// Requests that may wait together with others that were sent at once: some eighty milliseconds of work, at
/// 400,000 a second.
const TOGETHER: usize = 32_768;

/// Where requests are handed in.
#[derive(Clone)]
pub(crate) struct Lanes {
    urgent: mpsc::Sender<Job>,
    usual: mpsc::Sender<Job>,
    together: Arc<Semaphore>,
}

/// Where the desk takes them.
pub(crate) struct Waiting {
    urgent: mpsc::Receiver<Job>,
    usual: mpsc::Receiver<Job>,
    in_a_row: usize,
}

/// Both ends; so many requests that are not urgent may wait.
pub(crate) fn lanes(usual: usize) -> (Lanes, Waiting) {
    let (urgent, waiting_urgent) = mpsc::channel(URGENT);
    let (usual, waiting_usual) = mpsc::channel(usual);
    let waiting = Waiting {
        urgent: waiting_urgent,
        usual: waiting_usual,
        in_a_row: 0,
    };
    let lanes = Lanes {
        urgent,
        usual,
        together: Arc::new(Semaphore::new(TOGETHER)),
    };
    (lanes, waiting)
}

/// Whether a request lets somebody out, or stops trade.
pub(crate) fn is_urgent(request: &Request) -> bool {
    matches!(
        request.command,
        Command::Cancel { .. }
            | Command::CancelAll { .. }
            | Command::CancelAfter { .. }
            | Command::HaltMarket { .. }
            | Command::HaltMany(_)
            | Command::FreezeAccount { .. }
            | Command::CloseMarket { .. }
            | Command::VoidMarket { .. }
            | Command::ProposeVoid(_)
            | Command::RevokeKey { .. }
    )
}

impl Lanes {
    /// Hands a request in, if there is room for it. What is urgent may wait in either lane.
    pub(crate) fn try_send(&self, job: Job) -> Result<(), SubmitError> {
        let job = match &job {
            Job::Submit { request, .. } if is_urgent(request) => match self.urgent.try_send(job) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(job) | TrySendError::Closed(job)) => job,
            },
            _ => job,
        };
        self.usual.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => SubmitError::Busy,
            TrySendError::Closed(_) => SubmitError::Stopped,
        })
    }

    /// Hands in requests that belong together, if there is room for all of them.
    pub(crate) fn try_send_all(
        &self,
        requests: Vec<Request>,
        answer: oneshot::Sender<AllAnswered>,
    ) -> Result<(), SubmitError> {
        let permits = u32::try_from(requests.len()).map_err(|_| SubmitError::Busy)?;
        let room = Arc::clone(&self.together).try_acquire_many_owned(permits);
        self.try_send(Job::SubmitAll {
            requests,
            answer,
            room: room.map_err(|_| SubmitError::Busy)?,
        })
    }

    /// Hands in what is not urgent, once there is room.
    pub(crate) async fn send(&self, job: Job) -> Result<(), Unavailable> {
        self.usual.send(job).await.map_err(|_| Unavailable)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        let of = |lane: &mpsc::Sender<Job>| lane.max_capacity() - lane.capacity();
        of(&self.urgent) + of(&self.usual)
    }

    /// Whether the desk is gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.usual.is_closed()
    }
}

impl Waiting {
    /// What is next, if anything waits.
    pub(crate) fn try_next(&mut self) -> Option<Job> {
        if self.in_a_row < IN_A_ROW
            && let Some(job) = self.try_urgent()
        {
            self.in_a_row += 1;
            return Some(job);
        }
        self.in_a_row = 0;
        self.usual.try_recv().ok().or_else(|| self.try_urgent())
    }

    /// What is urgent, if anything is.
    pub(crate) fn try_urgent(&mut self) -> Option<Job> {
        self.urgent.try_recv().ok()
    }

    /// Waits for what is next; nothing when nobody can hand anything in.
    pub(crate) async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            biased;
            Some(job) = self.urgent.recv() => Some(job),
            job = self.usual.recv() => job,
        }
    }

    /// Takes in nothing more; what waits stays.
    pub(crate) fn close(&mut self) {
        self.urgent.close();
        self.usual.close();
    }

    /// Takes in nothing more and lets go of what waits: whoever waits for an answer is told that there is none. What is
    /// handed in at this very moment is waited for; a channel whose receiver is merely dropped keeps that for as
    /// long as anyone could hand in anything.
    pub(crate) async fn let_go(&mut self) {
        self.close();
        while self.urgent.recv().await.is_some() {}
        while self.usual.recv().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use tidings_core::command::{Command, Request};
    use tidings_core::id::AccountId;
    use tokio::sync::oneshot;
    use tokio::sync::oneshot::error::TryRecvError;

    use super::lanes;
    use crate::SubmitError;
    use crate::desk::Job;

    /// At any moment that a race comes to: with a receiver that is only dropped, some of these waited for ever.
    #[test]
    fn whoever_hands_something_in_as_the_desk_closes_hears_of_it() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        for turn in 0..20_000 {
            let (lanes, mut waiting) = lanes(4);
            let (answer, mut reply) = oneshot::channel();
            let request = Request::new(AccountId::WORLD, Command::Tick);
            let sent = AtomicBool::new(false);
            let hand_in = || {
                sent.store(true, Ordering::Release);
                let sent = lanes.try_send(Job::Submit { request, answer });
                assert!(matches!(sent, Ok(()) | Err(SubmitError::Stopped)));
            };
            thread::scope(|scope| {
                scope.spawn(hand_in);
                while !sent.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                runtime.block_on(waiting.let_go());
            });
            assert_eq!(reply.try_recv().err(), Some(TryRecvError::Closed), "{turn}");
            drop(lanes);
        }
    }
}
