"""The control group that one machine lives in.

nspawn puts its guest below the group that it is started in. Two guests in one would share
the groups of units of the same name: a firewall or a kill of the one would reach the other,
and a guest would find the firewalls of the one before it.
"""

import contextlib
import os
from pathlib import Path

from commands import wait_for


class Group:
    """A group below this process's own, with this name."""

    def __init__(self, name):
        top = Path("/sys/fs/cgroup/unified")
        top = top if top.exists() else top.parent
        own = Path("/proc/self/cgroup").read_text(encoding="utf-8").rpartition("0::/")[2].split("\n")[0]
        self._before = top / own
        self._group = self._before / name

    @contextlib.contextmanager
    def entered(self):
        """This process is in it meanwhile, and what it starts stays there."""
        self.remove()  # of the boot before
        self._group.mkdir()
        move_to(self._group)
        try:
            yield
        finally:
            move_to(self._before)

    def remove(self):
        """Removes it, with the groups that a guest has left in it."""

        def gone():
            # The kernel may still be busy with the last processes.
            for folder in sorted(self._group.rglob("*/"), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            with contextlib.suppress(OSError):
                self._group.rmdir()
            return not self._group.exists()

        wait_for("the end of the control group", gone, 10)


def move_to(group):
    """Moves this process to a control group."""
    (group / "cgroup.procs").write_text(str(os.getpid()), encoding="utf-8")
