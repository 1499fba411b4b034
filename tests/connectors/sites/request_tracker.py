"""A Request Tracker site, as a real one (5.0.3) was seen to answer: searches in TicketSQL, a log by id, texts apart.

What the real one does and this one does too: numbers come as texts and what is absent as an empty text; deleted tickets
are in no search, merged ones only where EffectiveId is named; a change is refused by a sentence in a 200; a user who is
no superuser is told no total, and what may not be seen leaves a page after it was cut.
"""

import json
import operator
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock
from tests.connectors.sites.ticket_sql import matches

_USER, _PASSWORD = "keepline", "rt-secret-password"
_TOKEN = "1-61-0123456789abcdef"
_BASIC = "Basic " + b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()
_NEVER = "1970-01-01T00:00:00Z"
_STATUSES = ("new", "open", "stalled", "resolved")
_OURS = {"new": "new", "open": "open", "stalled": "pending", "resolved": "solved", "on fire": "open"}
_STAFF = {14: "kim", 61: _USER}
_FIELDS = {2: "Customer", 3: "Tags", 4: "Renewal"}
_MANY = {"Tags"}
_QUEUES = {1: "General", 3: "Support"}
_JSON_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "IN": lambda found, these: found in these,
    ">": operator.gt,
}
_PRIORITY_WORDS = ((100, "High"), (50, "Medium"), (0, "Low"))


class RequestTrackerSite(FakeSite):
    vendor = "request_tracker"

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.tickets: dict[int, dict[str, Any]] = {}
        self.log: dict[int, dict[str, Any]] = {}
        self.attachments: dict[int, dict[str, Any]] = {}
        self.names = {1: "RT_System", 6: "Nobody", **_STAFF}
        # A superuser is told totals; others are not.
        self.is_superuser = True
        # What the user may not see of the log, by the kind of transaction.
        self.hidden: set[str] = set()
        # A field that the server refuses to change, without an error.
        self.keeps: set[str] = set()
        # What some lines of the log are garbled to.
        self.garbled: dict[int, dict[str, Any]] = {}
        self._next = 100
        self._stuck_page: list[dict[str, Any]] = []

    def settings(self) -> Mapping[str, str]:
        return {"url": self.url, "user": _USER}

    def secrets(self) -> Mapping[str, str]:
        return {"password": _PASSWORD}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.open_ticket(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        self.open_ticket(self.clock.now() - timedelta(minutes=1))

    def add_broken(self) -> str:
        ticket = self.open_ticket(self.clock.pass_by(seconds=7), words=())
        ticket["Created"] = "the day before yesterday"
        return str(ticket["id"])

    def change(self, nth: int) -> None:
        ticket = self.nth(nth)
        after = _STATUSES[(_STATUSES.index(ticket["Status"]) + 1) % len(_STATUSES)]
        self.set(ticket["id"], "Status", after, "kim")

    def delete(self, nth: int) -> None:
        self.set(self.nth(nth)["id"], "Status", "deleted", "kim")

    def nth(self, nth: int) -> dict[str, Any]:
        return self.tickets[sorted(self.tickets)[nth]]

    def open_ticket(
        self, at: datetime, words: Iterable[tuple[str, str, str]] | None = None, reserved: int | None = None
    ) -> dict[str, Any]:
        """A customer writes a mail; `words` are what is said: by whom, how, and the text."""
        key = max(self.tickets, default=0) + 1
        customer = f"u{key}@customer{key % 3}.example"
        self.names[1000 + key] = customer
        ticket: dict[str, Any] = {
            "id": key, "Subject": f"Export no. {key} fails", "Status": "new", "Priority": 0, "Queue": 3,
            "Owner": "Nobody", "Requestor": [customer], "Cc": [], "Created": _iso(at), "LastUpdated": _iso(at),
            "Resolved": _NEVER, "EffectiveId": key, "Type": "ticket",
            "CustomFields": {name: [] for name in _FIELDS.values()},
        }  # fmt: skip
        if self.speaks_oddly:
            ticket |= {"Status": "on fire", "Mood": {"sun": [1, 2]}}
        self.tickets[key] = ticket
        self.record(key, "Create", customer, at, number=reserved)
        said = ((customer, "Create", "It fails."), ("kim", "Comment", "Looking.")) if words is None else tuple(words)
        for who, kind, text in said:
            self.say(key, who, kind, text, at)
        return ticket

    def say(
        self, key: int, who: str, kind: str, text: str, at: datetime, *, html: bool = False, headers: str = ""
    ) -> int:
        """Somebody writes: a text, its HTML beside it, and a file; a mail goes out and is recorded."""
        created = next((each["id"] for each in self.log.values() if each["ObjectId"] == key), None)
        number = created if kind == "Create" and created else self.record(key, kind, who, at)
        self._attach(number, "multipart/mixed", "", headers=headers)
        self._attach(number, "text/html", f"<p>{text}</p>")
        if not html:
            self._attach(number, "text/plain", text)
        self._attach(number, "text/plain", "2026-03-02 error", "export.log")
        mail = self.record(key, "CommentEmailRecord" if kind == "Comment" else "EmailRecord", "RT_System", at)
        self._attach(mail, "text/plain", f"Mail: {text}")
        return number

    def set(self, key: int, field: str, value: Any, who: str) -> None:
        """Somebody sets a field."""
        ticket, now = self.tickets[key], self.clock.pass_by(seconds=7)
        if field in _FIELDS.values():
            number = next(number for number, name in _FIELDS.items() if name == field)
            values = value if isinstance(value, list) else [value]
            self.record(key, "CustomField", who, now, str(number), "", str(values[-1]))
            ticket["CustomFields"][field] = values
            return
        kind = "Status" if field == "Status" else "Set"
        self.record(key, kind, who, now, field, self._stored(field, ticket[field]), self._stored(field, value))
        if field == "Owner":
            self.record(
                key, "SetWatcher", who, now, field, self._stored(field, ticket[field]), self._stored(field, value)
            )
        ticket[field] = value
        if field == "Status":
            ticket["Resolved"] = _iso(now) if value == "resolved" else _NEVER

    def merge(self, key: int, into: int) -> None:
        """Make one ticket a part of another; the date of the first stays what it was."""
        now, was = self.clock.pass_by(seconds=7), self.tickets[key]["LastUpdated"]
        for each in self.tickets.values():
            if each["EffectiveId"] == key:
                each["EffectiveId"] = into
        for end in (key, into):
            self.record(end, "AddLink", "kim", now, "MergedInto", "", f"fsck.com-rt://helm.example/ticket/{into}")
        self.tickets[key]["LastUpdated"] = was

    def record(
        self, key: int, kind: str, who: str, at: datetime, field: str = "", old: str = "", new: str = "",
        number: int | None = None,
    ) -> int:  # fmt: skip
        """Write a line of the log."""
        number = number or self.reserve()
        self.log[number] = {
            "id": number, "ObjectType": "RT::Ticket", "ObjectId": key, "Type": kind, "Field": field, "OldValue": old,
            "NewValue": new, "Creator": who, "Created": _iso(at),
        }  # fmt: skip
        ticket = self.tickets[key]
        ticket["LastUpdated"] = max(ticket["LastUpdated"], _iso(at)) if "T" in ticket["LastUpdated"] else _iso(at)
        return number

    def reserve(self) -> int:
        """The id of a transaction that begins now; users and queues have theirs of the same row."""
        self._next += 3
        return self._next

    def facts(self) -> Facts:
        live = {key: each for key, each in self.tickets.items() if each["EffectiveId"] == key and self._is_there(each)}
        lines = {
            str(number): each
            for number, each in self.log.items()
            if self.tickets[each["ObjectId"]]["EffectiveId"] in live and each["Type"] not in self.hidden
        }
        return {
            "party": {
                f"domain:{domain}": {"domains": [domain]}
                for domain in {each["Requestor"][0].partition("@")[2] for each in live.values()}
            },
            "ticket": {
                str(key): {
                    "subject": each["Subject"],
                    "account_ref": f"domain:customer{key % 3}.example",
                    "status": _OURS[each["Status"]],
                    "workflow": _QUEUES[each["Queue"]],
                    "team": _QUEUES[each["Queue"]],
                }
                for key, each in live.items()
            },
            "message": {
                number: {
                    "ticket_ref": str(self.tickets[each["ObjectId"]]["EffectiveId"]),
                    "author_kind": "agent" if each["Creator"] in _STAFF.values() else "customer",
                    "public": each["Type"] != "Comment",
                    "text": self._said(int(number)),
                }
                for number, each in lines.items()
                if each["Type"] in {"Create", "Correspond", "Comment"} and self._said(int(number))
            },
            "ticket_event": {
                number: {
                    "ticket_ref": str(each["ObjectId"]),
                    "from_value": _OURS.get(each["OldValue"], "closed"),
                    "to_value": _OURS.get(each["NewValue"], "closed"),
                }
                for number, each in lines.items()
                if each["Type"] == "Status" and each["ObjectId"] in live
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") not in {_BASIC, f"token {_TOKEN}"}:
            return Reply({"message": "Unauthorized"}, 401)
        what, _, rest = request.path.removeprefix("/REST/2.0/").partition("/")
        if what in {"tickets", "transactions", "attachments"}:
            return self._search(what, request.query)
        if what == "queues":
            queues = [{"id": key, "Name": name} for key, name in _QUEUES.items()]
            return self._listing("queue", queues, request.query, self._queue)
        if what == "queue":
            fields = [{"id": str(key), "name": name, "type": "customfield"} for key, name in _FIELDS.items()]
            return Reply({"id": int(rest), "Name": _QUEUES[int(rest)], "TicketCustomFields": fields})
        return self._user(rest) if what == "user" else self._ticket(request, *rest.partition("/")[::2])

    def _user(self, name: str) -> Reply:
        name = name.replace("%40", "@")
        number = next((key for key, each in self.names.items() if name in {each, str(key)}), None)
        if number is None:
            return Reply({"message": "Not Found"}, 404)
        return Reply({"id": number, "Name": self.names[number], "Privileged": int(number in _STAFF)})

    def _ticket(self, request: Request, key: str, action: str) -> Reply:
        ticket = self.tickets.get(int(key))
        if request.method == "POST" and ticket:
            at = self.clock.pass_by(seconds=7)
            number = self.say(ticket["EffectiveId"], _USER, "Comment", request.json["Content"], at)
            return Reply(["Comments added"], 201, {"Location": f"/REST/2.0/transaction/{number}"})
        if ticket is None:
            return Reply({"message": "Not Found"}, 404)
        ticket = self.tickets[ticket["EffectiveId"]]
        if action == "history":
            own = [each for each in self.log.values() if self.tickets[each["ObjectId"]]["EffectiveId"] == ticket["id"]]
            return self._listing("transaction", own, request.query, self._line)
        tag = f'"{max(number for number, each in self.log.items() if each["ObjectId"] == ticket["id"])}"'
        if request.method == "PUT":
            if request.headers.get("if-match", tag) != tag:
                return Reply({"message": "Precondition Failed"}, 412)
            return Reply(self._put(ticket, request.json))
        alone = {
            **self._shown(ticket, {}),
            "id": ticket["id"],
            "EffectiveId": {"type": "ticket", "id": str(ticket["id"])},
        }
        return Reply(alone, headers={"ETag": tag})

    def _put(self, ticket: dict[str, Any], asked: Mapping[str, Any]) -> list[str]:
        said = []
        for name, value in {**asked, **asked.get("CustomFields", {})}.items():
            if name in self.keeps:
                said.append(f"Ticket {ticket['id']}: Permission Denied")
            elif name == "Priority":
                was, becomes = (_priority_word(each) for each in (ticket["Priority"], int(value)))
                self.set(ticket["id"], name, int(value), _USER)
                said.append(f"Ticket {ticket['id']}: Priority changed from '{was}' to '{becomes}'")
            elif name in _MANY:
                self.set(ticket["id"], name, list(value), _USER)
                said.append(f"{value[-1]} added as a value for {name}")
            elif name in _FIELDS.values():
                self.set(ticket["id"], name, [value], _USER)
                said.append(f"{name} {value} added")
        return said

    def _search(self, what: str, query: Mapping[str, str]) -> Reply:
        if what == "attachments":
            found = [each for each in self.attachments.values() if _fits_json(each, json.loads(query["query"]))]
            return self._listing("attachment", found, query, self._attachment)
        if what == "tickets":
            names_merged = "effectiveid" in query["query"].lower()
            found = [
                each for each in self.tickets.values()
                if each["Status"] != "deleted" and each["Type"] == "ticket"
                and (names_merged or each["EffectiveId"] == each["id"])
                and matches(query["query"], each)
            ]  # fmt: skip
            return self._listing("ticket", found, query, self._shown)
        # Each page begins with the last row of the one before, where this is asked of the site.
        loose = re.sub(r"\bid > ", "id >= ", query["query"]) if self.repeats_boundary else query["query"]
        found = [each for each in self.log.values() if matches(loose, each)]
        return self._listing("transaction", found, query, self._line)

    def _listing(
        self, kind: str, found: list[dict[str, Any]], query: Mapping[str, str], show: Callable[..., dict[str, Any]]
    ) -> Reply:
        found = sorted(found, key=lambda each: each["id"], reverse=query.get("order") == "DESC")
        size, page = min(int(query.get("per_page", 20)), 100, self.page_size), int(query.get("page", 1))
        rows = found[(page - 1) * size : page * size]
        is_log = kind == "transaction"
        if is_log and self.is_stuck and self._stuck_page:
            rows, found = self._stuck_page, [*found, {}] * 3
        self._stuck_page = rows if is_log else self._stuck_page
        items = [
            {"type": kind, "id": str(each["id"]), "_url": f"{self.url}/REST/2.0/{kind}/{each['id']}"}
            | show(each, query)
            | (self.garbled.get(each["id"], {}) if is_log else {})
            for each in rows
            if each.get("Type") not in self.hidden
        ]
        total = len(found) if self.is_superuser or kind == "ticket" else None
        pages = None if total is None else -(-total // size)
        body: dict[str, Any] = {
            "count": len(items),
            "page": page,
            "per_page": size,
            "total": total,
            "pages": pages,
            "items": items,
        }
        if pages and page < pages:
            body["next_page"] = f"http://rt.internal/REST/2.0/{kind}s?page={page + 1}"
        return Reply(body)

    def _shown(self, ticket: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        customers = [
            _user_ref(each) | ({"EmailAddress": each} if "fields[Requestor]" in query else {})
            for each in ticket["Requestor"]
        ]
        queue: dict[str, Any] = {"type": "queue", "id": str(ticket["Queue"])}
        if "fields[Queue]" in query:
            queue["Name"] = _QUEUES[ticket["Queue"]]
        fields = [
            {"id": str(number), "type": "customfield", "name": name, "values": ticket["CustomFields"][name]}
            for number, name in _FIELDS.items()
            if name in ticket["CustomFields"]
        ]
        full = {
            "Subject": ticket["Subject"], "Status": ticket["Status"], "Priority": str(ticket["Priority"]),
            "Queue": queue, "Owner": _user_ref(ticket["Owner"]), "Requestor": customers,
            "Cc": [_user_ref(each) for each in ticket["Cc"]], "CustomFields": fields or "",
            "Created": ticket["Created"], "LastUpdated": ticket["LastUpdated"], "Resolved": ticket["Resolved"],
            "EffectiveId": str(ticket["EffectiveId"]),
            "_hyperlinks": [{"ref": "self"}, {"ref": "history"}, {"ref": "comment"}, {"ref": "lifecycle"}],
        }  # fmt: skip
        odd = {"Mood": ticket["Mood"]} if "Mood" in ticket else {}
        return _asked_for(full, query) | odd

    def _line(self, line: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        return _asked_for({**line, "ObjectId": str(line["ObjectId"]), "Creator": _user_ref(line["Creator"])}, query)

    def _attachment(self, part: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        return _asked_for({**part, "TransactionId": str(part["TransactionId"])}, query)

    def _queue(self, queue: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        return _asked_for(queue, query)

    def _attach(self, number: int, kind: str, content: str, name: str = "", headers: str = "") -> None:
        key = len(self.attachments) + 1
        self.attachments[key] = {
            "id": key, "TransactionId": number, "ContentType": kind, "Content": content, "Filename": name,
            "Headers": headers or f"Content-Type: {kind}\n",
        }  # fmt: skip

    def _said(self, number: int) -> str:
        own = [each for each in self.attachments.values() if each["TransactionId"] == number and not each["Filename"]]
        plain = [each["Content"] for each in own if each["ContentType"] == "text/plain"]
        return "".join(plain) or "".join(
            each["Content"].replace("<p>", "").replace("</p>", "") for each in own if each["ContentType"] == "text/html"
        )

    def _stored(self, field: str, value: Any) -> str:
        return str(next(key for key, name in self.names.items() if name == value)) if field == "Owner" else str(value)

    @staticmethod
    def _is_there(ticket: dict[str, Any]) -> bool:
        return ticket["Status"] != "deleted" and "T" in ticket["Created"] and ticket["Type"] == "ticket"


def _asked_for(full: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    if "page" not in query and "per_page" not in query:
        return {name: value for name, value in full.items() if name != "_hyperlinks"}
    return {name: full[name] for name in query.get("fields", "").split(",") if name in full and name != "id"}


def _fits_json(row: Mapping[str, Any], limits: list[dict[str, Any]]) -> bool:
    return all(_JSON_OPERATORS[each["operator"]](row[each["field"]], each["value"]) for each in limits)


def _user_ref(name: str) -> dict[str, Any]:
    return {"type": "user", "id": name}


def _priority_word(number: int) -> str:
    return next(word for lowest, word in _PRIORITY_WORDS if number >= lowest)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
