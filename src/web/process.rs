//! What the system says of this process. A figure that the system does not give is left out, never made up.

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Figures of the process.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Process {
    /// CPU time of all its threads, in seconds.
    pub cpu_seconds: f64,
    /// Memory it holds, in bytes.
    pub resident_bytes: Option<u64>,
    /// Memory it may touch, in bytes.
    pub virtual_bytes: Option<u64>,
    /// Files and connections it has open.
    pub open_fds: Option<u64>,
    /// How many it may.
    pub max_fds: Option<u64>,
}

impl Process {
    /// The figures now.
    pub(super) fn look() -> Self {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let open = std::fs::read_dir("/proc/self/fd").ok();
        Self {
            cpu_seconds: cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9,
            resident_bytes: kibibytes(&status, "VmRSS:"),
            virtual_bytes: kibibytes(&status, "VmSize:"),
            open_fds: open.map(|entries| entries.count() as u64),
            max_fds: getrlimit(Resource::Nofile).current,
        }
    }
}

/// A line such as `VmRSS:  1234 kB`, in bytes.
fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let number = line.trim().strip_suffix("kB")?.trim();
    number.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes_and_nonsense_is_no_figure() {
        let status = "Name:\tmuster\nVmSize:\t  2048 kB\nVmRSS:\t    12 kB\nVmData:\t many kB\n";
        assert_eq!(kibibytes(status, "VmRSS:"), Some(12 * 1024));
        assert_eq!(kibibytes(status, "VmSize:"), Some(2048 * 1024));
        assert_eq!(kibibytes(status, "VmData:"), None);
        assert_eq!(kibibytes(status, "VmPeak:"), None);
    }

    #[test]
    fn a_process_that_looks_at_itself_has_worked() {
        let found = Process::look();
        assert!(found.cpu_seconds > 0.0, "{found:?}");
        if cfg!(target_os = "linux") {
            assert!(found.resident_bytes > Some(1 << 20), "{found:?}");
            assert!(found.virtual_bytes >= found.resident_bytes, "{found:?}");
            assert!(found.open_fds > Some(2), "{found:?}");
        }
    }
}
