//! The real daemon on a free port, ended by its own process id.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{PATIENCE, planted, until};

/// A daemon that serves.
pub(crate) struct Daemon {
    /// Where.
    pub(crate) address: SocketAddr,
    child: Child,
    reader: Option<JoinHandle<()>>,
    /// The lines of its log so far.
    log: Arc<Mutex<Vec<String>>>,
}

impl Daemon {
    /// Starts this very command, which serves; answers when it does.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (found, address) = mpsc::channel();
        let errors = child.stderr.take().unwrap();
        let log = Arc::<Mutex<Vec<String>>>::default();
        let lines = Arc::clone(&log);
        let reader = Some(thread::spawn(move || listen(errors, &lines, &found)));
        match address.recv_timeout(PATIENCE) {
            Ok(address) => Self { address, child, reader, log },
            Err(error) => {
                let _ = child.kill();
                panic!("the daemon did not serve: {error}, {:?}", child.wait());
            }
        }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    /// The lines of its log that hold this text, so far.
    pub(crate) fn logged(&self, text: &str) -> Vec<String> {
        self.log.lock().unwrap().iter().filter(|line| line.contains(text)).cloned().collect()
    }

    /// Its whole log so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Ends it, if it has not ended.
    pub(crate) fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.stop();
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        until("the daemon's end", || self.child.try_wait().unwrap())
    }

    /// Ends it as systemd does.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.ended()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if thread::panicking() {
            // A test that failed must not wait for what may be the reason.
            let _ = self.child.kill();
            let _ = self.child.wait();
            return;
        }
        self.end();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        planted::assert_unlogged(&self.log());
    }
}

/// Reads the log to its end, so that the daemon never blocks on it; what it says is
/// the test's output, shown where the test fails.
fn listen(errors: ChildStderr, log: &Mutex<Vec<String>>, found: &mpsc::Sender<SocketAddr>) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        log.lock().unwrap().push(line.clone());
        if let Some((_, address)) = line.split_once("panel served address=") {
            let _ = found.send(address.trim().parse().unwrap());
        }
        eprintln!("daemon: {line}");
    }
}
