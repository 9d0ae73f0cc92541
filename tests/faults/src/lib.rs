//! A failing disk for a process that knows nothing of it: the dynamic linker loads this library before
//! libc (`LD_PRELOAD`), so that the process calls these functions in the place of libc's.
//!
//! Two variables of the environment say what to do. Files under the directory `TIDINGS_FAULTS_UNDER`
//! are watched; the file `TIDINGS_FAULTS_SCRIPT` says what goes wrong with them and when: see [`script`].
//! Without them, and for any other file, everything is passed on.
//!
//! A failed sync is more than an error: Linux marks the pages clean that it could not write, so a second
//! sync succeeds and they are on no disk. And a power cut takes whatever was not synced, which
//! kill -9 leaves in the page cache. Both are played here with what [`platter`] remembers.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod libc_calls;
mod platter;
mod script;
