"""Knows which record a merged one lives on in."""

from collections.abc import Iterable

from connectors.linking.profiles import Key
from domain.parties import Party


def survivors(parties: Iterable[Party]) -> dict[Key, Key | None]:
    """The record that each one is today, itself where it was not merged.

    None where a merge leads to a record that is not known, or in a circle.
    """
    into = {(party.source, party.external_id): party.merged_into for party in parties}
    found: dict[Key, Key | None] = {}
    for start in into:
        way: list[Key] = []
        here: Key | None = start
        while here is not None and here not in found and here not in way:
            way.append(here)
            merged_into = into.get(here)
            if merged_into is None:
                break
            here = (here[0], merged_into)
        end = _end(here, found, way, into)
        found |= dict.fromkeys(way, end)
    return found


def _end(here: Key | None, found: dict[Key, Key | None], way: list[Key], into: dict[Key, str | None]) -> Key | None:
    if here in found:
        return found[here]
    if here not in into or into[here] is not None:
        return None
    return here
