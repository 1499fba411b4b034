"""An Intercom workspace: a search by change, conversations with their parts, one scroll of companies, contacts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock
from tests.connectors.sites.intercom_search import SearchPage

_TOKEN, _VERSION, WEBHOOK_SECRET = "ic-secret-token", "2.14", "ic-client-secret"
ADMIN = {"type": "admin", "id": "7", "name": "Ann", "email": "ann@acme.example"}
_STATES = ("open", "snoozed", "closed")
_WORDS = {"open": "open", "snoozed": "on_hold", "closed": "closed"}
_MOST_PARTS = 500
_TEAM = {"type": "team", "id": "51", "name": "Support", "admin_ids": [7]}
_SCROLL_ENDS = timedelta(minutes=1)


class IntercomSite(FakeSite):
    vendor = "intercom"
    specifications = ("intercom/intercom-2.14.json",)
    # Only a webhook tells of a deletion.
    tells_deletions = False
    exempt: ClassVar[Mapping[str, str]] = {}

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.companies: dict[str, dict[str, Any]] = {}
        self.contacts: dict[str, dict[str, Any]] = {}
        self.conversations: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, str] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.scroll: dict[str, Any] = {}
        self.most_parts = _MOST_PARTS
        self.unindexed: set[str] = set()
        # Whether the token may list the teams.
        self.lists_teams = True
        self._next = 100

    def settings(self) -> Mapping[str, str]:
        return {"region": self.url}

    def secrets(self) -> Mapping[str, str]:
        return {"access_token": _TOKEN, "webhook_secret": WEBHOOK_SECRET}

    def limit_reply(self, seconds: float | None) -> Reply:
        """No Retry-After: the moment at which the window ends."""
        if seconds is None:
            return _errors("rate_limit_exceeded", 429)
        reset = str(int((self.clock.now() + timedelta(seconds=seconds)).timestamp()))
        return _errors("rate_limit_exceeded", 429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.add_conversation(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        self.add_conversation(self.clock.now() - timedelta(minutes=1))

    def add_broken(self) -> str:
        conversation = self.add_conversation(self.clock.pass_by(seconds=7))
        conversation["created_at"] = "at noon"
        return str(conversation["id"])

    def change(self, nth: int) -> None:
        conversation = self.nth(nth)
        state = _STATES[(_STATES.index(conversation["state"]) + 1) % 3] if conversation["state"] in _STATES else "open"
        self.set_state(conversation["id"], state)

    def nth(self, nth: int) -> dict[str, Any]:
        """The conversation `nth`, 0 is the oldest."""
        return list(self.conversations.values())[nth]

    def facts(self) -> Facts:
        whole = {key: each for key, each in self.conversations.items() if isinstance(each["created_at"], int)}
        said = [
            (key, part)
            for key, each in whole.items()
            for part in each["conversation_parts"]["conversation_parts"]
            if part["body"]
        ]
        return {
            "party": {
                key: {
                    "name": each["name"],
                    "domains": [each["website"].removeprefix("https://")],
                    "known_as": [each["company_id"]],
                }
                for key, each in self.companies.items()
            },
            "ticket": {
                key: {
                    "subject": each["title"],
                    "status": _WORDS.get(each["state"], "open"),
                    "priority": "normal",
                    "channel": "email",
                    "tags": [tag["name"] for tag in each["tags"]["tags"]],
                    "account_ref": self.company_of(each)["id"],
                    "assignee": "7",
                    "team": "Support",
                }
                for key, each in whole.items()
            },
            "message": {
                **{
                    f"{key}:source": {"ticket_ref": key, "text": "It fails & stays so.", "author_kind": "customer"}
                    for key in whole
                },
                **{
                    part["id"]: {
                        "ticket_ref": key,
                        "text": part["body"].removeprefix("<p>").removesuffix("</p>"),
                        "author_kind": {"admin": "agent", "user": "customer"}[part["author"]["type"]],
                        "public": part["part_type"] == "comment",
                    }
                    for key, part in said
                },
            },
            "ticket_event": {
                f"{step['part']}:status": {"ticket_ref": key, "from_value": step["was"], "to_value": step["now"]}
                for key in whole
                for step in self.history[key]
            },
            "survey": {
                f"{key}:rating": {"ticket_ref": key, "score": 4, "scale_min": 1, "scale_max": 5, "comment": "Quick"}
                for key in whole
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {_TOKEN}":
            return _errors("unauthorized", 401)
        if request.headers.get("intercom-version") != _VERSION:
            return _errors("intercom_version_invalid", 400)
        reply = self._answer(request)
        ends = int(self.clock.now().timestamp()) // 10 * 10 + 10
        limits = {"X-RateLimit-Limit": "1666", "X-RateLimit-Remaining": "1600", "X-RateLimit-Reset": str(ends)}
        return Reply(reply.body, reply.status, {**limits, **reply.headers})

    def _answer(self, request: Request) -> Reply:
        match request.method, *request.path.strip("/").split("/"):
            case "GET", "me":
                return Reply(ADMIN)
            case "GET", "teams":
                return Reply({"type": "team.list", "teams": [_TEAM]}) if self.lists_teams else _errors("forbidden", 403)
            case "GET", "companies", "scroll":
                return self._scroll(request.query.get("scroll_param"))
            case "GET", "companies", key:
                return _one(self.companies, key)
            case "GET", "contacts", key:
                return _one(self.contacts, key)
            case "POST", "contacts", "search":
                indexed = [each for key, each in self.contacts.items() if key not in self.unindexed]
                return self._search(indexed, request.json, "list", "data")
            case "POST", "conversations", "search":
                listed = [_without_parts(each) for each in self.conversations.values()]
                return self._search(listed, request.json, "conversation.list", "conversations")
            case "GET", "data_attributes":
                kind = {"type": "data_attribute", "model": "company", "data_type": "string"}
                return Reply({"type": "list", "data": [{**kind, "name": "crm_id", "label": "CRM id"}]})
            case "GET", "tags":
                tags = [{"type": "tag", "id": key, "name": name} for key, name in self.tags.items()]
                return Reply({"type": "list", "data": tags})
            case "POST", "tags":
                return Reply({"type": "tag", "id": self.tag(request.json["name"]), "name": request.json["name"]})
            case method, "conversations", key, *rest if key in self.conversations:
                return self._one_conversation(key, method, rest, request)
        return _errors("not_found", 404)

    def _one_conversation(self, key: str, method: str, rest: list[str], request: Request) -> Reply:
        if (method, rest) == ("PUT", []):
            for name, value in request.json["custom_attributes"].items():
                self.set_attribute(key, name, value)
        elif rest == ["reply"]:
            said = request.json["body"].replace("<br>", "\n")
            self.say(key, said, ADMIN, request.json["message_type"])
        elif rest == ["tags"]:
            tag = {"type": "tag", "id": request.json["id"], "name": self.tags[request.json["id"]]}
            tags = self.conversations[key]["tags"]["tags"]
            if tag["id"] not in [each["id"] for each in tags]:
                tags.append(tag)
                self.touch(key)
            return Reply(tag)
        conversation = self.conversations[key]
        parts = conversation["conversation_parts"]
        latest = {**parts, "conversation_parts": parts["conversation_parts"][-self.most_parts :]}
        return Reply({**conversation, "conversation_parts": latest})

    def _scroll(self, asked: str | None) -> Reply:
        """One at a time; whoever does not ask for a minute has lost it."""
        now = self.clock.now()
        is_open = bool(self.scroll) and now - self.scroll["asked_at"] < _SCROLL_ENDS
        if asked is None and is_open:
            return _errors("scroll_exists", 400)
        if asked is not None and (not is_open or asked != self.scroll["id"]):
            return _errors("not_found", 404)
        if asked is None:
            self.scroll = {"id": f"scroll-{self._id()}", "rows": list(self.companies.values()), "at": 0}
        at = 0 if self.is_stuck else self.scroll["at"]
        start = max(at - 1, 0) if self.repeats_boundary and at < len(self.scroll["rows"]) else at
        rows = self.scroll["rows"][start : at + self.page_size]
        self.scroll |= {"at": at + self.page_size, "asked_at": now}
        answer = {"type": "list", "data": rows, "pages": None, "total_count": None, "scroll_param": self.scroll["id"]}
        if not rows:
            self.scroll = {}
        return Reply(answer)

    def _search(self, objects: list[dict[str, Any]], asked: Mapping[str, Any], kind: str, name: str) -> Reply:
        found = SearchPage(objects, asked, self.page_size, again=self.repeats_boundary, stuck=self.is_stuck)
        return Reply({"type": kind, name: found.shown, "total_count": len(found.all), "pages": found.pages})

    def add_conversation(self, at: datetime) -> dict[str, Any]:
        """A customer writes, and a teammate notes something."""
        key, contact, now = self._id(), self._contact(at), int(at.timestamp())
        author = {"type": "user", "id": contact["id"], "name": "User", "email": contact["email"]}
        self.conversations[key] = {
            "type": "conversation", "id": key, "title": f"Export no. {key} fails", "created_at": now, "updated_at": now,
            "open": True, "state": "on fire" if self.speaks_oddly else "open", "read": True, "priority": "not_priority",
            "admin_assignee_id": 7, "team_assignee_id": 51, "tags": {"type": "tag.list", "tags": []},
            "custom_attributes": {},
            "source": {
                "type": "email", "id": key, "delivered_as": "customer_initiated", "subject": "<p>Export</p>",
                "body": "<p>It fails &amp; stays so.</p>", "author": author, "attachments": [],
            },
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": contact["id"]}]},
            "statistics": {"type": "conversation_statistics", "first_admin_reply_at": now + 180},
            "conversation_rating": {"rating": 4, "remark": "Quick", "created_at": now, "updated_at": now},
            "conversation_parts": {"type": "conversation_part.list", "conversation_parts": [], "total_count": 0},
        }  # fmt: skip
        if self.speaks_oddly:
            self.conversations[key] |= {"mood": {"sun": [1, 2]}}
        self.history[key] = []
        self._part(key, at, "note", "<p>Looking.</p>", ADMIN)
        return self.conversations[key]

    def say(self, key: str, text: str, author: Mapping[str, Any], kind: str = "comment") -> dict[str, Any]:
        """Let somebody write in a conversation."""
        self.touch(key)
        return self._part(key, self.clock.now(), kind, f"<p>{text}</p>", author)

    def set_state(self, key: str, state: str) -> None:
        """Open, snooze or close a conversation."""
        conversation = self.conversations[key]
        was, now = conversation["state"], self.touch(key)
        conversation |= {"state": state, "open": state != "closed"}
        if state == "closed":
            conversation["statistics"]["last_close_at"] = int(now.timestamp())
        part = self._part(key, now, {"closed": "close"}.get(state, state), None, ADMIN)
        self.history[key].append({"part": part["id"], "was": _WORDS.get(was, "open"), "now": _WORDS[state]})

    def set_attribute(self, key: str, name: str, value: str) -> None:
        """Set a custom attribute, which leaves a part of its own."""
        self.conversations[key]["custom_attributes"][name] = value
        part = self._part(key, self.touch(key), "conversation_attribute_updated_by_admin", None, ADMIN)
        part["event_details"] = {"attribute": {"name": name}, "value": {"name": value}}

    def touch(self, key: str) -> datetime:
        """Let a conversation change now."""
        now = self.clock.pass_by(seconds=7)
        self.conversations[key]["updated_at"] = int(now.timestamp())
        return now

    def tag(self, name: str) -> str:
        """The id of a tag, which is made where there is none of that name."""
        known = {each.casefold(): key for key, each in self.tags.items()}
        key = known.get(name.casefold()) or self._id()
        self.tags.setdefault(key, name)
        return key

    def company_of(self, conversation: Mapping[str, Any]) -> dict[str, Any]:
        """The company of a conversation's contact."""
        contact = self.contacts[conversation["contacts"]["contacts"][0]["id"]]
        return self.companies[contact["companies"]["data"][0]["id"]]

    def _part(self, key: str, at: datetime, kind: str, body: str | None, author: Mapping[str, Any]) -> dict[str, Any]:
        now = int(at.timestamp())
        conversation = self.conversations[key]
        part: dict[str, Any] = {
            "type": "conversation_part", "id": self._id(), "part_type": kind, "body": body, "created_at": now,
            "updated_at": now, "notified_at": now, "author": dict(author), "attachments": [], "redacted": False,
        }  # fmt: skip
        if conversation["state"] in _STATES:
            part["state"] = conversation["state"]
        parts = conversation["conversation_parts"]
        parts["conversation_parts"].append(part)
        parts["total_count"] += 1
        return part

    def _contact(self, at: datetime) -> dict[str, Any]:
        key, company = self._id(), self._company(at)
        companies = {"data": [{"type": "company", "id": company}], "total_count": 1, "has_more": False}
        self.contacts[key] = {
            "type": "contact", "id": key, "role": "user", "email": f"u{key}@customer{company}.example",
            "companies": companies, "created_at": int(at.timestamp()), "updated_at": int(at.timestamp()),
        }  # fmt: skip
        return self.contacts[key]

    def _company(self, at: datetime) -> str:
        if len(self.conversations) % 3 and self.companies:
            return list(self.companies)[-1]
        key, now = self._id(), int(at.timestamp())
        self.companies[key] = {
            "type": "company", "id": key, "name": f"Customer {key}", "company_id": f"crm-{key}",
            "website": f"https://customer{key}.example", "created_at": now, "updated_at": now,
            "custom_attributes": {},
        }  # fmt: skip
        return key

    def _id(self) -> str:
        self._next += 1
        return str(self._next)


def _without_parts(conversation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in conversation.items() if name != "conversation_parts"}


def _one(objects: Mapping[str, Any], key: str) -> Reply:
    return Reply(objects[key]) if key in objects else _errors("not_found", 404)


def _errors(code: str, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply({"type": "error.list", "errors": [{"code": code, "message": code}]}, status, headers or {})
