//! A program as a second process of its own, to be measured against: it serves something at an address that it says,
//! and ends when whoever started it does.

use std::io::{BufRead, BufReader, Read};
use std::process::{self, Child, Command, Stdio};

/// This program, once more.
pub struct Again {
    child: Child,
    address: String,
}

impl Again {
    /// Starts this program with these words, and waits until it serves.
    ///
    /// # Panics
    /// When it does not start, or says no address.
    pub fn start(words: &[&str]) -> Again {
        let this = std::env::current_exe().expect("this program's path");
        let mut child = Command::new(this)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        let said = child.stdout.take().expect("its words");
        let mut address = String::new();
        BufReader::new(said)
            .read_line(&mut address)
            .expect("its address");
        Again {
            child,
            address: address.trim().to_owned(),
        }
    }

    /// Where it serves: an address and a port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

/// For the second process: says where it serves, and sees to it that it ends with the first one.
pub fn serves_at(address: std::net::SocketAddr) {
    std::thread::spawn(|| {
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        process::exit(0);
    });
    println!("{address}");
}
