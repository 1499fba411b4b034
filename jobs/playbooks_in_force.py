"""Knows which versions of the playbooks count at a moment: the file's, and what persons made of them.

The file is the source. A run that meets a playbook in it that is new, changed or gone writes that down as an act of
that run's moment. Persons activate, try in shadow, pause and retire beside it; the newest act of a playbook counts, and
a run of an earlier day goes by what counted then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import ValidationError

from domain.errors import KeeplineError
from domain.playbooks import PlaybookAct, PlaybookDecree, PlaybookVersion
from jobs.rulebook import Rulebook
from rules.playbooks import Playbook
from storage.playbook_book import PlaybookBook
from storage.store import Store

FILE = "playbooks.yaml"


@dataclass(frozen=True)
class InForce:
    """The versions that decide and act, and those that decide in shadow and do nothing."""

    active: tuple[Playbook, ...]
    shadow: tuple[Playbook, ...] = ()


@dataclass(frozen=True)
class Standing:
    """What counts of one playbook: the hash of the version that acts, of the one in shadow, and the newest act.

    `former` is the version that acted before it was paused or retired.
    """

    active: str | None
    shadow: str | None
    newest: PlaybookDecree
    former: str | None = None


@dataclass(frozen=True)
class _Seen:
    """The versions of a playbook that were acted on since the file last said something, and whether it was in it."""

    hashes: frozenset[str] = frozenset()
    in_file: bool = False


_NOTHING = _Seen()


@dataclass(frozen=True)
class PlaybookHistory:
    """All versions and acts of a database, and the file of today; asked for as many moments as one likes."""

    file: tuple[Playbook, ...]
    versions: Mapping[str, PlaybookVersion]
    decrees: Sequence[PlaybookDecree]
    _parsed: dict[str, Playbook] = field(default_factory=dict)

    def standing(self, as_of: datetime) -> dict[str, Standing]:
        """What counts of each playbook that was ever acted on by `as_of`.

        Of what counted before the first act nothing is known, so that the first acts count there too.
        """
        moment = max(as_of, self.decrees[0].at) if self.decrees else as_of
        found: dict[str, Standing] = {}
        for decree in self.decrees:
            if decree.at <= moment:
                found[decree.playbook] = _after(found.get(decree.playbook), decree)
        return found

    def at(self, as_of: datetime) -> InForce:
        """The versions that count at `as_of`: those of the file in its order, then the others by id.

        Raises:
            KeeplineError: a version that counts is in words that this Keepline does not know.
        """
        standing = self.standing(as_of)
        of_file = {playbook.id: playbook for playbook in self.file}
        order = [*of_file, *sorted(standing.keys() - of_file)]
        active: list[Playbook] = []
        # Before the first run nothing of the file was written down, and all of it counts.
        if not any(decree.by == FILE for decree in self.decrees):
            active = [playbook for name, playbook in of_file.items() if name not in standing]
        active += [self.playbook(each) for name in order if name in standing and (each := standing[name].active)]
        shadow = [self.playbook(each) for name in order if name in standing and (each := standing[name].shadow)]
        return InForce(tuple(active), tuple(shadow))

    def playbook(self, rule_hash: str) -> Playbook:
        """The playbook of a version.

        Raises:
            KeeplineError: it is in words that this Keepline does not know.
        """
        if rule_hash not in self._parsed:
            self._parsed[rule_hash] = parsed(self.versions[rule_hash])
        return self._parsed[rule_hash]

    def unseen(self, as_of: datetime) -> tuple[list[PlaybookVersion], list[PlaybookDecree]]:
        """What a run at `as_of` meets in the file: new versions, and the acts by which the file makes them count.

        A version that a person has activated or put in shadow since the file last said something is nothing new.
        """
        seen = self._seen()
        changed = [book for book in self.file if book.content_hash not in seen.get(book.id, _NOTHING).hashes]
        reasons = {
            book.id: "changed in the file" if seen.get(book.id, _NOTHING).in_file else "new in the file"
            for book in changed
        }
        versions = [
            version_of(book, FILE, reasons[book.id], as_of)
            for book in changed
            if book.content_hash not in self.versions
        ]
        decrees = [_decree(book.id, "activate", book.content_hash, reasons[book.id], as_of) for book in changed]
        here = {book.id for book in self.file}
        gone = (name for name, each in seen.items() if each.in_file and name not in here)
        return versions, decrees + [_decree(name, "retire", None, "taken out of the file", as_of) for name in gone]

    def _seen(self) -> dict[str, "_Seen"]:
        seen: dict[str, _Seen] = {}
        for decree in self.decrees:
            before = seen.get(decree.playbook, _NOTHING)
            said = frozenset((decree.rule_hash,) if decree.rule_hash else ())
            if decree.by == FILE:
                seen[decree.playbook] = _Seen(said, decree.act == "activate")
            else:
                seen[decree.playbook] = _Seen(before.hashes | said, before.in_file)
        return seen


def history(store: Store, rulebook: Rulebook) -> PlaybookHistory:
    """The history of the playbooks of a database."""
    book = PlaybookBook(store.engine)
    versions = {version.rule_hash: version for version in book.versions()}
    return PlaybookHistory(rulebook.playbooks, versions, book.decrees())


def in_force(store: Store, rulebook: Rulebook, as_of: datetime) -> InForce:
    """The versions that count at `as_of`; the file's, where nothing was ever recorded.

    Raises:
        KeeplineError: a version that counts is in words that this Keepline does not know.
    """
    return history(store, rulebook).at(as_of)


def obeying(store: Store, rulebook: Rulebook, as_of: datetime) -> Rulebook:
    """The rule book with the playbooks that count at `as_of`."""
    return replace(rulebook, playbooks=in_force(store, rulebook, as_of).active)


def record_file(store: Store, rulebook: Rulebook, as_of: datetime) -> PlaybookHistory:
    """Write down what a run at `as_of` meets in the file, and return the history with it."""
    known = history(store, rulebook)
    versions, decrees = known.unseen(as_of)
    if not versions and not decrees:
        return known
    PlaybookBook(store.engine).record(versions, decrees)
    return history(store, rulebook)


def version_of(playbook: Playbook, author: str, reason: str, at: datetime) -> PlaybookVersion:
    """The version that a wording of a playbook is."""
    return PlaybookVersion(
        rule_hash=playbook.content_hash, playbook=playbook.id, content=playbook.content, author=author, reason=reason,
        recorded_at=at,
    )  # fmt: skip


def parsed(version: PlaybookVersion) -> Playbook:
    """The playbook that a version is.

    Raises:
        KeeplineError: it is in words that this Keepline does not know, or says today what it did not say then.
    """
    remedy = f"make another count: keepline playbooks activate {version.playbook} --version VERSION"
    try:
        playbook = Playbook.model_validate(version.content)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise KeeplineError(f"version {version.rule_hash[:8]} of {version.playbook}: {found}; {remedy}") from error
    if playbook.content_hash != version.rule_hash:
        raise KeeplineError(f"version {version.rule_hash[:8]} of {version.playbook} is not what it was; {remedy}")
    return playbook


def _after(before: Standing | None, decree: PlaybookDecree) -> Standing:
    acting = before.active if before else None
    former = acting or (before.former if before else None)
    if decree.act == "activate":
        return Standing(decree.rule_hash, None, decree)
    if decree.act == "shadow":
        return Standing(acting, decree.rule_hash, decree, None if acting else former)
    return Standing(None, None, decree, former)


def _decree(playbook: str, act: PlaybookAct, rule_hash: str | None, because: str, at: datetime) -> PlaybookDecree:
    return PlaybookDecree(playbook=playbook, act=act, rule_hash=rule_hash, by=FILE, because=because, at=at)
