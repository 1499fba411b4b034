"""Knows how HubSpot is asked: with which credentials, how often, and by which calls objects are found and read."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.addresses import site_url
from connectors.contract import Site
from connectors.credentials import Nothing, OAuth, Token
from connectors.http import Auth, Http, Refused
from connectors.rate_limits import Budget, Headers, Pace, RateLimits
from connectors.raw import Raw
from domain.errors import CredentialsRejected

API = "https://api.hubapi.com"
SEARCHED_ROWS, LISTED_ROWS = 200, 100
# With the history of properties fewer objects are read in one call.
_READ_INPUTS, _READ_WITH_HISTORY, _ASSOCIATED_INPUTS = 100, 50, 1000
# What a limit's name says where no header does; the day ends at midnight in a time zone that we are not told.
_WAITS = {"SECONDLY": timedelta(seconds=1), "TEN_SECONDLY_ROLLING": timedelta(seconds=10), "DAILY": timedelta(hours=1)}


def _window(headers: Headers, now: datetime) -> Budget | None:
    left, length = (headers.get(f"X-HubSpot-RateLimit-{each}", "") for each in ("Remaining", "Interval-Milliseconds"))
    if not left.isdigit():
        return None
    return Budget(int(left), now + timedelta(milliseconds=min(int(length), 60_000)) if length.isdigit() else None)


def _wait_of(body: bytes) -> timedelta | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return _WAITS.get(str(said.get("policyName")).upper()) if isinstance(said, Mapping) else None


LIMITS = RateLimits(
    budget=_window,
    limit_wait=_wait_of,
    paces=(Pace(5, timedelta(seconds=1), "/search"), Pace(100, timedelta(seconds=10))),
)


class Portal:
    """One HubSpot account."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._address = site_url(site.settings.get("address") or API)
        self.http = Http(self._address, self._auth(), site.clock, LIMITS, site.on_wait)

    def account(self) -> Raw:
        """The account itself."""
        return Raw.of(self.http.get("/account-info/v3/details").json)

    def count(self, objects: str) -> int | None:
        """How many objects of a kind there are."""
        return Raw.of(self.http.post_search(f"/crm/v3/objects/{objects}/search", {"limit": 1}).json).whole("total")

    def search(self, objects: str, filters: Sequence[Mapping[str, str]], by: str, properties: Iterable[str]) -> Raw:
        """The first page of what the filters leave, in ascending order of the property `by`."""
        asked = {
            "filterGroups": [{"filters": list(filters)}],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCHED_ROWS,
        }
        return Raw.of(self.http.post_search(f"/crm/v3/objects/{objects}/search", asked).json)

    def archived(self, objects: str, after: str | None) -> Raw:
        """A page of what was deleted in the last months."""
        asked = {"archived": "true", "limit": LISTED_ROWS, **({"after": after} if after else {})}
        return Raw.of(self.http.get(f"/crm/v3/objects/{objects}", asked).json)

    def by_ids(
        self, objects: str, ids: Iterable[str], properties: Iterable[str], history: Iterable[str] = ()
    ) -> Iterator[Any]:
        """The objects of these ids that are there, not from the search's index but as they are."""
        past, waiting = list(history), [{"id": each} for each in dict.fromkeys(ids)]
        size = _READ_WITH_HISTORY if past else _READ_INPUTS
        for start in range(0, len(waiting), size):
            asked: dict[str, Any] = {"properties": list(properties), "inputs": waiting[start : start + size]}
            if past:
                asked["propertiesWithHistory"] = past
            yield from Raw.of(self.http.post_search(f"/crm/v3/objects/{objects}/batch/read", asked).json).items(
                "results"
            )

    def associated(self, of: str, to: str, ids: Iterable[str]) -> dict[str, list[Raw]]:
        """What each object is associated with: `toObjectId` and its `associationTypes`."""
        found: dict[str, list[Raw]] = {}
        waiting = [{"id": each} for each in dict.fromkeys(ids)]
        while waiting:
            some, waiting = waiting[:_ASSOCIATED_INPUTS], waiting[_ASSOCIATED_INPUTS:]
            asked = {"inputs": some}
            answer = Raw.of(self.http.post_search(f"/crm/v4/associations/{of}/{to}/batch/read", asked).json)
            for each in answer.objects("results"):
                origin = each.must_object("from").id()
                found.setdefault(origin, []).extend(each.objects("to"))
                paging = each.object("paging")
                after = _after(paging)
                if after and {"id": origin, "after": after} not in some:
                    waiting.append({"id": origin, "after": after})
        return found

    def listed(self, path: str, **asked: str) -> Iterator[Raw]:
        """All of a list that is paged by `after`."""
        params: dict[str, Any] = {"limit": LISTED_ROWS, **asked}
        while True:
            answer = Raw.of(self.http.get(path, params).json)
            yield from answer.objects("results")
            after = next_after(answer)
            if after is None or after == params.get("after"):
                return
            params["after"] = after

    def _auth(self) -> Auth:
        client = self.site.settings.get("client_id")
        if not client:
            return Token(self.site.secrets["access_token"], "the access token of the private app")
        return OAuth(self.site.secrets, self._refreshed, f"the sign-in of the app {client}")

    def _refreshed(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        label = f"the refresh token of the app {self.site.settings['client_id']}"
        asked = {
            "grant_type": "refresh_token",
            "client_id": self.site.settings["client_id"],
            "client_secret": secrets.get("client_secret", ""),
            "refresh_token": secrets.get("refresh_token", ""),
        }
        http = Http(self._address, Nothing(label), self.site.clock, on_wait=self.site.on_wait)
        try:
            answer = Raw.of(http.post_form("/oauth/v1/token", asked).json)
        except Refused as error:
            # HubSpot answers 400, not 401, to a refresh token that it does not know.
            raise CredentialsRejected(f"{label} was refused ({error}); install the app anew") from error
        rotated = answer.text("refresh_token")
        return {"access_token": answer.must_text("access_token"), **({"refresh_token": rotated} if rotated else {})}


def next_after(answer: Raw) -> str | None:
    """Where the page behind an answer begins; None at the end."""
    return _after(answer.object("paging"))


def _after(paging: Raw | None) -> str | None:
    following = paging.object("next") if paging else None
    return following.text("after") if following else None
