"""A network namespace for one machine, joined to this side by a pair of virtual cards.

Addresses are /30 nets out of 10.77.0.0/16, taken where nobody has one yet. Nothing is
routed on: a machine reaches this side and nothing else. A crowd's are /24 nets out of those
that are kept for measurements.
"""

import contextlib
import fcntl
import ipaddress
import itertools
import random

import roots
from commands import finished, run

NETS = ipaddress.ip_network("10.77.0.0/16")
CROWDS = ipaddress.ip_network("198.18.0.0/15")


class Network:
    """`namespace`: its name; `here` and `there`: the two addresses, as text."""

    def __init__(self, name):
        self.namespace = name
        self._card = f"{name}h"
        with choosing():
            net = free_net(NETS, 30)
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

    def crowd(self, count):
        """Gives this side's card `count` more addresses, as text; 254 at most. They go with the card."""
        with choosing():
            net = free_net(CROWDS, 24)
            addresses = [str(host) for host in itertools.islice(net.hosts(), count)]
            lines = "".join(f"addr add {address}/32 dev {self._card}\n" for address in addresses)
            run("ip", "-batch", "-", input=lines)
        run("ip", "-n", self.namespace, "route", "add", net, "via", self.here)
        return addresses

    def remove(self):
        """Removes both cards and the namespace; they may be gone already."""
        remove(self.namespace)


@contextlib.contextmanager
def choosing():
    """From the choice of a net to its use nobody else may choose one."""
    with open(roots.cache() / "network.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def free_net(nets, prefix):
    """One of which nobody has an address."""
    lines = run("ip", "-o", "-4", "addr").splitlines()
    taken = {ipaddress.ip_interface(f"{line.split()[3].split('/')[0]}/{prefix}").network for line in lines}
    return random.choice([net for net in nets.subnets(new_prefix=prefix) if net not in taken])


def remove(name):
    """Removes what a `Network` of this name made, as far as it is there."""
    finished(["ip", "link", "del", f"{name}h"], check=False)
    finished(["ip", "netns", "del", name], check=False)
