//! Where memory comes from.

use libmimalloc_sys::{mi_option_set, mi_option_t};

/// An edit makes thousands of small texts; the system's allocator took an eighth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// By their places in `mimalloc.h` (`mi_option_arena_eager_commit`, `mi_option_purge_delay`): the crate does not name them.
const ARENA_EAGER_COMMIT: mi_option_t = 4;
const PURGE_DELAY_MS: mi_option_t = 15;

/// Long enough for the next request to find what the last one freed, without asking the system again.
const GIVEN_BACK_AFTER_MS: i64 = 25;

/// Has what is freed go back to the system soon and not after a second, in which a large file goes through the server many
/// times. It runs before `main`, because the allocator makes its plans when it is first asked for memory.
#[ctor::ctor(unsafe)]
fn give_back_soon() {
    set(ARENA_EAGER_COMMIT, 0);
    set(PURGE_DELAY_MS, GIVEN_BACK_AFTER_MS);
}

#[expect(unsafe_code, reason = "an option is a number in a table of numbers")]
fn set(option: mi_option_t, value: i64) {
    // SAFETY: both are options of this version, which the test below holds it to.
    unsafe { mi_option_set(option, value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "as above")]
    fn the_options_are_where_they_were_and_set() {
        assert_eq!(libmimalloc_sys::_mi_option_last, 47, "another mimalloc: look into its mimalloc.h");
        // SAFETY: reading an option changes nothing.
        let get = |option| unsafe { libmimalloc_sys::mi_option_get(option) };
        assert_eq!((get(ARENA_EAGER_COMMIT), get(PURGE_DELAY_MS)), (0, GIVEN_BACK_AFTER_MS));
    }
}
