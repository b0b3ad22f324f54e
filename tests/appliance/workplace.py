"""The folders that machines work in, and the removal of what a killed test run left.

Machines are named after the process that made them: `nb<process>n<number>`. The name is
also that of the network namespace, and the folder's name ends with it.
"""

import atexit
import itertools
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

import network
from commands import finished, run

PREFIX = "neopro-appliance-"
_numbers = itertools.count(1)
_open = []


def new_name():
    """A name that no other machine has, short enough for a network card."""
    return f"nb{os.getpid()}n{next(_numbers)}"


def new_folder(name):
    """The working folder of a machine."""
    folder = Path(tempfile.gettempdir()) / f"{PREFIX}{name}"
    folder.mkdir(mode=0o700)
    return folder


def new_disk(below, folder):
    """A "/" that starts as the root `below` and takes what is written to it to `folder`."""
    disk, upper, work = folder / "disk", folder / "upper", folder / "work"
    for place in (disk, upper, work):
        place.mkdir()
    upper.chmod(0o755)  # "/" takes its mode from here
    layers = f"lowerdir={below},upperdir={upper},workdir={work}"
    run("mount", "-t", "overlay", "-o", layers, "overlay", disk)
    return disk


def remember(machine):
    """Closes the machine when Python ends, should nobody have done so."""
    _open.append(machine)


def forget(machine):
    """The machine is closed."""
    if machine in _open:
        _open.remove(machine)


@atexit.register
def close_all():
    """Closes every machine that is still open, the newest first."""
    for machine in reversed(list(_open)):
        machine.close()


def kill(pid, folder):
    """Kills the process group of a machine, if the process still is what worked in `folder`."""
    try:
        if str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.killpg(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        pass


def clear(folder):
    """Removes a working folder. Never reaches through a mount into what lies behind it."""
    disk = folder / "disk"
    if os.path.ismount(disk):
        run("umount", "--lazy", disk)
    shutil.rmtree(folder, ignore_errors=True)


def forget_propagation(name):
    """Removes the folder that nspawn itself leaves where /run is no file system of its own."""
    finished(["rmdir", f"/run/systemd/nspawn/propagate/{name}"], check=False)


def sweep():
    """Removes what test runs left that were killed before they could clean up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}nb*"):
        owner = re.fullmatch(r"nb(\d+)n\d+", folder.name.removeprefix(PREFIX))
        if not owner or Path(f"/proc/{owner[1]}").exists():
            continue
        pid = folder / "pid"
        if pid.exists():
            kill(int(pid.read_text(encoding="utf-8")), folder)
        clear(folder)
        network.remove(owner[0])
        forget_propagation(owner[0])
