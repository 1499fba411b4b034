"""Makes versions of playbooks count, be tried in shadow, pause and retire; says for each act how it is undone."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import KeeplineError, NotFound
from domain.playbooks import PlaybookAct, PlaybookDecree
from jobs.playbooks_in_force import FILE, PlaybookHistory, Standing, history, record_file, version_of
from jobs.rulebook import Rulebook
from rules.playbooks import Playbook
from rules.words import unknown_word
from storage.playbook_book import PlaybookBook
from storage.store import Store

SHORT = 8


@dataclass(frozen=True)
class Said:
    """Who acts, why, and when; an act is never earlier than the playbook's newest one."""

    by: str
    because: str
    at: datetime


@dataclass(frozen=True)
class Acted:
    """An act that was written down, the version that it is about, and the command that undoes it."""

    decree: PlaybookDecree
    version: str | None
    is_new: bool
    undo: str


class Lawgiver:
    """Acts on the playbooks of one database."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        self._store, self._rulebook = store, rulebook
        self._book = PlaybookBook(store.engine)

    @property
    def history(self) -> PlaybookHistory:
        """What was recorded up to now."""
        return history(self._store, self._rulebook)

    def activate(self, playbook: Playbook, said: Said) -> Acted:
        """Let a version decide and act from now on; a version in shadow is over.

        Raises:
            KeeplineError: it does so already.
        """
        self._begin(said.at, playbook.id)
        before = self._standing(playbook.id, said.at)
        if before and before.active == playbook.content_hash and before.shadow is None:
            raise KeeplineError(f"{playbook.id}: version {short(before.active)} is active already")
        return self._act("activate", playbook.id, playbook, said)

    def shadow(self, playbook: Playbook, said: Said) -> Acted:
        """Let a version decide beside the active one from now on, and do nothing.

        Raises:
            KeeplineError: it is the active one.
        """
        self._begin(said.at, playbook.id)
        before = self._standing(playbook.id, said.at)
        if before and before.active == playbook.content_hash:
            remedy = "change a word of it, or pause it first"
            raise KeeplineError(f"{playbook.id}: version {short(before.active)} is the active one; {remedy}")
        return self._act("shadow", playbook.id, playbook, said)

    def pause(self, playbook: str, said: Said) -> Acted:
        """Let nothing of a playbook be decided until it is resumed.

        Raises:
            KeeplineError: nothing of it is decided now.
        """
        self._require_on(playbook, said.at, "pause")
        return self._act("pause", playbook, None, said)

    def retire(self, playbook: str, said: Said) -> Acted:
        """Let nothing of a playbook be decided any more.

        Raises:
            KeeplineError: it is retired already.
        """
        before = self._require_known(playbook, said.at)
        if before.newest.act == "retire":
            raise KeeplineError(f"{playbook} is retired already")
        return self._act("retire", playbook, None, said)

    def resume(self, playbook: str, said: Said) -> Acted:
        """Let the version that was active before a pause act again.

        Raises:
            KeeplineError: it is not paused, or nothing was active before.
        """
        before = self._require_known(playbook, said.at)
        if before.newest.act != "pause" or before.former is None:
            remedy = f"keepline playbooks activate {playbook} --version VERSION makes a version count"
            raise KeeplineError(f"{playbook} is not paused; {remedy}")
        return self._act("activate", playbook, self.history.playbook(before.former), said)

    def roll_back(self, playbook: str, said: Said, to: str | None = None) -> Acted:
        """Let the version that was active before the one of now act again, or the one named.

        Raises:
            KeeplineError: there is none before.
        """
        known, before = self.history, self._require_known(playbook, said.at)
        if to is not None:
            return self.activate(self.named(playbook, to), said)
        now = before.active or before.former
        acted = [each.rule_hash for each in known.decrees if each.playbook == playbook and each.act == "activate"]
        earlier = [each for each in acted if each is not None and each != now]
        if not earlier:
            raise KeeplineError(f"{playbook} has had no other active version; keepline playbooks history {playbook}")
        return self.activate(known.playbook(earlier[-1]), said)

    def named(self, playbook: str, version: str | None = None) -> Playbook:
        """A version by the beginning of its hash; where none is said the one in the file.

        Raises:
            NotFound: there is none, or several begin so.
        """
        known = self.history
        in_file = {book.id: book for book in known.file}
        if version is None:
            if playbook in in_file:
                return in_file[playbook]
            raise NotFound(
                self._unknown(playbook)
                or f"{playbook} is not in the file; name one of its versions: keepline playbooks history {playbook}"
            )
        found = {each.rule_hash for each in known.versions.values() if each.playbook == playbook}
        found |= {in_file[playbook].content_hash} if playbook in in_file else set()
        fitting = sorted(each for each in found if each.startswith(version))
        if len(fitting) != 1:
            told = ", ".join(short(each) for each in sorted(found)) or "none"
            raise NotFound(
                self._unknown(playbook)
                or f"{len(fitting)} versions of {playbook} begin with {version!r}; known: {told}"
            )
        is_of_file = playbook in in_file and in_file[playbook].content_hash == fitting[0]
        return in_file[playbook] if is_of_file else known.playbook(fitting[0])

    def _act(self, act: PlaybookAct, playbook: str, version: Playbook | None, said: Said) -> Acted:
        known = self.history
        newest = max((each.at for each in known.decrees if each.playbook == playbook), default=said.at)
        at, before = max(said.at, newest), known.standing(max(said.at, newest)).get(playbook)
        rule_hash = None if version is None else version.content_hash
        decree = PlaybookDecree(
            playbook=playbook, act=act, rule_hash=rule_hash, by=said.by, because=said.because, at=at
        )
        versions = [] if version is None else [version_of(version, said.by, said.because, at)]
        is_new = self._book.record(versions, [decree]) > 0
        return Acted(decree, rule_hash, is_new, undoing(playbook, before))

    def _standing(self, playbook: str, at: datetime) -> Standing | None:
        known = self.history
        newest = max((each.at for each in known.decrees if each.playbook == playbook), default=at)
        return known.standing(max(at, newest)).get(playbook)

    def _begin(self, at: datetime, but: str | None = None) -> None:
        """Before the first act the file counts as it is: write that down, so that an act is about this one alone."""
        if not any(each.by == FILE for each in self.history.decrees):
            others = tuple(book for book in self._rulebook.playbooks if book.id != but)
            record_file(self._store, replace(self._rulebook, playbooks=others), at)

    def _require_known(self, playbook: str, at: datetime) -> Standing:
        self._begin(at)
        found = self._standing(playbook, at)
        if found is None:
            remedy = "keepline run makes the file's playbooks count"
            raise NotFound(self._unknown(playbook) or f"{playbook} has never counted; {remedy}")
        return found

    def _require_on(self, playbook: str, at: datetime, act: str) -> None:
        found = self._require_known(playbook, at)
        if found.active is None and found.shadow is None:
            raise KeeplineError(f"nothing of {playbook} is decided now, so there is nothing to {act}")

    def _unknown(self, playbook: str) -> str | None:
        known = self.history
        ids = dict.fromkeys([*(book.id for book in known.file), *(each.playbook for each in known.versions.values())])
        return None if playbook in ids else unknown_word(playbook, ids, "playbook")


def undoing(playbook: str, before: Standing | None) -> str:
    """The command that brings back what stood before an act."""
    start = "keepline playbooks"
    if before is None:
        return f"{start} retire {playbook}"
    if before.shadow is not None:
        return f"{start} shadow {playbook} --version {short(before.shadow)}"
    if before.active is not None:
        return f"{start} activate {playbook} --version {short(before.active)}"
    return f"{start} {before.newest.act} {playbook}"


def short(rule_hash: str | None) -> str:
    """A version as it is shown and named."""
    return "" if rule_hash is None else rule_hash[:SHORT]
