"""Knows which record a merged one lives on in."""

from collections.abc import Iterable, Mapping

from connectors.linking.profiles import Key
from domain.parties import Party


def survivors(parties: Iterable[Party]) -> dict[Key, Key | None]:
    """The record that each one is today, itself where it was not merged.

    None where a merge leads to a record that is not known, or in a circle.
    """
    into = {(party.source, party.external_id): party.merged_into for party in parties}
    found: dict[Key, Key | None] = {}
    for start in into:
        way = _way(start, into, found)
        end = found[way[-1]] if way[-1] in found else way[-1] if into.get(way[-1], "") is None else None
        found |= dict.fromkeys((key for key in way if key in into), end)
    return found


def _way(start: Key, into: Mapping[Key, str | None], found: Mapping[Key, Key | None]) -> list[Key]:
    """From record to record, until one that was not merged, is not known, was walked from before or comes again."""
    way = [start]
    while way[-1] not in found and (merged_into := into.get(way[-1])) is not None:
        following = (start[0], merged_into)
        if following in way:
            break
        way.append(following)
    return way
