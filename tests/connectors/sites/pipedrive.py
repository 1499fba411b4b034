"""A Pipedrive company: lists by cursor in version 2; users, notes and recent changes in version 1."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

SEGMENT, RENEWAL, YEARLY = "a1" * 20, "b2" * 20, "c3" * 20
CUSTOMER_ID, MODULES, AUTO_RENEW = "d4" * 20, "e5" * 20, "f6" * 20
OWNER = 12
_TOKEN = "pd-api-token"
_BURST, _MONTH = 20, timedelta(days=30)
_KINDS = ("organizations", "deals", "activities")
OPTIONS = {SEGMENT: {1: "Enterprise", 2: "SMB"}, MODULES: {5: "Core", 6: "Audit"}, AUTO_RENEW: {8: "Yes", 9: "No"}}
FIELDS = {
    "organizationFields": [
        ("name", "varchar", False), ("label_ids", "set", False),
        (SEGMENT, "enum", True), (CUSTOMER_ID, "varchar", True),
    ],
    "dealFields": [
        ("value", "monetary", False), (RENEWAL, "date", True), (YEARLY, "monetary", True), (MODULES, "set", True),
        (AUTO_RENEW, "enum", True),
    ],
}  # fmt: skip


class PipedriveSite(FakeSite):
    vendor = "pipedrive"
    specifications = ("pipedrive/pipedrive-v2.json", "pipedrive/pipedrive-v1.json")
    exempt: ClassVar[Mapping[str, str]] = {
        "next_cursor: None is not of type": "the file's own words: null at the end, though its type is not nullable",
        "$.data: None is not of type 'array'": "version 1 answers null where a list has no rows",
    }
    settable: ClassVar[Mapping[str, str]] = {"name": "Acme AG", SEGMENT: "Enterprise"}

    @staticmethod
    def limit_reply(seconds: float | None) -> Reply:
        """A used-up day names no time to wait, only the tokens that are left."""
        daily = seconds is not None and seconds >= 3600
        headers = (
            {"x-daily-ratelimit-token-remaining": "0"} if daily else {"Retry-After": str(seconds)} if seconds else {}
        )
        return Reply({"success": False, "error": "request over limit", "errorCode": 429}, 429, headers)

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.things: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in (*_KINDS, "notes")}
        self.refused_cursors: set[str] = set()
        self.is_admin = True
        self.tokens_left = 30_000
        self.asked: list[datetime] = []
        self.turned_away = 0
        self._next, self._order = 0, list[tuple[int, int]]()

    def settings(self) -> Mapping[str, str]:
        return {"address": self.url}

    def secrets(self) -> Mapping[str, str]:
        return {"api_token": _TOKEN}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self._add(self.clock.pass_by(seconds=7))

    def add_late(self) -> None:
        # Before the newest change that a walk has seen, or no walk could miss it.
        newest = max(each["update_time"] for each in self.things["deals"].values())
        self._add(datetime.fromisoformat(newest) - timedelta(seconds=5))

    def add_broken(self) -> str:
        at = self.clock.pass_by(seconds=7)
        organization = self.make("organizations", at, name="Hazy Ltd", address={"country": "DE"})
        deal = self.a_deal(organization["id"], at)
        deal["won_time"] = "the day before yesterday"
        return str(deal["id"])

    def change(self, nth: int) -> None:
        organization, deal = self._order[nth]
        at = self.clock.pass_by(seconds=7)
        name = self.things["organizations"][organization]["name"]
        self.update("organizations", organization, at, name=f"{name} AG")
        self.update("deals", deal, at, value=self.things["deals"][deal]["value"] + 10)

    def delete(self, nth: int) -> None:
        at = self.clock.pass_by(seconds=7)
        for kind, key in zip(("organizations", "deals"), self._order[nth], strict=True):
            self.update(kind, key, at, is_deleted=True)

    def facts(self) -> Facts:
        organizations = {str(key): each for key, each in self._live("organizations").items()}
        won = {
            key: each
            for key, each in self._live("deals").items()
            if each["status"] == "won" and "T" in each["won_time"]
        }
        return {
            "account": {
                key: {"name": each["name"], "csm": "grace@acme.example"} for key, each in organizations.items()
            },
            "account_identity": {key: {} for key in organizations},
            "party": {key: {"name": each["name"], "country": "DE"} for key, each in organizations.items()},
            "contract": {
                str(key): {"arr_cents": round(each["value"] * 100), "account_ref": str(each["org_id"])}
                for key, each in won.items()
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.headers.get("x-api-token") != _TOKEN:
            return Reply({"success": False, "error": "unauthorized access", "errorCode": 401}, 401)
        now = self.clock.now()
        self.asked = [*(each for each in self.asked if each > now - timedelta(seconds=2)), now]
        if len(self.asked) > _BURST:
            self.turned_away += 1
            return type(self).limit_reply(None)
        reply = self._answered(request)
        return Reply(reply.body, reply.status, {"x-daily-ratelimit-token-remaining": str(self.tokens_left)})

    def _answered(self, request: Request) -> Reply:
        version, *rest = request.path.removeprefix("/api").strip("/").split("/")
        if version == "v1":
            return self._version_1(rest, request)
        if rest[0] in FIELDS:
            return Reply({"success": True, "data": [_field(*each) for each in FIELDS[rest[0]]]})
        if request.method == "POST":
            return Reply(_told(self.make(rest[0], self.clock.pass_by(seconds=7), **request.json)))
        if len(rest) == 1:
            return self._list(rest[0], request.query)
        thing = self.things[rest[0]].get(int(rest[1]))
        if thing is None:
            return Reply({"success": False, "error": "Entity not found"}, 404)
        if request.method == "PATCH":
            said = request.json
            custom = {**thing["custom_fields"], **said.pop("custom_fields", {})}
            self.update(rest[0], thing["id"], self.clock.pass_by(seconds=7), **said, custom_fields=custom)
        return Reply(_told(thing))

    def _version_1(self, rest: list[str], request: Request) -> Reply:
        query, user = request.query, {"id": OWNER, "name": "Grace", "email": "grace@acme.example"}
        if rest == ["users", "me"]:
            access = [{"app": "sales", "admin": self.is_admin}]
            return Reply({"success": True, "data": {**user, "company_name": "Acme", "access": access}})
        if rest == ["users"]:
            return Reply({"success": True, "data": [user]})
        if request.method == "POST":
            return Reply({"success": True, "data": self.make("notes", self.clock.pass_by(seconds=7), **request.json)})
        if rest == ["notes"]:
            notes = [each for each in self.things["notes"].values() if each["org_id"] == int(query["org_id"])]
            return self._by_position(notes, query, {})
        since = max(query["since_timestamp"], _v1(self.clock.now() - _MONTH))
        recent = [
            {"item": "organization", "id": each["id"], "data": _as_v1(each)}
            for each in self.things["organizations"].values()
            if _v1(datetime.fromisoformat(each["update_time"])) >= since
        ]
        recent.sort(key=lambda each: each["data"]["update_time"])
        return self._by_position(recent, query, {"since_timestamp": since})

    def _by_position(self, rows: list[dict[str, Any]], query: Mapping[str, str], more: dict[str, str]) -> Reply:
        start, size = int(query.get("start", 0)), min(self.page_size, int(query.get("limit", 100)))
        page, ends = rows[start : start + size], start + size >= len(rows)
        if self.is_stuck:
            page, ends = rows[:size], not rows
        if more and page:
            more["last_timestamp_on_page"] = page[-1]["data"]["update_time"]
        pagination = {"start": start, "limit": size, "more_items_in_collection": not ends}
        # Version 1 has no empty lists.
        data = {"data": page} if page else {"data": None}
        return Reply({"success": True, **data, "additional_data": {**more, "pagination": pagination}})

    def _list(self, kind: str, query: Mapping[str, str]) -> Reply:
        by, size = query.get("sort_by", "id"), min(self.page_size, int(query.get("limit", 100)))
        if query.get("cursor") in self.refused_cursors or int(query.get("limit", 100)) > 500:
            return Reply({"success": False, "error": "Cursor is invalid"}, 400)
        statuses = query["status"].split(",") if "status" in query else ["open", "won", "lost"]
        rows = [
            each
            for each in self.things[kind].values()
            if ("deleted" in statuses if each["is_deleted"] else each.get("status", "open") in statuses)
            and each["update_time"] >= query.get("updated_since", "")
            and ("org_id" not in query or each["org_id"] == int(query["org_id"]))
        ]
        rows.sort(key=lambda each: (each[by], each["id"]), reverse=query.get("sort_direction") == "desc")
        after = json.loads(base64.urlsafe_b64decode(query["cursor"])) if "cursor" in query else None
        rest = [each for each in rows if after is None or [each[by], each["id"]] > after]
        if self.repeats_boundary and after:
            rest = [*(each for each in rows if [each[by], each["id"]] == after), *rest]
        page = rest[:size]
        following = _cursor([page[-1][by], page[-1]["id"]]) if len(rest) > size else None
        if self.is_stuck and "cursor" in query:
            following = query["cursor"]
        shown = [_shown(each, query) for each in page]
        return Reply({"success": True, "data": shown, "additional_data": {"next_cursor": following}})

    def make(self, kind: str, at: datetime, **said: Any) -> dict[str, Any]:
        """Create an object as of `at`."""
        self._next += 1
        common: dict[str, Any] = {"id": self._next, "add_time": _iso(at), "update_time": _iso(at)}
        if kind != "notes":
            common |= {"is_deleted": False, "owner_id": OWNER, "custom_fields": {}}
        thing = {**common, **said}
        self.things[kind][thing["id"]] = thing
        return thing

    def update(self, kind: str, key: int, at: datetime, **said: Any) -> None:
        """Change an object as of `at`."""
        self.things[kind][key] |= {**said, "update_time": _iso(at)}

    def a_deal(self, organization: int | None, at: datetime, **said: Any) -> dict[str, Any]:
        """A deal that was won for 1,200.50 a year."""
        standard = {"title": "Subscription", "status": "won", "value": 1200.5, "currency": "USD", "won_time": _iso(at)}
        whose = {} if organization is None else {"org_id": organization}
        return self.make("deals", at, **{**standard, **whose, **said})

    def _add(self, at: datetime) -> None:
        address = {"value": "Hauptstr. 1, Bonn", "country": "DE", "locality": "Bonn"}
        organization = self.make("organizations", at, name=f"Customer {self._next + 1}", address=address)
        deal = self.a_deal(organization["id"], at)
        if self.speaks_oddly:
            organization |= {"aura": {"hue": 7}, "label_ids": [99]}
            self.a_deal(organization["id"], at, status="ascended", origin="Telepathy")
        self._order.append((organization["id"], deal["id"]))

    def _live(self, kind: str) -> dict[int, dict[str, Any]]:
        return {key: each for key, each in self.things[kind].items() if not each["is_deleted"]}


def _shown(thing: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """An object with the custom fields that were asked for, and their options as was asked for."""
    wanted = query["custom_fields"].split(",") if "custom_fields" in query else list(thing["custom_fields"])
    custom = {name: thing["custom_fields"].get(name) for name in wanted}
    if query.get("include_option_labels") == "true":
        custom = {name: _labelled(OPTIONS.get(name, {}), value) for name, value in custom.items()}
    return {**thing, "custom_fields": custom}


def _labelled(options: Mapping[int, str], value: Any) -> Any:
    if isinstance(value, list):
        return [_labelled(options, each) for each in value]
    return {"id": value, "label": options[value]} if isinstance(value, int) and value in options else value


def _told(thing: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "data": thing}


def _field(code: str, kind: str, is_custom: bool) -> dict[str, Any]:
    options = [{"id": key, "label": label} for key, label in OPTIONS.get(code, {}).items()] or None
    return {
        "field_code": code, "field_name": f"Field {code[:4]}", "field_type": kind, "is_custom_field": is_custom,
        "is_optional_response_field": False, "options": options,
    }  # fmt: skip


def _as_v1(thing: dict[str, Any]) -> dict[str, Any]:
    at = _v1(datetime.fromisoformat(thing["update_time"]))
    return {"id": thing["id"], "name": thing["name"], "active_flag": not thing["is_deleted"], "update_time": at}


def _cursor(at: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(at).encode()).decode()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _v1(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
