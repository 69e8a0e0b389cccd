//! Panics on demand, in a build for the tests alone.

/// Panics where MGPRINT_PANIC is set.
pub(super) fn panic_on_demand() {
    assert!(std::env::var_os("MGPRINT_PANIC").is_none(), "A panic on demand.");
}
