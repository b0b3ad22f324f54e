"""The same Debian 12 under a kernel of its own, User Mode Linux: own clock, real power cut.

    with Kernel() as box:
        box.boot(clock=datetime(2036, 3, 30, 1, 30))
        box.run("systemctl", "list-timers")
        box.set_clock(datetime(2024, 12, 18, 2, 59, 50))
        box.pull_the_plug()
        box.boot()

A pulled plug loses what was not synced, as on a real card: the page cache is the guest's.
There is no network but the guest's loopback, so requests are made inside, with curl.
Commands come by a shared folder, see inside/agent. The card is never mounted on this side:
a copy of that mount in another process's namespace would be a second writer.
"""

import contextlib
import itertools
import os
import shlex
import shutil
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import prepare
import roots
import workplace
from commands import CommandFailed, run, wait_for
from guest import Guest

ZONE = ZoneInfo("Europe/Paris")
MEMORY = "512M"
CARD = "1500M"  # sparse
BOOT_SECONDS = 240
PATIENCE = 3  # it is several times as slow as the machine that it runs on
INSIDE = Path(__file__).with_name("inside")


class Kernel(Guest):
    """A box that is off at first. Its card, `image`, is made at the first boot."""

    def __init__(self):
        self.secrets = set()
        below = roots.root()
        workplace.sweep()
        self.name = workplace.new_name()
        self.folder = workplace.new_folder(self.name)
        workplace.remember(self)
        self.image = self.folder / "card.ext4"
        self._process = None
        self._doorbell = None
        self._numbers = itertools.count(1)
        self._share = self.folder / "share"
        try:
            self._share.mkdir()
            self._disk = workplace.new_disk(below, self.folder)
            self._prepare(self._disk)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _prepare(disk):
        prepare.box(disk, "")
        for name in ("agent", "init"):
            prepare.write(disk, f"/usr/local/lib/appliance/{name}", (INSIDE / name).read_bytes(), 0o755)
        unit = "appliance-agent.service"
        prepare.write(disk, f"/etc/systemd/system/{unit}", (INSIDE / unit).read_bytes())
        wants = prepare.inside(disk, "/etc/systemd/system/sysinit.target.wants")
        (wants / unit).symlink_to(f"../{unit}")

    # Power

    def boot(self, clock=None, wait=True):
        """Switches it on. `clock`: what a box without a battery believes; else this side's time."""
        if self.is_on():
            raise RuntimeError(f"{self.name} is on")
        if not self.image.exists():
            run("mke2fs", "-q", "-t", "ext4", "-d", self._disk, self.image, CARD, timeout=120)
        shutil.rmtree(self._share)
        self._share.mkdir()
        argv = ["linux.uml", f"ubd0={self.image}", "root=/dev/ubda", "rw", f"mem={MEMORY}"]
        argv += [f"umid={self.name}", f"uml_dir={self.folder}/", f"hostfs={self._share}"]
        argv += ["init=/usr/local/lib/appliance/init", "con0=null,fd:1", "con=null"]
        if clock is not None:
            argv.append(f"appliance_clock={seconds(clock)}")
        ear, self._doorbell = os.pipe()
        with open(self.folder / "console", "ab") as console:
            self._process = subprocess.Popen(
                [*argv, f"ssl0=fd:{ear},null", "ssl=null"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                pass_fds=[ear],
                start_new_session=True,
            )
        os.close(ear)
        (self.folder / "pid").write_text(str(self._process.pid), encoding="utf-8")
        wait_for("the guest's agent", self._ready, BOOT_SECONDS)
        if wait:
            self.wait_running()

    def _ready(self):
        if not self.is_on():
            raise RuntimeError(f"no boot: {self.console()[-2000:]}")
        ready = self._share / "ready"
        return ready.exists() and ready.stat().st_size > 0

    def wait_running(self, timeout=BOOT_SECONDS):
        """Waits for the end of the boot; gives `running`, or `degraded` where a unit failed."""

        def state():
            word = self.run("systemctl", "is-system-running", "--wait", check=False, timeout=timeout / PATIENCE).strip()
            return word if word in ("running", "degraded") else None

        return wait_for("the end of the boot", state, timeout)

    def is_on(self):
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def power_off(self):
        """Shuts it down cleanly; it can be booted again."""
        self.run("systemctl", "--no-block", "poweroff")
        try:
            self._process.wait(BOOT_SECONDS)
        finally:
            self.pull_the_plug()

    def reboot(self, clock=None):
        """Shuts it down cleanly and boots it again."""
        self.power_off()
        self.boot(clock)

    def pull_the_plug(self):
        """Kills the kernel at once, and with it all that it had not yet written to the card."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        if self._doorbell is not None:
            os.close(self._doorbell)
            self._doorbell = None

    def close(self):
        """Removes all there is of it, on or off."""
        if self._process is not None:
            self.pull_the_plug()
        workplace.clear(self.folder)
        workplace.forget(self)

    # Clock

    def now(self):
        """What its clock shows, in the zone of the box."""
        return datetime.fromtimestamp(int(self.run("date", "+%s")), ZONE)

    def set_clock(self, when):
        """Sets its clock, and makes sure that this side's stayed as it was."""
        before = time.time() - time.monotonic()
        self.run("date", "--utc", f"--set=@{seconds(when)}")
        moved = abs(time.time() - time.monotonic() - before)
        if moved > 1:
            raise AssertionError(f"this side's clock moved by {moved} s")

    # What guest.py asks for

    def finished(self, argv, user=None, input=None, check=True, timeout=60):
        """Runs a command inside to its end; gives `(status, stdout, stderr)`."""
        if not self.is_on():
            raise RuntimeError(f"{self.name} is off")
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--reset-env"] if user else []
        words = ["exec", "env", "-i", *self.environment(), *become, *argv]
        number = next(self._numbers)
        place = self._share / str(number)
        script = "cd /; " + shlex.join(str(word) for word in words) + "\n"
        place.with_suffix(".sh").write_text(script, encoding="utf-8")
        data = input.read() if hasattr(input, "read") else input or b""
        place.with_suffix(".in").write_bytes(data.encode() if isinstance(data, str) else data)
        os.write(self._doorbell, f"{number}\n".encode())
        return self._result(argv, place, check, timeout * PATIENCE)

    def _result(self, argv, place, check, timeout):
        done = place.with_suffix(".status")
        try:
            wait_for(shlex.join(map(str, argv)), lambda: done.exists() or not self.is_on(), timeout, every=0.01)
        except TimeoutError:
            out, err = _printed(place)
            raise CommandFailed(argv, f"no end after {timeout} s", out, err) from None
        if not done.exists():
            raise RuntimeError(f"{self.name} went off: {self.console()[-2000:]}")
        out, err = _printed(place)
        status = int(done.read_text(encoding="utf-8"))
        if check and status != 0:
            raise CommandFailed(argv, status, out, err)
        return status, out, err

    def disk(self):
        """The box's "/" before its first boot; afterwards it is reached only while it is on."""
        if self.image.exists():
            raise RuntimeError(f"{self.name} has booted; its card is reached by commands only")
        return self._disk

    def console(self):
        """What the kernel said."""
        return (self.folder / "console").read_text(encoding="utf-8", errors="replace")


def seconds(when):
    """Seconds since 1970; a time without a zone is in the zone of the box."""
    return int((when if when.tzinfo else when.replace(tzinfo=ZONE)).timestamp())


def _printed(place):
    """What a command printed so far: `(stdout, stderr)`."""
    files = [place.with_suffix(suffix) for suffix in (".out", ".err")]
    return [file.read_text(encoding="utf-8", errors="backslashreplace") if file.exists() else "" for file in files]
