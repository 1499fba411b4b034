"""Shows the playbooks: which version of each counts since when and by whom, and how often it fired lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.errors import NotFound
from domain.playbooks import PlaybookDecree, PlaybookVersion
from jobs.playbooks_in_force import PlaybookHistory, Standing, history
from jobs.rulebook import Rulebook
from rules.playbooks import Playbook
from rules.words import unknown_word
from storage.playbook_book import Fired, PlaybookBook
from storage.store import Store

LATELY = timedelta(days=30)
State = Literal["active", "shadow", "paused", "retired", "new"]


@dataclass(frozen=True)
class PlaybookView:
    """One playbook as it stands at a moment.

    * version: the one that acts, else the one that would: in shadow, before the pause, or in the file
    * shadow: the version that is tried beside it
    * newest: the act that made it so; None where only the file says something and no run has met it yet
    * in_file: what the file says: the same version, another one that the next run makes count, an older one, nothing
    * fired: what all its versions decided in the last 30 days, `in_shadow` what the version in shadow would have
    """

    id: str
    state: State
    version: Playbook
    shadow: Playbook | None
    newest: PlaybookDecree | None
    in_file: Literal["same", "counts from the next run", "another version", "not in the file"]
    fired: Fired
    in_shadow: Fired


@dataclass(frozen=True)
class PlaybookStory:
    """Every version and every act of one playbook, the oldest first."""

    versions: list[PlaybookVersion]
    decrees: list[PlaybookDecree]


def playbook_views(store: Store, rulebook: Rulebook, as_of: datetime, *, retired: bool = False) -> list[PlaybookView]:
    """The playbooks of the file in its order, then the others by id; the retired ones where they are asked for."""
    known = history(store, rulebook)
    standing, of_file = known.standing(as_of), {playbook.id: playbook for playbook in rulebook.playbooks}
    book = PlaybookBook(store.engine)
    fired, in_shadow = book.fired(as_of - LATELY, as_of), book.fired(as_of - LATELY, as_of, shadow=True)
    views = _Views(known, of_file, standing, fired, in_shadow, as_of)
    found = [views.of(name) for name in [*of_file, *sorted(standing.keys() - of_file)]]
    return [each for each in found if each is not None and (retired or each.state != "retired")]


def playbook_view(store: Store, rulebook: Rulebook, playbook: str, as_of: datetime) -> PlaybookView:
    """One playbook.

    Raises:
        NotFound: there is none of that id; the nearest one is named.
    """
    views = {view.id: view for view in playbook_views(store, rulebook, as_of, retired=True)}
    if playbook not in views:
        raise NotFound(unknown_word(playbook, views, "playbook"))
    return views[playbook]


def playbook_story(store: Store, rulebook: Rulebook, playbook: str) -> PlaybookStory:
    """What became of one playbook.

    Raises:
        NotFound: nothing was ever recorded of it.
    """
    book = PlaybookBook(store.engine)
    story = PlaybookStory(book.versions(playbook), book.decrees(playbook))
    if story.decrees:
        return story
    if playbook in {each.id for each in rulebook.playbooks}:
        raise NotFound(f"nothing is recorded of {playbook} yet; the next keepline run records what the file says")
    raise NotFound(unknown_word(playbook, {each.playbook for each in book.decrees()}, "playbook"))


@dataclass(frozen=True)
class _Views:
    known: PlaybookHistory
    of_file: Mapping[str, Playbook]
    standing: Mapping[str, Standing]
    fired: Mapping[str, Fired]
    in_shadow: Mapping[str, Fired]
    as_of: datetime

    def of(self, name: str) -> PlaybookView | None:
        stands, in_file = self.standing.get(name), self.of_file.get(name)
        version = self._version(stands, in_file)
        if version is None:
            return None
        shadow = None if stands is None or stands.shadow is None else self.known.playbook(stands.shadow)
        newest = None if stands is None else stands.newest
        return PlaybookView(
            name, _state(stands), version, shadow, newest, self._of_file(version, stands, in_file),
            self.fired.get(name, Fired()), self.in_shadow.get(name, Fired()),
        )  # fmt: skip

    def _version(self, stands: Standing | None, in_file: Playbook | None) -> Playbook | None:
        rule_hash = None if stands is None else stands.active or stands.shadow or stands.former
        return in_file if rule_hash is None else self.known.playbook(rule_hash)

    def _of_file(
        self, version: Playbook, stands: Standing | None, in_file: Playbook | None
    ) -> Literal["same", "counts from the next run", "another version", "not in the file"]:
        if in_file is None:
            return "not in the file"
        is_unseen = any(each.playbook == in_file.id for each in self.known.unseen(self.as_of)[1])
        if is_unseen:
            return "counts from the next run"
        is_known = stands is not None and in_file.content_hash in (version.content_hash, stands.shadow)
        return "same" if is_known else "another version"


def _state(stands: Standing | None) -> State:
    if stands is None:
        return "new"
    if stands.active is not None:
        return "active"
    if stands.shadow is not None:
        return "shadow"
    return "paused" if stands.newest.act == "pause" else "retired"
