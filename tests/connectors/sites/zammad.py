"""A Zammad site, written from its published source and documentation; no real one was at hand to compare it with.

Lists come in pages by number; a search by a condition is answered by the database, in the order that was asked for.
Attributes that it does not know it drops from a change and says yes. A deleted ticket leaves no trace.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

_TOKEN = "zm-secret-token"
_KINDS = ("new", "open", "pending reminder", "pending action", "closed", "merged", "removed")
_STATES = {
    **{name: name for name in _KINDS},
    "pending close": "pending action",
    "waiting for parts": "pending reminder",
}
_OURS = {"new": "new", "open": "open", "pending reminder": "pending", "pending close": "pending", "closed": "closed",
         "merged": "closed"}  # fmt: skip
_CYCLE = ("open", "pending reminder", "pending close", "closed")
_PRIORITIES = ("1 low", "2 normal", "3 high")
_AGENT = "kim@helm.example"


class ZammadSite(FakeSite):
    vendor = "zammad"
    tells_deletions = False

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.organizations: dict[int, dict[str, Any]] = {}
        self.tickets: dict[int, dict[str, Any]] = {}
        self.articles: dict[int, dict[str, Any]] = {}
        self.history: list[dict[str, Any]] = []
        self.tags: dict[int, list[str]] = {}
        self.users: dict[int, dict[str, Any]] = {}
        self.priorities = list(_PRIORITIES)
        # Older versions do not say the kind of a state by its name.
        self.names_kinds = True
        self.ignores_conditions = False
        self.broken_histories: set[int] = set()
        self._next = 100

    def settings(self) -> Mapping[str, str]:
        return {"url": self.url}

    def secrets(self) -> Mapping[str, str]:
        return {"token": _TOKEN}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.add_ticket(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        self.add_ticket(self.clock.now() - timedelta(minutes=1))

    def add_broken(self) -> str:
        ticket = self.add_ticket(self.clock.pass_by(seconds=7), told=False)
        ticket["created_at"] = "the day before yesterday"
        return str(ticket["id"])

    def change(self, nth: int) -> None:
        ticket = self.nth(nth)
        after = _CYCLE[(_CYCLE.index(ticket["state"]) + 1) % len(_CYCLE)]
        self.update(ticket["id"], {"state": after})

    def nth(self, nth: int) -> dict[str, Any]:
        return self.tickets[sorted(self.tickets)[nth]]

    def add_ticket(self, at: datetime, *, told: bool = True) -> dict[str, Any]:
        """A customer writes; every third one belongs to no organization."""
        key = self._id()
        organization = self._organization(at) if len(self.tickets) % 3 else None
        customer = self._id()
        self.users[customer] = {
            "id": customer,
            "email": f"u@customer{key}.example",
            "login": f"u@customer{key}.example",
        }
        ticket: dict[str, Any] = {
            "id": key, "number": f"2{key}", "title": f"Export no. {key} fails", "state": "open", "state_id": 2,
            "priority": "2 normal", "group": "Users", "group_id": 1, "owner": "-", "customer_id": customer,
            "customer": self.users[customer]["login"], "organization_id": organization, "note": None,
            "create_article_type": "email", "first_response_at": None, "close_at": None, "renewal": "",
            "created_at": _iso(at), "updated_at": _iso(at), "article_count": 2,
        }  # fmt: skip
        if self.speaks_oddly:
            ticket |= {"state": "on fire", "mood": {"sun": [1, 2]}}
        self.tickets[key] = ticket
        self.tags[key] = ["export"]
        if told:
            self.say(key, "Customer", "<div>It fails.<br>Always.</div>", at)
            self.say(key, "Agent", "<div>Looking.</div>", at, internal=True)
        return ticket

    def say(self, ticket: int, sender: str, body: str, at: datetime, *, internal: bool = False) -> None:
        """Somebody writes an article."""
        key = self._id()
        kind = "text/html" if body.startswith("<") else "text/plain"
        self.articles[key] = {
            "id": key, "ticket_id": ticket, "sender": sender, "type": "note" if internal else "email", "body": body,
            "content_type": kind, "internal": internal, "subject": "", "from": "", "created_at": _iso(at),
            "updated_at": _iso(at),
        }  # fmt: skip
        self.tickets[ticket]["updated_at"] = max(self.tickets[ticket]["updated_at"], _iso(at))

    def update(self, key: int, change: Mapping[str, Any]) -> None:
        """Somebody sets attributes; what the ticket does not have is dropped."""
        ticket, now = self.tickets[key], self.clock.pass_by(seconds=7)
        for name, value in change.items():
            if name in ticket and ticket[name] != value:
                self._tell(key, name, ticket[name], value, now)
                ticket[name] = value
        ticket["close_at"] = _iso(now) if ticket["state"] in {"closed", "merged"} else None
        ticket["updated_at"] = _iso(now)

    def _tell(self, key: int, name: str, before: object, after: object, at: datetime) -> None:
        self.history.append({
            "id": self._id(), "o_id": key, "object": "Ticket", "type": "updated", "attribute": name,
            "value_from": str(before), "value_to": str(after), "created_by_id": 3, "created_at": _iso(at),
        })  # fmt: skip

    def merge(self, key: int, into: int) -> None:
        """Make one ticket a part of another: its articles move, and a note stays behind."""
        now = self.clock.now()
        for article in self.articles.values():
            if article["ticket_id"] == key:
                article["ticket_id"] = into
        self.say(key, "Agent", "merged", now)
        for own, kind in ((key, "merged_into"), (into, "received_merge")):
            told = {"id": self._id(), "o_id": own, "object": "Ticket", "type": kind, "id_from": key, "id_to": into}
            self.history.append({**told, "created_by_id": 3, "created_at": _iso(now)})
        self.update(key, {"state": "merged", "owner": "-"})
        self.tickets[into]["updated_at"] = _iso(self.clock.now())

    def facts(self) -> Facts:
        live = {key: each for key, each in self.tickets.items() if "T" in each["created_at"]}
        merged = {key for key, each in live.items() if each["state"] == "merged"}
        alone = {key for key, each in live.items() if each["organization_id"] is None}
        return {
            "party": {
                **{
                    str(key): {"name": each["name"], "domains": [each["domain"]]}
                    for key, each in self.organizations.items()
                },
                **{f"domain:customer{key}.example": {"domains": [f"customer{key}.example"]} for key in alone},
            },
            "ticket": {
                str(key): {
                    "subject": each["title"],
                    "account_ref": f"domain:customer{key}.example" if key in alone else str(each["organization_id"]),
                    "status": _OURS.get(each["state"], "open"),
                    "priority": each["priority"][2:],
                    "tags": self.tags[key],
                    "workflow": "Users",
                    "team": "Users",
                }
                for key, each in live.items()
            },
            "message": {
                str(key): {
                    "ticket_ref": str(each["ticket_id"]),
                    "author_kind": each["sender"].lower(),
                    "public": not each["internal"],
                    "text": _plain(each["body"]),
                }
                for key, each in self.articles.items()
                if each["ticket_id"] in live.keys() - merged
            },
            "ticket_event": {
                str(each["id"]): {
                    "ticket_ref": str(each["o_id"]),
                    "from_value": _OURS.get(each["value_from"], "open"),
                    "to_value": _OURS[each["value_to"]],
                }
                for each in self.history
                if each["o_id"] in live
                and each.get("attribute") == "state"
                and _OURS.get(each["value_from"], "open") != _OURS[each["value_to"]]
            }
            | {
                f"{each['o_id']}:merged": {"ticket_ref": str(each["o_id"]), "to_value": str(each["id_to"])}
                for each in self.history
                if each["type"] == "merged_into"
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Token token={_TOKEN}":
            return Reply({"error": "Invalid token!", "error_human": "Invalid token!"}, 401)
        what, _, rest = request.path.removeprefix("/api/v1/").partition("/")
        if request.path.endswith("/users/me"):
            return Reply({"id": 3, "email": _AGENT, "login": _AGENT, "groups": {"Users": ["full"]}})
        if what == "users":
            return Reply(self.users[int(rest)]) if int(rest) in self.users else _not_found()
        if what == "ticket_states":
            return Reply([self._state(number, name) for number, name in enumerate(_STATES, start=1)])
        if what == "ticket_priorities":
            return Reply([{"id": at, "name": name, "active": True} for at, name in enumerate(self.priorities, start=1)])
        if what == "object_manager_attributes":
            attribute = {"object": "Ticket", "name": "renewal", "display": "Renewal", "data_type": "input"}
            return Reply([attribute, {**attribute, "object": "User", "name": "vip"}])
        if what == "organizations":
            return self._paged([self.organizations[key] for key in sorted(self.organizations)], request.query)
        if request.path.endswith("/tickets/search"):
            return self._found(request.query)
        if what == "tags":
            return self._tagged(request)
        return self._ticket(request, what, int(rest.rpartition("/")[2]))

    def _ticket(self, request: Request, what: str, key: int) -> Reply:
        if key not in self.tickets:
            return _not_found()
        if what == "ticket_articles":
            return Reply([each for each in self.articles.values() if each["ticket_id"] == key])
        if what == "ticket_history":
            if key in self.broken_histories:
                return _not_found()
            own = [each for each in self.history if each["o_id"] == key]
            own += [
                {"id": -each["id"], "o_id": each["id"], "object": "Ticket::Article", "type": "created",
                 "created_at": each["created_at"], "created_by_id": 3}
                for each in self.articles.values() if each["ticket_id"] == key
            ]  # fmt: skip
            return Reply({"history": own, "assets": {"User": {}}})
        if request.method == "PUT":
            asked = dict(request.json)
            article = asked.pop("article", None)
            self.update(key, asked)
            if article:
                self.say(key, "Agent", article["body"], self.clock.now(), internal=article["internal"])
        return Reply(self.tickets[key])

    def _tagged(self, request: Request) -> Reply:
        if request.method == "POST":
            key, tag = request.json["o_id"], request.json["item"]
            self.tags[key] = [*self.tags[key], *([tag] if tag not in self.tags[key] else [])]
            return Reply(True, 201)
        return Reply({"tags": self.tags.get(int(request.query["o_id"]), [])})

    def _found(self, query: Mapping[str, str]) -> Reply:
        since = query["condition[ticket.updated_at][value]"]
        found = [each for each in self.tickets.values() if self.ignores_conditions or each["updated_at"] >= since]
        by = query["sort_by"].split(",")
        return self._paged(sorted(found, key=lambda each: [each[name] for name in by]), query)

    def _paged(self, rows: list[dict[str, Any]], query: Mapping[str, str]) -> Reply:
        page, size = int(query["page"]), min(int(query["per_page"]), self.page_size)
        start = 0 if self.is_stuck else (page - 1) * size
        if self.repeats_boundary and page > 1 and start < len(rows):
            return Reply(rows[start - 1 : start + size])
        return Reply(rows[start : start + size])

    def _state(self, number: int, name: str) -> dict[str, Any]:
        kind = _STATES[name]
        named = {"state_type": kind} if self.names_kinds else {}
        return {"id": number, "name": name, "state_type_id": _KINDS.index(kind) + 1, **named}

    def _id(self) -> int:
        self._next += 1
        return self._next

    def _organization(self, at: datetime) -> int:
        key = self._id()
        self.organizations[key] = {
            "id": key, "name": f"Customer {key}", "domain": f"org{key}.example", "crm_id": f"C-{key}", "active": True,
            "created_at": _iso(at), "updated_at": _iso(at),
        }  # fmt: skip
        return key


def _not_found() -> Reply:
    return Reply({"error": "Not found", "error_human": "Not found"}, 404)


def _plain(body: str) -> str:
    return body.replace("<br>", "\n").replace("<div>", "").replace("</div>", "")


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
