"""Knows which ticket a person means by a name."""

from collections.abc import Sequence
from difflib import get_close_matches

from domain.errors import NotFound
from storage.one_ticket import OneTicket, TicketName

_MOST_NAMED = 5


def ticket_named(tickets: OneTicket, name: str) -> TicketName:
    """The one ticket of that id, or of `source:id`.

    Raises:
        NotFound: none is called so, or several are; the message gives the near ones.
    """
    found = tickets.named(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"{len(found)} tickets are called {name}: {_listed(found)}; give the source too")
    near = {each.external_id: each for each in reversed(tickets.near(name))}
    if not near:
        raise NotFound(f"no ticket is called {name!r}; there are none yet: keepline sync, or keepline import FOLDER")
    nearest = get_close_matches(name.rpartition(":")[2], near, n=_MOST_NAMED, cutoff=0.5)
    some = nearest or list(near)[-_MOST_NAMED:]
    raise NotFound(f"no ticket is called {name!r}; near are {_listed([near[each] for each in some])}")


def _listed(names: Sequence[TicketName]) -> str:
    return ", ".join(f"{each.source}:{each.external_id}" for each in names[:_MOST_NAMED])
