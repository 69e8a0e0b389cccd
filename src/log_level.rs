//! How detailed a log is.

/// Who a line is for. Each level includes those before it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Whoever looks at the result.
    #[default]
    Warning = 0,
    /// Whoever wants the steps in words.
    Verbose = 1,
    /// Whoever wants requests and responses, with headers and bodies, secrets masked.
    Debug = 2,
}
