//! `inlay_lower` and `inlay_upper` for SQLite: full Unicode, like PostgreSQL's `lower` and `upper`.
//!
//! The one place with `unsafe`: SQLite's C interface is the only way to add a function, and sqlx has no wrapper for it.
//! <https://www.sqlite.org/c3ref/create_function.html>

#![expect(unsafe_code, reason = "registering a SQL function goes through SQLite's C interface")]

use std::ffi::{CStr, c_char, c_int};

use libsqlite3_sys as ffi;
use sqlx::sqlite::SqliteConnection;

/// Adds the functions to one connection.
pub(super) async fn register(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut handle = connection.lock_handle().await?;
    let db = handle.as_raw_handle().as_ptr();
    add(db, c"inlay_lower", lower)?;
    add(db, c"inlay_upper", upper)
}

type Callback = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

fn add(db: *mut ffi::sqlite3, name: &CStr, callback: Callback) -> Result<(), sqlx::Error> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC;
    // SAFETY: `db` is open and locked by the caller; `name` ends in NUL; the callback keeps no state.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(db, name.as_ptr(), 1, flags, std::ptr::null_mut(), Some(callback), None, None, None)
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(sqlx::Error::Protocol(format!("sqlite3_create_function_v2: {code}"))) }
}

unsafe extern "C" fn lower(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with one argument, as registered.
    unsafe { answer(context, *args, |text| text.to_lowercase()) }
}

unsafe extern "C" fn upper(context: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls with one argument, as registered.
    unsafe { answer(context, *args, |text| text.to_uppercase()) }
}

/// # Safety
/// `context` and `value` are those of a running call.
unsafe fn answer(context: *mut ffi::sqlite3_context, value: *mut ffi::sqlite3_value, change: impl Fn(&str) -> String) {
    // SAFETY: the pointers are valid for the call; the text is valid until the next call on `value`; the result is
    // copied by SQLite (SQLITE_TRANSIENT) before it is freed here.
    unsafe {
        let text = ffi::sqlite3_value_text(value);
        if text.is_null() {
            return ffi::sqlite3_result_null(context);
        }
        let changed = change(&CStr::from_ptr(text.cast::<c_char>()).to_string_lossy());
        let length = c_int::try_from(changed.len()).unwrap_or(c_int::MAX);
        ffi::sqlite3_result_text(context, changed.as_ptr().cast(), length, ffi::SQLITE_TRANSIENT());
    }
}
