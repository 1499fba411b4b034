"""A Zendesk site: incremental exports by cursor and by time, comments inside ticket events, users and ratings."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

_EMAIL, _TOKEN = "ops@acme.example", "zd-secret-token"
_BASIC = "Basic " + b64encode(f"{_EMAIL}/token:{_TOKEN}".encode()).decode()
_SIGNING = "zd-signing-secret"
_AGENT, _STATUSES = 7, ("open", "pending", "hold", "solved")
_MADE_WITH = ("status", "priority")
_GROUPS = {41: "Support", 42: "Billing"}


class ZendeskSite(FakeSite):
    vendor = "zendesk"
    specifications = ("zendesk/zendesk-support.json",)
    exempt: ClassVar[Mapping[str, str]] = {
        "'deleted' is not one of": "the export's guide names this status, its schema does not"
    }

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.organizations: dict[int, dict[str, Any]] = {}
        self.tickets: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.ratings: dict[int, dict[str, Any]] = {}
        self.users: dict[int, dict[str, Any]] = {
            _AGENT: {"id": _AGENT, "role": "admin", "email": _EMAIL, "name": "Agent"}
        }
        # Tickets by the moment at which the export learned of them, which is later than `updated_at` for late ones.
        self.generated: dict[int, datetime] = {}
        self._next = 100

    def settings(self) -> Mapping[str, str]:
        return {"subdomain": self.url, "email": _EMAIL}

    def secrets(self) -> Mapping[str, str]:
        return {"api_token": _TOKEN, "webhook_secret": _SIGNING}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self._add_ticket(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        self._add_ticket(self.clock.now() - timedelta(minutes=1))

    def add_broken(self) -> str:
        ticket = self._add_ticket(self.clock.pass_by(seconds=7), told=False)
        ticket["created_at"] = "the day before yesterday"
        return str(ticket["id"])

    def change(self, nth: int) -> None:
        ticket = self._nth(nth)
        now = self.clock.pass_by(seconds=7)
        status = _STATUSES[(_STATUSES.index(ticket["status"]) + 1) % len(_STATUSES)]
        self._tell(ticket, now, _change(status=(ticket["status"], status)))
        ticket |= {"status": status, "updated_at": _iso(now)}
        self.generated[ticket["id"]] = now

    def delete(self, nth: int) -> None:
        ticket = self._nth(nth)
        now = self.clock.pass_by(seconds=7)
        ticket |= {"status": "deleted", "updated_at": _iso(now)}
        self.generated[ticket["id"]] = now

    def facts(self) -> Facts:
        live = {str(key): each for key, each in self.tickets.items() if each["status"] != "deleted" and _is_whole(each)}
        children = [
            (str(event["ticket_id"]), child, event)
            for event in self.events
            if str(event["ticket_id"]) in live
            for child in event["child_events"]
        ]
        return {
            "party": {
                str(key): {"name": each["name"], "domains": [f"customer{key}.example"]}
                for key, each in self.organizations.items()
            },
            "ticket": {
                key: {
                    "subject": each["subject"],
                    "account_ref": str(each["organization_id"]),
                    "status": {"hold": "on_hold", "on fire": "open"}.get(each["status"], each["status"]),
                    "tags": each["tags"],
                    "channel": "email",
                    "team": "Support",
                }
                for key, each in live.items()
            },
            "message": {
                str(child["id"]): {
                    "ticket_ref": ticket,
                    "text": child["body"],
                    "author_kind": _author(child),
                    "public": child["public"],
                }
                for ticket, child, _ in children
                if child["event_type"] == "Comment"
            },
            "ticket_event": {
                f"{child['id']}:status": {
                    "ticket_ref": ticket,
                    "kind": "status",
                    "from_value": _ours(child.get("previous_value")),
                    "to_value": _ours(child["status"]),
                }
                for ticket, child, _ in children
                if "status" in child
            }
            | {
                f"{event['id']}:merged": {"ticket_ref": str(event["ticket_id"]), "kind": "merged"}
                for event in self.events
                if event["via"] == "Merge"
                and str(event["ticket_id"]) in live
                and any("status" in child for child in event["child_events"])
            },
            "survey": {
                str(key): {"ticket_ref": str(each["ticket_id"]), "score": int(each["score"] == "good")}
                for key, each in self.ratings.items()
                if str(each["ticket_id"]) in live and each["score"] != "offered"
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _BASIC:
            return Reply({"error": "Couldn't authenticate you"}, 401)
        path, query = request.path.removesuffix(".json"), request.query
        if path == "/api/v2/users/me":
            return Reply({"user": self.users[_AGENT]})
        if path == "/api/v2/users/show_many":
            asked = [int(each) for each in query["ids"].split(",")]
            return Reply({"users": [self.users[each] for each in asked if each in self.users]})
        if path.endswith("_fields"):
            return Reply({path.rpartition("/")[2]: [], "meta": {"has_more": False}})
        if path.endswith("/count"):
            objects = self.organizations if "organizations" in path else self.tickets
            return Reply({"count": {"value": len(objects), "refreshed_at": _iso(self.clock.now())}})
        if path == "/api/v2/incremental/tickets/cursor":
            return self._ticket_export(query)
        if path == "/api/v2/incremental/organizations":
            return self._by_time("organizations", self.organizations.values(), query, "updated_at")
        if path == "/api/v2/incremental/ticket_events":
            return self._by_time("ticket_events", self.events, query, "created_at")
        if path == "/api/v2/satisfaction_ratings":
            return self._ratings_list(query)
        return self._one_ticket(request)

    def _one_ticket(self, request: Request) -> Reply:
        key = int(request.path.split("/")[4])
        ticket = self.tickets.get(key)
        if ticket is None or ticket["status"] == "deleted":
            return Reply({"error": "RecordNotFound", "description": "Not found"}, 404)
        if request.path.endswith("/comments"):
            return Reply({"comments": self._of(key, "Comment"), "meta": {"has_more": False}})
        if request.path.endswith("/audits"):
            return Reply({"audits": self._audits(key), "meta": {"has_more": False}})
        if request.method == "PUT":
            asked = request.json["ticket"]
            if asked.get("safe_update") and asked.get("updated_stamp") != ticket["updated_at"]:
                return Reply({"error": "UpdateConflict", "description": "Safe Update prevented the update"}, 409)
            self.update(key, {name: asked[name] for name in ("priority", "tags", "comment") if name in asked}, _AGENT)
        return Reply({"ticket": ticket, **self._beside([ticket], request.query)})

    def _beside(self, tickets: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
        """What is asked for beside tickets."""
        asked = query.get("include", "").split(",")
        users = sorted({each["requester_id"] for each in tickets})
        groups = sorted({each["group_id"] for each in tickets if each["group_id"] in _GROUPS})
        found = {
            "users": [self.users[each] for each in users],
            "groups": [{"id": each, "name": _GROUPS[each], "deleted": False} for each in groups],
        }
        return {name: rows for name, rows in found.items() if name in asked}

    def update(self, key: int, change: dict[str, Any], author: int) -> None:
        """Change a ticket as a person or a program does by the API."""
        ticket, now = self.tickets[key], self.clock.pass_by(seconds=7)
        if comment := change.pop("comment", None):
            said = {"event_type": "Comment", "body": comment["body"], "public": comment["public"], "author_id": author}
            self._tell(ticket, now, said)
        for name, value in change.items():
            self._tell(ticket, now, _change(**{name: (ticket.get(name), value)}))
        ticket |= {**change, "updated_at": _iso(now)}
        self.generated[key] = now

    def merge(self, key: int, into: int) -> None:
        """Merge one ticket into another: it is closed and tagged, and each of them says what became of it."""
        ticket, now = self.tickets[key], self.clock.pass_by(seconds=7)
        said = {"event_type": "Comment", "public": True, "author_id": _AGENT, "via": _via("merge", into)}
        closed, tags = _change(status=(ticket["status"], "closed")), [*ticket["tags"], "closed_by_merge"]
        tagged = {"event_type": "Change", "tags": tags, "previous_value": ticket["tags"]}
        told = {"via": "Merge", "via_reference_id": into}
        self._tell(ticket, now, {**said, "body": f"Closed and merged into #{into}."}, closed, tagged, **told)
        ticket |= {"status": "closed", "tags": tags, "updated_at": _iso(now)}
        other = {**said, "body": f"#{key} was merged into this.", "via": _via("merge", key)}
        self._tell(self.tickets[into], now, other, via="Merge", via_reference_id=key)
        self.tickets[into]["updated_at"] = _iso(now)
        self.generated |= {key: now, into: now}

    def _audits(self, key: int) -> list[dict[str, Any]]:
        return [
            {
                "id": event["id"], "ticket_id": key, "created_at": event["created_at"], "author_id": _AGENT,
                "events": [
                    {"id": child["id"], "type": "Change", "field_name": name, "value": child[name]}
                    for child in event["child_events"] if child["event_type"] == "Change"
                    for name in ("priority", "status") if name in child
                ],
            }
            for event in self.events if event["ticket_id"] == key
        ]  # fmt: skip

    def _of(self, key: int, kind: str) -> list[dict[str, Any]]:
        children = [
            (event, child) for event in self.events if event["ticket_id"] == key for child in event["child_events"]
        ]
        return [
            {**child, "created_at": event["created_at"]} for event, child in children if child["event_type"] == kind
        ]

    def _ticket_export(self, query: Mapping[str, str]) -> Reply:
        # The last minute is left out, and order is by when the export learned of a change.
        limit = self.clock.now() - timedelta(minutes=1)
        known = sorted((at, key) for key, at in self.generated.items() if at <= limit)
        after = query.get("cursor", "")
        if after:
            moment, key = after.split("~")
            rest = [each for each in known if each >= (datetime.fromisoformat(moment), int(key))]
            rest = rest if self.repeats_boundary else rest[1:] if rest and rest[0][1] == int(key) else rest
        else:
            since = int(query["start_time"])
            rest = [each for each in known if each[0].timestamp() >= since]
        page = rest[: self.page_size]
        ends = len(rest) <= self.page_size
        last = f"{page[-1][0].isoformat()}~{page[-1][1]}" if page else after
        if self.is_stuck and after:
            last, ends = after, False
        tickets = [self.tickets[key] for _, key in page]
        return Reply(
            {
                "tickets": tickets,
                **self._beside(tickets, query),
                "after_cursor": last or None,
                "after_url": f"{self.url}/api/v2/incremental/tickets/cursor?cursor={last}",
                "before_cursor": None,
                "end_of_stream": ends,
            }
        )

    def _by_time(self, name: str, objects: Iterable[dict[str, Any]], query: Mapping[str, str], at: str) -> Reply:
        since, limit = int(query["start_time"]), self.clock.now() - timedelta(minutes=1)
        told = sorted(
            ((datetime.fromisoformat(each[at]), each["id"], each) for each in objects), key=lambda each: each[:2]
        )
        rest = [(moment, each) for moment, _, each in told if moment.timestamp() >= since and moment <= limit]
        page = rest[: self.page_size]
        ends = len(rest) <= self.page_size
        end_time = int(page[-1][0].timestamp()) if page else None
        if self.is_stuck:
            end_time, ends = since, False
        return Reply(
            {
                name: [each for _, each in page],
                "count": len(page),
                "end_of_stream": ends,
                "end_time": end_time,
                "next_page": f"{self.url}/api/v2/incremental/{name}?start_time={end_time}",
            }
        )

    def _ratings_list(self, query: Mapping[str, str]) -> Reply:
        since, after = int(query.get("start_time", 0)), int(query.get("page[after]", 0))
        rest = [
            each
            for key, each in sorted(self.ratings.items())
            if key > after and datetime.fromisoformat(each["created_at"]).timestamp() >= since
        ]
        page = rest[: self.page_size]
        return Reply(
            {
                "satisfaction_ratings": page,
                "meta": {"has_more": len(rest) > len(page), "after_cursor": str(page[-1]["id"]) if page else None},
            }
        )

    def _nth(self, nth: int) -> dict[str, Any]:
        return [each for _, each in sorted(self.tickets.items())][nth]

    def _id(self) -> int:
        self._next += 1
        return self._next

    def _add_ticket(self, at: datetime, *, told: bool = True) -> dict[str, Any]:
        organization = self._organization(at)
        requester = self._id()
        self.users[requester] = {
            "id": requester,
            "role": "end-user",
            "name": "User",
            "email": f"u@customer{organization}.example",
        }
        key = self._id()
        ticket: dict[str, Any] = {
            "id": key, "subject": f"Export no. {key} fails", "status": "open", "priority": "normal",
            "organization_id": organization, "requester_id": requester, "assignee_id": _AGENT, "group_id": 41,
            "tags": ["export"],
            "created_at": _iso(at), "updated_at": _iso(at), "via": {"channel": "email"}, "custom_fields": [],
            "metric_set": {"reply_time_in_minutes": {"calendar": 3, "business": 3}, "solved_at": None},
        }  # fmt: skip
        if self.speaks_oddly:
            ticket |= {"status": "on fire", "mood": {"sun": [1, 2]}, "via": {"channel": "email", "telepathy": True}}
        self.tickets[key] = ticket
        self.generated[key] = self.clock.now()
        if told:
            first = {"event_type": "Comment", "body": "It fails.", "public": True, "author_id": requester}
            self._tell(ticket, at, first, *({"event_type": "Create", name: ticket[name]} for name in _MADE_WITH))
            self._tell(ticket, at, {"event_type": "Comment", "body": "Looking.", "public": False, "author_id": _AGENT})
            rating = self._id()
            self.ratings[rating] = {
                "id": rating, "ticket_id": key, "score": "bad" if key % 2 else "good", "comment": "",
                "created_at": _iso(at), "updated_at": _iso(at),
                "requester_id": requester, "assignee_id": _AGENT, "group_id": 1,
            }  # fmt: skip
        return ticket

    def _organization(self, at: datetime) -> int:
        if len(self.organizations) % 3 or not self.organizations:
            key = self._id()
            self.organizations[key] = {
                "id": key, "name": f"Customer {key}", "domain_names": [f"customer{key}.example"], "external_id": None,
                "created_at": _iso(at), "updated_at": _iso(at), "organization_fields": {},
            }  # fmt: skip
            return key
        return max(self.organizations)

    def _tell(self, ticket: dict[str, Any], at: datetime, *children: dict[str, Any], **how: Any) -> None:
        # The export of events learns of a late one when it is there.
        event = {
            "id": self._id(), "ticket_id": ticket["id"], "timestamp": int(at.timestamp()),
            "created_at": _iso(self.clock.now()), "updater_id": _AGENT, "event_type": "Audit",
            "via": "Web form", "via_reference_id": None, **how,
        }  # fmt: skip
        told = {"via": event["via"], "via_reference_id": event["via_reference_id"]}
        self.events.append({**event, "child_events": [{"id": self._id(), **told, **each} for each in children]})
        for each in self.events[-1]["child_events"]:
            # The export says of a comment in an object what it says of the rest in a word.
            if each["event_type"] == "Comment" and isinstance(each["via"], str):
                each["via"] = _via(None, None)


def _change(**fields: tuple[Any, Any]) -> dict[str, Any]:
    ((name, (before, after)),) = fields.items()
    return {"event_type": "Change", name: after, "previous_value": before}


def _via(rel: str | None, ticket: int | None) -> dict[str, Any]:
    named = {"ticket_id": ticket} if ticket else {}
    return {"channel": "web", "source": {"from": named, "to": {}, "rel": rel}}


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _author(comment: Mapping[str, Any]) -> str:
    if comment["via"]["source"]["rel"] == "merge":
        return "system"
    return "agent" if comment["author_id"] == _AGENT else "customer"


def _ours(status: str | None) -> str | None:
    return {"hold": "on_hold", "on fire": "open"}.get(status or "", status)


def _is_whole(ticket: dict[str, Any]) -> bool:
    return "T" in ticket["created_at"]
