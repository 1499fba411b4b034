"""A real Request Tracker on 127.0.0.1: Debian's packages, with a database, a configuration and a port of its own.

Nothing of an installation that is already in use is touched: RT_SITE_CONFIG names our configuration, which names our
SQLite file and our folders for what RT writes.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

_HOME = Path("/usr/share/request-tracker5")
_SERVER = _HOME / "libexec" / "rt-server"
_SETUP = Path("/usr/sbin/rt-setup-database-5")
# msmtp-mta, so that no mail server is set up beside it.
_PACKAGES = ("msmtp-mta", "request-tracker5", "rt5-db-sqlite", "rt5-standalone")
_ANSWERS = "request-tracker5 request-tracker5/dbconfig-install boolean false\n"
_PASSWORD = "password"
_CONFIGURATION = """
Set($rtname, 'helm.example');
Set($Organization, 'helm.example');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{folder}/rt.sqlite');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($WebBaseURL, 'http://127.0.0.1:{port}');
Set($WebPath, '');
Set($RestrictReferrer, 0);
Set($LogToSTDERR, 'error');
Set($LogToSyslog, undef);
Set($MailCommand, 'testfile');
# Each request checks a password; the default makes that take most of its time.
Set($BcryptCost, 8);
$RT::VarPath = '{folder}';
$RT::MasonDataDir = '{folder}/mason';
$RT::MasonSessionDir = '{folder}/sessions';
1;
"""
_GRANT = """
use RT; RT::LoadConfig(); RT::Init();
my ($kind, $name, $queue, @rights) = @ARGV;
my $to = $kind eq 'user' ? RT::User->new(RT->SystemUser) : RT::Group->new(RT->SystemUser);
$kind eq 'user' ? $to->Load($name) : $to->LoadSystemInternalGroup($name);
my $on = RT::Queue->new(RT->SystemUser); $on->Load($queue);
for my $right (@rights) {
    my ($ok, $said) = $to->PrincipalObj->GrantRight(Right => $right, Object => $on);
    die "$right: $said" unless $ok;
}
"""
_TOKEN = """
use RT; RT::LoadConfig(); RT::Init();
my $user = RT::User->new(RT->SystemUser); $user->Load($ARGV[0]);
my ($ok, $said, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->Id, Description => 'keepline');
die $said unless $ok; print $token;
"""


def is_installed() -> bool:
    """Whether this machine has the server."""
    return _SERVER.exists() and _SETUP.exists()


def install() -> None:
    """Install Debian's packages; without a system-wide database, because ours is in a folder."""
    if not shutil.which("apt-get"):
        raise SystemExit("Request Tracker is not installed, and this is no Debian: install request-tracker5 by hand")
    if os.geteuid() != 0:
        raise SystemExit(f"Request Tracker is not installed: run this as root once, or install {' '.join(_PACKAGES)}")
    subprocess.run(["debconf-set-selections"], input=_ANSWERS, text=True, check=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=quiet, check=True)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *_PACKAGES]
    subprocess.run(command, env=quiet, check=True)


@dataclass(frozen=True)
class Person:
    """Somebody who uses Request Tracker by its REST interface."""

    url: str
    name: str
    password: str = _PASSWORD

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """What the server answers to a request that it takes."""
        answer = self.answer(method, path, body, headers)
        if answer.status_code >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def answer(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """The answer as it is."""
        return requests.request(
            method,
            f"{self.url}/REST/2.0{path}",
            json=body,
            auth=(self.name, self.password),
            headers=headers,
            timeout=60,
        )

    def opens_ticket(self, subject: str, text: str, queue: str = "Support") -> str:
        """The number of a ticket that this person asks for."""
        body = {"Queue": queue, "Subject": subject, "Requestor": [f"{self.name}"], "Content": text}
        return str(self.ask("POST", "/ticket", body)["id"])

    def says(self, ticket: str, text: str, how: str = "correspond") -> None:
        """Answer the customer, or comment among colleagues."""
        self.ask("POST", f"/ticket/{ticket}/{how}", {"Content": text, "ContentType": "text/plain"})

    def sets(self, ticket: str, **fields: Any) -> list[str]:
        """Change fields; what the server says to it."""
        said: list[str] = self.ask("PUT", f"/ticket/{ticket}", fields)
        return said

    def sees(self, ticket: str) -> dict[str, Any]:
        """The ticket as it is now."""
        seen: dict[str, Any] = self.ask("GET", f"/ticket/{ticket}")
        return seen

    def history(self, ticket: str) -> list[dict[str, Any]]:
        """What has happened to a ticket, the oldest first, with what was written."""
        path = f"/ticket/{ticket}/history?per_page=100&fields=Type,Field,NewValue,Creator"
        lines: list[dict[str, Any]] = self.ask("GET", path)["items"]
        for line in lines:
            parts = self.ask("GET", f"/transaction/{line['id']}/attachments?fields=Content,ContentType")["items"]
            line["texts"] = [each["Content"] for each in parts if each["ContentType"] == "text/plain"]
        return lines


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    url: str
    environment: Mapping[str, str]
    root: Person

    def person(self, name: str, *, privileged: bool, **about: Any) -> Person:
        """Somebody new."""
        body = {"Name": name, "EmailAddress": name, "Password": _PASSWORD, "Privileged": int(privileged), **about}
        self.root.ask("POST", "/user", body)
        return Person(self.url, name)

    def field(self, name: str, **about: Any) -> None:
        """A custom field of all tickets."""
        body = {"Name": name, "Type": "Freeform", "LookupType": "RT::Queue-RT::Ticket", "Queue": 0, **about}
        self.root.ask("POST", "/customfield", body)

    def grant(self, kind: str, name: str, queue: str, *rights: str) -> None:
        """Give rights on a queue to a user or a system group; REST cannot."""
        self._perl(_GRANT, kind, name, queue, *rights)

    def token(self, name: str) -> str:
        """A new token of a user."""
        return self._perl(_TOKEN, name)

    def _perl(self, program: str, *arguments: str) -> str:
        command = ["perl", f"-I{_HOME / 'lib'}", "-e", program, "--", *arguments]
        done = subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()


@contextmanager
def serving() -> Iterator[Server]:
    """Serve an empty Request Tracker while the block runs."""
    with tempfile.TemporaryDirectory(prefix="keepline-rt-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), _free_port()
        for each in ("mason", "sessions", "configuration"):
            (folder / each).mkdir()
        (folder / "site.pm").write_text(_CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
        ours = {"RT_SITE_CONFIG": str(folder / "site.pm"), "RT_SITE_CONFIG_DIR": str(folder / "configuration")}
        environment = {**os.environ, **ours}
        with (folder / "log").open("w") as log:
            setup = [str(_SETUP), "--action", "init", "--skip-create", "--dba", ""]
            subprocess.run(setup, env=environment, cwd=folder, stdout=log, stderr=log, check=True)
            command = [str(_SERVER), "--server", "Starlet", "--host", "127.0.0.1", "--port", str(port)]
            process = subprocess.Popen(
                [*command, "--max-workers", "2"], env=environment, cwd=folder, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
            try:
                server = Server(f"http://127.0.0.1:{port}", environment, Person(f"http://127.0.0.1:{port}", "root"))
                _wait_for(server.root, process, folder / "log")
                yield server
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)


def _wait_for(root: Person, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            root.ask("GET", "/rt")
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"Request Tracker does not answer:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
