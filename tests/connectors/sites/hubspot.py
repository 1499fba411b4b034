"""A HubSpot account behind its API: a search whose index lags and that ends at 10,000, an archive, app tokens."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from keepline.proving.loopback import Reply, Request
from tests.connectors.sites.hubspot_account import CLIENT, CLIENT_SECRET, OWNER, HubSpotAccount, Thing, iso

_SEARCH_END, _SEARCHES, _INPUTS = 10_000, 5, {"read": 100, "history": 50}
_PIPELINES = {
    "deals": [
        ("contractsent", "Contract Sent", {"isClosed": "false", "probability": "0.9"}),
        ("closedwon", "Closed Won", {"isClosed": "true", "probability": "1.0"}),
        ("closedlost", "Closed Lost", {"isClosed": "true", "probability": "0.0"}),
    ],
    "tickets": [
        ("1", "New", {"ticketState": "OPEN"}), ("2", "Waiting on contact", {"ticketState": "OPEN"}),
        ("3", "Waiting on us", {"ticketState": "OPEN"}), ("4", "Closed", {"ticketState": "CLOSED"}),
    ],
}  # fmt: skip
PROPERTIES = {
    "companies": [("name", "string"), ("customer_since", "date"), ("tier", "enumeration"), ("billing_id", "string")],
    "deals": [("amount", "number"), ("renewal_date", "date"), ("yearly", "number"), ("modules", "enumeration")],
    "tickets": [("subject", "string"), ("labels", "enumeration")],
}


class HubSpotSite(HubSpotAccount):
    def answer(self, request: Request) -> Reply:
        path = request.path
        if path == "/oauth/v1/token":
            return self._token(dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if path == "/account-info/v3/details":
            return Reply({"portalId": 62515, "companyCurrency": "EUR", "timeZone": "Europe/Berlin"})
        if path == "/crm/v3/owners/":
            left = request.query.get("archived") == "true"
            owner: dict[str, Any] = {
                "id": OWNER,
                "email": "grace@acme.example",
                "firstName": "Grace",
                "archived": False,
            }
            owner["teams"] = [{"id": "81", "name": "Care", "primary": True}]
            return Reply({"results": [] if left else [owner]})
        parts = path.removeprefix("/crm/").split("/")
        if parts[1] == "pipelines":
            return Reply({"results": [_pipeline(parts[2])]})
        if parts[1] == "properties":
            return Reply({"results": [_property(name, kind) for name, kind in PROPERTIES.get(parts[2], [])]})
        if parts[1] == "associations":
            return self._associations(parts[2], parts[3], request.json["inputs"])
        return self._objects(parts[2], parts[3:], request)

    def _objects(self, kind: str, rest: list[str], request: Request) -> Reply:
        if kind in self.hidden:
            return _error(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.")
        ways: dict[tuple[str, str], Callable[[], Reply]] = {
            ("POST", "search"): lambda: self._search(kind, request.json),
            ("POST", "batch/read"): lambda: self._batch(kind, request.json),
            ("GET", ""): lambda: self._list(kind, request.query),
            ("POST", ""): lambda: self._create(kind, request.json),
        }
        way = ways.get((request.method, "/".join(rest)))
        if way:
            return way()
        thing = self.things[kind].get(rest[0])
        if thing is None or thing.archived:
            return _error(404, "OBJECT_NOT_FOUND", "Object not found.")
        if request.method == "PATCH":
            self.update(kind, thing.id, self.clock.pass_by(seconds=7), **request.json["properties"])
        asked = request.query.get("properties", "").split(",")
        return Reply(_object(thing, asked))

    def _search(self, kind: str, asked: Mapping[str, Any]) -> Reply:
        now, limit, offset = self.clock.now(), asked.get("limit", 10), int(asked.get("after", 0))
        self.searched = [each for each in self.searched if each > now - timedelta(seconds=1)]
        if len(self.searched) >= _SEARCHES:
            self.turned_away += 1
            return type(self).limit_reply(None)
        self.searched.append(now)
        if limit > 200 or len(asked.get("sorts", [])) > 1 or offset + limit > _SEARCH_END:
            return _error(400, "VALIDATION_ERROR", "There was a problem with the request.")
        filters = [each for group in asked.get("filterGroups", []) for each in group["filters"]]
        known = [found for thing in self.things[kind].values() if (found := _indexed(thing, now))]
        by = asked["sorts"][0]["propertyName"] if asked.get("sorts") else "hs_object_id"
        if self.is_stuck:
            filters, offset = [], 0
        # Of equal ones the search keeps no order.
        known.sort(key=lambda each: (_number(each.properties[by]), -int(each.id)))
        left = [each for each in known if all(_passes(each, one) for one in filters)]
        size = min(self.page_size, limit)
        end = offset + size
        page: dict[str, Any] = {
            "total": len(left),
            "results": [_object(each, asked.get("properties", [])) for each in left[offset:end]],
        }
        return Reply(page | (_paging(str(end)) if len(left) > end else {}))

    def _batch(self, kind: str, asked: Mapping[str, Any]) -> Reply:
        history, ids = asked.get("propertiesWithHistory", []), [each["id"] for each in asked["inputs"]]
        if len(ids) > _INPUTS["history" if history else "read"] or not ids:
            return _error(400, "VALIDATION_ERROR", "Too many inputs.")
        found = [thing for key in ids if (thing := self.things[kind].get(key)) and not thing.archived]
        missing = len(ids) - len(found)
        results = [_object(each, asked.get("properties", []), history) for each in found]
        body: dict[str, Any] = {"status": "COMPLETE", "results": results}
        return (
            Reply(body | {"numErrors": 1, "errors": [{"category": "OBJECT_NOT_FOUND"}]}, 207)
            if missing
            else Reply(body)
        )

    def _list(self, kind: str, query: Mapping[str, str]) -> Reply:
        gone = query.get("archived") == "true"
        things = sorted(
            (each for each in self.things[kind].values() if bool(each.archived) == gone), key=lambda each: int(each.id)
        )
        after, size = int(query.get("after", 0)), min(self.page_size, int(query.get("limit", 10)))
        rest = [each for each in things if int(each.id) > after - self.repeats_boundary]
        page, behind = rest[:size], rest[size:]
        if self.is_stuck and after:
            return Reply({"results": [_object(each, []) for each in page], **_paging(str(after))})
        return Reply({"results": [_object(each, []) for each in page], **(_paging(page[-1].id) if behind else {})})

    def _create(self, kind: str, asked: Mapping[str, Any]) -> Reply:
        thing = self.make(kind, self.clock.pass_by(seconds=7), **asked["properties"])
        for each in asked.get("associations", []):
            to = {228: "tickets", 192: "companies"}[each["types"][0]["associationTypeId"]]
            self.link(kind, thing.id, to, each["to"]["id"])
        return Reply(_object(thing, asked["properties"]), 201)

    def _associations(self, of: str, to: str, inputs: list[Mapping[str, str]]) -> Reply:
        results: list[dict[str, Any]] = []
        for each in inputs:
            ends = [
                {
                    "toObjectId": int(other),
                    "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": relation, "label": None}],
                }
                for from_, key, kind, other, relation in self.links
                if (from_, key, kind) == (of, each["id"], to) and not self.things[to][other].archived
            ]
            start = int(each.get("after", 0))
            page = ends[start : start + self.page_size]
            more = _paging(str(start + self.page_size)) if len(ends) > start + self.page_size else {}
            results += [{"from": {"id": each["id"]}, "to": page, **more}] if page else []
        if len(results) == len(inputs):
            return Reply({"status": "COMPLETE", "results": results})
        nothing = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "No company is associated."}
        return Reply({"status": "COMPLETE", "results": results, "numErrors": 1, "errors": [nothing]}, 207)

    def _token(self, form: Mapping[str, str]) -> Reply:
        wanted = {
            "grant_type": "refresh_token",
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "refresh_token": "refresh-1",
        }
        if form != wanted:
            return _error(400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        return Reply(
            {"access_token": self.token, "refresh_token": "refresh-1", "expires_in": 1800, "token_type": "bearer"}
        )


def _indexed(thing: Thing, now: datetime) -> Thing | None:
    """An object as the index knows it by now."""
    known = [each for each in thing.seen if each[0] <= now]
    if not known or known[-1][2]:
        return None
    return Thing(thing.id, known[-1][1], thing.created, _moment(known[-1][1]["hs_lastmodifieddate"]))


def _passes(thing: Thing, asked: Mapping[str, str]) -> bool:
    value, limit = _number(thing.properties.get(asked["propertyName"])), int(asked["value"])
    return {"GTE": value >= limit, "LTE": value <= limit, "GT": value > limit}[asked["operator"]]


def _number(value: str | None) -> int:
    """A property as the search compares it: moments in milliseconds."""
    said = value or "0"
    return int(said) if said.isdigit() else round(_moment(said).timestamp() * 1000)


def _moment(said: str | None) -> datetime:
    return datetime.fromisoformat(said or "").astimezone(UTC)


def _object(thing: Thing, asked: Iterable[str], history: Iterable[str] = ()) -> dict[str, Any]:
    always = ("hs_object_id", "hs_lastmodifieddate", "createdate")
    answer: dict[str, Any] = {
        "id": thing.id,
        "properties": {name: thing.properties.get(name) for name in (*always, *asked) if name},
        "createdAt": iso(thing.created),
        "updatedAt": iso(thing.changed),
        "archived": thing.archived is not None,
    }
    if thing.archived:
        answer["archivedAt"] = iso(thing.archived)
    if history:
        answer["propertiesWithHistory"] = {
            name: [
                {"value": value, "timestamp": iso(at), "sourceType": "CRM_UI"}
                for at, value in reversed(thing.history.get(name, []))
            ]
            for name in history
        }
    return answer


def _paging(after: str) -> dict[str, Any]:
    return {"paging": {"next": {"after": after, "link": f"?after={after}"}}}


def _pipeline(objects: str) -> dict[str, Any]:
    stages = [
        {"id": key, "label": label, "displayOrder": at, "metadata": metadata, "archived": False}
        for at, (key, label, metadata) in enumerate(_PIPELINES[objects])
    ]
    key, label = {"tickets": ("0", "Support"), "deals": ("default", "Sales")}[objects]
    return {"id": key, "label": label, "displayOrder": 0, "archived": False, "stages": stages}


def _property(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "label": name.replace("_", " ").capitalize(), "type": kind, "fieldType": "text"}


def _error(status: int, category: str, message: str) -> Reply:
    return Reply({"status": "error", "category": category, "message": message}, status)
