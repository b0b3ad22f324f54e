//! An alarm by the wall clock: it sleeps without waking the processor, rings at a
//! time of day, and wakes when somebody sets the clock.

use std::io;

use jiff::Timestamp;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::unix::AsyncFd;

use super::descriptor::{Descriptor, awaited};

/// The alarm.
pub(super) struct Alarm(AsyncFd<Descriptor<TimerFd>>);

impl Alarm {
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        Ok(Self(awaited(TimerFd::new(ClockId::CLOCK_REALTIME, flags)?)?))
    }

    /// Sleeps until the wall clock shows `due`, or until it is set; the caller looks
    /// at the clock again either way.
    pub(super) async fn until(&self, due: Timestamp) -> io::Result<()> {
        let at = Expiration::OneShot(TimeSpec::new(due.as_second(), 0));
        let flags = TimerSetTimeFlags::TFD_TIMER_ABSTIME | TimerSetTimeFlags::TFD_TIMER_CANCEL_ON_SET;
        match self.0.get_ref().0.set(at, flags) {
            // The clock was set just now.
            Err(nix::Error::ECANCELED) => return Ok(()),
            other => other?,
        }
        loop {
            let mut ready = self.0.readable().await?;
            match ready.get_inner().0.wait() {
                Err(nix::Error::EAGAIN) => ready.clear_ready(),
                Ok(()) | Err(nix::Error::ECANCELED) => {
                    ready.clear_ready();
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn it_rings_at_its_time_and_at_once_for_a_time_that_is_past() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let alarm = Alarm::new().unwrap();
            alarm.until(Timestamp::now() - SignedDuration::from_hours(24)).await.unwrap();
            let due = Timestamp::from_second(Timestamp::now().as_second() + 1).unwrap();
            alarm.until(due).await.unwrap();
            assert!(Timestamp::now() >= due);
        });
    }
}
