"""Knows which account a person means by a name or an id."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from domain.errors import NotFound


def named(accounts: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one of `accounts` (name, external_id) that is called so, or whose id it is.

    Raises:
        NotFound: none is called so, or several are; the message gives the near ones.
    """
    wanted = name.casefold()
    exact = [
        account for account in accounts if wanted in (account["name"].casefold(), account["external_id"].casefold())
    ]
    found = exact or [account for account in accounts if wanted in account["name"].casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        some = ", ".join(f"{account['name']} ({account['external_id']})" for account in found[:5])
        raise NotFound(f"{len(found)} accounts are called like {name!r}: {some}; give the id")
    near = get_close_matches(name, [account["name"] for account in accounts], n=3, cutoff=0.4)
    raise NotFound(f"no account is called {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
