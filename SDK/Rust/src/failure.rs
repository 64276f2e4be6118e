//! Why a call failed: the one error that an author's code returns to the kit.

use crate::abi;
use std::fmt;

/// A code of the error taxonomy (ROADMAP §31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(abi::Status);

#[allow(missing_docs)]
impl Code {
    pub const POLICY_BLOCK: Code = Code(abi::POLICY_BLOCK);
    pub const DSL_REJECT: Code = Code(abi::DSL_REJECT);
    pub const PROVIDER_UNHEALTHY: Code = Code(abi::PROVIDER_UNHEALTHY);
    pub const RATE_LIMIT: Code = Code(abi::RATE_LIMIT);
    pub const TIMEOUT: Code = Code(abi::TIMEOUT);
    pub const QUOTA_EXHAUSTED: Code = Code(abi::QUOTA_EXHAUSTED);
    pub const TRANSIENT_ERROR: Code = Code(abi::TRANSIENT_ERROR);
    pub const DETERMINISTIC_FAILURE: Code = Code(abi::DETERMINISTIC_FAILURE);
    pub const QUARANTINE_REQUIRED: Code = Code(abi::QUARANTINE_REQUIRED);
}

impl Code {
    /// The code of a status; `None` for SLUICE_OK. A code of a newer host is kept as it is.
    pub fn of(status: abi::Status) -> Option<Code> {
        if status == abi::OK {
            None
        } else {
            Some(Code(status))
        }
    }

    /// The status that crosses the boundary, never 0.
    pub fn status(self) -> abi::Status {
        self.0
    }

    /// The errno value that a stream returns for it (connector.h).
    pub(crate) fn errno(self) -> i32 {
        // Linux's numbers, which the ABI's only platforms share.
        match self {
            Code::TIMEOUT => 125,         // ECANCELED
            Code::TRANSIENT_ERROR => 5,   // EIO
            Code::RATE_LIMIT => 11,       // EAGAIN
            Code::QUOTA_EXHAUSTED => 12,  // ENOMEM
            Code::POLICY_BLOCK => 1,      // EPERM
            _ => 22,                      // EINVAL
        }
    }
}

/// Why a call failed. `message` goes to the host, which redacts and caps it: it must hold no value of a cell and no secret,
/// and should name the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginFailure {
    /// The code of the taxonomy.
    pub code: Code,
    /// Why, and what to do next.
    pub message: String,
    /// Whether the same call may succeed later.
    pub is_retryable: bool,
    /// Milliseconds to wait before a retry; 0 when unknown.
    pub retry_after_ms: u64,
}

/// What an author's functions return.
pub type Result<T> = std::result::Result<T, PluginFailure>;

impl PluginFailure {
    /// A failure that the same call would meet again: SLUICE_DETERMINISTIC_FAILURE.
    pub fn new(message: impl Into<String>) -> PluginFailure {
        PluginFailure::with_code(Code::DETERMINISTIC_FAILURE, message)
    }

    /// A failure of a code; rate limits, timeouts, transient errors and unhealthy providers may be tried again.
    pub fn with_code(code: Code, message: impl Into<String>) -> PluginFailure {
        let is_retryable =
            matches!(code, Code::RATE_LIMIT | Code::TIMEOUT | Code::TRANSIENT_ERROR | Code::PROVIDER_UNHEALTHY);
        PluginFailure { code, message: message.into(), is_retryable, retry_after_ms: 0 }
    }

    /// What a plugin reports once the host asked it to stop.
    pub fn cancelled() -> PluginFailure {
        PluginFailure { is_retryable: false, ..PluginFailure::with_code(Code::TIMEOUT, "The call was cancelled.") }
    }

    pub(crate) fn not_offered(service: &str) -> PluginFailure {
        PluginFailure::with_code(
            Code::POLICY_BLOCK,
            format!("The host does not offer {} to this kind of plugin: use a host that does.", service),
        )
    }

    pub(crate) fn missing(argument: &str) -> PluginFailure {
        PluginFailure::new(format!("The caller gave no {}.", argument))
    }
}

impl fmt::Display for PluginFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for PluginFailure {}
