"""Knows how Zammad's lists are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.http import Http, NotThere
from connectors.raw import Raw, Unreadable

API = "/api/v1"
ROWS = 50
# The kinds of states are the same on every site; older versions tell only their numbers.
_KINDS = ("", "new", "open", "pending reminder", "pending action", "closed", "merged", "removed")


@dataclass
class Lists:
    """One site's lists, and what of it rarely changes."""

    http: Http
    kinds: dict[str, str] = field(default_factory=dict)

    def changed(self, since: str, page: int) -> list[Any]:
        """Tickets changed at `since` or later, the oldest change first.

        A condition without a query is answered by the database; a query would be by the search index, which lags and
        need not be there.
        """
        asked = {
            "condition[ticket.updated_at][operator]": "after (absolute)",
            "condition[ticket.updated_at][value]": since,
            "sort_by": "updated_at,id",
            "order_by": "asc,asc",
        }
        return self._page("tickets/search", page, asked)

    def page(self, what: str, page: int) -> list[Any]:
        """A page of a list, by id."""
        return self._page(what, page, {})

    def articles(self, ticket: str) -> list[Any]:
        """What was written in a ticket."""
        return _listed(self.http.get(f"{API}/ticket_articles/by_ticket/{ticket}", {"expand": "true"}).json)

    def tags(self, ticket: str) -> list[Any]:
        """A ticket's tags."""
        return Raw.of(self.http.get(f"{API}/tags", {"object": "Ticket", "o_id": ticket}).json).items("tags")

    def history(self, ticket: str) -> list[Any]:
        """What has happened to a ticket, the oldest first."""
        return Raw.of(self.http.get(f"{API}/ticket_history/{ticket}").json).items("history")

    def kind(self, state: str) -> str:
        """Which kind a state is of, in Zammad's words; empty for one that the site does not list."""
        if not self.kinds:
            for raw in (
                Raw.of(each) for each in _listed(self.http.get(f"{API}/ticket_states", {"expand": "true"}).json)
            ):
                number = raw.whole("state_type_id") or 0
                told = raw.text("state_type") or (_KINDS[number] if 0 < number < len(_KINDS) else "")
                self.kinds[(raw.text("name") or "").lower()] = told.lower()
        return self.kinds.get(state.lower(), "")

    def priorities(self) -> list[str]:
        """The names of the priorities, the least urgent first."""
        rows = [Raw.of(each) for each in _listed(self.http.get(f"{API}/ticket_priorities").json)]
        return [raw.text("name") or "" for raw in rows if raw.flag("active") is not False]

    def address(self, customer: str) -> str | None:
        """A customer's mail address; None where the customer is not there any more."""
        try:
            return Raw.of(self.http.get(f"{API}/users/{customer}").json).text("email")
        except NotThere:
            return None

    def _page(self, what: str, page: int, asked: Mapping[str, str]) -> list[Any]:
        return _listed(self.http.get(f"{API}/{what}", {"expand": "true", "page": page, "per_page": ROWS, **asked}).json)


def _listed(answer: object) -> list[Any]:
    if not isinstance(answer, list):
        raise Unreadable("the answer", answer, "a list")
    return answer
