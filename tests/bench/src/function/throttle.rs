//! A share of a CPU, as a function with little memory has: Lambda gives a whole one at 1,769 MB
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>).

use std::fs;
use std::path::PathBuf;

/// The share of a function with 512 MB.
pub(crate) const SHARE: f64 = 0.29;
/// How often a share is dealt out anew, in microseconds.
const PERIOD: f64 = 20_000.0;

/// A control group of version 1, whose `cpu` controller takes single threads: this one goes in to start a
/// process there, and comes out again.
pub(crate) struct Throttle {
    group: PathBuf,
    home: PathBuf,
}

impl Throttle {
    /// A group with its share, or `None` when this machine, or this user, can have none.
    pub(crate) fn new() -> Option<Self> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let is_cpu = |controllers: &str| controllers.split(',').any(|name| name == "cpu");
        let home = groups.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            is_cpu(controllers).then(|| path.trim_start_matches('/').to_owned())
        });
        let home = PathBuf::from("/sys/fs/cgroup/cpu").join(home?);
        let group = home.join(format!("fanfare-bench-{}", std::process::id()));
        fs::create_dir(&group).ok()?;
        let throttle = Self { group, home };
        let set = |file: &str, value: f64| {
            fs::write(throttle.group.join(file), format!("{value:.0}")).ok()
        };
        set("cpu.cfs_period_us", PERIOD)?;
        set("cpu.cfs_quota_us", PERIOD * SHARE)?;
        Some(throttle)
    }

    /// Does something that starts a process, which stays in the group.
    pub(crate) fn within<T>(&self, start: impl FnOnce() -> T) -> T {
        enter(&self.group);
        let started = start();
        enter(&self.home);
        started
    }
}

/// Moves this thread.
#[cfg(target_os = "linux")]
fn enter(group: &std::path::Path) {
    let thread = rustix::thread::gettid().as_raw_nonzero().to_string();
    fs::write(group.join("tasks"), thread).expect("a thread may change its group");
}

#[cfg(not(target_os = "linux"))]
fn enter(_: &std::path::Path) {}

impl Drop for Throttle {
    fn drop(&mut self) {
        // A group can be removed once the last process of it is gone.
        if let Err(error) = fs::remove_dir(&self.group) {
            println!("{} was not removed: {error}", self.group.display());
        }
    }
}
