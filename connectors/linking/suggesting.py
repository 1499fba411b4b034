"""Finds accounts that a party may be, by words, letters and places that both have; a person looks at them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from rapidfuzz import fuzz

from connectors.linking.accounts import Accounts
from connectors.linking.likeness import are_initials, compare
from connectors.linking.names import CompanyName
from connectors.linking.profiles import Profile

SHOWN = 3
_CHUNK = 10_000
_LOOKED_AT = 12
_COMPARED = 6
# What more accounts than this have in common leads to none of them.
_MOST_ACCOUNTS = 150
_VOWELS = str.maketrans("", "", "aeiouyh")
_LEAST_PERCENT = 50
_LEAST_TOLD = 55
_INITIALS = 85.0
# A part of a group is alike in letters, and yet another customer.
_KINDS = {"same": 10, "part": -16}


@dataclass(frozen=True)
class Candidate:
    """An account that a party may be; 100 would be certain."""

    account: int
    score_percent: int
    because: str


def suggest(
    parties: Mapping[int, Profile], accounts: Accounts, certain: Mapping[int, Mapping[int, str]]
) -> dict[int, list[Candidate]]:
    """The best accounts of each party, the most alike first.

    `certain` are accounts that a rule came upon, by party, with what it said of them; they are always looked at.
    """
    found: dict[int, list[Candidate]] = {}
    index = _keys_frame(dict(enumerate(accounts.profiles)), "account")
    counted = index.group_by("key").agg(pl.len().alias("accounts")).filter(pl.col("accounts") <= _MOST_ACCOUNTS)
    index = index.join(counted, on="key").with_columns((1.0 / pl.col("accounts")).alias("weight")).drop("accounts")
    numbers = list(parties)
    for start in range(0, len(numbers), _CHUNK):
        some = {number: parties[number] for number in numbers[start : start + _CHUNK]}
        near = _near(some, index)
        for number, profile in some.items():
            told = certain.get(number, {})
            found[number] = _best(profile, accounts, {*near.get(number, ()), *told}, told)
    return found


def _near(parties: Mapping[int, Profile], index: pl.DataFrame) -> dict[int, list[int]]:
    """Accounts that share rare keys with each party, no more than a person's computer compares in no time."""
    pairs = (
        _keys_frame(parties, "party")
        .join(index, on="key")
        .group_by("party", "account")
        .agg(pl.col("weight").sum())
        .sort("party", "weight", "account", descending=[False, True, False])
        .group_by("party", maintain_order=True)
        .agg(pl.col("account").head(_LOOKED_AT))
    )
    return dict(zip(pairs["party"].to_list(), pairs["account"].to_list(), strict=True))


def _keys_frame(profiles: Mapping[int, Profile], name: str) -> pl.DataFrame:
    pairs = [(number, key) for number, profile in profiles.items() for key in set(_keys(profile))]
    schema = {name: pl.UInt32, "key": pl.UInt64}
    return pl.DataFrame(
        {name: [number for number, _ in pairs], "key": pl.Series([key for _, key in pairs], dtype=pl.String).hash()},
        schema=schema,
    )


def _keys(profile: Profile) -> Iterator[str]:
    """What two spellings of one name are likely to have in common."""
    name = profile.name
    if not name.nobody:
        yield from (f"word {word}" for word in name.words if len(word) > 1)
        for key in name.keys:
            yield f"starts {key[:5]}"
            yield f"ends {key[-6:]}"
            yield f"sounds {key.translate(_VOWELS)[:6]}"
            yield f"label {key}"
        if len(name.words) >= 3:
            yield f"label {''.join(word[0] for word in name.words)}"
    yield from (f"label {domain.label}" for domain in profile.domains.values())
    if profile.phone:
        yield f"phone {profile.phone}"


def _best(profile: Profile, accounts: Accounts, near: set[int], told: Mapping[int, str]) -> list[Candidate]:
    letters = {number: _alike_in_letters(profile.name, accounts.profiles[number].name) for number in near}
    likely = sorted(letters, key=lambda number: (number not in told, -letters[number], number))[:_COMPARED]
    scored = [_score(profile, accounts.profiles[one], one, letters[one], told.get(one)) for one in likely]
    scored.sort(key=lambda one: (-one.score_percent, one.account))
    return [one for one in scored[:SHOWN] if one.score_percent >= _LEAST_PERCENT]


def _score(party: Profile, account: Profile, number: int, letters: float, told: str | None) -> Candidate:
    said = [told] if told else [f"the names agree to {letters:.0f} %"]
    score = 0.75 * letters + _KINDS.get(compare(party, account).kind, 0)
    for points, words in (
        *_domains(party, account, bool(told)),
        *_places(party, account),
        *_qualifiers(party, account),
    ):
        score += points
        said += [words] if words else []
    least = _LEAST_TOLD if told else 0
    return Candidate(number, max(least, min(99, round(score))), "; ".join(said))


def _domains(party: Profile, account: Profile, told: bool) -> Iterator[tuple[int, str]]:
    mine, theirs = _labels(party), _labels(account)
    if shared := party.domains.keys() & account.domains.keys():
        yield 30, "" if told else f"both have {min(shared)}"
    elif same := mine & theirs:
        yield 15, f"both have a domain called {min(same)}"
    elif mine and theirs:
        yield -6, ""
    elif account.name.key in mine or party.name.key in theirs:
        yield 8, "one's domain is the other's name"


def _places(party: Profile, account: Profile) -> Iterator[tuple[int, str]]:
    if party.phone and party.phone == account.phone:
        yield 15, f"both have the phone {party.party.phone}"
    if party.city and account.city:
        yield (6, f"both are in {party.party.city}") if party.city == account.city else (-4, "")
    if party.country and account.country:
        same = party.country == account.country
        yield (3, f"both are in {party.country}") if same else (-6, f"{party.country} is not {account.country}")


def _qualifiers(party: Profile, account: Profile) -> Iterator[tuple[int, str]]:
    if party.name.numbers != account.name.numbers:
        yield -20, "the numbers in the names differ"
    if party.name.forms and account.name.forms:
        yield (2 if party.name.forms == account.name.forms else -4), ""
    if party.name.places != account.name.places:
        yield -5, ""


def _labels(profile: Profile) -> set[str]:
    return {domain.label for domain in profile.domains.values()}


def _alike_in_letters(one: CompanyName, other: CompanyName) -> float:
    """0..100: by letters, whatever the order of the words, and less where one has words that the other has not."""
    if one.nobody or other.nobody:
        return 0.0
    mine, theirs = " ".join(one.words), " ".join(other.words)
    if are_initials(one, other):
        return _INITIALS
    run_together = max(fuzz.ratio(a, b) for a in one.keys for b in other.keys)
    shortened = 0.9 * fuzz.token_set_ratio(mine, theirs)
    return max(run_together, fuzz.token_sort_ratio(mine, theirs), shortened)
