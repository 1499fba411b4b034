"""A Help Scout account: tokens that expire, numbered pages without rows where there are none, threads, ratings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

_APP, _SECRET = "hs-app", "hs-app-secret"
_LAG = timedelta(seconds=5)
_AGENT = {"id": 7, "type": "user", "email": "agent@acme.example"}
_STATUSES = ("active", "pending", "closed")
OURS = {"active": "open", "pending": "pending", "closed": "closed", "on fire": "open"}
_SCORES = {"great": 3, "okay": 2, "not_good": 1}
FIELDS = [
    {
        "id": 41, "type": "dropdown", "name": "Urgency",
        "options": [{"id": 91, "label": "Low"}, {"id": 92, "label": "Urgent"}],
    },
    {"id": 42, "type": "singleline", "name": "Product"},
]  # fmt: skip


class HelpScoutSite(FakeSite):
    vendor = "helpscout"
    specifications = ("helpscout/helpscout-inbox-min.json",)
    tokens_expire = True

    @staticmethod
    def limit_reply(seconds: float | None) -> Reply:
        """The wait stands in a header of Help Scout's own."""
        return Reply({"message": "Throttled"}, 429, {"X-RateLimit-Retry-After": str(int(seconds))} if seconds else {})

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.conversations: dict[int, dict[str, Any]] = {}
        self.threads: dict[int, list[dict[str, Any]]] = {}
        self.customers: dict[int, dict[str, Any]] = {}
        self.ratings: dict[int, dict[str, Any]] = {}
        self.has_reports = True
        # Whether the report names ratings by their id, and how many threads come with a conversation of a list.
        self.reports_ids, self.embedded_threads = False, 100
        # What the lists know: since when, of which conversation, when it was modified; nothing else tells that time.
        self.modified: list[tuple[datetime, int, datetime]] = []
        self.merged: dict[int, int] = {}
        self._tokens = {"hs-token-0"}
        self._next = 1000

    def settings(self) -> Mapping[str, str]:
        return {"address": self.url, "app_id": _APP}

    def secrets(self) -> Mapping[str, str]:
        return {"app_secret": _SECRET, "access_token": "hs-token-0", "webhook_secret": "hs-hook-secret"}

    def expire_token(self) -> None:
        self._tokens.clear()

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            key = self.make(self.clock.pass_by(seconds=7))
            self.say(key, "message", "<p>Looking into it.</p>", by=_AGENT)
            self.say(key, "note", "Again &amp; again.", by=_AGENT)
            if key % 2:
                self.rate(key, ("great", "okay", "not_good")[key % 3])

    def add_late(self) -> None:
        # It was begun before the newest change, and is there only now.
        newest = max((at for _, _, at in self.modified), default=self.clock.now())
        self.make(newest - timedelta(minutes=3))

    def add_broken(self) -> str:
        key = self.make(self.clock.pass_by(seconds=7))
        self.conversations[key]["createdAt"] = "the day before yesterday"
        return str(key)

    def change(self, nth: int) -> None:
        key = sorted(self.conversations)[nth]
        now = self.conversations[key]["status"]
        self.set_status(key, _STATUSES[(_STATUSES.index(now) + 1) % len(_STATUSES)])

    def delete(self, nth: int) -> None:
        """Put it into the spam folder: of what is deleted for good only a webhook tells, see `remove`."""
        self.set_status(sorted(self.conversations)[nth], "spam")

    def remove(self, key: int) -> None:
        """Delete a conversation for good."""
        del self.conversations[key]

    def merge(self, key: int, into: int) -> None:
        """Make a conversation a part of another; a line there tells of it, and the old address leads there."""
        for thread in self.threads.pop(key):
            self.threads[into].append(thread)
            self.conversations[into]["threads"] += thread["type"] != "lineitem"
        del self.conversations[key]
        self.merged[key] = into
        told = {"type": "merged", "text": "You merged it", "associatedEntities": {"originalConversation": key}}
        self.say(into, "lineitem", "", by=_AGENT, action=told)

    def make(self, at: datetime) -> int:
        """A new conversation, now and then of somebody with a common mailbox, and an organization or none."""
        key, customer = self._id(), self._id()
        freemail = len(self.conversations) % 3 == 2
        email = f"who{customer}@gmail.com" if freemail else f"who@customer{key // 10}.example"
        of = {"organization": f"Customer {key}", "organizationId": key} if freemail and key % 2 else {}
        self.customers[customer] = {
            "id": customer, "firstName": "Customer", "createdAt": _iso(at), "updatedAt": _iso(at), **of,
            "_embedded": {"emails": [{"id": customer, "value": email, "type": "work"}]},
        }  # fmt: skip
        self.conversations[key] = {
            "id": key, "number": key, "threads": 0, "type": "email", "folderId": 1, "status": "active",
            "state": "published", "subject": f"Export no. {key} fails", "preview": "It fails.", "mailboxId": 3,
            "assignee": {"id": 7, "first": "A", "last": "Gent", "email": "agent@acme.example"},
            "createdBy": {"id": customer, "type": "customer", "email": email}, "createdAt": _iso(at), "closedAt": None,
            "userUpdatedAt": _iso(at), "tags": [{"id": 1, "color": "#000", "tag": "export"}], "cc": [],
            "primaryCustomer": {"id": customer, "email": email}, "customFields": [],
        }  # fmt: skip
        if self.speaks_oddly:
            self.conversations[key] |= {"status": "on fire", "mood": {"sun": [1, 2]}}
        self.threads[key] = []
        self.say(key, "customer", "<div>It fails.<br>Since noon.</div>", by={"id": customer, "type": "customer"}, at=at)
        return key

    def say(
        self, key: int, kind: str, body: str, *, by: dict[str, Any], at: datetime | None = None, **more: Any
    ) -> int:
        """A thread, and what it changes of its conversation."""
        at = at or self.clock.pass_by(seconds=2)
        thread = {
            "id": self._id(), "type": kind, "status": "nochange", "state": "published", "body": body,
            "createdAt": _iso(at), "source": {"type": "web", "via": "user"}, "createdBy": by,
            "assignedTo": {"id": 7, "email": "agent@acme.example"}, **more,
        }  # fmt: skip
        if not self.threads[key]:
            thread["status"] = "active"
        self.threads[key].append(thread)
        self.conversations[key]["threads"] += kind != "lineitem" and thread["state"] == "published"
        if by["type"] == "user":
            self.conversations[key]["userUpdatedAt"] = _iso(at)
        self._modify(key, at)
        return int(thread["id"])

    def set_status(self, key: int, status: str) -> None:
        """An agent changes the status; a line among the threads tells of it."""
        self.say(key, "lineitem", "", by=_AGENT, status=status)
        self.conversations[key] |= {"status": status, "closedAt": None}
        if status == "closed":
            self.conversations[key]["closedAt"] = _iso(self.clock.now())

    def rate(self, key: int, rating: str) -> int:
        """The customer's rating of the agent's answer."""
        at, identity = self.clock.pass_by(seconds=1), self._id()
        self.ratings[identity] = {
            "id": identity, "comments": "As it should be.", "rating": rating, "createdAt": _iso(at),
            "conversationId": key, "threadId": self.threads[key][-1]["id"],
            "customer": self.conversations[key]["primaryCustomer"],
        }  # fmt: skip
        return identity

    def facts(self) -> Facts:
        whole = {key: each for key, each in self.conversations.items() if "T" in each["createdAt"]}
        live = {key: each for key, each in whole.items() if each["status"] != "spam"}
        spoken = {
            each["id"]: (key, each) for key in live for each in self.threads[key] if each["type"] != "lineitem"
        }  # fmt: skip
        lines = {each["id"]: (key, each) for key in live for each in self.threads[key] if each["type"] == "lineitem"}
        # A conversation that became spam leaves the company behind that it came from.
        companies = {self._company(each) for each in whole.values()}
        return {
            "party": {each[0]: {"name": each[1]} for each in companies if each},
            "ticket": {
                str(key): {
                    "subject": each["subject"],
                    "account_ref": (self._company(each) or [None])[0],
                    "status": OURS[each["status"]],
                    "tags": ["export"],
                    "channel": "email",
                    "workflow": "Support",
                    "team": "Support",
                    "resolved_at": datetime.fromisoformat(each["closedAt"]) if each["closedAt"] else None,
                }
                for key, each in live.items()
            },
            "message": {
                str(identity): {
                    "ticket_ref": str(key),
                    "text": {"customer": "It fails.\nSince noon.", "message": "Looking into it."}.get(
                        each["type"], "Again & again."
                    ),
                    "author_kind": "customer" if each["type"] == "customer" else "agent",
                    "public": each["type"] != "note",
                }
                for identity, (key, each) in spoken.items()
            },
            "ticket_event": {
                f"{identity}:status": {"ticket_ref": str(key), "to_value": OURS[each["status"]]}
                for identity, (key, each) in lines.items()
                if each["status"] != "nochange"
            },
            "survey": {
                f"{each['threadId']}:rating": {
                    "ticket_ref": str(each["conversationId"]),
                    "score": _SCORES[each["rating"]],
                    "comment": each["comments"],
                }
                for each in self.ratings.values()
                if each["conversationId"] in live
            },
        }

    def _company(self, conversation: dict[str, Any]) -> tuple[str, str] | None:
        customer = self.customers[conversation["primaryCustomer"]["id"]]
        domain = conversation["primaryCustomer"]["email"].rpartition("@")[2]
        if domain != "gmail.com":
            return f"domain:{domain}", domain
        known = customer.get("organizationId")
        return (f"organization:{known}", customer["organization"]) if known else None

    def answer(self, request: Request) -> Reply:
        path, query = request.path, request.query
        if path == "/v2/oauth2/token":
            return self._token(dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return Reply({"error": "invalid_token", "error_description": "The token is invalid or expired"}, 401)
        _, _, objects, *part = path.split("/")
        if objects == "conversations":
            return self._conversation_part(part, request) if part else self._listed_conversations(query)
        if objects == "reports":
            return self._report(query) if self.has_reports else Reply({"message": "Not on this plan"}, 403)
        if objects == "mailboxes":
            boxes = [{"id": 3, "name": "Support", "slug": "s", "email": "help@acme.example"}]
            return self._hal("fields" if part else "mailboxes", FIELDS if part else boxes, query)
        known: dict[str, Mapping[Any, Any]] = {
            "customers": self.customers, "ratings": self.ratings, "users": {"me": {"id": 7, "email": _AGENT["email"]}}
        }  # fmt: skip
        found = known[objects].get(int(part[0]) if part[0].isdigit() else part[0])
        return Reply(found) if found else Reply({"message": "Not found"}, 404)

    def _token(self, form: Mapping[str, str]) -> Reply:
        if (form.get("client_id"), form.get("client_secret")) != (_APP, _SECRET):
            return Reply({"error": "invalid_client", "error_description": "Bad client credentials"}, 400)
        token = f"hs-token-{self._id()}"
        self._tokens.add(token)
        return Reply({"token_type": "bearer", "access_token": token, "expires_in": 172800})

    def _listed_conversations(self, query: Mapping[str, str]) -> Reply:
        now = self.clock.now()
        known = {key: at for since, key, at in self.modified if since <= now and key in self.conversations}
        since = datetime.fromisoformat(query.get("modifiedSince", "2000-01-01T00:00:00Z"))
        status = query.get("status", "active")
        rows = [
            self.conversations[key] for key, at in known.items()
            if at >= since and status in {"all", self.conversations[key]["status"]}
        ]  # fmt: skip
        by = query.get("sortField", "createdAt")
        rows.sort(key=lambda each: known[each["id"]] if by == "modifiedAt" else each[by])
        if query.get("sortOrder", "desc") == "desc":
            rows.reverse()
        return self._hal("conversations", [self._shown(each, query) for each in rows], query)

    def _shown(self, conversation: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        threads = self.threads[conversation["id"]][: self.embedded_threads]
        embedded = {"_embedded": {"threads": threads}} if "embed" in query else {}
        return {**conversation, **embedded}

    def _hal(self, name: str, rows: list[dict[str, Any]], query: Mapping[str, str]) -> Reply:
        number = 1 if self.is_stuck else int(query.get("page", 1))
        start = (number - 1) * self.page_size
        page = rows[max(0, start - self.repeats_boundary) : start + self.page_size]
        pages = -(-len(rows) // self.page_size)
        links = {"self": {"href": f"{self.url}/v2/{name}?page={number}"}}
        if number < pages:
            links["next"] = {"href": f"{self.url}/v2/{name}?page={number if self.is_stuck else number + 1}"}
        place = {"size": self.page_size, "totalElements": len(rows), "totalPages": pages, "number": number}
        return Reply({**({"_embedded": {name: page}} if page else {}), "page": place, "_links": links})

    def _report(self, query: Mapping[str, str]) -> Reply:
        start, end = (datetime.fromisoformat(query[each]) for each in ("start", "end"))
        given = [each for each in self.ratings.values() if each["conversationId"] in self.conversations]
        if start > end:
            return Reply({"message": "start is after end"}, 400)
        numbers = {"great": 1, "okay": 2, "not_good": 3}
        rows = [
            {
                "number": each["conversationId"], "threadid": each["threadId"], "id": each["conversationId"],
                "ratingId": each["id"] if self.reports_ids else numbers[each["rating"]],
                "ratingComments": each["comments"], "ratingCreatedAt": each["createdAt"],
                "ratingCustomerId": each["customer"]["id"],
            }
            for each in sorted(given, key=lambda each: each["conversationId"])
            if start <= datetime.fromisoformat(each["createdAt"]) <= end
        ]  # fmt: skip
        number = int(query.get("page", 1))
        page = rows[(number - 1) * self.page_size : number * self.page_size]
        return Reply({"results": page, "page": number, "count": len(rows), "pages": -(-len(rows) // self.page_size)})

    def _conversation_part(self, part: list[str], request: Request) -> Reply:
        key = int(part[0])
        if key in self.merged:
            return Reply(
                status=301, headers={"Location": f"{self.url}/v2/conversations/{self.merged[key]}?embed=threads"}
            )
        if key not in self.conversations:
            return Reply({"message": "Not found"}, 404)
        conversation, asked = self.conversations[key], request.json
        if part[1:] == ["threads"]:
            return self._hal("threads", self.threads[key], request.query)
        if part[1:] == ["notes"]:
            note = self.say(key, "note", asked["text"], by=_AGENT)
            return Reply(status=201, headers={"Resource-ID": str(note)})
        if part[1:] == ["tags"]:
            conversation["tags"] = [{"id": at, "color": "#000", "tag": tag} for at, tag in enumerate(asked["tags"])]
            self._modify(key, self.clock.pass_by(seconds=2))
            return Reply(status=204)
        if part[1:] == ["fields"]:
            self.set_fields(key, asked["fields"])
            return Reply(status=204)
        return Reply(self._shown(conversation, request.query))

    def set_fields(self, key: int, values: list[dict[str, Any]]) -> None:
        """Replace all values of custom fields, as the API and an agent do; no line tells of it."""
        at, names = self.clock.pass_by(seconds=2), {each["id"]: each["name"] for each in FIELDS}
        custom = [{"id": each["id"], "name": names[each["id"]], "value": each["value"]} for each in values]
        self.conversations[key] |= {"customFields": custom, "userUpdatedAt": _iso(at)}
        self._modify(key, at)

    def _modify(self, key: int, at: datetime) -> None:
        self.modified.append((self.clock.now() + _LAG, key, at))

    def _id(self) -> int:
        self._next += 1
        return self._next


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
