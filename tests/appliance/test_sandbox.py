"""What each unit can't do when it is attacked. Every attack is tried twice: in the unit's own
sandbox, where it must fail, and in the same sandbox without the protection that is meant to
stop it, where it must succeed; so that no attack fails for another reason unseen."""

import re
import shlex
import socket
import threading
import unittest

import club
from deployment import installed

PANEL = "neopro-admin.service"
BACKUP = "neopro-backup.service"
TOGGLE = "neopro-backup-auto@on.service"
VERIFY = "neopro-backup-verify.service"
RESTORE = "neopro-restore@restore-0123456789ab-01234567.service"
RESUME = "neopro-restore-resume.service"
# Tenths of what `systemd-analyze security` calls exposure.
MOST_EXPOSED = {PANEL: 2, BACKUP: 2, VERIFY: 2, TOGGLE: 9, RESTORE: 12, RESUME: 12}

MANAGER = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager"
POLKIT = "/usr/share/polkit-1/rules.d/50-neopro-backup.rules"
ALLOW_ALL = 'polkit.addRule(function (action, subject) { return polkit.Result.YES; });\n'

# What belongs to the service's life and not to its sandbox.
LIFE = r"(Type|CollectMode|ExecStart|ExecStopPost|Restart|RestartSec|WatchdogSec|TimeoutAbortSec|TimeoutStartSec|StandardOutput)="


class Sandboxes(unittest.TestCase):
    """One box for all."""

    @classmethod
    def setUpClass(cls):
        cls.box = installed(cls.enterClassContext)
        # The home's own mode protects the files as well; here the sandbox is on trial.
        cls.box.run("chmod", "755", "/home/pi")
        cls.box.run("install", "-d", "-m", "1777", "/srv/open")
        cls.box.shell("dd if=/dev/zero of=/home/pi/diary bs=1 count=1 status=none; chown pi: /home/pi/diary")

    def attack(self, unit, script, *without, instead=()):
        """Runs bash in the sandbox of an installed unit, less the directives in `without`."""
        lines = self.box.run("systemctl", "cat", re.sub("@.*[.]", "@.", unit)).splitlines()
        dropped = re.compile("|".join([LIFE, *(f"{name}=" for name in without)]))
        kept = [line for line in lines if not dropped.match(line) and not line.startswith(("Requires=", "After="))]
        text = "\n".join(kept).split("[Install]")[0]
        for name in without:
            self.assertTrue(any(line.startswith(f"{name}=") for line in lines), f"{unit} has no {name}=")
        text = text.replace("%i", "on") + "\n[Service]\nType=oneshot\nExecStart=/bin/bash /etc/attack\n"
        self.box.edit("/run/systemd/system/attack.service", text + "\n".join(instead) + "\n")
        self.box.edit("/etc/attack", script + "\n", 0o755)
        self.box.run("systemctl", "daemon-reload")
        self.box.run("systemctl", "reset-failed", "attack.service", check=False)
        return self.box.succeeds("systemctl", "start", "attack.service")

    def stopped(self, unit, script, *without, instead=()):
        """The attack fails, and succeeds without these directives."""
        self.assertFalse(self.attack(unit, script), f"{unit}: {script} succeeded")
        went = self.attack(unit, script, *without, instead=instead)
        self.assertTrue(went, f"{script} fails without {without}, too:\n" + self.box.journal("attack.service", 20))

    def test_exposure_is_as_designed(self):
        for unit, most in MOST_EXPOSED.items():
            with self.subTest(unit):
                argv = ["systemd-analyze", "security", f"--threshold={most}", "--no-pager", unit]
                status, told, _ = self.box.finished(argv, check=False)
                print(f"{unit}: {told.strip().splitlines()[-1]}")
                self.assertEqual(status, 0, told)

    # The panel

    def test_panel_cannot_read_the_club_s_configuration(self):
        self.stopped(PANEL, f"cat {club.CONFIGURATION}", "ProtectHome")

    def test_panel_cannot_read_the_site_s_settings(self):
        self.stopped(PANEL, f"cat {club.SITE}", "InaccessiblePaths")

    def test_panel_cannot_read_the_sync_agent_s_secrets(self):
        self.stopped(PANEL, f"cat {club.SYNC_AGENT}", "ProtectHome", "User", "PrivateUsers", "CapabilityBoundingSet",
                     "SystemCallFilter", instead=["User=pi"])

    def test_panel_cannot_open_a_connection(self):
        with listening(self.box.gateway) as port:
            attack = f"exec 3<>/dev/tcp/{self.box.gateway}/{port}"
            self.stopped(PANEL, attack, "PrivateNetwork", "RestrictAddressFamilies", "IPAddressDeny")
            # Each of them stops it alone.
            for others in (
                ("RestrictAddressFamilies", "IPAddressDeny"),
                ("PrivateNetwork", "IPAddressDeny"),
                ("PrivateNetwork", "RestrictAddressFamilies"),
            ):
                self.assertFalse(self.attack(PANEL, f"timeout 3 bash -c '{attack}'", *others), others)

    def test_panel_writes_in_its_places_only(self):
        for place in (club.BACKUPS, "/var/lib/neopro-backup", "/run/neopro-backup/jobs"):
            self.assertTrue(self.attack(PANEL, f"touch {place}/.trial && rm {place}/.trial"), place)
        self.stopped(PANEL, "touch /srv/open/mark", "ProtectSystem")
        for place in ("/etc", "/usr/bin", "/var/lib", "/home/pi", "/boot"):
            self.assertFalse(self.attack(PANEL, f"touch {place}/.trial"), place)

    def test_panel_cannot_change_the_club_s_files(self):
        self.box.shell("install -m 666 /dev/null /home/pi/neopro/webapp/open; install -m 666 /dev/null /etc/neopro/open")
        self.stopped(PANEL, "echo >> /home/pi/neopro/webapp/open", "ProtectHome", "ProtectSystem")
        self.stopped(PANEL, "echo >> /etc/neopro/open", "InaccessiblePaths", "ProtectSystem")
        for path in (club.CONFIGURATION, club.SYNC_AGENT, club.SITE):
            self.assertFalse(self.attack(PANEL, f"echo >> {path}"), path)

    def busctl(self, call):
        return shlex.join(f"busctl --allow-interactive-authorization=no call {MANAGER} {call}".split())

    def refused(self, call):
        """systemd refuses the panel this call, and allows it where polkit has no rule of ours."""
        self.assertFalse(self.attack(PANEL, self.busctl(call)), call)
        ours = self.box.read(POLKIT)
        self.box.edit(POLKIT, ALLOW_ALL)
        try:
            self.reloaded_polkit()
            self.assertTrue(self.attack(PANEL, self.busctl(call)), f"{call} is refused in any case")
        finally:
            self.box.edit(POLKIT, ours)
            self.reloaded_polkit()

    def reloaded_polkit(self):
        self.box.run("systemctl", "restart", "polkit.service")

    def test_panel_may_start_the_backup(self):
        self.assertTrue(self.attack(PANEL, self.busctl("StartUnit ss neopro-backup.service replace")))

    def test_panel_cannot_start_another_unit(self):
        self.box.edit("/etc/systemd/system/other.service", "[Service]\nExecStart=/bin/true\n")
        self.refused("StartUnit ss other.service replace")

    def test_panel_cannot_start_another_instance_of_the_toggle(self):
        self.assertFalse(self.attack(PANEL, self.busctl("StartUnit ss neopro-backup-auto@x.service replace")))

    def test_panel_may_start_a_restore_of_a_good_name_and_no_other(self):
        start = "StartUnit ss {} replace".format
        for kind in ("restore", "preview"):
            self.assertTrue(self.attack(PANEL, self.busctl(start(f"neopro-restore@{kind}-0123456789ab-cdef0123.service"))))
        for name in ("@x", "@backup-0123456789ab-01234567", "@restore-0123456789ab-0123456", "-resume",
                     "@restore-0123456789ab-01234567x", "@xrestore-0123456789ab-01234567", "@restore-0123456789AB-01234567"):
            self.refused(start(f"neopro-restore{name}.service"))

    def test_panel_cannot_stop_or_repeat_a_restore(self):
        for verb in ("StopUnit", "RestartUnit"):
            self.refused(f"{verb} ss {RESTORE} replace")

    def test_the_club_s_user_may_start_the_backup_and_no_restore(self):
        def start(unit):
            return self.box.succeeds("bash", "-c", self.busctl(f"StartUnit ss {unit} replace"), user="pi")

        self.assertTrue(start(BACKUP))
        for unit in (RESTORE, RESTORE.replace("@restore", "@preview"), RESUME):
            self.assertFalse(start(unit), unit)

    def test_the_club_s_user_can_neither_write_nor_read_a_request(self):
        place = "/run/neopro-backup/restore"
        self.assertEqual(self.box.run("stat", "--format=%a %U:%G", place), "2750 neopro-backup:neopro-backup\n")
        self.assertFalse(self.box.succeeds("touch", f"{place}/x", user="pi"))
        self.assertFalse(self.box.succeeds("rmdir", place, user="pi"))
        self.assertFalse(self.box.succeeds("mv", place, f"{place}-away", user="pi"))

    def test_panel_cannot_stop_the_timer(self):
        self.box.run("systemctl", "start", "neopro-backup.timer")
        self.refused("StopUnit ss neopro-backup.timer replace")

    def test_panel_cannot_restart_a_unit_or_send_it_a_signal(self):
        self.refused("RestartUnit ss neopro-backup.service replace")
        # SIGCONT, which harms nobody, to a unit that runs.
        self.refused("KillUnit ssi neopro-admin.service all 18")

    def test_panel_cannot_enable_or_disable_units(self):
        self.refused("DisableUnitFiles asb 1 neopro-backup.timer false")
        self.box.run("systemctl", "enable", "--now", "neopro-backup.timer")

    def test_panel_cannot_set_a_unit_s_properties(self):
        self.refused("SetUnitProperties sba(sv) neopro-backup.service true 1 CPUWeight t 77")
        self.box.run("systemctl", "revert", "neopro-backup.service")

    def test_panel_cannot_make_a_unit(self):
        unit = "StartTransientUnit ssa(sv)a(sa(sv)) own.service replace 1 ExecStart a(sasb) 1 /bin/true 1 true false 0"
        self.refused(unit)

    # The backup, which runs as the club's own user

    def test_backup_cannot_change_what_it_saves(self):
        for path in (club.CONFIGURATION, club.SYNC_AGENT):
            self.stopped(BACKUP, f"echo >> {path}", "ProtectHome", "BindReadOnlyPaths", "ProtectSystem")
        self.assertFalse(self.attack(BACKUP, f"touch '{club.VIDEOS}/new'"))

    def test_backup_cannot_see_what_it_does_not_save(self):
        self.stopped(BACKUP, "cat /home/pi/diary", "ProtectHome")

    def test_backup_cannot_open_a_connection(self):
        with listening(self.box.gateway) as port:
            attack = f"exec 3<>/dev/tcp/{self.box.gateway}/{port}"
            self.stopped(BACKUP, attack, "PrivateNetwork", "RestrictAddressFamilies", "IPAddressDeny")

    def test_backup_cannot_become_root(self):
        self.assertEqual(self.box.run("sudo", "-n", "id", "-u", user="pi"), "0\n")
        self.stopped(BACKUP, "sudo -n id", "NoNewPrivileges", "PrivateUsers", "CapabilityBoundingSet", "SystemCallFilter",
                     "RestrictAddressFamilies", "ProtectSystem", "RestrictSUIDSGID", "MemoryDenyWriteExecute",
                     "LockPersonality", "PrivateDevices", "ProtectKernelTunables", "ProtectKernelModules",
                     "ProtectKernelLogs", "ProtectClock", "ProtectHostname", "RestrictNamespaces", "RestrictRealtime",
                     "SystemCallArchitectures")

    # The restore, which is root with what files take

    def test_restore_writes_in_its_places_only(self):
        for place in ("/home/pi/neopro/webapp", "/home/pi/neopro/sync-agent", "/etc/neopro", club.BACKUPS,
                      "/var/lib/neopro-backup", "/run/neopro-backup/jobs", "/run/neopro-backup/restore"):
            self.assertTrue(self.attack(RESTORE, f"touch {place}/.trial && rm {place}/.trial"), place)
        self.stopped(RESTORE, "touch /srv/open/root-s-mark", "ProtectSystem")
        self.stopped(RESTORE, "touch /home/pi/.bash_aliases", "BindReadOnlyPaths", "ProtectHome", "ProtectSystem")
        for place in ("/etc", "/usr/bin", "/var/lib", "/boot", club.VIDEOS, "/home/pi/neopro"):
            self.assertFalse(self.attack(RESTORE, f"touch '{place}/.trial'"), place)

    def test_restore_cannot_see_other_homes(self):
        self.stopped(RESTORE, "cat /root/.ssh/authorized_keys", "ProtectHome")

    def test_restore_cannot_open_a_connection(self):
        with listening(self.box.gateway) as port:
            attack = f"exec 3<>/dev/tcp/{self.box.gateway}/{port}"
            self.stopped(RESTORE, attack, "PrivateNetwork", "RestrictAddressFamilies", "IPAddressDeny")

    def test_restore_cannot_signal_a_process(self):
        self.box.run("systemd-run", "--unit=victim", "--uid=pi", "sleep", "infinity")
        self.addCleanup(self.box.run, "systemctl", "stop", "victim.service")
        pid = self.box.show("victim.service", "MainPID")
        self.stopped(RESTORE, f"kill -0 {pid}", "CapabilityBoundingSet", "ProtectProc")

    def test_restore_cannot_mount_or_make_devices(self):
        self.stopped(RESTORE, "mknod /etc/neopro/null c 1 3 && rm /etc/neopro/null", "CapabilityBoundingSet",
                     "SystemCallFilter", "PrivateDevices")

    # The weekly reading, which is the club's user

    def test_reading_back_sees_the_archives_and_nothing_else(self):
        self.assertTrue(self.attack(VERIFY, f"ls {club.BACKUPS}"))
        self.stopped(VERIFY, f"cat {club.CONFIGURATION}", "ProtectHome")
        self.stopped(VERIFY, f"cat {club.SITE}", "InaccessiblePaths")

    # The toggle, which is root without any of root's rights

    def test_toggle_cannot_read_the_homes(self):
        self.stopped(TOGGLE, f"ls {club.BACKUPS}", "ProtectHome")

    def test_toggle_cannot_override_a_file_s_mode(self):
        self.box.shell("install -m 600 -o pi /dev/null /srv/open/private")
        self.stopped(TOGGLE, "cat /srv/open/private", "CapabilityBoundingSet", "PrivateUsers")

    def test_toggle_writes_the_timer_s_drop_in_and_no_other_unit(self):
        timer = "/etc/systemd/system/neopro-backup.timer.d"
        self.assertTrue(self.attack(TOGGLE, f"touch {timer}/trial && rm {timer}/trial"))
        self.stopped(TOGGLE, "touch /etc/systemd/system/trial.service", "ProtectSystem")
        self.box.run("rm", "/etc/systemd/system/trial.service")
        for place in ("/etc", "/etc/neopro", "/usr/bin", "/var/lib", "/var/lib/systemd", "/boot"):
            self.assertFalse(self.attack(TOGGLE, f"touch {place}/.trial"), place)

    def test_toggle_takes_on_and_off_only(self):
        for word in ("x", "on off", "-h", "--dry-run"):
            escape = ["systemd-escape", "--template=neopro-backup-auto@.service", "--", word]
            unit = self.box.run(*escape).strip()
            self.assertFalse(self.box.succeeds("systemctl", "start", "--", unit), unit)


class listening:
    """A server on this side, at a free port, that takes every connection."""

    def __init__(self, address):
        self.socket = socket.create_server((address, 0))

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self.socket.getsockname()[1]

    def accept(self):
        try:
            while True:
                self.socket.accept()[0].close()
        except OSError:
            pass  # closed: the test is over

    def __exit__(self, *_):
        self.socket.close()
