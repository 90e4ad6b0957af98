//! A file system layer of SQLite that fails when a file tells it to, under a real daemon with its real
//! store. It passes everything on to the system's own layer, and installs itself as the default of the
//! process, so it is for processes that serve for one test.
#![expect(
    unsafe_code,
    reason = "SQLite takes such a layer only as a table of C functions"
)]

use std::ffi::{c_char, c_int, c_void};
use std::path::PathBuf;
use std::sync::OnceLock;

use rusqlite::ffi;

/// Names the file whose content says what fails: `write`, `fsync`, `full`, or nothing.
pub const VARIABLE: &str = "MUSTER_TEST_DISK_FAULT";

/// What the layer below does with a file that SQLite opened.
struct Below {
    open: unsafe extern "C" fn(
        *mut ffi::sqlite3_vfs,
        ffi::sqlite3_filename,
        *mut ffi::sqlite3_file,
        c_int,
        *mut c_int,
    ) -> c_int,
    fault: PathBuf,
}

type Write =
    unsafe extern "C" fn(*mut ffi::sqlite3_file, *const c_void, c_int, ffi::sqlite3_int64) -> c_int;
type Sync = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int) -> c_int;

static BELOW: OnceLock<Below> = OnceLock::new();
static WRITE: OnceLock<Write> = OnceLock::new();
static SYNC: OnceLock<Sync> = OnceLock::new();

/// What fails now.
fn fault() -> String {
    let below = BELOW.get().expect("the layer is installed");
    std::fs::read_to_string(&below.fault).unwrap_or_default()
}

/// Puts the layer over the system's own for all databases that this process opens from here on.
pub fn install() {
    let fault = std::env::var_os(VARIABLE).expect("the parent names the file");
    // SAFETY: the system's layer is registered for the life of the process and never changed; the copy
    // differs from it in its name and in how a file is opened.
    unsafe {
        ffi::sqlite3_initialize();
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!system.is_null(), "SQLite has a layer of the system");
        let mut ours = *system;
        let below = Below {
            open: ours.xOpen.expect("a layer opens files"),
            fault: fault.into(),
        };
        assert!(BELOW.set(below).is_ok(), "it is installed once");
        ours.xOpen = Some(open);
        ours.zName = c"failing".as_ptr();
        ours.pNext = std::ptr::null_mut();
        let registered = ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
        assert_eq!(registered, ffi::SQLITE_OK);
    }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let below = BELOW.get().expect("the layer is installed");
    // SAFETY: the arguments are SQLite's own, passed on as they came. Once the file is open, its table of
    // functions is replaced by a copy that lives as long as the process, so that the system's own stays
    // as it is. All files that are written have the same functions for writing and syncing.
    unsafe {
        let opened = (below.open)(vfs, name, file, flags, flags_out);
        if opened == ffi::SQLITE_OK && !(*file).pMethods.is_null() {
            let mut methods = *(*file).pMethods;
            WRITE.get_or_init(|| methods.xWrite.expect("a file can be written"));
            SYNC.get_or_init(|| methods.xSync.expect("a file can be synced"));
            methods.xWrite = Some(write);
            methods.xSync = Some(sync);
            (*file).pMethods = Box::leak(Box::new(methods));
        }
        opened
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    match fault().trim() {
        "write" => ffi::SQLITE_IOERR_WRITE,
        "full" => ffi::SQLITE_FULL,
        // SAFETY: passed on as it came to the function it was meant for.
        _ => unsafe { WRITE.get().expect("a file is open")(file, bytes, count, at) },
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    match fault().trim() {
        "fsync" => ffi::SQLITE_IOERR_FSYNC,
        // SAFETY: passed on as it came to the function it was meant for.
        _ => unsafe { SYNC.get().expect("a file is open")(file, flags) },
    }
}
