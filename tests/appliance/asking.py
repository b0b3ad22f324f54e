"""A client that asks all the while."""

import http.client
import threading
import time


class Asking(threading.Thread):
    """A client that asks all the while. Who is cut off in the middle of an answer asks again;
    who is refused, or waits longer than a browser would, has stood before a closed door."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.box = box
        self.going_on = True
        self.answered = self.refused = self.cut = 0
        self.longest = 0.0

    def run(self):
        while self.going_on:
            begun = time.monotonic()
            try:
                self.box.http("GET", "/api/health", timeout=20)
                self.answered += 1
            except (ConnectionRefusedError, TimeoutError):
                self.refused += 1
            except (OSError, http.client.HTTPException):
                self.cut += 1
            self.longest = max(self.longest, time.monotonic() - begun)
            time.sleep(0.02)

    def stop(self):
        self.going_on = False
        self.join(30)
