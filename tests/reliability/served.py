"""The daemon of a club, on a free port of this machine's own."""

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def settings(port):
    """What a club's configuration needs for it."""
    return f'[http]\nlisten = "127.0.0.1:{port}"\nauth = "open-lan"\n[schedule]\nmanager = "local"\n[ui]\nlanguage = "en"\n'


class Served:
    """`with Served(club, port) as panel:` … `panel.status()`."""

    def __init__(self, club, port):
        self.club, self.port = club, port

    def __enter__(self):
        self.process = subprocess.Popen(
            self.club.arguments("serve"), env=self.club.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.log = []
        # Which also keeps the pipe from filling up.
        is_served = threading.Event()

        def read():
            for line in self.process.stderr:
                self.log.append(line)
                if "panel served" in line:
                    is_served.set()
            is_served.set()

        self.reader = threading.Thread(target=read)
        self.reader.start()
        assert is_served.wait(60) and self.process.poll() is None, self.log
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.reader.join()

    def get(self, path):
        """The status code, and what is in the JSON."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept-Language": "en"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def status(self):
        return self.get("/api/status")

    def seconds(self, path):
        """How long an answer takes."""
        begun = time.monotonic()
        code, _ = self.get(path)
        assert code == 200, code
        return time.monotonic() - begun
