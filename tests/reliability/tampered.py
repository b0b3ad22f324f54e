"""Commands under strace, of whose system calls one fails or is the last.

    calls = calls_of(club, "run")                     # every traced call, each kind numbered from one
    tampered = tamper(club, ["run"], calls[7], "EIO")
    tampered.said, tampered.hit                       # what the command answered; whether it met the fault

A number means a call only as long as the calls come in the same order. So a tampered command says
what it met: `line` is the call that was failed, as strace shows it, and not the one that was planned.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

# By what they do to the disk. What a program does not call here costs nothing.
WRITE = ("write", "pwrite64", "writev", "copy_file_range", "sendfile")
SYNC = ("fsync", "fdatasync")
RENAME = ("rename", "renameat", "renameat2", "link", "linkat")
UNLINK = ("unlink", "unlinkat", "rmdir")
READ = ("read", "pread64", "getdents64")
OPEN = ("open", "openat")
LOOK = ("statx", "newfstatat", "fstat", "stat", "lstat", "statfs", "fstatfs", "lseek")
CHANGE = ("mkdir", "mkdirat", "ftruncate", "fallocate", "fchmod", "chmod", "fchown", "fchownat", "utimensat", "flock")
KINDS = {"write": WRITE, "sync": SYNC, "rename": RENAME, "unlink": UNLINK,
         "read": READ, "open": OPEN, "look": LOOK, "change": CHANGE}  # fmt: skip
OF_KIND = {call: kind for kind, calls in KINDS.items() for call in calls}
# What changes the disk, and what a failure of must be told.
CHANGING = ("write", "sync", "rename", "unlink")
# Linux answers EINTR where a call waits for something that may never come: a pipe's other end, a
# lock. Names and sizes on a disk are waited for uninterruptibly, or until the process is killed;
# the manual pages of these calls know no EINTR (that of statfs does, for network file systems of
# old; that of open, for pipes, devices and leases, which the program opens without waiting; and that
# of flock, for taking a lock that another has: a run asks for it, and does not wait).
NEVER_INTERRUPTED = {*RENAME, *UNLINK, *LOOK, *CHANGE, *OPEN, "getdents64"} - {"ftruncate", "fallocate"}
# To let go of a lock that one has fails for no reason that a kernel has: there is nothing to wait
# for, to write or to allocate.
NEVER_FAILS = "LOCK_UN"

KILL = "SIGKILL"
# strace numbers the calls of each thread by itself: one thread is what these commands have.
LINE = re.compile(r"^(\d+) +([a-z_0-9]+)\((.*)$")


@dataclass(frozen=True)
class Call:
    """One system call of a command's, the `nth` of its name."""

    name: str
    nth: int
    line: str

    @property
    def kind(self):
        return OF_KIND[self.name]


@dataclass
class Tampered:
    """A command that something was done to."""

    said: object
    hit: bool
    line: str


def strace(log, *words, quick=True):
    # Only what is traced stops the command then: four times as quick. Signals are not injected so.
    return ["strace", "-f", *["--seccomp-bpf"] * quick, "-y", "-s", "64", "-o", log, *words]


def calls_of(club, *arguments):
    """Every call of these kinds that the command makes, in their order."""
    log = club.folder.parent / f"{club.folder.name}.strace"
    said = club.said(*arguments, before=strace(log, "-e", "trace=" + ",".join(OF_KIND)))
    counts, calls, processes = {}, [], set()
    for line in log.read_text(errors="replace").splitlines():
        found = LINE.match(line)
        if found:
            process, name, _ = found.groups()
            processes.add(process)
            counts[name] = counts.get(name, 0) + 1
            calls.append(Call(name, counts[name], line))
    assert len(processes) == 1, f"{arguments}: {len(processes)} threads, whose calls have no common number"
    return said, calls


def tamper(club, arguments, call, fault):
    """Runs the command, which meets this fault at this call: an error's name, or KILL."""
    log = club.folder.parent / f"{club.folder.name}.strace"
    how = "signal=KILL" if fault == KILL else f"error={fault}"
    words = ["-e", f"trace={call.name}", "-e", f"inject={call.name}:{how}:when={call.nth}"]
    said = club.said(*arguments, before=strace(log, *words, quick=fault != KILL))
    lines = [line for line in log.read_text(errors="replace").splitlines() if LINE.match(line)]
    if fault == KILL:
        return Tampered(said, said.status == -9, lines[-1] if lines else "")
    injected = [line for line in lines if "(INJECTED)" in line]
    return Tampered(said, bool(injected), injected[0] if injected else "")


class Kept:
    """A folder as it was, in memory, and what puts it back: contents, modes and times."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folders, self.files = [], {}
        for path in sorted(self.folder.rglob("*")):
            found = path.lstat()
            if path.is_dir():
                self.folders.append((path, found.st_mode & 0o7777))
            else:
                self.files[path] = (path.read_bytes(), found.st_mode & 0o7777, found.st_mtime_ns)

    def back(self):
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path == folder for folder, _ in self.folders):
                    path.rmdir()
            elif path not in self.files or self.differs(path):
                path.unlink()
        for path, mode in self.folders:
            path.mkdir(exist_ok=True)
            path.chmod(mode)
        for path, (content, mode, modified) in self.files.items():
            if not path.exists():
                path.write_bytes(content)
                path.chmod(mode)
                os.utime(path, ns=(modified, modified))

    def differs(self, path):
        """A new file is made then, as one that is written over could be an archive's second name."""
        content, mode, modified = self.files[path]
        found = path.lstat()
        now = (found.st_mtime_ns, found.st_size, found.st_mode & 0o7777)
        return now != (modified, len(content), mode) or path.read_bytes() != content
