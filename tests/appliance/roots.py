"""Makes the Debian 12 roots that machines start from, and keeps them outside the tree.

A root in the cache is whole and is never changed: it is made under a temporary
name and renamed, and machines write to layers over it. Its name holds a hash of the
package list and the architecture, so a changed list makes a new one.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from pathlib import Path

from commands import run

SUITE = "bookworm"

PACKAGES = """
    systemd systemd-sysv systemd-timesyncd dbus libpam-systemd polkitd openssh-server sudo
    adduser curl iproute2 jq procps strace tzdata kmod
""".split()

# Emulated, a root takes many minutes where the native one takes half a minute.
MAKE_SECONDS = {"amd64": 900, "arm64": 3600}


def cache():
    """The folder of all roots."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "neopro-backup" / "appliance"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def root(arch="amd64"):
    """The folder of a pristine root, made if it is not there."""
    if arch != "amd64":
        emulate(arch)
    return _made(f"root-{arch}-{_key(arch)}", lambda path: _debootstrap(arch, path))


def emulate(arch):
    """Makes the kernel run programs of another architecture, here and inside roots."""
    if arch != "arm64":
        raise ValueError(f"no machine of architecture {arch}")
    formats = Path("/proc/sys/fs/binfmt_misc")
    if not (formats / "register").exists():
        run("mount", "-t", "binfmt_misc", "binfmt_misc", formats)
    if not (formats / "qemu-aarch64").exists():
        run("update-binfmts", "--enable", "qemu-aarch64")


def _key(arch):
    return hashlib.sha256(repr((SUITE, sorted(PACKAGES), arch)).encode()).hexdigest()[:12]


def _debootstrap(arch, path):
    run(
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        f"--architectures={arch}",
        "--include=" + ",".join(PACKAGES),
        SUITE,
        path,
        timeout=MAKE_SECONDS[arch],
        cwd="/",
    )


def _made(name, make):
    """The path of a root in the cache. One process makes it, others wait for that one."""
    whole = cache() / name
    if whole.exists():
        return whole
    with _lock(cache() / f"{name}.lock"):
        if not whole.exists():
            # Whoever holds the lock is the only one, so what lies here was left half made.
            part = cache() / f"{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            make(part)
            part.rename(whole)
    return whole


@contextlib.contextmanager
def _lock(path):
    with open(path, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
