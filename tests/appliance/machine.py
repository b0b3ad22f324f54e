"""A whole Debian 12 with systemd as PID 1, in systemd-nspawn, with a network of its own.

    with Machine() as box:
        box.edit("/etc/neopro/site.conf", "SITE=Rennes\\n")
        box.boot()
        box.run("systemctl", "status", "ssh")
        box.http("GET", "/api/backups").json
        box.reboot()

The pristine root stays below, what the machine writes goes to a layer in a temporary folder:
a reboot keeps it, the end of the `with` removes it. Units run in the real sandbox. What is
shared with this side is the kernel, so the clock (see kernel.py for one of its own) and the
page cache: a pulled plug stops every process at once, but loses nothing that was written.
"""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import network
import prepare
import roots
import workplace
from commands import finished, wait_for
from group import Group
from guest import Guest
from ssh import Ssh
from web import ask

# Emulated, all takes some twenty times as long.
PATIENCE = {"amd64": 1, "arm64": 15}
BOOT_SECONDS = 60
PORT = 8080


class Machine(Guest):
    """A box that is off at first. `address` is its own, `gateway` this side's."""

    def __init__(self, arch="amd64"):
        self.arch = arch
        self.patience = PATIENCE[arch]
        self.token = None
        self.secrets = set()
        self._process = None
        self._init = None
        self._group = None
        below = roots.root(arch)
        workplace.sweep()
        self.name = workplace.new_name()
        self.folder = workplace.new_folder(self.name)
        workplace.remember(self)
        try:
            self._group = Group(self.name)
            self._disk = workplace.new_disk(below, self.folder)
            self.ssh_side = Ssh(self.folder)
            prepare.box(self._disk, self.ssh_side.public_key, emulated=arch != "amd64")
            self.network = network.Network(self.name)
            self.address, self.gateway = self.network.there, self.network.here
            self.ssh_side.know(self.address, self.read("/etc/ssh/ssh_host_ed25519_key.pub"))
        except BaseException:
            self.close()
            raise

    # Power

    def boot(self, wait=True):
        """Switches it on; with `wait`, until systemd says that the boot is done."""
        if self.is_on():
            raise RuntimeError(f"{self.name} is on")
        argv = ["systemd-nspawn", "--quiet", f"--directory={self._disk}", "--boot"]
        argv += [f"--machine={self.name}", "--register=no", "--keep-unit", "--console=pipe"]
        argv += ["--resolv-conf=off", "--timezone=off", "--link-journal=no"]
        argv += [f"--network-namespace-path=/run/netns/{self.name}"]
        # What systemd needs for PrivateNetwork= and, by BPF, for IPAddressDeny= and devices.
        argv += ["--capability=CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON", "--system-call-filter=bpf"]
        with open(self.folder / "console", "ab") as console, self._group.entered():
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,  # Ctrl-C is for the tests, which then clean up
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        (self.folder / "pid").write_text(str(self._process.pid), encoding="utf-8")
        self._init = wait_for("the guest's PID 1", self._find_init, 30 * self.patience)
        if wait:
            self.wait_running()

    def _find_init(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"no boot: {self.console()[-2000:]}")
        children = finished(["pgrep", "--parent", self._process.pid], check=False)[1]
        for child in children.split():
            # nspawn's first child is a helper; the one that counts is number 1 of its own.
            if namespaced_pids(child)[1:] == [1]:
                return int(child)
        return None

    def wait_running(self, timeout=None):
        """Waits for the end of the boot; gives `running`, or `degraded` where a unit failed."""
        timeout = timeout or BOOT_SECONDS * self.patience

        def state():
            if not self.is_on():
                raise RuntimeError(f"{self.name} went off: {self.console()[-2000:]}")
            argv = self.inside(["systemctl", "is-system-running", "--wait"])
            word = finished(argv, check=False, timeout=timeout)[1].strip()
            return word if word in ("running", "degraded") else None

        return wait_for("the end of the boot", state, timeout)

    def is_on(self):
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def reboot(self):
        """Restarts it cleanly, and waits until it is up again."""
        self._stop("reboot")
        self.boot()

    def power_off(self):
        """Shuts it down cleanly; it can be booted again."""
        self._stop("poweroff")

    def _stop(self, verb):
        self.run("systemctl", "--no-block", verb)
        try:
            self._process.wait(120 * self.patience)
        finally:
            self._ended()

    def pull_the_plug(self):
        """Stops every process at once. What was written to a file stays, synced or not."""
        if self._init:
            try:
                os.kill(self._init, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
        self._ended()

    def _ended(self):
        self._init = None
        workplace.forget_propagation(self.name)

    def close(self):
        """Removes all there is of it, on or off."""
        if self._process is not None and self.is_on():
            self.pull_the_plug()
        if self._group:
            self._group.remove()
        workplace.clear(self.folder)
        network.remove(self.name)
        workplace.forget(self)

    # What guest.py asks for

    def inside(self, argv, user=None):
        """The command that runs `argv` inside: with the system's environment, or a login user's."""
        if not self._init:
            raise RuntimeError(f"{self.name} is off")
        enter = ["nsenter", "--target", self._init, "--all", "--"]
        clean = ["/usr/bin/env", "-i", *self.environment()]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--reset-env"] if user else []
        return [*enter, *clean, *become, *argv]

    def finished(self, argv, user=None, input=None, check=True, timeout=60):
        """Runs a command inside to its end; gives `(status, stdout, stderr)`."""
        return finished(self.inside(argv, user), input, check, timeout * self.patience, cwd="/")

    def disk(self):
        """The machine's "/", while it is off."""
        if self.is_on():
            raise RuntimeError(f"{self.name} is on")
        return self._disk

    def console(self):
        """What nspawn itself said."""
        return (self.folder / "console").read_text(encoding="utf-8", errors="replace")

    # From this side

    def ssh_options(self):
        """Arguments for ssh and scp; `" ".join(…)` of them suits a variable of a deploy script."""
        return self.ssh_side.options()

    def ssh(self, command, user="root", input=None, check=True, timeout=60):
        """Runs a shell command by SSH; gives what it printed."""
        argv = ["ssh", *self.ssh_options(), f"{user}@{self.address}", command]
        return finished(argv, input, check, timeout * self.patience)[1]

    def http(self, method, path, body=None, headers=None, timeout=30, port=PORT):
        """One request; gives an `Answer`: status, headers, body, and `.json`.

        A panel that wants to know who asks is shown a token, which is made by the way."""
        def asked():
            shown = {"Authorization": f"Bearer {self.token}", **(headers or {})} if self.token else headers
            return ask(self.address, port, method, path, body, shown, timeout * self.patience)

        answer = asked()
        if answer.status == 401:
            name = f"suite-{time.monotonic_ns()}"
            self.token = self.run("neopro-backup", "token", "add", name, "--scope", "admin").strip()
            self.secrets.add(self.token)
            answer = asked()
        return answer

    def pid_on_host(self, unit):
        """The unit's main process as this side numbers it, for signals, strace and nsenter."""
        there = int(self.run("systemctl", "show", "--property=MainPID", "--value", unit))
        if there == 0:
            raise RuntimeError(f"{unit} has no main process")
        space = os.readlink(f"/proc/{self._init}/ns/pid")
        for place in Path("/proc").glob("[0-9]*"):
            if namespaced_pids(place.name)[1:] == [there]:
                try:
                    if os.readlink(place / "ns/pid") == space:
                        return int(place.name)
                except OSError:
                    pass  # it just ended
        raise RuntimeError(f"process {there} of {unit} is gone")


def namespaced_pids(pid):
    """The numbers of a process, from this side's to that of the innermost namespace."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = re.search(r"^NSpid:(.*)$", status, re.MULTILINE)
    return [int(number) for number in found[1].split()] if found else []
