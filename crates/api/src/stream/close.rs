//! How a stream ends, and the code that says so. A client tells from it whether to come back.

use axum::extract::ws::{CloseCode, CloseFrame};

use crate::limits::{SILENCE_TIME, STALL_TIME};

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The client went away, or said that it would.
    Gone,
    /// The server ends. What it accepted is answered.
    Stopping,
    /// What came is no WebSocket's.
    Protocol,
    /// A binary frame.
    Binary,
    /// A frame that is neither a message nor a list of messages.
    NotJson,
    /// A frame that is longer than any may be.
    TooLong,
    /// The exchange does not answer.
    Unavailable,
    /// Neither a key nor a message came in time.
    Silent,
    /// The key opens nothing, or has ended.
    Key,
    /// The client takes nothing, or does not answer pings.
    Stalled,
}

impl End {
    /// Those that the client is told.
    pub(crate) const TOLD: [End; 9] = [
        End::Stopping,
        End::Protocol,
        End::Binary,
        End::NotJson,
        End::TooLong,
        End::Unavailable,
        End::Silent,
        End::Key,
        End::Stalled,
    ];

    /// The code that the client gets.
    pub(crate) fn code(self) -> CloseCode {
        match self {
            End::Gone => 1000,
            End::Stopping => 1001,
            End::Protocol => 1002,
            End::Binary => 1003,
            End::NotJson => 1007,
            End::TooLong => 1009,
            End::Unavailable => 1013,
            End::Silent => 4000,
            End::Key => 4001,
            End::Stalled => 4002,
        }
    }

    /// What it says, for people to read.
    pub(crate) fn words(self) -> String {
        match self {
            End::Gone => "goodbye".to_owned(),
            End::Stopping => "the server stops; come back with `after`".to_owned(),
            End::Protocol => "the protocol was not kept".to_owned(),
            End::Binary => "frames are text".to_owned(),
            End::NotJson => "a frame is a JSON message or a list of them".to_owned(),
            End::TooLong => "the frame is too long".to_owned(),
            End::Unavailable => "the exchange cannot answer; come back with `after`".to_owned(),
            End::Silent => format!("nothing was said in {} s", SILENCE_TIME.as_secs()),
            End::Key => "the key opens nothing, or has ended".to_owned(),
            End::Stalled => format!("nothing was taken for {} s", STALL_TIME.as_secs()),
        }
    }

    pub(super) fn frame(self) -> CloseFrame {
        CloseFrame {
            code: self.code(),
            reason: self.words().into(),
        }
    }
}
