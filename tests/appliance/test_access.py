"""Who may do what on an installed box: the code, the first use, sudo, and what others cannot see."""

import re

import package
from deployment import deploy
from installation import PANEL, Box
from web import ask

CODE_FILE = "/etc/neopro-backup/setup-code"
FOLDER = "/var/lib/neopro-backup/access"
CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
PASSWORD = "trois petits tours"
NEXT_PASSWORD = "filet bleu buvette"


class Access(Box):
    """From the installer's one command to a club that knows one password; the first test is one story."""

    def setUp(self):
        self.box = package.furnished(self.enterContext)
        self.box.secrets.update({PASSWORD, NEXT_PASSWORD})
        self.done = deploy(self.box)

    def ask(self, method, path, body=None, **headers):
        """A caller who shows what is given here, and nothing else."""
        return ask(self.box.address, 8080, method, path, body, headers, 30)

    def cookies(self, answer):
        self.assertEqual(answer.status, 200, answer.body)
        pairs = [cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie")]
        self.box.secrets.update(pair.split("=")[1] for pair in pairs)
        return "; ".join(pairs)

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json["code"]), (status, code))

    def test_the_first_use_and_every_day_after_it(self):
        code = self.the_code_is_where_the_installer_looks_and_nowhere_else()
        self.before_the_claim_nobody_can_hurt_the_club(code)
        mine = self.whoever_has_the_code_claims_the_panel(code)
        self.the_session_outlives_a_restart(mine)
        self.root_replaces_a_lost_password(mine)

    def the_code_is_where_the_installer_looks_and_nowhere_else(self):
        code = CODE.search(next(line for line in self.done[1].splitlines() if "installation code" in line))[0]
        self.assertEqual(self.box.read(CODE_FILE).strip(), code)
        self.assertEqual(self.stat(CODE_FILE, FOLDER), ["600 root:root", "700 neopro-backup:neopro-backup"])
        self.assertIn(code, self.box.run("journalctl", "--no-pager"))
        self.assertEqual(self.box.run("neopro-backup", "passwd", "--code").count(code), 1)
        for user in ("pi", "neopro-backup"):
            self.assertFalse(self.box.succeeds("cat", CODE_FILE, user=user), user)
        self.assertFalse(self.box.succeeds("ls", FOLDER, user="pi"))
        for words in (["passwd", "--code"], ["token", "list"], ["token", "add", "x", "--scope", "admin"]):
            status, _, err = self.box.finished(["neopro-backup", *words], user="pi", check=False)
            self.assertEqual(status, 1)
            self.assertIn("sudo", err)
        again = deploy(self.box)[1]
        self.assertIn(code, again, "the same, until it is used")
        return code

    def before_the_claim_nobody_can_hurt_the_club(self, code):
        self.assertEqual(self.ask("POST", "/api/backups/create").status, 200)
        name = self.ask("GET", "/api/backups").json["backups"][0]["name"]
        for method, path in (
            ("GET", f"/api/backups/download/{name}"),
            ("DELETE", f"/api/backups/{name}"),
            ("PUT", f"/api/backups/{name}/pin"),
            ("POST", "/api/backups/auto-toggle"),
        ):
            self.refused(self.ask(method, path), 401, "not_claimed")
        wrong = "2222-2222" if code != "2222-2222" else "3333-3333"
        self.refused(self.claim(wrong), 401, "wrong_code")

    def claim(self, code):
        return self.ask("POST", "/api/access/setup", {"code": code, "password": PASSWORD})

    def whoever_has_the_code_claims_the_panel(self, code):
        mine = self.cookies(self.claim(code))
        self.assertEqual(self.ask("GET", "/api/backups", Cookie=mine).status, 200)
        self.refused(self.ask("GET", "/api/backups"), 401, "sign_in_needed")
        self.refused(self.claim(code), 409, "already_claimed")
        self.assertNotIn("installation code", deploy(self.box)[1])
        self.assertFalse(self.box.exists(CODE_FILE), "it opens nothing any more")
        self.assertEqual(self.ask("GET", "/api/backups", Cookie=mine).status, 200, "deployed again, and still known")
        return mine

    def the_session_outlives_a_restart(self, mine):
        self.box.run("systemctl", "restart", PANEL)
        package.answers(self.box)
        self.assertEqual(self.ask("GET", "/api/backups", Cookie=mine).status, 200)

    def root_replaces_a_lost_password(self, mine):
        panel = self.box.show(PANEL, "MainPID")
        self.box.run("neopro-backup", "passwd", input=NEXT_PASSWORD + "\n")
        self.refused(self.ask("GET", "/api/backups", Cookie=mine), 401, "sign_in_needed")
        self.refused(self.ask("POST", "/api/access/session", {"password": PASSWORD}), 401, "wrong_password")
        self.cookies(self.ask("POST", "/api/access/session", {"password": NEXT_PASSWORD}))
        self.assertEqual(self.box.show(PANEL, "MainPID"), panel, "without a restart")
        files = [f"{FOLDER}/{name}" for name in ("access.json", "audit.jsonl", "lock")]
        self.assertEqual(self.stat(*files), ["600 neopro-backup:neopro-backup"] * 3, "root wrote as the panel's user")

    def test_a_state_that_was_lost_leaves_a_panel_that_nobody_owns(self):
        self.cookies(self.claim(self.box.read(CODE_FILE).strip()))
        self.box.run("systemctl", "stop", PANEL)
        self.box.run("rm", "-r", "/var/lib/neopro-backup")
        self.box.run("systemctl", "start", PANEL)
        self.assertFalse(self.ask("GET", "/api/access").json["claimed"])
        self.assertRegex(self.box.journal(PANEL), CODE, "a new code, for who can read the journal")
        code = CODE.search(self.box.run("neopro-backup", "passwd", "--code"))[0]
        self.cookies(self.claim(code))

    def test_the_club_s_user_cannot_put_its_own_door_in_the_panel_s_place(self):
        self.cookies(self.claim(self.box.read(CODE_FILE).strip()))
        mine = f"{FOLDER}-mine"
        self.box.shell(f"mkdir -m 700 {mine} && echo '{{}}' >{mine}/access.json", user="pi")
        self.box.shell(f"mv {FOLDER} {FOLDER}-away && mv {mine} {FOLDER}", user="pi")
        self.refused(self.ask("GET", "/api/backups"), 500, "permission_denied")
        # What root does at each start of a unit does not make it the panel's either.
        self.box.run("systemctl", "start", "neopro-backup.service", user="pi")
        self.box.run("systemctl", "restart", PANEL)
        package.answers(self.box)
        self.refused(self.ask("GET", "/api/backups"), 500, "permission_denied")
        status, _, err = self.box.finished(["neopro-backup", "passwd"], input=PASSWORD, check=False)
        self.assertEqual(status, 1)
        self.assertIn(FOLDER, err, "root does not believe it either")
        self.box.shell(f"rm -r {FOLDER} && mv {FOLDER}-away {FOLDER}", user="pi")
        self.refused(self.ask("GET", "/api/backups"), 401, "sign_in_needed")
        self.box.run("mv", FOLDER, f"{FOLDER}-away", user="pi")
        self.refused(self.ask("GET", "/api/backups"), 503, "access_damaged")
