"""The project's own packaging/deploy, run from this side over SSH as a person runs it.

    with Machine() as box:
        box.boot()
        status, out, err = deploy(box, "--backup-now")
        newer = repacked(folder, 1)
"""

import contextlib
import hashlib
import os
import re
from pathlib import Path

import club
import package
from commands import finished, run

DEPLOY = package.PROJECT / "packaging/deploy"


def deploy(box, *words, deb=None, user="root", check=True):
    """Gives status, output and errors. Without `deb` it installs the package of this tree."""
    given = [] if "--rollback" in words else ["--deb", deb or package.package(box.arch)]
    argv = [DEPLOY, f"{user}@{box.address}", *given, *words]
    env = {**os.environ, "NEOPRO_SSH_OPTIONS": " ".join(box.ssh_options())}
    return finished(argv, check=check, timeout=240 * box.patience, env=env)


def installed(enter):
    """A club's box on which the package was installed as a person installs it."""
    box = package.furnished(enter)
    deploy(box)
    return box


def last_line(text):
    """Where deploy says how it ended."""
    return text.strip().splitlines()[-1]


def repacked(folder, number, change=None):
    """The package of this tree as a later version; `change` may edit its unpacked folder."""
    tree = folder / str(number)
    run("dpkg-deb", "-R", package.package(), tree)
    control = tree / "DEBIAN/control"
    text = control.read_text(encoding="utf-8")
    control.write_text(re.sub("^Version: .*", rf"\g<0>+{number}", text, flags=re.MULTILINE), encoding="utf-8")
    if change:
        change(tree)
    deb = folder / f"neopro-backup_{number}.deb"
    run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "-b", tree, deb)
    return deb


def version(deb):
    """The version that a package's file says it has."""
    return run("dpkg-deb", "-f", deb, "Version").strip()


def digests(box, place=club.BACKUPS):
    """The archives, and the SHA-256 of each."""
    lines = box.shell(f"cd {place} && sha256sum backup-*.tar.gz").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def downloaded(box, name):
    """The SHA-256 of an archive as the panel sends it."""
    return hashlib.sha256(box.http("GET", f"/api/backups/download/{name}").body).hexdigest()
