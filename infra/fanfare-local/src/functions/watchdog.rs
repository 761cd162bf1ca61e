//! What ends the functions' processes when the runner cannot: a process of its own, which reads from a pipe that only the
//! runner writes to. The system closes that pipe whatever ends the runner, SIGKILL too, and then every process that was not
//! said to have ended is killed, with what it started. The functions themselves are asked nothing: they are anybody's programs.
//!
//! Linux has `PR_SET_PDEATHSIG` for this, but ties it to the thread that started the process, and our threads come and go.
//! A pipe works on every Unix.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use tokio::process::Command;

/// Keeps a list of process groups, and kills what is on it once nobody writes to the pipe any more.
const SCRIPT: &str = r#"
groups=" "
while read -r change group; do
  case $change in
    began) groups="$groups$group " ;;
    ended) groups="${groups%%" $group "*} ${groups#*" $group "}" ;;
  esac
done
for group in $groups; do
  kill -s KILL -- "-$group"
done
"#;

/// A running watchdog. Dropping it is as good as the runner's end.
#[derive(Debug)]
pub(super) struct Watchdog(Mutex<File>);

impl Watchdog {
    pub(super) fn start() -> std::io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "fanfare-watchdog"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the runner, and so is a kill of its group.
            .process_group(0)
            .spawn()?;
        let pipe = child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(Self(Mutex::new(pipe.into_owned_fd()?.into())))
    }

    /// A process was started, as the first of a group of its own.
    pub(super) fn began(&self, pid: u32) {
        self.tell("began", pid);
    }

    /// A process is gone; its number may be another's soon.
    pub(super) fn ended(&self, pid: u32) {
        self.tell("ended", pid);
    }

    fn tell(&self, change: &str, pid: u32) {
        // A line is shorter than what a pipe takes at once, so no other line gets into it.
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = pipe.write_all(format!("{change} {pid}\n").as_bytes()) {
            tracing::warn!(%error, "functions would outlive a killed runner: their watchdog is gone");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that would sleep for an hour, in a group of its own.
    fn sleeper() -> (tokio::process::Child, u32) {
        let mut command = Command::new("sleep");
        let child = command.arg("3600").process_group(0).kill_on_drop(true).spawn();
        let child = child.expect("a process");
        let pid = child.id().expect("it runs");
        (child, pid)
    }

    #[tokio::test]
    async fn what_has_not_ended_is_killed_when_the_runner_s_end_of_the_pipe_is_closed() {
        let watchdog = Watchdog::start().expect("a watchdog");
        let [(mut first, one), (mut second, two), (mut other, ended)] = [(); 3].map(|()| sleeper());
        for pid in [one, ended, two] {
            watchdog.began(pid);
        }
        watchdog.ended(ended);
        watchdog.ended(7_777_777);
        drop(watchdog);
        for child in [&mut first, &mut second] {
            let status = child.wait().await.expect("it ended");
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        }
        assert!(other.try_wait().expect("watched").is_none(), "it was none of the watchdog's");
    }
}
