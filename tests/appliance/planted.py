"""Secrets that a suite has planted, and the search for them where none may be.

Every machine that was on to the end of its suite is searched: see `Guest.__exit__`.
"""

# Where the program and systemd write.
PLACES = "/run/neopro-backup /var/lib/neopro-backup /var/log /home/*/neopro-backups /var/lib/systemd"


def told(box):
    """The places on a machine where one of its `secrets` can be read."""
    if not box.secrets:
        return []
    patterns = "\n".join(sorted(box.secrets))
    # Archives are made of the club's settings, and hold them.
    files = f"grep -rlaF -f /dev/stdin --exclude='backup-*.tar.gz' --exclude-dir=journal {PLACES} 2>/dev/null || true"
    journal = "journalctl --output=export --no-pager | grep -aF -f <(cat) | head -3 || true"
    found = box.shell(files, input=patterns).split()
    return found + [f"the journal: {line}" for line in box.shell(journal, input=patterns).splitlines()]
