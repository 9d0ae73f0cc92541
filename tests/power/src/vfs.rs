//! A [`Disk`] as SQLite wants it: a table of C functions. All of this crate's unsafe code is here,
//! and none of it decides anything: arguments are turned into Rust, the disk is asked.
//!
//! Paths are keys: a disk is mounted on a directory, and files in it never reach the real one. SQLite
//! keeps its own source of time, randomness and full path names.
#![allow(unsafe_code, reason = "SQLite calls its disk through C pointers")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libsqlite3_sys as ffi;

use crate::disk::{Disk, FileId, Habit, Holder, Image, Lock};
use crate::wal_index::Sharing;

/// The name to open it by; it is the default one, too.
pub const NAME: &CStr = c"tidings-power";

/// Makes it this process's default, so that whoever opens a database without asking for another one
/// runs on a mounted disk. Once is enough; again is nothing.
pub fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // SAFETY: a null name asks for the default, which is never taken away.
        let system = unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) };
        // SAFETY: it is null or a table that lives as long as the process.
        let system = unsafe { system.as_ref() }.expect("SQLite knows this system");
        let ours = ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: c_int::try_from(size_of::<OpenFile>()).expect("two pointers are small"),
            zName: NAME.as_ptr(),
            pAppData: std::ptr::from_ref(system).cast_mut().cast(),
            pNext: std::ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
            // These ask nothing of the table that they are called with.
            ..*system
        };
        let ours = Box::leak(Box::new(ours));
        // SAFETY: the table and its name are never taken away.
        let registered = unsafe { ffi::sqlite3_vfs_register(ours, 1) };
        assert_eq!(registered, ffi::SQLITE_OK, "SQLite takes the disk");
    });
}

/// A disk on a directory, until this is dropped.
#[derive(Debug)]
pub struct Mounted {
    directory: PathBuf,
}

/// Lets the files of a real directory be those of a disk.
///
/// # Panics
/// When the directory is not there, or has a disk on it already.
pub fn mount(directory: &Path, disk: &Arc<Disk>) -> Mounted {
    let directory = directory.canonicalize().expect("a directory");
    let mut mounts = mounts();
    let before = mounts.insert(directory.clone(), Arc::clone(disk));
    assert!(before.is_none(), "one disk on a directory");
    Mounted { directory }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        mounts().remove(&self.directory);
    }
}

type Mounts = BTreeMap<PathBuf, Arc<Disk>>;

fn mounts() -> std::sync::MutexGuard<'static, Mounts> {
    static MOUNTS: Mutex<Mounts> = Mutex::new(Mounts::new());
    MOUNTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What SQLite allocates for each file it opens: its own head, and our part behind it.
#[repr(C)]
struct OpenFile {
    head: ffi::sqlite3_file,
    opened: *mut Opened,
}

/// One opening of a file.
struct Opened {
    disk: Arc<Disk>,
    file: FileId,
    holder: Holder,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// The disk and the name in it of a path.
///
/// # Safety
/// `path` is a C string.
unsafe fn place(path: *const c_char) -> Option<(Arc<Disk>, String)> {
    // SAFETY: the caller's promise.
    let path = unsafe { CStr::from_ptr(path) }.to_str().ok()?;
    let path = Path::new(path);
    let disk = mounts().get(path.parent()?).cloned()?;
    Some((disk, path.file_name()?.to_str()?.to_owned()))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    path: ffi::sqlite3_filename,
    into: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let into: *mut OpenFile = into.cast();
    // SAFETY: SQLite gives room of `szOsFile` bytes, aligned for anything. Without methods it does
    // not call `close` on a file that was not opened.
    unsafe { (*into).head.pMethods = std::ptr::null() };
    let found = if path.is_null() {
        // A file for the moment: nobody else sees it, and no cut leaves it.
        Some((
            Disk::new(&Image::default(), Habit::Forgetful),
            String::new(),
        ))
    } else {
        // SAFETY: it is a C string.
        unsafe { place(path) }
    };
    let is_log = ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL;
    let is_log = flags & (is_log | ffi::SQLITE_OPEN_SUPER_JOURNAL) != 0;
    let may_create = flags & ffi::SQLITE_OPEN_CREATE != 0 || path.is_null();
    let opened = found.and_then(|(disk, name)| {
        let file = disk.open(&name, may_create, is_log)?;
        let holder = Holder::next();
        Some(Opened { disk, file, holder })
    });
    let Some(opened) = opened else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: as above; the methods live as long as the process, and `close` takes the box back.
    unsafe {
        (*into).opened = Box::into_raw(Box::new(opened));
        (*into).head.pMethods = &raw const METHODS;
    }
    // SAFETY: it is null or SQLite's room for a number.
    if let Some(out_flags) = unsafe { out_flags.as_mut() } {
        *out_flags = flags;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    sync_directory: c_int,
) -> c_int {
    // SAFETY: SQLite gives a C string.
    let was_there =
        unsafe { place(path) }.is_some_and(|(disk, name)| disk.delete(&name, sync_directory != 0));
    match was_there {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_IOERR_DELETE_NOENT,
    }
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    _: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a C string.
    let there = unsafe { place(path) }.is_some_and(|(disk, name)| disk.has(&name));
    // SAFETY: SQLite gives room for the answer.
    unsafe { *out = c_int::from(there) };
    ffi::SQLITE_OK
}

/// What [`open`] left in a file.
///
/// # Safety
/// `file` was opened by it and not closed since.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> &'a Opened {
    // SAFETY: the caller's promise; the box is only taken back by `close`.
    unsafe { &*(*file.cast::<OpenFile>()).opened }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes what `open` opened, once.
    let opened = unsafe { Box::from_raw((*file.cast::<OpenFile>()).opened) };
    opened.disk.unlock(opened.file, opened.holder, Lock::None);
    opened.disk.leave_wal_index(opened.file, opened.holder);
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    amount: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite reads from open files, into room for as much as it asks.
    let (opened, into) = unsafe {
        let room = std::slice::from_raw_parts_mut(into.cast::<u8>(), length(amount.into()));
        (opened(file), room)
    };
    let got = opened.disk.read(opened.file, length(at), into);
    into[got..].fill(0);
    match got == into.len() {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_IOERR_SHORT_READ,
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite writes to open files, from as many bytes as it says.
    let (opened, bytes) = unsafe {
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), length(amount.into()));
        (opened(file), bytes)
    };
    opened.disk.write(opened.file, length(at), bytes);
    ffi::SQLITE_OK
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite truncates open files.
    let opened = unsafe { opened(file) };
    opened.disk.truncate(opened.file, length(size));
    ffi::SQLITE_OK
}

/// The flags say how thorough a sync must be; this disk knows only one kind.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite syncs open files.
    let opened = unsafe { opened(file) };
    match opened.disk.sync(opened.file) {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite asks of open files, and gives room for the answer.
    unsafe {
        let opened = opened(file);
        *out = i64::try_from(opened.disk.size(opened.file)).expect("files fit into memory");
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite locks open files.
    let opened = unsafe { opened(file) };
    match opened
        .disk
        .lock(opened.file, opened.holder, strength(level))
    {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite unlocks open files.
    let opened = unsafe { opened(file) };
    let down_to = strength(level);
    opened.disk.unlock(opened.file, opened.holder, down_to);
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite asks of open files, and gives room for the answer.
    unsafe {
        let opened = opened(file);
        *out = c_int::from(opened.disk.is_reserved(opened.file));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    // As SQLite has it for every file on Unix.
    4_096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    // As SQLite has them for every file on Unix: a write that is cut off leaves the bytes beside it
    // alone, and nothing else is promised.
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite asks of open files.
    let opened = unsafe { opened(file) };
    let which = (length(region.into()), length(size.into()));
    let region = opened
        .disk
        .region(opened.file, opened.holder, which, extend != 0);
    // The disk keeps the region until the last connection has left the index, so its address holds.
    let address = region.map_or(std::ptr::null_mut(), |region| {
        region.as_ptr().cast_mut().cast()
    });
    // SAFETY: SQLite gives room for the answer.
    unsafe { *out = address };
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite locks open files.
    let opened = unsafe { opened(file) };
    let (first, count) = (length(first.into()), length(count.into()));
    let (which, holder) = (first..first + count, opened.holder);
    let done = opened.disk.wal_index(opened.file, |index| {
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            index.unlock(holder, which);
            return Ok(());
        }
        let how = match flags & ffi::SQLITE_SHM_EXCLUSIVE != 0 {
            true => Sharing::Exclusive,
            false => Sharing::Shared,
        };
        index.lock(holder, which, how)
    });
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite asks of open files.
    let opened = unsafe { opened(file) };
    opened.disk.leave_wal_index(opened.file, opened.holder);
    ffi::SQLITE_OK
}

/// A length or a place, of which SQLite has no negative ones.
fn length(number: i64) -> usize {
    usize::try_from(number).expect("no negative place")
}

fn strength(level: c_int) -> Lock {
    match level {
        ffi::SQLITE_LOCK_NONE => Lock::None,
        ffi::SQLITE_LOCK_SHARED => Lock::Shared,
        ffi::SQLITE_LOCK_RESERVED => Lock::Reserved,
        ffi::SQLITE_LOCK_PENDING => Lock::Pending,
        _ => Lock::Exclusive,
    }
}
