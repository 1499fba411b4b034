"""A Freshdesk site: numbered pages, tickets by change, conversations per ticket, trash and spam behind filters."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

_KEY = "fd-secret-key"
_BASIC = "Basic " + b64encode(f"{_KEY}:X".encode()).decode()
_AGENT, _WORDS = 9, {2: "open", 3: "pending", 4: "solved", 5: "closed"}
_STAMPS = {3: "pending_since", 4: "resolved_at", 5: "closed_at"}
_GROUP = 31
_INDEXING = timedelta(minutes=3)


class FreshdeskSite(FakeSite):
    vendor = "freshdesk"
    specifications = ("freshdesk/freshdesk-v2.json",)
    exempt: ClassVar[Mapping[str, str]] = {}

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.companies: dict[int, dict[str, Any]] = {}
        self.tickets: dict[int, dict[str, Any]] = {}
        self.conversations: dict[int, list[dict[str, Any]]] = {}
        self.ratings: dict[int, dict[str, Any]] = {}
        # By ticket: each status that it was given after the first, and when.
        self.history: dict[int, list[tuple[datetime, int]]] = {}
        self.last_page = 300
        self.calls_left = 1000
        # Which tickets the agent of the key sees: 1 all, 2 those of its groups, 3 its own.
        self.scope = 1
        # Whether the key may list the groups.
        self.lists_groups = True
        self._next = 100

    def settings(self) -> Mapping[str, str]:
        return {"domain": self.url}

    def secrets(self) -> Mapping[str, str]:
        return {"api_key": _KEY}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.add_ticket(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        self.add_ticket(self.clock.now() - timedelta(minutes=1))

    def add_broken(self) -> str:
        ticket = self.add_ticket(self.clock.pass_by(seconds=7), rated=False)
        ticket["created_at"] = "some day last week"
        return str(ticket["id"])

    def change(self, nth: int) -> None:
        ticket = self.nth(nth)
        self.set_status(ticket["id"], {2: 3, 3: 4, 4: 5}.get(ticket["status"], 2))

    def delete(self, nth: int) -> None:
        self.update(self.nth(nth)["id"], {"deleted": True})

    def nth(self, nth: int) -> dict[str, Any]:
        """The ticket `nth`, 0 is the oldest."""
        return [each for _, each in sorted(self.tickets.items())][nth]

    def facts(self) -> Facts:
        live = {
            key: each
            for key, each in self.tickets.items()
            if not each["deleted"] and not each["spam"] and "T" in each["created_at"]
        }
        return {
            "party": {
                str(key): {"name": each["name"], "domains": each["domains"]} for key, each in self.companies.items()
            },
            "ticket": {
                str(key): {
                    "subject": each["subject"],
                    "account_ref": str(each["company_id"]),
                    "status": _WORDS.get(each["status"], "open"),
                    "priority": {1: "low", 2: "normal", 3: "high", 4: "urgent"}[each["priority"]],
                    "tags": each["tags"],
                    "channel": "email",
                    "team": "Support",
                    "resolved_at": self._resolved_at(each),
                }
                for key, each in live.items()
            },
            "message": {
                **{
                    f"{key}:description": {
                        "ticket_ref": str(key), "text": each["description_text"], "author_kind": "customer"
                    }
                    for key, each in live.items()
                },
                **{
                    str(said["id"]): {
                        "ticket_ref": str(key),
                        "text": said["body_text"],
                        "author_kind": "customer" if said["incoming"] else "agent",
                        "public": not said["private"],
                    }
                    for key in live
                    for said in self.conversations[key]
                },
            },
            "ticket_event": {
                f"{key}:status:{int(at.timestamp())}": {
                    "ticket_ref": str(key), "kind": "status", "to_value": _WORDS.get(status, "open")
                }
                for key in live
                for at, status in self.history[key]
            },
            "survey": {
                str(key): {"ticket_ref": str(each["ticket_id"]), "score": 7, "scale_min": 1, "scale_max": 7}
                for key, each in self.ratings.items()
                if each["ticket_id"] in live
            },
        }  # fmt: skip

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _BASIC:
            return Reply({"code": "invalid_credentials", "message": "You have to be logged in."}, 401)
        self.calls_left -= 1
        reply = self._answer(request)
        limits = {"X-RateLimit-Total": "1000", "X-RateLimit-Remaining": str(max(self.calls_left, 0))}
        return Reply(reply.body, reply.status, {**limits, **reply.headers})

    def _answer(self, request: Request) -> Reply:
        path = request.path.removeprefix("/api/v2")
        if path == "/agents/me":
            return Reply(
                {"id": _AGENT, "ticket_scope": self.scope, "contact": {"name": "Ann", "email": "ann@acme.example"}}
            )
        if path == "/groups":
            groups = [{"id": _GROUP, "name": "Support", "description": None, "agent_ids": [_AGENT]}]
            return self._numbered(groups, request) if self.lists_groups else Reply({"code": "access_denied"}, 403)
        if path == "/companies":
            return self._numbered(sorted(self.companies.values(), key=lambda each: each["name"]), request)
        if path == "/search/companies":
            return self._search(request)
        if path == "/tickets":
            return self._list_tickets(request)
        if path == "/surveys/satisfaction_ratings":
            since = _moment(request.query.get("created_since", "1970-01-01T00:00:00Z"))
            rows = [each for _, each in sorted(self.ratings.items()) if _moment(each["created_at"]) >= since]
            return self._numbered(rows, request)
        if path.endswith("_fields"):
            return Reply([{"id": 1, "name": "cf_product", "label": "Product", "type": "custom_dropdown"}])
        return self._one_ticket(path, request)

    def _one_ticket(self, path: str, request: Request) -> Reply:
        _, _, number, *rest = path.split("/")
        ticket = self.tickets.get(int(number))
        if ticket is None or (ticket["deleted"] and rest):
            return Reply(None, 404)
        if rest == ["conversations"]:
            return self._numbered(self.conversations[ticket["id"]], request)
        if rest == ["notes"]:
            text = request.json["body"].replace("<br>", "\n").replace("&lt;", "<").replace("&amp;", "&")
            note = self.say(ticket["id"], text, agent=_AGENT, private=request.json["private"])
            return Reply(note, 201)
        if request.method == "PUT":
            self.update(ticket["id"], request.json)
        return Reply(self.tickets[ticket["id"]])

    def _list_tickets(self, request: Request) -> Reply:
        asked = request.query
        kind = asked.get("filter", "")
        rows = [
            each
            for each in self.tickets.values()
            if (each["deleted"], each["spam"]) == (kind == "deleted", kind == "spam")
        ]
        if "updated_since" in asked:
            rows = [each for each in rows if _moment(each["updated_at"]) >= _moment(asked["updated_since"])]
        else:
            month_ago = self.clock.now() - timedelta(days=30)
            rows = [each for each in rows if _moment(each["created_at"]) >= month_ago]
        order = asked.get("order_by", "created_at")
        # Within a second the order is the database's own.
        rows.sort(key=lambda each: (each[order], -each["id"]), reverse=asked.get("order_type", "desc") == "desc")
        included = asked.get("include", "").split(",")
        hidden = {"stats", "requester"} - set(included)
        if "description" not in included:
            hidden |= {"description", "description_text"}
        return self._numbered([{k: v for k, v in each.items() if k not in hidden} for each in rows], request)

    def _numbered(self, rows: list[Any], request: Request) -> Reply:
        page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 30))
        if page > self.last_page:
            return Reply({"description": "Validation failed", "errors": [{"field": "page", "code": "invalid"}]}, 400)
        size = min(size, self.page_size)
        start = 0 if self.is_stuck else (page - 1) * size
        shown = rows[max(start - 1, 0) if self.repeats_boundary else start : start + size]
        ends = len(rows) <= start + size and not self.is_stuck
        following = f'<{self.url}{request.path}?page={page + 1}>; rel="next"'
        return Reply(shown, 200, {} if ends else {"Link": following})

    def _search(self, request: Request) -> Reply:
        """Companies changed on or after a day; the index is some minutes behind."""
        _, _, day = request.query["query"].strip('"').partition(":>")
        indexed = self.clock.now() - _INDEXING
        rows = [
            each
            for _, each in sorted(self.companies.items())
            if each["updated_at"][:10] >= day.strip("'") and _moment(each["updated_at"]) <= indexed
        ]
        page = int(request.query.get("page", 1))
        if page > 10:
            return Reply({"description": "Validation failed", "errors": [{"field": "page", "code": "invalid"}]}, 400)
        shown = rows[(page - 1) * self.page_size : page * self.page_size]
        return Reply({"total": len(rows), "results": shown})

    def add_ticket(self, at: datetime, *, rated: bool = True) -> dict[str, Any]:
        """A customer writes, and an agent notes something."""
        company, key = self._company(at), self._id()
        status = 42 if self.speaks_oddly else 2
        ticket: dict[str, Any] = {
            "id": key, "subject": f"Export no. {key} fails", "status": status, "priority": 2, "source": 1,
            "type": "Incident", "requester_id": key + 50_000, "responder_id": _AGENT, "company_id": company,
            "group_id": _GROUP,
            "tags": ["export"], "custom_fields": {"cf_product": None}, "is_escalated": False, "spam": False,
            "deleted": False, "created_at": _iso(at), "updated_at": _iso(at),
            "description": "<p>It fails.</p>", "description_text": "It fails.",
            "requester": {"id": key + 50_000, "name": "User", "email": f"u@customer{company}.example"},
            "stats": {
                "first_responded_at": None, "resolved_at": None, "closed_at": None, "reopened_at": None,
                "pending_since": None, "status_updated_at": _iso(at),
            },
        }  # fmt: skip
        if self.speaks_oddly:
            ticket |= {"mood": {"sun": [1, 2]}}
        self.tickets[key], self.conversations[key], self.history[key] = ticket, [], []
        if rated:
            self._converse(key, at, "Looking.", agent=_AGENT, private=True)
            rating = self._id()
            self.ratings[rating] = {
                "id": rating, "survey_id": 1, "user_id": key + 50_000, "agent_id": _AGENT, "group_id": None,
                "ticket_id": key, "feedback": "Quick", "ratings": {"default_question": 103},
                "created_at": _iso(at), "updated_at": _iso(at),
            }  # fmt: skip
        return ticket

    def update(self, key: int, change: Mapping[str, Any]) -> None:
        """Change a ticket as a person or a program does."""
        self.tickets[key] = {**self.tickets[key], **change, "updated_at": _iso(self.clock.pass_by(seconds=7))}

    def set_status(self, key: int, status: int) -> None:
        """Change a ticket's status, with all that Freshdesk notes about it."""
        at = self.clock.now() + timedelta(seconds=7)
        stats = {
            **self.tickets[key]["stats"],
            "status_updated_at": _iso(at),
            _STAMPS.get(status, "reopened_at"): _iso(at),
        }
        if status != 3:
            stats["pending_since"] = None
        self.history[key].append((at, status))
        self.update(key, {"status": status, "stats": stats})

    def say(self, key: int, text: str, *, agent: int | None, private: bool = False) -> dict[str, Any]:
        """Let somebody write in a ticket."""
        self.update(key, {})
        return self._converse(key, self.clock.now(), text, agent=agent, private=private)

    def _converse(self, key: int, at: datetime, text: str, *, agent: int | None, private: bool) -> dict[str, Any]:
        said: dict[str, Any] = {
            "id": self._id(), "ticket_id": key, "body": f"<div>{text}</div>", "body_text": text, "private": private,
            "incoming": agent is None, "user_id": agent or key + 50_000, "source": 2 if private else 0,
            "created_at": _iso(at), "updated_at": _iso(at),
        }  # fmt: skip
        self.conversations[key].append(said)
        return said

    def _company(self, at: datetime) -> int:
        if len(self.tickets) % 3 and self.companies:
            return max(self.companies)
        key = self._id()
        self.companies[key] = {
            "id": key, "name": f"Customer {key}", "domains": [f"customer{key}.example"],
            "custom_fields": {"crm_id": f"crm-{key}"}, "created_at": _iso(at), "updated_at": _iso(at),
        }  # fmt: skip
        return key

    def _resolved_at(self, ticket: Mapping[str, Any]) -> datetime | None:
        stats = ticket["stats"]
        return _moment(stats["resolved_at"] or stats["closed_at"]) if ticket["status"] in {4, 5} else None

    def _id(self) -> int:
        self._next += 1
        return self._next


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
