"""Proves the Request Tracker connector on a real server, from the first install to a note that came back.

    python -m tests.real.request_tracker

Installs Request Tracker 5 from Debian where it is missing (as root), serves an empty one on 127.0.0.1, lets a customer
and an agent work in it, and drives Keepline by its commands beside them. Prints what it checked; ends with 1 if
anything was otherwise.
"""

import csv
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.contract import TicketChange, WritesTickets
from connectors.http import Conflict
from connectors.vendors.request_tracker.pulling import RequestTracker
from domain.errors import ConnectorError
from tests.real import rt_server
from tests.real.installation import Installation, Report
from tests.real.rt_server import Person, Server

_NAME = "request_tracker"
_RIGHTS = (
    "ShowTicket", "ShowTicketComments", "SeeQueue", "SeeCustomField", "CommentOnTicket", "ModifyTicket",
    "ModifyCustomField",
)  # fmt: skip
_MAPPING = """
connections:
  request_tracker:
    fields:
      ticket.tags: Tags
"""


@dataclass(frozen=True)
class Story:
    """The customer Ann of Acme, the agent Kim, and Keepline with rights on one queue."""

    server: Server
    keepline: Installation
    report: Report
    ann: Person
    kim: Person

    def connector(self) -> RequestTracker:
        """The connection as a job opens it, with its sealed secrets."""
        keepline = self.keepline.opened()
        connector = keepline.connector(keepline.connected.connection(_NAME), keepline.secrets(_NAME))
        assert isinstance(connector, RequestTracker)
        assert isinstance(connector, WritesTickets)
        return connector

    def connect(self) -> None:
        """Wrong credentials are refused and not kept; right ones say who we are."""
        report, keepline, token = self.report, self.keepline, self.server.token("keepline@helm.example")
        keepline.environment |= {"KEEPLINE_CONNECT_USER": "", "KEEPLINE_CONNECT_PASSWORD": token[:-4] + "0000"}
        there = ("connect", _NAME, "--set", f"url={self.server.url}")
        report.that("a wrong token is refused", keepline.run(*there), 1)
        report.that("the message names it and does not say it", ("the token was refused", False), (
            "the token was refused" if "the token was refused" in keepline.said else keepline.said,
            "0000" in keepline.said,
        ))  # fmt: skip
        keepline.environment |= {"KEEPLINE_CONNECT_USER": "kim@helm.example", "KEEPLINE_CONNECT_PASSWORD": "wrong"}
        report.that("a wrong password is refused with 401", keepline.run(*there), 1)
        report.that("the message names the user", "the password of kim@helm.example was refused" in keepline.said)
        report.that("nothing is kept of them", keepline.json("connectors"), [])
        keepline.environment |= {"KEEPLINE_CONNECT_USER": "", "KEEPLINE_CONNECT_PASSWORD": token}
        done = keepline.json(*there)
        report.that("the right token says whose it is", done["identity"], "keepline@helm.example")
        report.that("and that no right is missing", done["missing"], [])

    def pull(self) -> str:
        """A ticket's way from the server into the queue."""
        report, keepline = self.report, self.keepline
        ticket = self.ann.opens_ticket("Export fails", "The export fails every night, and we need it.")
        self.kim.says(ticket, "Looking into it.", "comment")
        self.kim.says(ticket, "Mended, please try again.")
        self.kim.sets(ticket, Status="stalled", Priority=50)
        report.that("a first sync ends well", _outcome(keepline.sync()), ("done", 0, 0))
        rows = keepline.rows("ticket")
        report.that("it brought the ticket", sorted(rows), [ticket])
        kept = {name: rows[ticket][name] for name in ("subject", "status", "priority", "workflow", "account_ref")}
        report.that("with its words", kept, {
            "subject": "Export fails", "status": "pending", "priority": "normal", "workflow": "Support",
            "account_ref": "domain:acme.example",
        })  # fmt: skip
        said = [(each["author_kind"], each["public"], each["text"]) for each in self._messages(ticket)]
        report.that("who said what, to whom", said, [
            ("customer", True, "The export fails every night, and we need it."),
            ("agent", False, "Looking into it."),
            ("agent", True, "Mended, please try again."),
        ])  # fmt: skip
        events = sorted(keepline.rows("ticket_event").values(), key=lambda each: int(each["external_id"]))
        report.that(
            "and its history in Keepline's words",
            [(each["kind"], each["to_value"]) for each in events],
            [("status", "open"), ("priority", "normal"), ("status", "pending")],
        )
        again = keepline.sync()
        report.that("a second sync changes nothing", (again["state"], again["changed"]), ("done", 0))
        report.that("the main job runs", keepline.run("run"), 0)
        queue = keepline.json("queue")
        fired = [(each["account"], each["playbook"]) for each in queue]
        report.that("a playbook fired for the account that renews", fired, [("Acme Ltd", "renewal-enterprise")])
        shown = keepline.json("account", "Acme Ltd")
        report.that("the queue's account has the ticket", "Export fails" in json.dumps(shown))
        return ticket

    def write(self, ticket: str) -> None:
        """A note's way back, once, and a priority with it."""
        report, connector = self.report, self.connector()
        change = self._change(ticket, "renewal-enterprise:1", priority="urgent", add_tags=("renewal-risk",),
                              note="Acme renews in 28 days.")  # fmt: skip
        planned = [(each.method, each.path) for each in connector.plan(change)]
        path = f"/REST/2.0/ticket/{ticket}"
        report.that("a dry run shows the requests", planned, [("PUT", path), ("POST", f"{path}/comment")])
        report.that("and sends none", self.kim.sees(ticket)["Priority"], "50")
        report.that("writing is done", connector.write(change).state, "done")
        report.that("a second attempt finds it there", connector.write(change).state, "already")
        seen = self.kim.sees(ticket)
        report.that("the server has the priority", seen["Priority"], "100")
        report.that("and the tag", _field(seen, "Tags"), ["renewal-risk"])
        notes = [each for each in self.kim.history(ticket) if "Acme renews in 28 days." in " ".join(each["texts"])]
        written = [(each["Type"], each["Creator"]["id"]) for each in notes]
        report.that("and the note, once, as a comment", written, [("Comment", "keepline@helm.example")])
        report.that("the next sync brings it back", _outcome(self.keepline.sync())[0], "done")
        report.that("as an internal note of an agent", [
            (each["author_kind"], each["public"]) for each in self._messages(ticket) if "renews in 28" in each["text"]
        ], [("agent", False)])  # fmt: skip
        report.that("with the new priority", self.keepline.rows("ticket")[ticket]["priority"], "urgent")

    def conflict(self, ticket: str) -> None:
        """Nobody's newer change is undone."""
        report, connector = self.report, self.connector()
        change = self._change(ticket, "renewal-enterprise:2", priority="normal")
        time.sleep(1.1)  # the server's times are whole seconds
        self.kim.sets(ticket, Priority=10)
        done = connector.write(change)
        report.that("Keepline steps back from Kim's newer priority", done.state, "stepped_back")
        report.that("and says whose it is", "Priority was changed by kim@helm.example" in done.because)
        (planned,) = connector.plan(self._change(ticket, "renewal-enterprise:3", priority="high"))
        self.kim.sets(ticket, Priority=20)
        try:
            connector.http.write(planned.method, planned.path, planned.body, planned.headers)
            refused = 0
        except Conflict as conflict:
            refused = conflict.status
        report.that("what was read before Kim's change is refused with 412", refused, 412)
        report.that("Kim's priority stands", self.kim.sees(ticket)["Priority"], "20")
        sentence = "nothing"
        try:
            connector.write(self._change(ticket, "renewal-enterprise:4", fields={"Seats": "many"}))
        except ConnectorError as error:
            sentence = str(error)
        report.that("a refusal inside of a 200 is an error", "Input must match" in sentence)

    def time_zone(self) -> None:
        """Keepline's user lives in Auckland; TicketSQL reads dates there, so Keepline sends none."""
        report, keepline = self.report, Person(self.server.url, "keepline@helm.example")
        ahead = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S")
        found = keepline.ask("GET", f"/tickets?query=LastUpdated > '{ahead}'")["count"]
        report.that("TicketSQL finds tickets of two hours ahead, in UTC", found > 0)
        ticket = self.ann.opens_ticket("Second question", "How many seats do we have?")
        report.that("a new ticket is read all the same", _outcome(self.keepline.sync())[0], "done")
        report.that("at once", ticket in self.keepline.rows("ticket"))

    def deletion(self, ticket: str) -> None:
        """What is deleted goes, and what is merged moves."""
        report, keepline = self.report, self.keepline
        spam = self.ann.opens_ticket("Win a prize", "Click here.")
        double = self.ann.opens_ticket("Export fails, again", "It still fails.")
        keepline.sync()
        report.that("two more tickets are there", {spam, double} <= keepline.rows("ticket").keys())
        self.kim.sets(spam, Status="deleted")
        self.kim.sets(double, MergeInto=ticket)
        report.that("a sync after a deletion and a merge ends well", _outcome(keepline.sync()), ("done", 0, 0))
        report.that("both tickets are gone", {spam, double} & keepline.rows("ticket").keys(), set())
        words = [each["text"] for each in self._messages(ticket)]
        report.that("what was said in the merged one is in the other", "It still fails." in words)
        report.that("nothing of the deleted one is left", [
            each for each in keepline.rows("message").values() if "Click here." in each["text"]
        ], [])  # fmt: skip
        self.kim.sets(spam, Status="open")
        keepline.sync()
        report.that("an undeleted ticket comes back", spam in keepline.rows("ticket"))
        report.that("with its words", [each["text"] for each in self._messages(spam)], ["Click here."])
        again = keepline.sync()
        report.that("and then nothing changes any more", (again["state"], again["changed"]), ("done", 0))

    def _messages(self, ticket: str) -> list[Mapping[str, Any]]:
        rows = [each for each in self.keepline.rows("message").values() if each["ticket_ref"] == ticket]
        return sorted(rows, key=lambda each: int(each["external_id"]))

    def _change(self, ticket: str, key: str, **wanted: Any) -> TicketChange:
        seen_at = datetime.fromisoformat(self.kim.sees(ticket)["LastUpdated"])
        return TicketChange(ticket, key, seen_at, **wanted)


def _outcome(done: Mapping[str, Any]) -> tuple[str, int, int]:
    return done["state"], done["waiting"], done["unusable"]


def _field(ticket: Mapping[str, Any], name: str) -> list[str]:
    values: list[str] = next(each["values"] for each in ticket["CustomFields"] if each["name"] == name)
    return values


def _write_crm(folder: Path) -> None:
    """Exports of a CRM: Acme renews in four weeks, and is the customer of that mail domain in the helpdesk."""
    today = datetime.now(UTC).date()
    started, renews = today - timedelta(days=337), today + timedelta(days=28)
    files: Mapping[str, list[list[object]]] = {
        "accounts": [["id", "name", "domains", "csm"], ["A1", "Acme Ltd", "acme.example", "Kim"]],
        "contracts": [
            ["id", "account_ref", "starts_on", "renews_on", "arr", "currency"],
            ["C1", "A1", started, renews, 150000, "USD"],
        ],
        "subscription_lines": [
            ["id", "account_ref", "amount", "currency", "interval_months", "starts_on"],
            ["S1", "A1", 150000, "USD", 12, started],
        ],
        "identities": [["source", "external_id", "account_ref"], [_NAME, "domain:acme.example", "A1"]],
    }
    folder.mkdir()
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


def _prepared(server: Server, folder: Path, report: Report) -> Story:
    server.root.ask("POST", "/queue", {"Name": "Support"})
    server.field("Tags", MaxValues=0)
    server.field("Seats", MaxValues=1, Pattern=r"(?#Digits)^[\d.]+$")
    story = Story(
        server=server,
        keepline=Installation(folder, _NAME),
        report=report,
        ann=server.person("ann@acme.example", privileged=False),
        kim=server.person("kim@helm.example", privileged=True),
    )
    server.person("keepline@helm.example", privileged=True, Timezone="Pacific/Auckland")
    server.grant("user", "keepline@helm.example", "Support", *_RIGHTS)
    server.grant("user", "kim@helm.example", "Support", *_RIGHTS, "ReplyToTicket", "DeleteTicket")
    server.grant("group", "Everyone", "Support", "CreateTicket", "ReplyToTicket")
    _write_crm(folder / "crm")
    keepline = story.keepline
    keepline.run("connect", "--new-key")
    keepline.environment["KEEPLINE_SECRET_KEY"] = keepline.said.strip()
    report.that("the CRM's exports are read", keepline.run("import", str(folder / "crm")), 0)
    keepline.config.mkdir(exist_ok=True)
    (keepline.config / "connectors.yaml").write_text(_MAPPING, encoding="utf-8")
    return story


def prove(report: Report) -> None:
    """Tell the whole story once."""
    with rt_server.serving() as server, tempfile.TemporaryDirectory(prefix="keepline-proof-") as folder:
        version = server.root.ask("GET", "/rt")["Version"]
        report.say(f"Request Tracker {version} at {server.url}, with a database of its own")
        story = _prepared(server, Path(folder), report)
        story.connect()
        ticket = story.pull()
        story.write(ticket)
        story.conflict(ticket)
        story.time_zone()
        story.deletion(ticket)


def main() -> int:
    """Install where needed, prove, and say how it went."""
    began, report = time.monotonic(), Report()
    if not rt_server.is_installed():
        report.say("Request Tracker is not installed; installing Debian's packages ...")
        rt_server.install()
    prove(report)
    report.say(f"{report.checked} checks, {len(report.wrong)} wrong, {time.monotonic() - began:.0f} s")
    return int(bool(report.wrong))


if __name__ == "__main__":
    sys.exit(main())
