//! What the machine says of a process: CPU time and memory, from where Linux keeps them. Elsewhere nothing
//! is known, and what rests on it is left out.

use std::time::Duration;

/// The CPU time of this process.
pub(super) fn own_cpu() -> Option<Duration> {
    cpu_of("self")
}

/// The CPU time of another process, all its threads together.
pub(super) fn cpu(pid: u32) -> Option<Duration> {
    cpu_of(&pid.to_string())
}

/// The memory a process occupies, in bytes.
pub(super) fn resident_bytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn cpu_of(process: &str) -> Option<Duration> {
    // Nanoseconds by thread; the total in /proc/PID/stat counts in hundredths of a second.
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let nanos = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanos.sum()))
}

/// How many cores there are for client and server together.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_works_uses_cpu_and_memory() {
        let before = own_cpu().unwrap();
        let mut sum = 0_u64;
        for number in 0..20_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_add(number));
        }
        assert!(own_cpu().unwrap() > before, "{sum}");
        assert!(resident_bytes(std::process::id()).unwrap() > 1024 * 1024);
        assert_eq!(cpu(u32::MAX), None);
    }
}
