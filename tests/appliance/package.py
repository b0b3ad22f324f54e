"""The real package, built by the project's own command, and a box to install it on.

    box = furnished(self.enterContext)     # with a club's files, booted
    package()                              # the .deb of this machine's architecture

`NEOPRO_DEB_AMD64` and `NEOPRO_DEB_ARM64` name packages that are built already.
"""

import functools
import os
import subprocess
from pathlib import Path

import club
from commands import wait_for
from machine import Machine

PROJECT = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 1800


@functools.cache
def package(arch="amd64"):
    """The .deb; built where the environment names none."""
    named = os.environ.get(f"NEOPRO_DEB_{arch.upper()}")
    if named:
        return Path(named)
    build = [PROJECT / "packaging/build", arch]
    done = subprocess.run(build, check=True, stdout=subprocess.PIPE, text=True, timeout=BUILD_SECONDS)
    return Path(done.stdout.split()[-1])


def install(box, deb=None, check=True):
    """Installs it as dpkg does; gives status, output and errors."""
    box.put(deb or package(box.arch), "/root/neopro-backup.deb")
    return box.finished(["dpkg", "--install", "/root/neopro-backup.deb"], check=check, timeout=120)


def answers(box):
    """Waits until the panel answers."""

    def healthy():
        try:
            return box.http("GET", "/api/health", timeout=5).status == 200
        except OSError:
            return False

    wait_for("the panel's answer", healthy, 30 * box.patience)


def furnished(enter, arch="amd64"):
    """A club's box, booted. `enter` is a test's `enterContext` or `enterClassContext`."""
    box = enter(Machine(arch))
    club.furnish(box)
    box.boot()
    return box


def archives(box):
    """The names of the archives, newest first, as the API lists them."""
    return [backup["name"] for backup in box.http("GET", "/api/backups").json["backups"]]
