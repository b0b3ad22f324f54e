"""Where power goes, and what of the unsynced writes is on the card then.

A log is a list of `(offset, bytes)`, and `None` for each sync. All that a sync has followed is on the card;
of what was written since, nothing, all or a part may be, in any order, and one write in some of its
sectors only. A card that lies has said "synced" of more than is on it.
"""

import random
from dataclasses import dataclass

from disk import BLOCK

# How many of its last syncs a card may have lied about.
LIES = 4


@dataclass
class Cut:
    """One cut."""

    at: int  # entries of the log that had been sent to the disk
    durable: int  # of these, how many are on the card for certain
    kept: list  # of the writes since, those that are on the card


def cuts(log, after, count, seed, system, lying=False):
    """So many different cuts, in the order of what is durable: thrice right `after` each of these places, then after each
    place in the log, as far as the count allows. `system` says what of a write is never torn."""
    chance = random.Random(seed)
    places = list(range(len(log) + 1))
    chance.shuffle(places)
    places += 3 * after
    syncs = [index for index, entry in enumerate(log) if entry is None]
    rich = [at for at in places if len(_pending(log, _durable(syncs, at, 0), at)) > 1]
    found, seen = [], set()
    while len(found) < count:
        at = places.pop() if places else chance.choice(rich)
        durable = _durable(syncs, at, chance.randint(1, LIES) if lying else 0)
        kept = _kept(_pending(log, durable, at), chance, system)
        mark = (at, durable, tuple((offset, hash(data)) for offset, data in kept))
        if mark not in seen:
            seen.add(mark)
            found.append(Cut(at, durable, kept))
    return sorted(found, key=lambda cut: (cut.durable, cut.at))


def _durable(syncs, at, lies):
    """How much is on the card for certain, where so many of the last syncs before `at` were lies."""
    before = [sync for sync in syncs if sync < at]
    before = before[:len(before) - lies]
    return before[-1] + 1 if before else 0


def _pending(log, durable, at):
    return [entry for entry in log[durable:at] if entry]


def _kept(writes, chance, system):
    """What a card may hold of them."""
    share = chance.choice([0, 1, 0.1, 0.5, 0.9])
    kept = [write for write in writes if chance.random() < share]
    tearable = [at for at, (offset, _) in enumerate(kept) if offset // BLOCK != system.whole]
    if tearable and chance.random() < 0.5:
        victim = chance.choice(tearable)
        offset, data = kept.pop(victim)
        pieces = [(offset + at, data[at:at + system.tear]) for at in range(0, len(data), system.tear)]
        kept[victim:victim] = [piece for piece in pieces if chance.random() < 0.5]
    return kept
