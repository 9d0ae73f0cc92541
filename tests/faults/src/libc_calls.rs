//! The functions that stand before libc's. All of this crate's unsafe code is here.
#![allow(
    unsafe_code,
    reason = "functions of libc are replaced, and libc's own are called"
)]

use std::collections::BTreeMap;
use std::ffi::{CString, OsString, c_int, c_void};
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use libc::{off_t, size_t, ssize_t};

use crate::platter::{Content, Platter};
use crate::script::{Call, Fault, Script};

type Sync = unsafe extern "C" fn(c_int) -> c_int;
type Write = unsafe extern "C" fn(c_int, *const c_void, size_t) -> ssize_t;
type WriteAt = unsafe extern "C" fn(c_int, *const c_void, size_t, off_t) -> ssize_t;
type Truncate = unsafe extern "C" fn(c_int, off_t) -> c_int;

/// The function of a name that would be called if this library were not here.
macro_rules! next {
    ($name:expr, $type:ty) => {{
        static NEXT: OnceLock<$type> = OnceLock::new();
        *NEXT.get_or_init(|| {
            // SAFETY: the name is a C string.
            let found = unsafe { libc::dlsym(libc::RTLD_NEXT, $name.as_ptr()) };
            assert!(!found.is_null(), "libc has what it always has");
            // SAFETY: libc's function of this name is of this type.
            unsafe { std::mem::transmute::<*mut c_void, $type>(found) }
        })
    }};
}

fn next_fsync() -> Sync {
    next!(c"fsync", Sync)
}

fn next_fdatasync() -> Sync {
    next!(c"fdatasync", Sync)
}

fn next_write() -> Write {
    next!(c"write", Write)
}

fn next_write_at() -> WriteAt {
    next!(c"pwrite64", WriteAt)
}

fn next_truncate() -> Truncate {
    next!(c"ftruncate64", Truncate)
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: the caller's promise is handed on.
    sync(fd, || unsafe { next_fsync()(fd) })
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: the caller's promise is handed on.
    sync(fd, || unsafe { next_fdatasync()(fd) })
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(fd: c_int, from: *const c_void, length: size_t) -> ssize_t {
    let place = || place_of_next_write(fd);
    // SAFETY: the caller's promise is handed on, for as many bytes or less.
    written(fd, length, place, |length| unsafe {
        next_write()(fd, from, length)
    })
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite(fd: c_int, from: *const c_void, length: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's promise is handed on, for as many bytes or less.
    written(
        fd,
        length,
        || offset(at),
        |length| unsafe { next_write_at()(fd, from, length, at) },
    )
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite64(
    fd: c_int,
    from: *const c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: the caller's promise is handed on, for as many bytes or less.
    written(
        fd,
        length,
        || offset(at),
        |length| unsafe { next_write_at()(fd, from, length, at) },
    )
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate(fd: c_int, len: off_t) -> c_int {
    truncated(fd, len)
}

/// In the place of libc's.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate64(fd: c_int, len: off_t) -> c_int {
    truncated(fd, len)
}

fn sync(fd: RawFd, real: impl FnOnce() -> c_int) -> c_int {
    let Some(mut watch) = Watch::over(fd) else {
        return real();
    };
    // A sync that has nothing to write cannot fail to write it.
    let fault = match watch.platter(fd).is_dirty() {
        true => watch.fault(Call::Sync),
        false => None,
    };
    match fault {
        Some(Fault::SyncEio) => {
            watch.platter(fd).sync_failed();
            failed(libc::EIO)
        }
        _ => {
            let done = real();
            if done == 0 {
                watch.platter(fd).synced();
            }
            done
        }
    }
}

fn written(
    fd: RawFd,
    length: size_t,
    place: impl FnOnce() -> u64,
    real: impl FnOnce(size_t) -> ssize_t,
) -> ssize_t {
    let Some(mut watch) = Watch::over(fd) else {
        return real(length);
    };
    let length = match watch.fault(Call::Write) {
        Some(Fault::WriteEio) => return failed(libc::EIO),
        Some(Fault::WriteEnospc) => return failed(libc::ENOSPC),
        Some(Fault::WriteShort) => length.div_ceil(2),
        _ => length,
    };
    watch.platter(fd).before_write(place(), length as u64);
    real(length)
}

fn truncated(fd: RawFd, len: off_t) -> c_int {
    // SAFETY: `ftruncate` takes any number for a file, and any for a length.
    let real = || unsafe { next_truncate()(fd, len) };
    let Some(mut watch) = Watch::over(fd) else {
        return real();
    };
    match watch.fault(Call::Truncate) {
        Some(Fault::TruncateEio) => failed(libc::EIO),
        _ => {
            watch.platter(fd).before_truncate(offset(len));
            real()
        }
    }
}

/// Which files are watched, what goes wrong with them, and what is on their platters.
struct Disk {
    script: Script,
    /// By device and number, which nobody else can have as long as the file is open here.
    files: BTreeMap<(u64, u64), Platter<OpenFile>>,
}

/// A call on a file that is watched. Others wait: after a power cut nothing happens.
struct Watch {
    disk: MutexGuard<'static, Disk>,
    path: PathBuf,
}

impl Watch {
    /// None for a file that is not watched, or when nothing is.
    fn over(fd: RawFd) -> Option<Watch> {
        static UNDER: OnceLock<Option<OsString>> = OnceLock::new();
        let under = UNDER.get_or_init(|| std::env::var_os("TIDINGS_FAULTS_UNDER"));
        let under = Path::new(under.as_ref()?);
        let path = std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()?;
        if !path.starts_with(under) || path.is_dir() || is_mapped(&path) {
            return None;
        }
        static DISK: OnceLock<Option<Mutex<Disk>>> = OnceLock::new();
        let disk = DISK.get_or_init(|| {
            let script = Script::of_environment()?;
            let files = BTreeMap::new();
            Some(Mutex::new(Disk { script, files }))
        });
        let disk = disk.as_ref()?.lock();
        let disk = disk.unwrap_or_else(PoisonError::into_inner);
        Some(Watch { disk, path })
    }

    fn fault(&mut self, call: Call) -> Option<Fault> {
        let fault = self.disk.script.at(call, &self.path)?;
        if fault == Fault::PowerCut {
            self.disk.files.values_mut().for_each(Platter::power_cut);
            // SAFETY: it asks for nothing but the end of this process.
            unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
        }
        Some(fault)
    }

    fn platter(&mut self, fd: RawFd) -> &mut Platter<OpenFile> {
        let status = status(fd);
        let file = self.disk.files.entry((status.st_dev, status.st_ino));
        file.or_insert_with(|| Platter::of(OpenFile::another(fd)))
    }
}

/// A file that stays open until the process ends: closing it would end the locks that the process
/// has on it by other descriptors.
#[derive(Debug)]
struct OpenFile(RawFd);

impl OpenFile {
    /// Opened anew: a file may be synced by a descriptor that cannot write to it.
    fn another(fd: RawFd) -> OpenFile {
        let path = CString::new(format!("/proc/self/fd/{fd}")).expect("no zeros");
        // SAFETY: the path is a C string.
        let fd = unsafe { libc::open64(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
        assert!(fd >= 0, "there is one more descriptor");
        OpenFile(fd)
    }
}

impl Content for OpenFile {
    fn size(&self) -> u64 {
        offset(status(self.0).st_size)
    }

    fn read(&self, at: u64, length: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(length).expect("a page")];
        // SAFETY: there is room for as many bytes.
        let read =
            unsafe { libc::pread64(self.0, bytes.as_mut_ptr().cast(), bytes.len(), place(at)) };
        bytes.truncate(usize::try_from(read).expect("a file that can be written can be read"));
        bytes
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        // SAFETY: there are as many bytes.
        let written =
            unsafe { next_write_at()(self.0, bytes.as_ptr().cast(), bytes.len(), place(at)) };
        assert_eq!(
            usize::try_from(written),
            Ok(bytes.len()),
            "the page is written"
        );
    }

    fn resize(&self, size: u64) {
        // SAFETY: the file is open.
        let done = unsafe { next_truncate()(self.0, place(size)) };
        assert_eq!(done, 0, "the file is cut");
    }
}

/// SQLite's index of its log is memory that processes share. The first one to open a database makes it
/// anew, whatever a power cut left of it; and whoever reads it while it is cut dies of a bus error first.
fn is_mapped(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b"-shm")
}

fn status(fd: RawFd) -> libc::stat64 {
    // SAFETY: zeros are a status.
    let mut status: libc::stat64 = unsafe { std::mem::zeroed() };
    // SAFETY: there is room for the answer.
    let done = unsafe { libc::fstat64(fd, &raw mut status) };
    assert_eq!(done, 0, "the file is open");
    status
}

/// Where a write without a place goes.
fn place_of_next_write(fd: RawFd) -> u64 {
    // SAFETY: it only asks.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    match flags & libc::O_APPEND {
        // SAFETY: it moves by nothing.
        0 => offset(unsafe { libc::lseek64(fd, 0, libc::SEEK_CUR) }),
        _ => offset(status(fd).st_size),
    }
}

/// A place as libc has it, of which there are no negative ones; what is wrong libc will say.
fn offset(at: off_t) -> u64 {
    u64::try_from(at).unwrap_or(0)
}

fn place(at: u64) -> off_t {
    off_t::try_from(at).expect("files are not that long")
}

fn failed<T: From<i8>>(errno: c_int) -> T {
    // SAFETY: every thread has one.
    unsafe { *libc::__errno_location() = errno };
    T::from(-1)
}
