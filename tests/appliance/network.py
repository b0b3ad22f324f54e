"""A network namespace for one machine, joined to this side by a pair of virtual cards.

Addresses are /30 nets out of 10.77.0.0/16, taken where nobody has one yet. Nothing is
routed on: a machine reaches this side and nothing else.
"""

import fcntl
import ipaddress
import random

import roots
from commands import finished, run

NETS = ipaddress.ip_network("10.77.0.0/16")


class Network:
    """`namespace`: its name; `here` and `there`: the two addresses, as text."""

    def __init__(self, name):
        self.namespace = name
        self._card = f"{name}h"
        # From the choice of a net to its use nobody else may choose one.
        with open(roots.cache() / "network.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            net = self._free_net()
            self.here, self.there = (str(host) for host in net.hosts())
            try:
                run("ip", "netns", "add", name)
                self._connect(net.prefixlen)
            except BaseException:
                self.remove()
                raise

    def _connect(self, bits):
        card, far, space = self._card, f"{self.namespace}g", self.namespace
        run("ip", "link", "add", card, "type", "veth", "peer", "name", far, "netns", space)
        run("ip", "-n", space, "link", "set", far, "name", "eth0")
        run("ip", "addr", "add", f"{self.here}/{bits}", "dev", card)
        run("ip", "link", "set", card, "up")
        run("ip", "-n", space, "addr", "add", f"{self.there}/{bits}", "dev", "eth0")
        run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", space, "link", "set", "eth0", "up")

    @staticmethod
    def _free_net():
        nets = list(NETS.subnets(new_prefix=30))
        random.shuffle(nets)
        taken = run("ip", "-o", "-4", "addr")
        return next(net for net in nets if not any(f" {host}/" in taken for host in net.hosts()))

    def remove(self):
        """Removes both cards and the namespace; they may be gone already."""
        remove(self.namespace)


def remove(name):
    """Removes what a `Network` of this name made, as far as it is there."""
    finished(["ip", "link", "del", f"{name}h"], check=False)
    finished(["ip", "netns", "del", name], check=False)
