"""One HTTP request to a machine, without a proxy and without following redirects."""

import http.client
import json
from typing import NamedTuple


class Answer(NamedTuple):
    """What came back. `headers` compares names without regard to case, and has `get`."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        """The body, which must be JSON."""
        return json.loads(self.body)


def ask(address, port, method, path, body, headers, timeout):
    """Sends the request; a body that is neither text nor bytes goes as JSON."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
