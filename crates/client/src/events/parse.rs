//! Server-sent events as they come in pieces: bytes in, whole events out.

/// An event as it is on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) data: String,
    pub(super) id: Option<String>,
}

/// What has come of an event that is not whole.
#[derive(Debug, Default)]
pub(super) struct Parser {
    /// A line without its end.
    line: Vec<u8>,
    /// Whether the last byte was a carriage return: a line feed after it ends no other line.
    after_return: bool,
    name: String,
    data: Vec<String>,
    id: Option<String>,
}

/// A line, at most. The exchange's longest is an odds event of 256 outcomes, some 16 KiB.
const MOST_LINE: usize = 1024 * 1024;

impl Parser {
    /// Takes bytes, and gives the events that they end.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for &byte in bytes {
            let follows_return = std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if follows_return => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    frames.extend(self.line(&String::from_utf8_lossy(&line)));
                }
                // What is longer is no event of the exchange: it ends as one that cannot be read.
                _ if self.line.len() == MOST_LINE => {}
                _ => self.line.push(byte),
            }
        }
        frames
    }

    fn line(&mut self, line: &str) -> Option<Frame> {
        if line.is_empty() {
            return self.end();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = value.to_owned(),
            "data" => self.data.push(value.to_owned()),
            "id" => self.id = Some(value.to_owned()),
            // A comment, such as the exchange's word that it is there; or a field for browsers.
            _ => {}
        }
        None
    }

    fn end(&mut self) -> Option<Frame> {
        let (name, data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        let id = self.id.take();
        let is_one = !data.is_empty() || !name.is_empty();
        is_one.then(|| Frame {
            name,
            data: data.join("\n"),
            id,
        })
    }
}
