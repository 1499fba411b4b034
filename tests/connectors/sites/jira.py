"""A Jira site with a service project and another one: JQL by the minute, an index that lags, short embedded lists."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock
from tests.connectors.sites.jql import Entry, Index

_EMAIL, _TOKEN = "agent@acme.example", "jira-secret-token"
_BASIC = "Basic " + b64encode(f"{_EMAIL}:{_TOKEN}".encode()).decode()
_ORGANIZATIONS, _REQUEST, _RATING, _RATED_AT = (f"customfield_{number}" for number in (10002, 10010, 10041, 10042))
_AGENT = {"accountId": "agent-1", "accountType": "atlassian", "displayName": "Agent", "active": True}
# The site's statuses, and what Keepline calls them.
STATUSES = {
    "1": ("Open", "new", "new"), "2": ("Waiting for support", "indeterminate", "open"),
    "3": ("Waiting for customer", "indeterminate", "pending"), "4": ("Resolved", "done", "solved"),
}  # fmt: skip
PRIORITIES = {"1": "Highest", "2": "High", "3": "Medium", "4": "Low"}


class JiraSite(FakeSite):
    vendor = "jira"
    specifications = (
        "jira-service-management/jira-platform-v3.json",
        "jira-service-management/jsm-servicedeskapi.json",
    )
    # Jira keeps no trace of a deleted issue that could be listed; only its webhook tells.
    tells_deletions = False

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.index = Index("America/New_York")
        self.issues: dict[int, dict[str, Any]] = {}
        self.organizations: dict[str, dict[str, Any]] = {}
        self.properties: dict[tuple[str, str], Any] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.histories: dict[int, list[dict[str, Any]]] = {}
        self.feedback: dict[int, dict[str, Any]] = {}
        self.created: dict[int, datetime] = {}
        # Whether the comments that come with a search say which of them the customer sees.
        self.tells_public_in_searches = True
        self._next = 10_000

    def settings(self) -> Mapping[str, str]:
        return {"site": self.url, "email": _EMAIL, "projects": ""}

    def secrets(self) -> Mapping[str, str]:
        return {"api_token": _TOKEN, "webhook_secret": "jira-hook-secret"}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            key = self.make(self.clock.pass_by(seconds=7))
            if len(self.issues) % 4 == 0:
                self.make(self.clock.now(), project="software")
            self.say(key, "Looking into it.", public=len(self.issues) % 3 > 0)
            if len(self.issues) == 5:
                for number in range(24):
                    self.say(key, f"Still no. {number}", by="customer")

    def add_late(self) -> None:
        # Its transaction began before that of the newest issue, and ends only now.
        self.make((self.index.newest() or self.clock.now()) - timedelta(minutes=3), rated=False)

    def add_broken(self) -> str:
        key = self.make(self.clock.pass_by(seconds=7))
        self.issues[key]["created"] = "the day before yesterday"
        return str(key)

    def change(self, nth: int) -> None:
        key = self.service_issues()[nth]
        status = self.issues[key]["status"]["id"]
        self.set(key, status=_status(str(int(status) % 4 + 1)))

    def service_issues(self) -> list[int]:
        """The ids of the tickets, the oldest first."""
        return sorted(key for key, each in self.issues.items() if each["project"]["projectTypeKey"] == "service_desk")

    def make(self, at: datetime, project: str = "service_desk", *, rated: bool = True) -> int:
        """A new issue: of an organization, or now and then of somebody without one."""
        key = self._id()
        number = len(self.issues)
        reporter = {
            "accountId": f"customer-{key}", "accountType": "customer", "displayName": "Customer", "active": True,
            "emailAddress": f"who@lone{key}.example",
        }  # fmt: skip
        self.issues[key] = {
            "summary": f"Export no. {key} fails", "status": _status("2"), "priority": _priority("3"),
            "labels": ["export"], "assignee": _AGENT, "reporter": reporter, "creator": reporter,
            "created": _iso(at), "updated": _iso(at),
            "resolutiondate": None, "statuscategorychangedate": _iso(at), "issuetype": {"id": "7", "name": "Task"},
            "project": {"id": "1", "key": project[:3].upper(), "name": f"The {project}", "projectTypeKey": project},
            "description": _document("It fails."), "comment": None,
            _ORGANIZATIONS: [] if number % 3 == 2 else [self._organization()],
            _REQUEST: {"requestType": {"id": "9", "name": "Report a bug"}}, _RATING: None, _RATED_AT: None,
        }  # fmt: skip
        if self.speaks_oddly:
            strange = {"id": "88", "name": "On fire", "statusCategory": {"id": 9, "key": "limbo", "name": "Limbo"}}
            self.issues[key] |= {"status": strange, "mood": {"sun": [1, 2]}}
        self.created[key], self.comments[key], self.histories[key] = at, [], []
        self._learn(key)
        if rated and number % 2:
            self.rate(key, 1 + key % 5)
        return key

    def say(self, key: int, text: str, *, public: bool = True, by: str = "agent") -> str:
        """A comment by the agent or by who asked."""
        at, identity = self.clock.pass_by(seconds=1), str(self._id())
        author = _AGENT if by == "agent" else {**self.issues[key]["reporter"]}
        self.comments[key].append(
            {"id": identity, "author": author, "body": _document(text), "jsdPublic": public, "created": _iso(at),
             "updated": _iso(at)}
        )  # fmt: skip
        self._touch(key, at)
        return identity

    def set(self, key: int, **fields: Any) -> None:
        """Change fields as a person does, with a trace in the history."""
        at = self.clock.pass_by(seconds=7)
        items = [
            {
                "field": name, "fieldId": name, "fieldtype": "jira",
                "from": _identity(self.issues[key].get(name)), "fromString": _name(self.issues[key].get(name)),
                "to": _identity(value), "toString": _name(value),
            }
            for name, value in fields.items()
        ]  # fmt: skip
        self.histories[key].append({"id": str(self._id()), "author": _AGENT, "created": _iso(at), "items": items})
        self.issues[key] |= fields
        self._touch(key, at)

    def rate(self, key: int, rating: int, *, touching: bool = True) -> None:
        """The customer's rating; it is not certain that Jira calls the issue updated then."""
        at = self.clock.pass_by(seconds=1)
        self.feedback[key] = {"type": "csat", "rating": rating, "comment": {"body": "As it should be."}}
        self.issues[key] |= {_RATING: {"rating": rating}, _RATED_AT: _iso(at)}
        if touching:
            self._touch(key, at)
        self._learn(key)

    def remove(self, key: int) -> None:
        """Delete an issue for good."""
        del self.issues[key]
        self.index.forget(key)

    def facts(self) -> Facts:
        whole = {key: self.issues[key] for key in self.service_issues() if "T" in self.issues[key]["created"]}
        parties: dict[str, dict[str, Any]] = {}
        for key, issue in whole.items():
            for each in issue[_ORGANIZATIONS]:
                parties[each["id"]] = {"name": each["name"], "domains": [f"customer{each['id']}.example"]}
            if not issue[_ORGANIZATIONS]:
                parties[f"domain:lone{key}.example"] = {"domains": [f"lone{key}.example"]}
        comments = {each["id"]: (key, each) for key in whole for each in self.comments[key]}
        changes = {each["id"]: (key, each) for key in whole for each in self.histories[key]}
        return {
            "party": parties,
            "ticket": {
                str(key): {
                    "subject": issue["summary"],
                    "account_ref": next((each["id"] for each in issue[_ORGANIZATIONS]), f"domain:lone{key}.example"),
                    "status": _ours(issue["status"]),
                    "priority": "normal",
                    "tags": ["export"],
                    "workflow": "Report a bug",
                    "team": "The service_desk",
                    "assignee": "agent-1",
                }
                for key, issue in whole.items()
            },
            "message": {
                f"{key}:description": {"text": "It fails.", "author_kind": "customer", "public": True} for key in whole
            }
            | {
                identity: {
                    "ticket_ref": str(key),
                    "text": each["body"]["content"][0]["content"][0]["text"],
                    "author_kind": "agent" if each["author"] == _AGENT else "customer",
                    "public": each["jsdPublic"],
                }
                for identity, (key, each) in comments.items()
            },
            "ticket_event": {
                f"{identity}:{item['fieldId']}": {"ticket_ref": str(key), "to_value": STATUSES[item["to"]][2]}
                for identity, (key, each) in changes.items()
                for item in each["items"]
                if item["fieldId"] == "status"
            },
            "survey": {
                f"{key}:csat": {"ticket_ref": str(key), "score": each["rating"], "comment": each["comment"]["body"]}
                for key, each in self.feedback.items()
                if key in whole
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _BASIC:
            return Reply({"errorMessages": ["Client must be authenticated."]}, 401)
        path = request.path
        if path == "/rest/api/3/search/jql":
            return self._search(request.json)
        if path == "/rest/api/3/search/approximate-count":
            return Reply({"count": len(self.index.found(request.json["jql"], self.clock.now()))})
        if path.startswith("/rest/servicedeskapi/organization/"):
            return self._organization_part(path)
        if path.startswith(("/rest/servicedeskapi/request/", "/rest/api/3/issue/")):
            identity = next((each for each in path.split("/") if each.isdigit() and int(each) in self.issues), None)
            if identity is None:
                return Reply({"errorMessages": ["Issue does not exist or you do not have permission to see it."]}, 404)
            return self._request_part(request) if "servicedeskapi" in path else self._issue_part(request)
        statuses = [_status(each) for each in STATUSES]
        return Reply(
            {
                "/rest/api/3/myself": {**_AGENT, "emailAddress": _EMAIL, "timeZone": self.index.zone},
                "/rest/api/3/field": _FIELDS,
                "/rest/api/3/status": statuses,
                "/rest/api/3/priority": [_priority(each) for each in PRIORITIES],
            }[path]
        )

    def _search(self, asked: dict[str, Any]) -> Reply:
        query, token = asked["jql"], asked.get("nextPageToken")
        try:
            rows = self.index.found(query, self.clock.now())
        except ValueError as error:
            return Reply({"errorMessages": [str(error)]}, 400)
        start = self.index.place(token, query, rows) if token else 0
        if start is None:
            return Reply({"errorMessages": ["The page token does not belong to this query."]}, 400)
        start -= bool(token) and self.repeats_boundary
        end = start + min(asked.get("maxResults", 50), self.page_size)
        found = rows[start:end]
        issues = [self._shown(each.key, asked.get("fields", []), asked.get("expand", "")) for each in found]
        if self.is_stuck and end < len(rows):
            return Reply({"issues": issues, "nextPageToken": token or self.index.token(query, rows, end - 1)})
        after = {"nextPageToken": self.index.token(query, rows, end - 1)} if end < len(rows) else {}
        return Reply({"issues": issues, "isLast": end >= len(rows), **after})

    def _shown(self, key: int, fields: list[str], expand: str) -> dict[str, Any]:
        comments = self.comments[key]
        if not self.tells_public_in_searches:
            comments = [{name: each[name] for name in each if name != "jsdPublic"} for each in comments]
        issue = self.issues[key] | {"comment": self._listed(comments, "comments", 0, 20)}
        shown = {"id": str(key), "key": f"SUP-{key}", "fields": {each: issue[each] for each in fields if each in issue}}
        if expand == "changelog":
            newest_first = self.histories[key][::-1]
            shown["changelog"] = self._listed(newest_first, "histories", 0, 40)
        return shown

    def _listed(self, rows: list[dict[str, Any]], name: str, start: int, most: int) -> dict[str, Any]:
        return {name: rows[start : start + most], "startAt": start, "maxResults": most, "total": len(rows)}

    def _issue_part(self, request: Request) -> Reply:
        _, _, _, _, _, identity, *part = request.path.split("/")
        key, query = int(identity), request.query
        start, most = int(query.get("startAt", 0)), min(int(query.get("maxResults", 50)), 10)
        if part == ["comment"]:
            return Reply(self._listed(self.comments[key], "comments", start, most))
        if part == ["changelog"]:
            return Reply(self._listed(self.histories[key], "values", start, most))
        if request.method == "PUT":
            self._edit(key, request.json)
            return Reply(status=204)
        return Reply(self._shown(key, query.get("fields", "*all").split(","), query.get("expand", "")))

    def _edit(self, key: int, asked: dict[str, Any]) -> None:
        fields = dict(asked.get("fields", {}))
        if "priority" in fields:
            fields["priority"] = _priority(fields["priority"]["id"])
        added = [each["add"] for each in asked.get("update", {}).get("labels", [])]
        if added:
            fields["labels"] = [*self.issues[key]["labels"], *added]
        self.set(key, **fields)

    def _request_part(self, request: Request) -> Reply:
        _, _, _, _, identity, part = request.path.split("/")
        key = int(identity)
        if part == "feedback" and key in self.feedback:
            return Reply(self.feedback[key])
        if part == "comment" and request.method == "POST":
            made = self.say(key, request.json["body"], public=request.json["public"])
            return Reply({"id": made, "body": request.json["body"], "public": request.json["public"]}, 201)
        return Reply({"errorMessage": "There is none."}, 404)

    def _organization_part(self, path: str) -> Reply:
        _, _, _, _, identity, part, *name = path.split("/")
        if part == "property":
            value = self.properties.get((identity, name[0]))
            return Reply({"key": name[0], "value": value}) if value is not None else Reply({"errorMessage": ""}, 404)
        address = {"accountId": f"c-{identity}", "emailAddress": f"who@customer{identity}.example", "active": True}
        return Reply({"size": 1, "start": 0, "limit": 50, "isLastPage": True, "values": [address]})

    def _organization(self) -> dict[str, Any]:
        if len(self.organizations) % 3 or not self.organizations:
            identity = str(self._id())
            self.organizations[identity] = {"id": identity, "name": f"Customer {identity}"}
            return self.organizations[identity]
        return self.organizations[max(self.organizations)]

    def _touch(self, key: int, at: datetime) -> None:
        self.issues[key]["updated"] = _iso(at)
        self._learn(key)

    def _learn(self, key: int) -> None:
        issue, rated = self.issues[key], self.issues[key][_RATED_AT]
        entry = Entry(
            key=key,
            project=issue["project"]["key"],
            kind=issue["project"]["projectTypeKey"],
            created=self.created[key],
            updated=datetime.fromisoformat(issue["updated"]),
            rated_at=datetime.fromisoformat(rated) if rated else None,
        )
        self.index.learn(entry, self.clock.now())

    def _id(self) -> int:
        self._next += 1
        return self._next


def _custom(identity: str, name: str, kind: str, custom: str) -> dict[str, Any]:
    number = identity.rpartition("_")[2]
    return {
        "id": identity, "key": identity, "name": name, "custom": True, "searchable": True,
        "clauseNames": [f"cf[{number}]", name], "schema": {"type": kind, "custom": custom, "customId": int(number)},
    }  # fmt: skip


_SERVICE = "com.atlassian.servicedesk:"
_FIELDS = [
    {"id": "summary", "key": "summary", "name": "Summary", "custom": False, "schema": {"type": "string"}},
    {"id": "thumbnail", "key": "thumbnail", "name": "Images", "custom": False},
    _custom(_ORGANIZATIONS, "Organizations", "array", f"{_SERVICE}sd-customer-organizations"),
    _custom(_REQUEST, "Request Type", "sd-customerrequesttype", f"{_SERVICE}vp-origin"),
    _custom(_RATING, "Satisfaction", "sd-feedback", f"{_SERVICE}sd-request-feedback"),
    _custom(_RATED_AT, "Satisfaction date", "datetime", f"{_SERVICE}sd-request-feedback-date"),
    _custom("customfield_10050", "Revenue at risk", "number", "com.atlassian.jira.plugin:float"),
    _custom("customfield_10051", "Line of business", "option", "com.atlassian.jira.plugin:select"),
]


def _status(identity: str) -> dict[str, Any]:
    name, category, _ = STATUSES[identity]
    return {"id": identity, "name": name, "statusCategory": {"id": 4, "key": category, "name": category}}


def _priority(identity: str) -> dict[str, Any]:
    return {"id": identity, "name": PRIORITIES[identity]}


def _ours(status: dict[str, Any]) -> str:
    return STATUSES[status["id"]][2] if status["id"] in STATUSES else "open"


def _document(text: str) -> dict[str, Any]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def _identity(value: Any) -> str | None:
    return value.get("id") if isinstance(value, dict) else None


def _name(value: Any) -> str:
    return value["name"] if isinstance(value, dict) and "name" in value else str(value)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
