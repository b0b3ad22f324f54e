"""SSH into a machine: a key pair of its own, and its host key known beforehand.

Neither the user's keys nor the user's settings are read or changed.
"""

from commands import run


class Ssh:
    """The client's side; `folder` keeps the key and the known hosts."""

    def __init__(self, folder):
        self._key = folder / "id_ed25519"
        self._known = folder / "known_hosts"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "appliance-tests", "-f", self._key)
        self.public_key = self._key.with_suffix(".pub").read_text(encoding="utf-8")

    def know(self, address, host_key):
        """Takes the host's key as it lies on its disk."""
        kind, key = host_key.split()[:2]
        self._known.write_text(f"{address} {kind} {key}\n", encoding="utf-8")

    def options(self):
        """Arguments for ssh and scp, none with a space: they can be joined to one variable."""
        settings = {
            "UserKnownHostsFile": self._known,
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "ConnectTimeout": "20",
        }
        words = ["-F", "none", "-i", str(self._key)]
        for name, value in settings.items():
            words += ["-o", f"{name}={value}"]
        return words
