"""What both kinds of machine can do: run commands, read and write files, show journals.

A machine that is on is reached by commands, one that is off by its disk; a test need not
know which. `Machine` and `Kernel` say how either is done.
"""

import planted
import prepare
from commands import wait_for


class Guest:
    """To be derived from; needs `finished`, `disk` and `is_on`."""

    @staticmethod
    def environment():
        """The environment of a command inside, as `NAME=value` words."""
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [f"PATH={path}", "HOME=/root", "USER=root", "LANG=C.UTF-8"]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None and self.is_on():
                places = planted.told(self)
                if places:
                    raise AssertionError(f"a secret is told: {places}")
        finally:
            self.close()

    def run(self, *argv, user=None, input=None, check=True, timeout=60):
        """Runs a command inside and gives what it printed; raises if it fails and `check`."""
        return self.finished(argv, user, input, check, timeout)[1]

    def shell(self, script, user=None, input=None, check=True, timeout=60):
        """`run` for a line or more of bash."""
        return self.run("bash", "-c", script, user=user, input=input, check=check, timeout=timeout)

    def succeeds(self, *argv, user=None, timeout=60):
        """Whether a command inside ends with 0."""
        return self.finished(argv, user, None, False, timeout)[0] == 0

    def edit(self, path, content, mode=0o644, owner=0):
        """Writes a file, text or bytes, with the folders above it. `owner`: 0, or 1000 for pi."""
        if not self.is_on():
            prepare.write(self.disk(), path, content, mode, owner)
            return
        script = 'd=$(dirname "$1"); until [ -d "$d" ]; do new=("$d" "${new[@]}"); d=$(dirname "$d"); done'
        script += '; for d in "${new[@]}"; do mkdir "$d" && chown "$3:$3" "$d" || exit; done'
        script += '; cat >"$1" && chmod "$2" "$1" && chown "$3:$3" "$1"'
        self.run("bash", "-c", script, "-", path, f"{mode:o}", owner, input=content)

    write = edit

    def read(self, path):
        """The text of a file."""
        if self.is_on():
            return self.run("cat", path)
        return prepare.inside(self.disk(), path).read_text(encoding="utf-8")

    def exists(self, path):
        """Whether there is something, if only a link that leads nowhere."""
        if self.is_on():
            return self.succeeds("test", "-e", path, "-o", "-L", path)
        place = prepare.inside(self.disk(), path)
        return place.is_symlink() or place.exists()

    def put(self, source, path, mode=0o644, owner=0):
        """Copies a file of this side into the machine."""
        with open(source, "rb") as file:
            self.edit(path, file.read(), mode, owner)

    def journal(self, unit, lines=200):
        """The last lines of a unit's journal, the messages only."""
        return self.run("journalctl", f"--unit={unit}", "--output=cat", "--no-pager", f"--lines={lines}")

    def show(self, unit, name):
        """One property of a unit, as systemd says it."""
        return self.run("systemctl", "show", f"--property={name}", "--value", unit).strip()

    def wait_unit(self, unit, state="active", timeout=30):
        """Waits until a unit is `active`, `inactive`, `failed`…"""
        wait_for(f"{unit} {state}", lambda: self.show(unit, "ActiveState") == state, timeout, every=0.1)
