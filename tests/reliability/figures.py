"""How the programs of this folder are asked, and how they say what they found.

    options = asked(__doc__)             # options.long: the long form
    figures = Figures("power cuts")
    figures.say("cuts", 500, "ext4")     # a line of the report
    figures.violation("…")               # something that must not be
    figures.end()                        # prints the sum; exit status 1 where there was a violation

A program that cannot work on this machine calls `skip(why)`: exit status 77.
"""

import argparse
import json
import sys
import time

SKIPPED = 77


def asked(about, **flags):
    """The command line: `--long`, `--figures FILE`, and these flags with their defaults."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="the long form; the short one is part of tests/run")
    parser.add_argument("--figures", metavar="FILE", help="write the figures there, as JSON")
    for flag, default in flags.items():
        kind = {"action": "store_true"} if default is False else {"type": type(default), "default": default}
        parser.add_argument(f"--{flag.replace('_', '-')}", **kind)
    return parser.parse_args()


def skip(why):
    """Ends the program without a result."""
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


class Figures:
    """A report that grows line by line, each shown at once."""

    def __init__(self, subject, file=None):
        self.subject, self.file = subject, file
        self.begun = time.monotonic()
        self.values, self.violations = {}, []

    def say(self, name, value, of=""):
        """One figure, of one thing where there are several."""
        self.values[f"{of} {name}".strip()] = value
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.1f}" if isinstance(value, float) else value
        print(f"{self.subject}: {f'{of}: ' if of else ''}{name}: {shown}", flush=True)

    def violation(self, what):
        """Something that was promised and is not so."""
        self.violations.append(what)
        print(f"{self.subject}: VIOLATION: {what}", flush=True)

    def end(self):
        """The sum, and the end of the program."""
        self.say("violations", len(self.violations))
        self.say("seconds", time.monotonic() - self.begun)
        if self.file:
            with open(self.file, "w", encoding="utf-8") as file:
                json.dump({"subject": self.subject, "figures": self.values, "violations": self.violations}, file, indent=1)
        sys.exit(1 if self.violations else 0)
