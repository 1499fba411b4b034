"""Makes companies, some of which are hard to tell apart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from unicodedata import normalize

from benchmarks.linking import vocabulary as words


@dataclass(frozen=True)
class Customer:
    """A company as it is, before any system writes it down."""

    number: int
    name: str
    form: str
    country: str
    city: str
    domain: str
    place: str = ""
    parent: int | None = None
    old_domain: str | None = None
    consultancy: str | None = None

    @property
    def phone(self) -> str:
        return f"+{Random(self.number).randrange(10**9, 10**10)}"

    @property
    def full_name(self) -> str:
        placed = f"{self.name} {self.place}".strip()
        return f"{self.form} {placed}" if self.form in words.BEFORE else f"{placed} {self.form}".strip()


class Companies:
    """Draws companies, some of which are hard to tell apart."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._number = 0
        self._domains: set[str] = set()

    def make(self, wanted: int) -> Iterator[Customer]:
        kinds = (self._plain, self._group, self._namesakes, self._near_names, self._consultancy, self._numbered)
        while self._number < wanted:
            (kind,) = self._dice.choices(kinds, weights=(70, 8, 5, 5, 4, 3))
            yield from kind()

    def _plain(self) -> Iterator[Customer]:
        yield self._company(self._name(self._country()))

    def _company(self, named: tuple[str, str], domain: str | None = None) -> Customer:
        name, country = named
        self._number += 1
        dice = self._dice
        form = dice.choice(words.FORMS[country]) if dice.random() < 0.85 else ""
        own = domain or self._domain(name, country)
        old = self._domain(self._invented(), country) if dice.random() < 0.04 else None
        return Customer(self._number, name, form, country, dice.choice(words.CITIES[country]), own, old_domain=old)

    def _group(self) -> Iterator[Customer]:
        """A parent and its subsidiaries: by country or by trade, on one domain, on country domains or on their own."""
        dice = self._dice
        name, country = self._name(self._country())
        parent = self._company((name, country))
        yield parent
        for _ in range(dice.randint(1, 3)):
            other = self._country()
            if dice.random() < 0.6:
                child = self._company((name, other))
                child = replace(child, place=dice.choice(words.COUNTRIES[other]) if dice.random() < 0.6 else "")
            else:
                child = self._company((f"{name} {dice.choice(words.TRADES)}", country))
            label, _, _ = parent.domain.partition(".")
            domain = dice.choice([parent.domain, f"{label}.{words.SUFFIXES[child.country]}", child.domain])
            yield replace(child, domain=domain, parent=parent.number)

    def _namesakes(self) -> Iterator[Customer]:
        """Companies of one name that have nothing to do with each other."""
        name, country = self._name(self._country())
        yield self._company((name, country))
        for _ in range(self._dice.randint(1, 2)):
            yield self._company((name, country if self._dice.random() < 0.3 else self._country()))

    def _near_names(self) -> Iterator[Customer]:
        """Companies whose names differ by a letter, by a word or by the order of words."""
        dice = self._dice
        name, country = self._name(self._country())
        yield self._company((name, country))
        at = dice.randrange(len(name))
        other = dice.choice([
            name[:at] + dice.choice("aeiostn") + name[at + 1 :],
            " ".join(reversed(name.split())) if " " in name else f"{name} {dice.choice(words.TRADES)}",
            f"{name.split()[0]} {dice.choice(words.TRADES)}",
        ])  # fmt: skip
        if other.strip() and other != name:
            yield self._company((other.strip(), country))

    def _consultancy(self) -> Iterator[Customer]:
        """A consultancy, and clients that are known to the helpdesk by its domain."""
        consultancy = self._company(
            (f"{self._invented()} {self._dice.choice(['Consulting', 'Advisors', 'Digital'])}", "GB")
        )
        if self._dice.random() < 0.6:
            yield consultancy
        for _ in range(self._dice.randint(2, 5)):
            client = self._company(self._name(self._country()))
            yield replace(client, consultancy=consultancy.domain)

    def _numbered(self) -> Iterator[Customer]:
        name, country = self._name(self._country())
        first = self._dice.randint(2, 90)
        for number in (first, first + 1):
            yield self._company((f"{name} {number}", country))

    def _country(self) -> str:
        return self._dice.choice(list(words.COUNTRIES))

    def _invented(self) -> str:
        dice = self._dice
        syllables = (
            dice.choice(words.ONSETS) + dice.choice(words.VOWELS) + dice.choice(words.CODAS)
            for _ in range(dice.randint(2, 3))
        )
        return "".join(syllables).capitalize()

    def _name(self, country: str) -> tuple[str, str]:
        kinds = (self._invented_name, self._plain_name, self._family_name, self._grand_name, self._letters)
        (kind,) = self._dice.choices((*kinds, None), weights=(45, 25, 10, 8, 4, 8))
        if kind:
            return kind(), country
        other = self._dice.choice(list(words.FOREIGN))
        return f"{self._dice.choice(words.FOREIGN[other])} {self._dice.choice(words.CITIES[other])}", other

    def _invented_name(self) -> str:
        trade = self._dice.choice([self._dice.choice(words.TRADES), self._dice.choice(words.VAGUE), ""])
        return f"{self._invented()} {trade}".strip()

    def _plain_name(self) -> str:
        one, other = (self._dice.choice(words.PLAIN_WORDS).capitalize() for _ in range(2))
        trade = self._dice.choice(words.TRADES)
        return f"{one} {other} {trade}" if self._dice.random() < 0.7 else f"{one} {trade}"

    def _family_name(self) -> str:
        return f"{self._dice.choice(words.SURNAMES)} & {self._dice.choice(words.SURNAMES)}"

    def _grand_name(self) -> str:
        trade = self._dice.choice([self._dice.choice(words.TRADES), self._dice.choice(words.VAGUE)])
        return f"{self._dice.choice(words.GRAND_WORDS)} {trade}"

    def _letters(self) -> str:
        return "".join(self._dice.choice("ABCDEGHIKLMNOPRSTV") for _ in range(self._dice.randint(2, 4)))

    def _domain(self, name: str, country: str) -> str:
        dice = self._dice
        plain = [part for word in name.split() if (part := _ascii(word))] or [self._invented().lower()]
        label = dice.choice(["".join(plain), "".join(plain), "-".join(plain), plain[0], "".join(plain[:2])])
        while True:
            suffix = dice.choice(["com", words.SUFFIXES[country], words.SUFFIXES[country], "io", "net"])
            if (domain := f"{label}.{suffix}") not in self._domains:
                self._domains.add(domain)
                return domain
            label += dice.choice("abcdefghijklmnopqrstuvwxyz")


def _ascii(word: str) -> str:
    spelt = normalize("NFKD", word.replace("ß", "ss").replace("ł", "l").replace("ø", "o"))
    return "".join(letter for letter in spelt.lower() if letter.isascii() and letter.isalnum())
