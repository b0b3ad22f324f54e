"""A card for a club: an ext4 image on a loop device, which fills up, breaks, goes away and comes back.

Only for a process with mounts of its own: `in_own_mounts()` starts the program again in such a one,
and all mounts are gone with it.
"""

import fcntl
import os
import struct
import subprocess
import sys
from pathlib import Path

from figures import skip

OWN = "NEOPRO_OWN_MOUNTS"
# _IOR('X', 125, __u32): the file system is gone under whoever uses it, as a card that is pulled.
EXT4_IOC_SHUTDOWN = 0x8004587D
NO_FLUSH = 2
BLOCK = 4096


def in_own_mounts():
    """Goes on in a mount namespace of its own, where that can be had."""
    if os.environ.get(OWN):
        return
    if os.geteuid() != 0:
        skip("needs root, for mounts")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        skip("no mounts of its own can be had here")
    os.environ[OWN] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def done(*words):
    """A command of the system's that must succeed."""
    said = subprocess.run([*map(str, words)], capture_output=True, text=True)
    assert said.returncode == 0, f"{words}: {said.stderr}"
    return said.stdout.strip()


class Card:
    """`place` is where it is seen; its image lies beside that."""

    def __init__(self, place, size, *options):
        self.place, self.image = Path(place), Path(f"{place}.image")
        self.place.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(size)
        done("mkfs.ext4", "-q", "-F", "-m", "0", *options, self.image)
        self.plug()

    def plug(self):
        said = subprocess.run(
            ["mount", "-o", "loop,errors=remount-ro", self.image, self.place], capture_output=True, text=True
        )
        if said.returncode:
            skip(f"no loop device can be mounted here: {said.stderr.strip()}")
        self.device = done("findmnt", "-no", "SOURCE", self.place)

    def pull(self):
        """The place is an empty folder; who has a file open there keeps it, and nobody finds another."""
        done("umount", "--lazy", self.place)

    def mend(self):
        """What is done to a card that broke: checked, and put in again."""
        subprocess.run(["umount", self.place], capture_output=True)
        said = subprocess.run(["e2fsck", "-fy", self.image], capture_output=True, text=True)
        assert said.returncode in (0, 1), said.stdout
        self.plug()

    def shut_down(self):
        """Every call fails from here on, but what is in memory is still read."""
        folder = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_FLUSH))
        finally:
            os.close(folder)

    def turn_read_only(self):
        """As the kernel does when it meets an error, whoever writes at that moment."""
        Path(f"/sys/fs/ext4/{Path(self.device).name}/trigger_fs_error").write_text("1")

    def free(self):
        found = os.statvfs(self.place)
        return found.f_bavail * found.f_frsize

    def leave(self, free):
        """Fills the card until so many bytes are free."""
        with open(self.place / "filler", "ab") as filler:
            while self.free() > free:
                grow = max(BLOCK, (self.free() - free) // BLOCK * BLOCK // 2)
                try:
                    os.posix_fallocate(filler.fileno(), filler.seek(0, 2), grow)
                except OSError:
                    break

    def leave_inodes(self, free):
        """Makes empty files until so many more can be made."""
        folder = self.place / "files"
        folder.mkdir(exist_ok=True)
        number = 0
        while os.statvfs(self.place).f_favail > free:
            (folder / f"file-{number}").touch()
            number += 1

    def clear(self):
        """Takes away what filled it."""
        (self.place / "filler").unlink(missing_ok=True)
        for path in (self.place / "files").glob("*"):
            path.unlink()
