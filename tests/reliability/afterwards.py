"""The box comes up after a power cut: what is not as it was promised.

Each answer is a list of sentences, empty where all is well.
"""

import time
from datetime import date, timedelta

from club import PATIENCE
from daemon import Daemon
from staff import digest, holdings


def honest_card(club, steps, before, at):
    """Nothing is lost that was acknowledged, whatever happened to the rest."""
    sure, going = standing(steps, before, at)
    maybe = going.after if going else sure
    with Daemon(club) as daemon:
        listed = read_all(daemon)
        told = daemon.get("/api/status")
    found = holdings(club)
    wrong = archives(listed, found, sure, maybe)
    if not (sure.pins & maybe.pins) <= found.pins <= (sure.pins | maybe.pins):
        wrong.append(f"pinned {sorted(found.pins)}, was {sorted(sure.pins)}")
    if found.files not in (sure.files, maybe.files):
        wrong.append("the club's files are neither those of before nor those of after")
    wrong += status(club, sure, maybe, going, found, told)
    # Read by the program itself, every byte, and then the next night.
    wrong += [f"does not verify: {one}" for one in verified(club) if one["verification"] != "verified"]
    said = club.said("run")
    return wrong + (next_night(club, sure, maybe) if said.status == 0 else [f"the next backup fails: {said}"])


def lying_card(club, steps, before, at):
    """A card that has not what it said may lose what it likes: nobody is told that it is there."""
    sure, going = standing(steps, before, at)
    known = {**(going.after.archives if going else {}), **sure.archives}
    for step in steps:
        known = {**step.after.archives, **known}
    with Daemon(club) as daemon:
        daemon.get("/api/status")
    wrong = []
    for one in verified(club):
        is_whole = known.get(one["name"]) == digest(club.backups / one["name"])
        if (one["verification"] == "verified") != is_whole:
            wrong.append(f"{one['name']}: {one}, and its bytes are {'those' if is_whole else 'not those'} that were written")
    said = club.said("run")
    if said.status == 0:
        newest = club.status()["archive"]
        wrong += [f"the next backup: {one}" for one in verified(club) if one["name"] == newest and one["verification"] != "verified"]
    elif not said.err.strip():
        wrong.append(f"the next backup fails without a word: {said}")
    return wrong


def standing(steps, before, at):
    """What was acknowledged last, and the step that was going on."""
    ended = [step for step in steps if step.done <= at]
    going = next((step for step in steps if step.begun < at < step.done), None)
    return ended[-1].after if ended else before, going


def read_all(daemon):
    """The list, once the daemon has read what nobody has read yet."""
    ends = time.monotonic() + PATIENCE
    while True:
        listed = daemon.get("/api/backups")["backups"]
        if all(one["verification"] != "unverified" for one in listed) or time.monotonic() > ends:
            return listed
        time.sleep(0.002)


def verified(club):
    return club.said("verify", "--all", "--json").json()


def archives(listed, found, sure, maybe):
    """What is listed is there and verifies; what was acknowledged is there, byte for byte; what was deleted is not."""
    wrong = []
    if {one["name"] for one in listed} != set(found.archives):
        wrong.append(f"listed {listed}, there are {sorted(found.archives)}")
    wrong += [f"listed and not verified: {one['name']}: {one['problem']}" for one in listed if one["verification"] != "verified"]
    wrong += [f"lost: {name}" for name in sure.archives.keys() & maybe.archives.keys() - found.archives.keys()]
    known = {**maybe.archives, **sure.archives}
    for name, bytes_of_it in found.archives.items():
        if name not in known:
            wrong.append(f"never made, or deleted for good: {name}")
        elif known[name] != bytes_of_it:
            wrong.append(f"other bytes: {name}")
    return wrong


def status(club, sure, maybe, going, found, told):
    """Whether monitoring's file and the panel's sentence speak of what is there."""
    says = club.last_status()
    interrupted = going is not None and says is not None and says.get("code") == "run_interrupted"
    if (says and says["job"]) not in (sure.job, maybe.job) and not interrupted:
        return [f"the status speaks of {says}, the last acknowledged is {sure.job}"]
    wrong = []
    good = told["good"] and told["good"]["name"]
    if found.archives and good not in found.archives:
        wrong.append(f"the panel promises {good}")
    if says is None:
        return wrong
    if says["success"] and says["archive"] in sure.archives.keys() & maybe.archives.keys() - found.archives.keys():
        wrong.append(f"the status promises {says['archive']}")
    # The panel names no archive that has been deleted since.
    archive = says["archive"] if says["archive"] in found.archives else None
    if (told["last"]["success"], told["last"]["archive"]) != (says["success"], archive):
        wrong.append(f"panel and status differ: {told['last']}, {says}")
    return wrong


def next_night(club, sure, maybe):
    """After the next backup: it is the newest and verified, and what was young is still there."""
    wrong = []
    listed = club.listed()["backups"]
    names = [archive["name"] for archive in listed]
    if names[0] != club.status()["archive"] or listed[0]["verification"] != "verified":
        wrong.append(f"the newest is {listed[0]}, the status says {club.status()['archive']}")
    # Old nights may go with this one, by retention; three that verify stay whatever happens.
    kept = sure.archives.keys() & maybe.archives.keys()
    week = f"backup-{date.today() - timedelta(days=6):%Y%m%d}"
    lost = {name for name in kept if name > week} - set(names)
    if lost:
        wrong.append(f"lost in the next night: {sorted(lost)}")
    if len(names) < min(3, len(kept)):
        wrong.append(f"only {names}")
    return wrong + put_back(club, names[0])


def put_back(club, name):
    """A restore of the newest changes nothing, and clears away what an interrupted one left in its own folder."""
    files = holdings(club).files
    said = club.said("restore", name, "--yes")
    wrong = [f"the newest cannot be put back: {said}"] if said.status else []
    if holdings(club).files != files:
        wrong.append("a restore of the newest changed the club's files")
    left = [str(file) for file in club.folder.rglob("*.partial")]
    return wrong + ([f"left over: {left}"] if left else [])
