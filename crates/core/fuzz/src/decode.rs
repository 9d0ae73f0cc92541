//! Bytes as what the journal keeps: decoding may refuse but never panic, and what it reads is written
//! and read again as the same.
#![allow(unreachable_pub, reason = "the core's tests include this file, too")]

use minicbor::{Decode, Encode};
use tidings_core::command::{Command, Request};
use tidings_core::event::Record;

/// Reads bytes as each of the journal's types; says how many of them they are.
pub fn run(bytes: &[u8]) -> usize {
    let read = [
        comes_round::<Command>(bytes),
        comes_round::<Request>(bytes),
        comes_round::<Record>(bytes),
    ];
    read.into_iter().filter(|read| *read).count()
}

/// Whether the bytes are a `T`. If so, writing it, reading that and writing it again changes nothing.
fn comes_round<T>(bytes: &[u8]) -> bool
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + std::fmt::Debug,
{
    let Ok(value) = minicbor::decode::<T>(bytes) else {
        return false;
    };
    let written = minicbor::to_vec(&value).expect("memory takes what it is given");
    let again: T = minicbor::decode(&written).expect("what was written can be read");
    assert_eq!(again, value);
    let twice = minicbor::to_vec(&again).expect("memory takes what it is given");
    assert_eq!(twice, written);
    true
}
