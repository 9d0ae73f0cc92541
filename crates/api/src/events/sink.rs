//! What waits for one reader: as many frames as fit into the room behind a stream, and one that waits
//! for room, for as long as a reader may take nothing.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::limits::{STALL_TIME, STREAM_BYTES};

/// The writer's end.
pub(super) struct Sink {
    frames: mpsc::UnboundedSender<Waiting>,
    /// A permit for each byte; a frame holds as many as it has bytes, or all.
    room: Arc<Semaphore>,
}

/// The reader's end.
pub(super) struct Frames(mpsc::UnboundedReceiver<Waiting>);

struct Waiting {
    frame: Bytes,
    _room: OwnedSemaphorePermit,
}

/// The reader went away, or takes nothing.
pub(super) struct Ended;

/// Both ends.
pub(super) fn sink() -> (Sink, Frames) {
    // Bounded by the room: every frame takes some.
    let (frames, received) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(STREAM_BYTES));
    (Sink { frames, room }, Frames(received))
}

impl Sink {
    /// Sends once there is room.
    pub(super) async fn send(&self, frame: Bytes) -> Result<(), Ended> {
        let bytes = u32::try_from(frame.len().clamp(1, STREAM_BYTES)).map_err(|_| Ended)?;
        let room = Arc::clone(&self.room).acquire_many_owned(bytes);
        let Ok(Ok(room)) = tokio::time::timeout(STALL_TIME, room).await else {
            return Err(Ended);
        };
        let waiting = Waiting { frame, _room: room };
        self.frames.send(waiting).map_err(|_| Ended)
    }

    /// Waits until the reader goes away.
    pub(super) async fn closed(&self) {
        self.frames.closed().await;
    }
}

impl Frames {
    /// The next frame, whose room is free then.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        self.0.recv().await.map(|waiting| waiting.frame)
    }
}

#[cfg(test)]
mod tests;
