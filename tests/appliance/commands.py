"""Runs the commands of the machine that the tests run on, each bounded in time.

Holds no knowledge of machines. A command that fails says in its exception what it was and
what it printed, so that a failed test needs no second run to be understood.
"""

import subprocess
import time


class CommandFailed(Exception):
    """A command ended with another status than 0, or not in time."""

    def __init__(self, argv, status, stdout, stderr):
        words = " ".join(str(word) for word in argv)
        super().__init__(f"{words[-400:]}\nended with {status}\n{stderr[-4000:]}\n{stdout[-2000:]}".rstrip())
        self.status = status
        self.stdout = stdout
        self.stderr = stderr


def text(data):
    """What a command printed, as text; bytes that are not UTF-8 stay visible."""
    return (data or b"").decode("utf-8", "backslashreplace")


def finished(argv, input=None, check=True, timeout=60, **options):
    """Runs a command to its end. Gives `(status, stdout, stderr)`, the last two as text.

    `input` is text, bytes or an open file. With `check`, another status than 0 raises.
    """
    if isinstance(input, str):
        input = input.encode()
    if isinstance(input, bytes):
        options["input"] = input
    else:
        options["stdin"] = input or subprocess.DEVNULL
    argv = [str(word) for word in argv]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=timeout, **options)
    except subprocess.TimeoutExpired as late:
        raise CommandFailed(argv, f"no end after {timeout} s", text(late.stdout), text(late.stderr)) from None
    status, stdout, stderr = done.returncode, text(done.stdout), text(done.stderr)
    if check and status != 0:
        raise CommandFailed(argv, status, stdout, stderr)
    return status, stdout, stderr


def run(*argv, **options):
    """Runs a command that must succeed; gives what it printed."""
    return finished(argv, **options)[1]


def wait_for(what, condition, timeout, every=0.05):
    """Asks `condition` until it answers something true, and gives that; raises after `timeout` s."""
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not after {timeout} s")
        time.sleep(every)
