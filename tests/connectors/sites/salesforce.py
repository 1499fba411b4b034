"""A Salesforce org: SOQL over accounts, opportunities and tasks, a recycle bin, sessions and their locators."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock
from tests.connectors.sites.soql import Malformed, Query, parse, value_at

_CLIENT, _SECRET = "3MVG9-consumer-key", "sf-consumer-secret"
_OWNER = "005000000000001AAA"
_DATA = "/services/data/v62.0"
_PREFIXES = {"Account": "001", "Opportunity": "006", "Contract": "800", "Task": "00T"}
# Name, type, and whether it can stand in a condition.
_FIELDS: dict[str, list[tuple[str, str, bool]]] = {
    "Account": [
        ("Id", "id", True), ("IsDeleted", "boolean", True), ("MasterRecordId", "reference", True),
        ("Name", "string", True), ("ParentId", "reference", True), ("Website", "url", True),
        ("BillingCountry", "string", True), ("BillingCity", "string", True), ("Phone", "phone", True),
        ("Industry", "picklist", True), ("OwnerId", "reference", True), ("Customer_Segment__c", "picklist", True),
        ("Helpdesk_Id__c", "string", True),
        ("SystemModstamp", "datetime", True), ("LastModifiedDate", "datetime", True),
    ],
    "Opportunity": [
        ("Id", "id", True), ("IsDeleted", "boolean", True), ("AccountId", "reference", True), ("Name", "string", True),
        ("StageName", "picklist", True), ("IsWon", "boolean", True), ("Amount", "currency", True),
        ("CloseDate", "date", True), ("ARR__c", "currency", True), ("Renewal_Date__c", "date", True),
        ("Auto_Renew__c", "boolean", True), ("Products__c", "picklist", True),
        ("SystemModstamp", "datetime", True), ("LastModifiedDate", "datetime", True),
    ],
    "Contract": [
        ("Id", "id", True), ("IsDeleted", "boolean", True), ("AccountId", "reference", True),
        ("StatusCode", "picklist", True), ("StartDate", "date", True), ("EndDate", "date", True),
        ("ARR__c", "currency", True), ("SystemModstamp", "datetime", True), ("LastModifiedDate", "datetime", True),
    ],
    "Task": [
        ("Id", "id", True), ("IsDeleted", "boolean", True),
        ("WhatId", "reference", True), ("OwnerId", "reference", True),
        ("Subject", "string", True), ("Description", "textarea", False), ("ActivityDate", "date", True),
        ("SystemModstamp", "datetime", True), ("LastModifiedDate", "datetime", True),
    ],
    "Organization": [("Id", "id", True), ("Name", "string", True)],
}  # fmt: skip


class SalesforceSite(FakeSite):
    vendor = "salesforce"
    specifications = ("salesforce/salesforce-rest-min.json",)
    settable: ClassVar[Mapping[str, str]] = {"Phone": "+33 9"}
    tokens_expire = True

    def limit_reply(self, seconds: float | None) -> Reply:
        """403, not 429. Of a used-up day there is no time to wait, only the count; a proxy before it may give one."""
        said = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
        if seconds is None:
            return Reply(said, 403)
        full = {"Sforce-Limit-Info": "api-usage=15000/15000"}
        return Reply(said, 403, full if seconds >= 3600 else {"Retry-After": str(int(seconds))})

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in _FIELDS}
        self.rows["Organization"]["00D000000000001AAA"] = {"Id": "00D000000000001AAA", "Name": "Acme Support"}
        self.owner = {"attributes": {"type": "User"}, "Name": "Grace Example", "IsActive": True}
        self.has_currencies = False
        self.hidden: set[str] = set()
        self.token, self._tokens = "00D-token-1", 1
        self.locators: dict[str, tuple[str, Query, list[str], int]] = {}
        self.calls = 0
        self._next = 0

    def settings(self) -> Mapping[str, str]:
        return {"domain": self.url, "client_id": _CLIENT, "contracts_from": "opportunities", "currency": "EUR"}

    def secrets(self) -> Mapping[str, str]:
        return {"client_secret": _SECRET, "access_token": self.token, "instance_url": self.url}

    def expire_token(self) -> None:
        self._tokens += 1
        self.token = f"00D-token-{self._tokens}"

    def add(self, count: int = 1) -> None:
        # Programs write many rows in one transaction, which all bear one moment.
        for number in range(count):
            self._add_customer(self.clock.pass_by(seconds=7 if number % 4 == 0 else 0))

    def add_late(self) -> None:
        """A transaction that took long: its rows are older than others that could be seen before."""
        newest = max(_moment(row) for row in self.rows["Account"].values())
        self._add_customer(newest - timedelta(minutes=1))

    def add_broken(self) -> str:
        lonely = self.opportunity(None, self.clock.pass_by(seconds=7))
        return str(lonely["Id"])

    def change(self, nth: int) -> None:
        account = self._nth(nth)
        now = self.clock.pass_by(seconds=7)
        _touch(account, now, Industry="Energy" if account["Industry"] != "Energy" else "Banking")
        for each in self._of(account):
            _touch(each, now, Amount=each["Amount"] + 100.5)

    def delete(self, nth: int) -> None:
        account = self._nth(nth)
        now = self.clock.pass_by(seconds=7)
        for each in (account, *self._of(account)):
            _touch(each, now, IsDeleted=True)

    def merge(self, loser: str, winner: str) -> None:
        """Merge an account into another: what belonged to it belongs to the other."""
        now = self.clock.pass_by(seconds=7)
        for each in self._of(self.rows["Account"][loser]):
            _touch(each, now, AccountId=winner)
        _touch(self.rows["Account"][loser], now, IsDeleted=True, MasterRecordId=winner)

    def facts(self) -> Facts:
        live = {key: each for key, each in self.rows["Account"].items() if not each["IsDeleted"]}
        merged = {key: each["MasterRecordId"] for key, each in self.rows["Account"].items() if each["MasterRecordId"]}
        won = {
            key: each
            for key, each in self.rows["Opportunity"].items()
            if each["IsWon"] and not each["IsDeleted"] and each["AccountId"]
        }
        parties: dict[str, Mapping[str, Any]] = {
            key: {
                "name": each["Name"], "domains": [f"{key.lower()}.example"], "parent_ref": each["ParentId"],
                "country": each["BillingCountry"], "city": each["BillingCity"], "phone": each["Phone"],
                "merged_into": None,
            }
            for key, each in live.items()
        }  # fmt: skip
        return {
            "account": {
                key: {"name": each["Name"], "industry": each["Industry"], "csm": "Grace Example", "region": "France"}
                for key, each in live.items()
            },
            "account_identity": {
                **{key: {"account_ref": key} for key in live},
                **{loser: {"account_ref": winner} for loser, winner in merged.items()},
            },
            "party": parties | {loser: {"merged_into": winner} for loser, winner in merged.items()},
            "contract": {
                key: {
                    "account_ref": each["AccountId"],
                    "arr_cents": round(each["Amount"] * 100),
                    "currency": each.get("CurrencyIsoCode") or "EUR",
                    "starts_on": datetime.fromisoformat(each["CloseDate"]).date(),
                }
                for key, each in won.items()
            },
        }

    def answer(self, request: Request) -> Reply:
        if request.path == "/services/oauth2/token":
            return self._token(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
        self.calls += 1
        reply = self._answer(request)
        return Reply(reply.body, reply.status, {"Sforce-Limit-Info": f"api-usage={self.calls}/15000", **reply.headers})

    def _token(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if not self.lets_in(form):
            return Reply({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        return Reply({"access_token": self.token, "instance_url": self.url, "token_type": "Bearer"})

    def lets_in(self, form: Mapping[str, str]) -> bool:
        """Whether what was sent for a token is right."""
        wanted = {"grant_type": "client_credentials", "client_id": _CLIENT, "client_secret": _SECRET}
        return form == wanted

    def _answer(self, request: Request) -> Reply:
        parts = request.path.removeprefix(_DATA + "/").split("/")
        if len(request.url) > 16_384:
            return Reply([{"errorCode": "URI_TOO_LONG", "message": "URI too long"}], 414)
        if parts[0] in {"query", "queryAll"} and len(parts) == 2:
            return self._more(parts[1])
        if parts[0] in {"query", "queryAll"}:
            return self._query(request.query["q"], deleted_too=parts[0] == "queryAll")
        if parts[0] == "sobjects" and parts[-1] == "describe":
            return self._describe(parts[1])
        if parts[0] == "sobjects" and request.method == "POST":
            return self._create(parts[1], request.json)
        return self._one(parts[1], parts[2], request)

    def _describe(self, name: str) -> Reply:
        if name not in _FIELDS or name in self.hidden:
            return Reply([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)
        fields = [
            {
                "name": field, "label": field.removesuffix("__c").replace("_", " "), "type": kind,
                "filterable": filters,
                "relationshipName": "Owner" if field == "OwnerId" else None,
            }
            for field, kind, filters in self._fields(name)
        ]  # fmt: skip
        return Reply({"name": name, "label": name, "custom": False, "queryable": True, "fields": fields})

    def _fields(self, name: str) -> list[tuple[str, str, bool]]:
        own = [("CurrencyIsoCode", "picklist", True)] if self.has_currencies and name != "Organization" else []
        return [each for each in (*_FIELDS[name], *own) if each[0] not in self.hidden]

    def _query(self, text: str, *, deleted_too: bool) -> Reply:
        try:
            query = parse(text)
        except Malformed as error:
            return Reply([{"errorCode": "MALFORMED_QUERY", "message": str(error)}], 400)
        wrong = self._wrong(query)
        if wrong:
            return wrong
        rows = [row for row in self.rows[query.object].values() if deleted_too or not row.get("IsDeleted")]
        found = query.run(rows)
        if not query.fields:
            return Reply({"totalSize": len(found), "done": True, "records": []})
        keys = [row["Id"] for row in found]
        if "Id" in query.conditions and "SystemModstamp" in query.conditions and self.repeats_boundary:
            keys = [*self._before(query, keys), *keys]
        if self.is_stuck and query.limit and query.limit > 1:
            keys = self._all(query)
            return Reply(self._batch(query, keys, 0) | {"done": False})
        return Reply(self._batch(query, keys, 0))

    def _before(self, query: Query, keys: list[str]) -> list[str]:
        """The row just before those found: moments are finer inside than they are written."""
        places = self._all(query)
        first = places.index(keys[0]) if keys else 0
        return places[max(0, first - 1) : first]

    def _all(self, query: Query) -> list[str]:
        everything = Query([], query.object, lambda _: True, [], query.order, None)
        return [row["Id"] for row in everything.run(self.rows[query.object].values())]

    def _wrong(self, query: Query) -> Reply | None:
        if query.object not in _FIELDS or query.object in self.hidden:
            said = f"sObject type '{query.object}' is not supported."
            return Reply([{"errorCode": "INVALID_TYPE", "message": said}], 400)
        filters = {name: filterable for name, _, filterable in self._fields(query.object)}
        known = {*filters, "Owner.Name", "Owner.IsActive"}
        strange = [name for name in (*query.fields, *(name for name, _ in query.order)) if name not in known]
        strange += [name for name in query.conditions if not filters.get(name)]
        if strange:
            said = f"No such column '{strange[0]}' on entity '{query.object}', or it can not be filtered"
            return Reply([{"errorCode": "INVALID_FIELD", "message": said}], 400)
        return None

    def _batch(self, query: Query, keys: list[str], start: int) -> dict[str, Any]:
        end = start + self.page_size
        answer: dict[str, Any] = {
            "totalSize": len(keys),
            "done": end >= len(keys),
            "records": [self._shown(query, self.rows[query.object][key]) for key in keys[start:end]],
        }
        if end < len(keys):
            locator = f"01g{len(self.locators):012d}-{end}"
            self.locators[locator] = (self.token, query, keys, end)
            answer["nextRecordsUrl"] = f"{_DATA}/query/{locator}"
        return answer

    def _more(self, locator: str) -> Reply:
        token, query, keys, start = self.locators.get(locator, ("", None, [], 0))
        # A locator ends with the session that it was given to.
        if query is None or token != self.token:
            return Reply([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}], 400)
        return Reply(self._batch(query, keys, start))

    def _shown(self, query: Query, row: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{_DATA}/sobjects/{query.object}/{row['Id']}"
        shown: dict[str, Any] = {"attributes": {"type": query.object, "url": url}}
        for path in query.fields:
            if path.startswith("Owner."):
                shown["Owner"] = {"attributes": {"type": "User"}, "Name": self.owner["Name"]}
                shown["Owner"] |= {"IsActive": self.owner["IsActive"]} if "IsActive" in path else {}
            else:
                shown[path] = value_at(row, path)
        return shown | ({"Mood__x": {"sun": [1, 2]}} if self.speaks_oddly else {})

    def _create(self, name: str, body: dict[str, Any]) -> Reply:
        unknown = [field for field in body if field not in {each[0] for each in self._fields(name)}]
        if unknown:
            said = f"No such column '{unknown[0]}' on sobject of type {name}"
            return Reply([{"errorCode": "INVALID_FIELD", "message": said}], 400)
        if "OwnerId" in body and not self.owner["IsActive"]:
            said = "operation performed with inactive user"
            return Reply([{"errorCode": "INACTIVE_OWNER_OR_USER", "message": said}], 400)
        row = self._new(name, self.clock.pass_by(seconds=7), **body)
        return Reply({"id": row["Id"], "success": True, "errors": []}, 201)

    def _one(self, name: str, key: str, request: Request) -> Reply:
        row = self.rows[name].get(key)
        if row is None or row["IsDeleted"]:
            return Reply([{"errorCode": "NOT_FOUND", "message": "Provided external ID field does not exist"}], 404)
        if request.method == "PATCH":
            unless = request.headers.get("if-unmodified-since")
            if unless and _moment(row).replace(microsecond=0) > parsedate_to_datetime(unless):
                return Reply([{"errorCode": "PRECONDITION_FAILED", "message": "The record was modified"}], 412)
            _touch(row, self.clock.pass_by(seconds=7), **request.json)
            return Reply(None, 204)
        asked = ["Id", *request.query["fields"].split(",")]
        shown = {"attributes": {"type": name, "url": request.path}, **{field: row.get(field) for field in asked}}
        return Reply(shown)

    def _nth(self, nth: int) -> dict[str, Any]:
        live = [each for _, each in sorted(self.rows["Account"].items()) if not each["IsDeleted"]]
        return live[nth]

    def _of(self, account: Mapping[str, Any]) -> list[dict[str, Any]]:
        opportunities = self.rows["Opportunity"].values()
        return [each for each in opportunities if each["AccountId"] == account["Id"] and not each["IsDeleted"]]

    def _add_customer(self, at: datetime) -> None:
        accounts = list(self.rows["Account"])
        account = self._new("Account", at)
        account |= {
            "Name": f"Customer {account['Id'][-6:]}", "Website": f"https://www.{account['Id'].lower()}.example/en",
            "ParentId": accounts[0] if len(accounts) % 4 == 3 else None, "BillingCountry": "France",
            "BillingCity": "Lyon", "Phone": "+33 1 23", "Industry": "Media", "OwnerId": _OWNER,
            "MasterRecordId": None, "Customer_Segment__c": "Enterprise", "Helpdesk_Id__c": f"zd-{account['Id'][-6:]}",
        }  # fmt: skip
        if self.speaks_oddly:
            account |= {"Industry": "Cloud herding"}
        self.opportunity(account["Id"], at)
        if len(accounts) % 3 == 0:
            self.opportunity(account["Id"], at, StageName="Negotiation", IsWon=False)

    def opportunity(self, account: str | None, at: datetime, **more: Any) -> dict[str, Any]:
        """Add a won opportunity, or another one by `more`."""
        usual = {
            "AccountId": account, "Name": "Renewal", "StageName": "Closed Won", "IsWon": True, "Amount": 12000.25,
            "CloseDate": "2026-01-15", "ARR__c": 15000.0, "Renewal_Date__c": "2027-01-15", "Auto_Renew__c": True,
            "Products__c": "Core;Insights",
        }  # fmt: skip
        return self._new("Opportunity", at, **{**usual, **more})

    def contract(self, account: str, **more: Any) -> dict[str, Any]:
        """Add an activated contract, or another one by `more`."""
        usual = {
            "AccountId": account, "StatusCode": "Activated", "StartDate": "2026-01-01", "EndDate": "2026-12-31",
            "ARR__c": 9000.0,
        }  # fmt: skip
        return self._new("Contract", self.clock.pass_by(seconds=7), **{**usual, **more})

    def _new(self, name: str, at: datetime, **fields: Any) -> dict[str, Any]:
        self._next += 1
        key = f"{_PREFIXES[name]}{self._next:012d}AAA"
        row = {"Id": key, "IsDeleted": False, **fields}
        _touch(row, at)
        self.rows[name][key] = row
        return row


def _touch(row: dict[str, Any], at: datetime, **fields: Any) -> None:
    # Salesforce writes moments to the second, with a zone of four digits.
    told = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    row |= {**fields, "SystemModstamp": told, "LastModifiedDate": told}


def _moment(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["LastModifiedDate"])
