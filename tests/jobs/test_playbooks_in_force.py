"""Which version of a playbook counts: the file's, what persons made of it, and what counted at an earlier moment."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from domain.errors import KeeplineError
from domain.playbooks import PlaybookAct, PlaybookDecree
from jobs.playbooks_in_force import FILE, PlaybookHistory, in_force, parsed, record_file, version_of
from jobs.rulebook import Rulebook
from rules.playbooks import Playbook
from rules.signals import SIGNALS, SignalWindows
from storage.playbook_book import PlaybookBook
from storage.store import Store
from tests.builders import NOON

DAY = timedelta(days=1)


def busy(least: int = 5, name: str = "busy", **changed: Any) -> Playbook:
    return Playbook.model_validate({
        "id": name, "name": "Busy", "when": {"signal": "tickets_7d", "op": ">=", "value": least},
        "steps": [{"do": "call", "owner": "csm", "within": "2h elapsed"}], **changed,
    })  # fmt: skip


def rules(*playbooks: Playbook) -> Rulebook:
    return Rulebook(playbooks, SignalWindows(), LedgerConventions(), CreditConventions(), DigestConventions())


def decree(act: PlaybookAct, at: datetime, version: Playbook | None = None, name: str = "busy") -> PlaybookDecree:
    rule_hash = None if version is None else version.content_hash
    return PlaybookDecree(playbook=name, act=act, rule_hash=rule_hash, by="Ana", because="a try", at=at)


def history(*decrees: PlaybookDecree, versions: tuple[Playbook, ...] = ()) -> PlaybookHistory:
    known = {book.content_hash: version_of(book, "Ana", "a try", NOON) for book in versions}
    return PlaybookHistory((), known, decrees)


def test_before_anything_was_recorded_the_file_counts(store: Store) -> None:
    assert in_force(store, rules(busy()), NOON).active == (busy(),)


def test_a_run_records_what_it_meets_in_the_file_once(store: Store) -> None:
    record_file(store, rules(busy()), NOON)
    record_file(store, rules(busy()), NOON + DAY)
    [version] = PlaybookBook(store.engine).versions()
    [act] = PlaybookBook(store.engine).decrees()
    assert (version.rule_hash, version.author, version.content) == (busy().content_hash, FILE, busy().content)
    assert (act.act, act.rule_hash, act.by, act.because, act.at) == (
        "activate", version.rule_hash, FILE, "new in the file", NOON,
    )  # fmt: skip


def test_a_changed_file_counts_from_the_run_that_meets_it_and_not_before(store: Store) -> None:
    record_file(store, rules(busy(5)), NOON)
    changed = rules(busy(6))
    assert in_force(store, changed, NOON + 2 * DAY).active == (busy(5),)
    record_file(store, changed, NOON + 2 * DAY)
    assert in_force(store, changed, NOON + 2 * DAY).active == (busy(6),)
    assert in_force(store, changed, NOON + DAY).active == (busy(5),)


def test_what_was_taken_out_of_the_file_counts_no_longer_and_put_back_it_counts_again(store: Store) -> None:
    record_file(store, rules(busy(), busy(name="other")), NOON)
    record_file(store, rules(busy(name="other")), NOON + DAY)
    assert in_force(store, rules(), NOON + DAY).active == (busy(name="other"),)
    record_file(store, rules(busy(), busy(name="other")), NOON + 2 * DAY)
    assert in_force(store, rules(busy(), busy(name="other")), NOON + 2 * DAY).active == (busy(), busy(name="other"))
    assert len(PlaybookBook(store.engine).versions()) == 2


def test_a_file_that_goes_back_to_an_old_wording_records_no_new_version(store: Store) -> None:
    for number, least in enumerate((5, 6, 5)):
        record_file(store, rules(busy(least)), NOON + number * DAY)
    book = PlaybookBook(store.engine)
    assert [len(book.versions()), len(book.decrees())] == [2, 3]
    assert in_force(store, rules(busy(5)), NOON + 2 * DAY).active == (busy(5),)


def test_a_person_s_act_stands_until_the_file_changes(store: Store) -> None:
    record_file(store, rules(busy(5)), NOON)
    PlaybookBook(store.engine).record([], [decree("pause", NOON + DAY)])
    record_file(store, rules(busy(5)), NOON + 2 * DAY)
    assert in_force(store, rules(busy(5)), NOON + 2 * DAY).active == ()
    assert in_force(store, rules(busy(5)), NOON).active == (busy(5),)
    record_file(store, rules(busy(7)), NOON + 3 * DAY)
    assert in_force(store, rules(busy(7)), NOON + 3 * DAY).active == (busy(7),)


def test_a_version_of_the_file_that_a_person_tries_in_shadow_is_not_activated_by_the_next_run(store: Store) -> None:
    record_file(store, rules(busy(5)), NOON)
    changed, book = rules(busy(6)), PlaybookBook(store.engine)
    book.record([version_of(busy(6), "Ana", "a try", NOON + DAY)], [decree("shadow", NOON + DAY, busy(6))])
    record_file(store, changed, NOON + 2 * DAY)
    found = in_force(store, changed, NOON + 2 * DAY)
    assert (found.active, found.shadow) == ((busy(5),), (busy(6),))
    book.record([], [decree("pause", NOON + 2 * DAY)])
    record_file(store, changed, NOON + 3 * DAY)
    assert in_force(store, changed, NOON + 3 * DAY).active == ()


def test_a_try_before_the_first_run_leaves_the_rest_of_the_file_alone(store: Store) -> None:
    other, book = busy(name="other"), PlaybookBook(store.engine)
    book.record([version_of(busy(5), "Ana", "a try", NOON + DAY)], [decree("shadow", NOON + DAY, busy(5))])
    for moment in (NOON, NOON + DAY):
        found = in_force(store, rules(busy(5), other), moment)
        assert (found.active, found.shadow) == ((other,), (busy(5),))
    record_file(store, rules(busy(5), other), NOON)
    assert in_force(store, rules(busy(5), other), NOON).active == (other,)


def test_moments_before_the_first_record_go_by_what_was_recorded_first(store: Store) -> None:
    record_file(store, rules(busy(5)), NOON)
    record_file(store, rules(busy(6)), NOON + DAY)
    assert in_force(store, rules(busy(6)), NOON - 100 * DAY).active == (busy(5),)


def test_a_version_in_shadow_stands_beside_the_active_one() -> None:
    known = history(
        decree("activate", NOON, busy(5)), decree("shadow", NOON + DAY, busy(6)), versions=(busy(5), busy(6))
    )
    assert (known.at(NOON).active, known.at(NOON).shadow) == ((busy(5),), ())
    assert (known.at(NOON + DAY).active, known.at(NOON + DAY).shadow) == ((busy(5),), (busy(6),))


@pytest.mark.parametrize("act", ["activate", "pause", "retire"])
def test_every_later_act_ends_the_shadow(act: PlaybookAct) -> None:
    version = busy(6) if act == "activate" else None
    known = history(
        decree("activate", NOON, busy(5)), decree("shadow", NOON + DAY, busy(6)), decree(act, NOON + 2 * DAY, version),
        versions=(busy(5), busy(6)),
    )  # fmt: skip
    assert known.at(NOON + 2 * DAY).shadow == ()
    assert known.at(NOON + 2 * DAY).active == ((busy(6),) if version else ())


def test_a_paused_playbook_remembers_what_acted_before() -> None:
    known = history(decree("activate", NOON, busy(5)), decree("pause", NOON + DAY), versions=(busy(5),))
    assert known.standing(NOON + DAY)["busy"].former == busy(5).content_hash


def test_of_two_acts_of_one_moment_the_later_one_counts(store: Store) -> None:
    record_file(store, rules(busy(5)), NOON)
    PlaybookBook(store.engine).record([], [decree("pause", NOON), decree("activate", NOON, busy(5))])
    assert in_force(store, rules(busy(5)), NOON).active == (busy(5),)


def test_what_a_version_says_is_checked_against_its_name() -> None:
    version = version_of(busy(5), "Ana", "a try", NOON)
    with pytest.raises(
        KeeplineError, match=r"is not what it was; make another count: keepline playbooks activate busy"
    ):
        parsed(version.model_copy(update={"content": busy(6).content}))
    broken = busy(5).content | {"when": {"signal": "tickets_7dd", "op": ">=", "value": 5}}
    with pytest.raises(KeeplineError, match=r"did you mean 'tickets_7d'\?; make another count"):
        parsed(version.model_copy(update={"content": broken}))


_NUMBERS = sorted(name for name, signal in SIGNALS.items() if signal.kind in {"number", "days"})
_LEAVES = st.one_of(
    st.builds(
        lambda name, op, value: {"signal": name, "op": op, "value": value},
        st.sampled_from(_NUMBERS), st.sampled_from([">", ">=", "<", "<=", "==", "!="]),
        st.integers(-99, 99) | st.floats(-99, 99, allow_nan=False)
        | st.dictionaries(st.sampled_from(["smb", "Mid-Market", "enterprise"]), st.integers(-9, 9), min_size=1),
    ),
    st.just({"signal": "acv", "op": ">", "value": "1,000.50 USD"}),
    st.just({"signal": "renewal_on", "op": ">=", "value": "2026-01-31"}),
    st.just({"signal": "acv", "op": "is_unknown"}),
    st.just({"signal": "segment", "op": "in", "value": ["SMB", "x"]}),
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(node, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        node.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


@given(
    when=_TREES,
    priority=st.sampled_from(["urgent", "low"]),
    hold_for=st.none() | st.sampled_from(["2h", "3d"]),
    holdout=st.none()
    | st.just({"share": 0.1, "max_arr": "25,000 USD", "effect_hoped": "5.0 %", "until": "2027-06-30"}),
)
def test_what_is_kept_of_a_version_makes_the_same_rule_again(
    when: Any, priority: str, hold_for: Any, holdout: Any
) -> None:
    book = busy(when=when, priority=priority, hold_for=hold_for, holdout=holdout)
    again = parsed(version_of(book, "Ana", "a try", NOON))
    assert (again, again.content_hash) == (book, book.content_hash)


def test_a_changed_copy_of_a_playbook_has_another_name() -> None:
    book = busy(5)
    assert book.content_hash != book.model_copy(update={"priority": "low"}).content_hash


@given(
    days=st.lists(st.tuples(st.sampled_from(["activate", "shadow", "pause", "retire"]), st.integers(0, 5)), max_size=6)
)
def test_what_counted_is_not_changed_by_what_happens_later(days: list[tuple[PlaybookAct, int]]) -> None:
    versions = (busy(5), busy(6))
    ordered = sorted(days, key=lambda each: each[1])
    acts = [
        decree(act, NOON + day * DAY, versions[number % 2] if act in {"activate", "shadow"} else None)
        for number, (act, day) in enumerate(ordered)
    ]
    whole = history(*acts, versions=versions)
    first = acts[0].at if acts else NOON
    for day in range(6):
        moment = NOON + day * DAY
        past = replace(whole, decrees=[act for act in acts if act.at <= max(moment, first)])
        assert whole.at(moment) == past.at(moment)
