//! A network between a store and its PostgreSQL server that fails when it is told to, at any byte.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the server.
    Request,
    /// From it.
    Answer,
}

/// How a network fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Both ends learn at once that the connection is gone.
    Cut,
    /// Nothing comes through any more, and nobody is told.
    Silence,
}

/// What stands between. Its thread ends with the process.
pub(crate) struct Proxy {
    address: String,
    traffic: Arc<Mutex<Traffic>>,
}

#[derive(Default)]
struct Traffic {
    /// A fault, and after how many more bytes of which way it comes.
    armed: Option<(Fault, Way, usize)>,
    passed: [usize; 2],
    open: Vec<Connection>,
}

/// Both its ends.
struct Connection {
    ends: [TcpStream; 2],
    silent: Arc<AtomicBool>,
}

impl Proxy {
    /// To the database at an address.
    pub(crate) fn to(database: &str) -> Proxy {
        let options = PgConnectOptions::from_str(database).unwrap();
        let server = (options.get_host().to_owned(), options.get_port());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let traffic = Arc::<Mutex<Traffic>>::default();
        let shared = Arc::clone(&traffic);
        thread::spawn(move || {
            for client in listener.incoming() {
                let server = TcpStream::connect((server.0.as_str(), server.1)).unwrap();
                connect(client.unwrap(), server, &shared);
            }
        });
        let address = options.host("127.0.0.1").port(port).to_url_lossy();
        Proxy {
            address: address.to_string(),
            traffic,
        }
    }

    /// The database's address behind it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Fails as soon as so many more bytes went one way; at 0, before the next one does. What is
    /// connected afterwards is whole again.
    pub(crate) fn fail(&self, fault: Fault, way: Way, after: usize) {
        self.traffic.lock().unwrap().armed = Some((fault, way, after));
    }

    /// Cuts what is connected, at once.
    pub(crate) fn cut(&self) {
        self.traffic.lock().unwrap().fail(Fault::Cut);
    }

    /// Takes back a fault that did not come.
    pub(crate) fn heal(&self) {
        self.traffic.lock().unwrap().armed = None;
    }

    /// How many bytes went one way since this was asked last.
    pub(crate) fn passed(&self, way: Way) -> usize {
        std::mem::take(&mut self.traffic.lock().unwrap().passed[way as usize])
    }
}

fn connect(client: TcpStream, server: TcpStream, traffic: &Arc<Mutex<Traffic>>) {
    let silent = Arc::<AtomicBool>::default();
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let twin = |stream: &TcpStream| stream.try_clone().unwrap();
    traffic.lock().unwrap().open.push(Connection {
        ends: [twin(&client), twin(&server)],
        silent: Arc::clone(&silent),
    });
    let ways = [
        (Way::Request, twin(&client), twin(&server)),
        (Way::Answer, server, client),
    ];
    for (way, from, to) in ways {
        let (traffic, silent) = (Arc::clone(traffic), Arc::clone(&silent));
        thread::spawn(move || forward(way, from, to, &traffic, &silent));
    }
}

/// Until one end is gone; the other learns of it, unless there is silence.
fn forward(
    way: Way,
    mut from: TcpStream,
    mut to: TcpStream,
    traffic: &Mutex<Traffic>,
    silent: &AtomicBool,
) {
    let mut buffer = [0; 8 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let mut traffic = traffic.lock().unwrap();
        if silent.load(Ordering::Relaxed) {
            continue;
        }
        let (passes, fault) = traffic.admit(way, count);
        if to.write_all(&buffer[..passes]).is_err() {
            break;
        }
        if let Some(fault) = fault {
            traffic.fail(fault);
        }
    }
    if !silent.load(Ordering::Relaxed) {
        // It may be gone already.
        drop(to.shutdown(Shutdown::Both));
    }
}

impl Traffic {
    /// How many of so many bytes come through, and what happens then.
    fn admit(&mut self, way: Way, count: usize) -> (usize, Option<Fault>) {
        let (passes, fault) = match self.armed.take() {
            Some((fault, armed, left)) if armed == way && left <= count => (left, Some(fault)),
            Some((fault, armed, left)) => {
                let left = if armed == way { left - count } else { left };
                self.armed = Some((fault, armed, left));
                (count, None)
            }
            None => (count, None),
        };
        self.passed[way as usize] += passes;
        (passes, fault)
    }

    fn fail(&mut self, fault: Fault) {
        for connection in self.open.drain(..) {
            match fault {
                Fault::Silence => connection.silent.store(true, Ordering::Relaxed),
                Fault::Cut => {
                    for end in connection.ends {
                        drop(end.shutdown(Shutdown::Both));
                    }
                }
            }
        }
    }
}
