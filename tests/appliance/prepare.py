"""Turns a pristine root into a box before its first boot: user pi, SSH keys, name, clock zone.

Works on files only, so that it serves every architecture and a root in a folder as well as
one in a mounted image. Never starts anything.
"""

import os
import shutil
import uuid
from pathlib import Path

HOSTNAME = "neopro"
PI = 1000

# What a box does not need and what only makes its boot slow or its tests uneven.
MASKED = """
    console-getty.service getty@tty1.service e2scrub_all.timer e2scrub_reap.service
    apt-daily.timer apt-daily-upgrade.timer fstrim.timer dpkg-db-backup.timer
    systemd-pstore.service
""".split()

# What qemu's emulation cannot do for systemd; a drop-in for all services, so that the units
# themselves stay as they are. It ignores seccomp filters besides.
EMULATED = "[Service]\nLoadCredential=\nPrivateNetwork=no\nPrivateUsers=no\nPrivateIPC=no\n"


def inside(root, path):
    """Where `path` of a root lies here. A link that leads out of the root is refused."""
    root = Path(root).resolve()
    place = root / str(path).lstrip("/")
    real = place.parent.resolve() / place.name
    if not real.is_relative_to(root):
        raise ValueError(f"{path} leads out of the root, to {real}")
    return real


def write(root, path, content, mode=0o644, owner=0):
    """Writes a file of a root, with the folders above it; these get the same owner."""
    place = inside(root, path)
    for folder in reversed(place.parents):
        if not folder.exists():
            folder.mkdir(mode=0o755)
            os.chown(folder, owner, owner)
    if place.is_symlink():
        place.unlink()
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    place.chmod(mode)
    os.chown(place, owner, owner)


def box(root, public_key, emulated=False):
    """Everything that a fresh box has and a pristine root has not."""
    write(root, "/etc/hostname", f"{HOSTNAME}\n")
    write(root, "/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {HOSTNAME}\n::1 localhost\n")
    # An id of its own, so that the first boot is no "first boot" to systemd.
    write(root, "/etc/machine-id", uuid.uuid4().hex + "\n", mode=0o444)
    write(root, "/etc/resolv.conf", "")
    _link(root, "/etc/localtime", "/usr/share/zoneinfo/Europe/Paris")
    write(root, "/etc/timezone", "Europe/Paris\n")
    for unit in MASKED:
        _link(root, f"/etc/systemd/system/{unit}", "/dev/null")
    if emulated:
        write(root, "/etc/systemd/system/service.d/emulated.conf", EMULATED)
    # With this folder the journal survives a reboot, as on the real box.
    inside(root, "/var/log/journal").mkdir(exist_ok=True)
    _user_pi(root)
    write(root, "/root/.ssh/authorized_keys", public_key, mode=0o600)
    inside(root, "/root/.ssh").chmod(0o700)
    write(root, "/home/pi/.ssh/authorized_keys", public_key, mode=0o600, owner=PI)
    inside(root, "/home/pi/.ssh").chmod(0o700)


def _user_pi(root):
    """As on Raspberry Pi OS: uid 1000, a home that others cannot enter, sudo without password."""
    _append(root, "/etc/passwd", f"pi:x:{PI}:{PI}:,,,:/home/pi:/bin/bash\n")
    _append(root, "/etc/shadow", "pi:*:19000:0:99999:7:::\n")
    _append(root, "/etc/group", f"pi:x:{PI}:\n")
    _append(root, "/etc/gshadow", "pi:!::\n")
    home = inside(root, "/home/pi")
    shutil.copytree(inside(root, "/etc/skel"), home)
    home.chmod(0o700)
    for place in (home, *home.iterdir()):
        os.chown(place, PI, PI)
    write(root, "/etc/sudoers.d/010_pi-nopasswd", "pi ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)


def _append(root, path, line):
    with open(inside(root, path), "a", encoding="utf-8") as file:
        file.write(line)


def _link(root, path, target):
    place = inside(root, path)
    place.unlink(missing_ok=True)
    place.symlink_to(target)
