"""What the people of a club do with a panel, by its API, in no order that anybody planned."""

import json
import urllib.parse

DEEDS = 8
PINS = 4


class People:
    """`chance` decides what they do. Each answer must be one that its document has for that."""

    def __init__(self, club, chance):
        self.club, self.chance = club, chance
        self.pinned = set()
        self.safety = None
        self.copies = {}
        self.counted = {}
        self.daemon = None
        self.streams = []

    def spend_a_day(self, daemon):
        self.daemon = daemon
        deeds = [getattr(self, name) for name in dir(self) if name.startswith("do_")]
        for deed in self.chance.choices(deeds, k=DEEDS):
            self.counted[deed.__name__] = self.counted.get(deed.__name__, 0) + 1
            deed()
        for connection, answer in self.streams:
            answer.close()
            connection.close()
        self.streams = []

    def ask(self, expected, method, path, body=None, headers=None):
        text = json.dumps(body) if isinstance(body, dict) else body
        answer = self.daemon.ask(method, path, text, headers)
        assert answer.status in expected, f"{method} {path}: {answer}"
        return answer

    def names(self):
        return [backup["name"] for backup in self.ask([200], "GET", "/api/backups").json()["backups"]]

    def one(self):
        """One of those that are listed, if any."""
        names = self.names()
        return self.chance.sample(names, min(1, len(names)))

    def do_look(self):
        for path in ("/", "/plain", "/api/status", "/api/journal", "/api/jobs", "/api/restore", "/api/backups/auto-status"):
            self.ask([200], "GET", path)

    def do_search(self):
        words = self.chance.choice(["mercredi décembre", "18/12/2026", "épinglée", "friday", "janvier", "x" * 40])
        query = urllib.parse.urlencode({"q": words, "only": self.chance.choice(["verified", "kept"]), "limit": 5})
        self.ask([200, 400], "GET", f"/api/backups?{query}")

    def do_backup(self):
        """More than five in a minute are refused, and a year of these has few minutes."""
        self.ask([200, 429], "POST", "/api/backups/create")

    def do_download(self):
        for name in self.one():
            body = self.ask([200], "GET", f"/api/backups/download/{name}").body
            assert body == (self.club.backups / name).read_bytes(), f"{name} was downloaded as something else"
            self.copies = {**dict(list(self.copies.items())[-5:]), name: body}
            self.ask([206], "GET", f"/api/backups/download/{name}", headers={"Range": "bytes=10-99"})

    def do_verify(self):
        for name in self.one():
            self.ask([200], "POST", f"/api/backups/{name}/verify")

    def do_look_inside(self):
        for name in self.one():
            self.ask([200], "GET", f"/api/backups/{name}")
            self.ask([200], "GET", f"/api/backups/{name}/files/site.conf")
            self.ask([200], "GET", f"/api/backups/{name}/diff")
            self.ask([200], "GET", "/api/sheet")

    def do_pin(self):
        for name in self.one():
            if len(self.pinned) < PINS:
                self.ask([200], "PUT", f"/api/backups/{name}/pin")
                self.pinned.add(name)

    def do_unpin(self):
        for name in self.chance.sample(sorted(self.pinned), min(1, len(self.pinned))):
            self.ask([200], "DELETE", f"/api/backups/{name}/pin")
            self.pinned.discard(name)

    def do_delete(self):
        """The people of this club leave four at least; a pinned one is refused."""
        names = self.names()
        if len(names) > 4:
            self.ask([200, 409], "DELETE", f"/api/backups/{self.chance.choice(names)}")

    def do_import(self):
        """A copy that somebody made comes back, or is there already."""
        for name in self.chance.sample(sorted(self.copies), min(1, len(self.copies))):
            kind = {"Content-Type": "application/gzip"}
            self.ask([200, 201], "POST", "/api/backups/import", self.copies[name], kind)

    def do_import_nonsense(self):
        self.ask([400, 422], "POST", "/api/backups/import", bytes(self.chance.randrange(1, 5000)), {"Content-Type": "application/gzip"})

    def do_set_retention(self):
        wanted = {"days": self.chance.randrange(1, 12), "keep_weekly": self.chance.randrange(0, 4)}
        self.ask([200], "GET", f"/api/retention?days={wanted['days']}")
        self.ask([200], "PUT", "/api/retention", wanted)

    def do_set_hour(self):
        self.ask([200], "PUT", "/api/schedule", {"at": f"{self.chance.randrange(1, 5):02}:30"})

    def do_toggle(self):
        for enable in (False, True):
            self.ask([200], "POST", "/api/backups/auto-toggle", {"enable": enable})

    def do_change_the_club(self):
        place = self.club.folder / "webapp/configuration.json"
        place.write_text(json.dumps({"version": "2.0", "name": "Club d'Évreux", "score": self.chance.randrange(100)}) + "\n")

    def do_restore_and_undo(self):
        for name in self.one():
            place = self.club.folder / "webapp/configuration.json"
            before = place.read_bytes()
            self.ask([200], "POST", f"/api/backups/{name}/restore", {})
            if self.chance.random() < 0.7:
                self.ask([200], "POST", "/api/restore/undo")
                assert place.read_bytes() == before, "undone, and not as before"

    def do_guess(self):
        self.ask([400, 401, 403, 429], "POST", "/api/access/session", {"password": "1234"})

    def do_nonsense(self):
        self.ask([400], "GET", "/api/backups/download/..%2f..%2fetc%2fpasswd")
        self.ask([404], "GET", "/api/backups/download/backup-20010101-000000.tar.gz")
        self.ask([404, 405], "POST", "/api/nothing")

    def do_listen(self):
        """Streams that are open while the others work, and dropped at the end of the day."""
        for path in ("/api/events", "/api/events"):
            connection, answer = self.daemon.stream(path)
            assert answer.status == 200, f"{path}: {answer.status}"
            self.streams.append((connection, answer))
