//! A bad network between a client and a server: connections that are cut or go silent after as many bytes
//! as a seed says, or whose answers never come.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::seed::Random;
use crate::server::Server;

/// What is wrong with the connections that are made from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Each breaks somewhere in its first so many bytes, both ways together. Most are cut; one in eight
    /// goes silent instead.
    Breaks(u64),
    /// What is posted arrives, and its answer does not. Other answers do.
    Mute,
}

/// A port that leads to a server, more or less.
pub struct Cable {
    base: String,
    shared: Arc<Shared>,
}

struct Shared {
    trouble: Mutex<(Trouble, Random)>,
    broken: AtomicUsize,
}

impl Cable {
    /// To a server, without trouble so far.
    ///
    /// # Panics
    /// When there is no port for it.
    pub async fn to(server: &Server, seed: u64) -> Cable {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let server = server.base().trim_start_matches("http://").to_owned();
        let shared = Arc::new(Shared {
            trouble: Mutex::new((Trouble::None, Random::of(seed))),
            broken: AtomicUsize::new(0),
        });
        let made = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, shared) = (server.clone(), Arc::clone(&made));
                tokio::spawn(async move { carry(client, &server, &shared).await });
            }
        });
        Cable { base, shared }
    }

    /// Where it begins.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What is wrong from here on. What is connected stays as it is.
    ///
    /// # Panics
    /// Never: nobody fails with it in their hands.
    pub fn suffers(&self, trouble: Trouble) {
        self.shared.trouble.lock().expect("whole").0 = trouble;
    }

    /// Connections that broke.
    pub fn broken(&self) -> usize {
        self.shared.broken.load(Ordering::Relaxed)
    }
}

impl Shared {
    /// The trouble of a connection: what, after how many bytes, and whether in silence.
    fn draw(&self) -> (Trouble, Option<u64>, bool) {
        let (trouble, random) = &mut *self.trouble.lock().expect("whole");
        match *trouble {
            Trouble::Breaks(within) => (*trouble, Some(random.below(within)), random.below(8) == 0),
            trouble => (trouble, None, false),
        }
    }
}

/// Carries bytes both ways until an end is gone, or the trouble comes.
async fn carry(mut client: TcpStream, server: &str, shared: &Shared) {
    let (trouble, mut left, silent) = shared.draw();
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let (mut request, mut answer) = ([0; 2048], [0; 2048]);
    let mut posted = false;
    loop {
        let (bytes, to) = tokio::select! {
            read = client.read(&mut request) => {
                let Ok(count @ 1..) = read else { return };
                posted = request[..count].starts_with(b"POST") || (posted && !request[..count].starts_with(b"GET"));
                (&request[..count], &mut server)
            }
            read = server.read(&mut answer) => {
                let Ok(count @ 1..) = read else { return };
                (&answer[..count], &mut client)
            }
        };
        let is_answer = bytes.as_ptr() == answer.as_ptr();
        if trouble == Trouble::Mute && posted && is_answer {
            continue;
        }
        let passes = left.map_or(bytes.len(), |left| {
            bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX))
        });
        if to.write_all(&bytes[..passes]).await.is_err() {
            return;
        }
        if let Some(left) = &mut left {
            *left -= passes as u64;
            if *left == 0 {
                shared.broken.fetch_add(1, Ordering::Relaxed);
                if silent {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
                return;
            }
        }
    }
}
