"""A rules file with many mistakes: one pass tells all of them, each at its place and with its remedy."""

import time
from pathlib import Path

import pytest

from config import documents
from domain.errors import ConfigError
from rules.playbooks import PlaybookFile

GOOD = """\
playbooks:
  - id: busy
    name: Busy  # a comment
    when: {signal: tickets_7d, op: ">=", value: 5}
    steps:
      - {do: call, owner: csm, within: 24h elapsed}
"""

# Each entry: what a playbook says, the text at the place that is named, and what the message says.
MISTAKES: list[tuple[str, str, str]] = [
    ("when: {signal: tickets_7days, op: '>=', value: 5}", "tickets_7days", "did you mean 'tickets_7d'?"),
    ("when: {signal: tickets_7d, op: '=>', value: 5}", "'=>'", "did you mean '>='?"),
    ("when: {signal: acv, op: '>', value: 100000}", "100000}", "an amount such as 100000 USD"),
    ("when: {signal: acv, op: '>', value: 100000 EUR}", "100000 EUR", "write the amount in USD, which is reported"),
    ("when: {signal: tickets_7d, op: '>=', value: many}", "many}", "compared with a plain number"),
    ("when: {all: []}", "[]", "all takes a list of at least one condition"),
    (
        "when: {all: [{signal: acv, op: is_known}], any: [{signal: acv, op: is_known}]}", "{all: [{signal: acv, op: is",
        "exactly one of all, any, not or {signal, op, value}",
    ),
    ("cooldown: 7 days", "7 days", "write it like '24h elapsed'"),
    ("steps: [{do: call, owner: csm, within: 24h}]", "24h}", "write '24h business' or '24h elapsed'"),
    ("id: first", "first\n", "two playbooks have the id 'first'; give each its own"),
    ("id: Not An Id", "Not An Id", "write 'not-an-id'"),
    ("coldown: 7d", "coldown", "did you mean 'cooldown'?"),
    ("when: {signal: acv_band, op: '==', value: enterprize}", "enterprize", "did you mean 'enterprise'?"),
    ("when: {signal: days_to_renewal, op: between, value: [90, 0]}", "[90, 0]", "write the lower bound first"),
    ("valid_from: 2026-03-01\n    valid_until: 2026-02-01", "2026-02-01", "write a later day"),
    ("clear_when: {signal: tickets_7d, op: '>=', value: 5}", "{signal", "the same as when"),
    ("steps: [{do: call, ownr: csm, within: 24h elapsed}]", "ownr", "did you mean 'owner'?"),
    ("priority: urgnt", "urgnt", "did you mean 'urgent'?"),
    ("scope: tickets", "tickets\n", "did you mean 'ticket'?"),
    ("name: 7", "7\n", "write text here"),
    ("steps: []", "[]", "write at least one entry"),
    ("when: {signal: days_to_renewal, op: between, value: 90}", "90}", "takes [lowest, highest]"),
    ("when: {signal: segment, op: '>', value: smb}", "'>', value: smb", "text and has no order"),
]  # fmt: skip


def a_playbook(number: int, words: str) -> str:
    given = {line.partition(":")[0].strip() for line in words.splitlines()}
    rest = {
        "id": f"rule-{number}", "name": "Busy", "when": "{signal: tickets_7d, op: '>=', value: 5}",
        "steps": "[{do: call, owner: csm, within: 24h elapsed}]",
    }  # fmt: skip
    lines = [words, *(f"{word}: {said}" for word, said in rest.items() if word not in given)]
    return "  - " + "\n    ".join(lines) + "\n"


def refused(path: Path, text: str) -> list[ConfigError]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        documents.read(path, PlaybookFile, context={"currency": "USD"})
    return [caught.value, *caught.value.more]


def test_every_mistake_of_a_file_is_told_in_one_pass_where_it_stands_and_how_to_mend_it(tmp_path: Path) -> None:
    parts = ["playbooks:\n", a_playbook(0, "id: first")]
    parts += [a_playbook(number, words) for number, (words, _, _) in enumerate(MISTAKES, start=1)]
    text, told = "".join(parts), refused(tmp_path / "playbooks.yaml", "".join(parts))
    rows = text.splitlines(keepends=True)
    assert len(told) == len(MISTAKES) >= 20
    first_lines = [sum(part.count("\n") for part in parts[:number]) for number in range(2, len(parts) + 1)]
    for number, (words, place, remedy) in enumerate(MISTAKES):
        last = first_lines[number + 1] if number + 1 < len(first_lines) else len(rows)
        here = [each for each in told if first_lines[number] < (each.line or 0) <= last]
        assert len(here) == 1, words
        assert remedy in here[0].remedy, (words, str(here[0]))
        column = (here[0].column or 0) - 1
        assert rows[(here[0].line or 0) - 1][column:].startswith(place), (words, str(here[0]))


def test_several_mistakes_of_one_playbook_are_told_together(tmp_path: Path) -> None:
    text = a_playbook(1, "coldown: 7d\n    priority: urgnt\n    when: {signal: acv, op: '>', value: 5, vale: 6}")
    told = refused(tmp_path / "playbooks.yaml", "playbooks:\n" + text)
    assert [each.found.partition(" at ")[2] for each in told] == [
        "playbooks.0.coldown", "playbooks.0.priority", "playbooks.0.when.vale",
    ]  # fmt: skip


_DEEP = "playbooks:\n  - {id: deep, name: Deep, steps: [], when: " + "{not: " * 5_000 + "{}" + "}" * 5_000 + "}\n"
_DEEP_LINES = "playbooks:\n" + "".join("  " * depth + "- not:\n" for depth in range(1, 2_000))
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE: dict[str, str | bytes] = {
    "deep nesting in brackets": _DEEP,
    "deep nesting by indentation": _DEEP_LINES,
    "ten megabytes": GOOD + "#" * 10_000_000,
    "a huge list": "playbooks: [" + "{id: a}, " * 12_000 + "]\n",
    "aliases of aliases": _BOMB + "playbooks: *i\n",
    "an alias inside of itself": "playbooks: &loop\n  - *loop\n",
    "a mapping inside of itself": GOOD.replace("when: {", "when: &w {not: *w, "),
    "a merge of itself": "playbooks:\n  - &p\n    <<: *p\n    id: a\n",
    "a merge bomb": "x: &x {a: 1}\ny: &y\n  <<: [" + "*x, " * 15_000 + "]\nplaybooks: []\n",
    "a tag that names code": "playbooks: !!python/object/apply:os.system ['true']\n",
    "a tag of its own": GOOD.replace("name: Busy", "name: !secret Busy"),
    "NUL bytes": GOOD.encode().replace(b"Busy", b"Bu\x00sy"),
    "another encoding": GOOD.encode("utf-16"),
    "a key that is a list": "? [a, b]\n: 1\nplaybooks: []\n",
    "one key twice": GOOD + "    name: Again\n",
    "two documents": GOOD + "---\n" + GOOD,
    "a list at the top": "- " + GOOD.replace("\n", "\n  "),
    "a word at the top": "playbooks\n",
    "a number of many digits": GOOD.replace("value: 5", "value: " + "9" * 20_000),
    "a date that is none": GOOD + "    valid_from: 2026-13-45\n",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_nobody_writes_by_hand_is_refused_at_once_with_a_message(what: str, tmp_path: Path) -> None:
    path, content = tmp_path / "playbooks.yaml", HOSTILE[what]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    began = time.process_time()
    with pytest.raises(ConfigError) as caught:
        documents.read(path, PlaybookFile, context={"currency": "USD"})
    # Generous: what is meant is that nothing explodes.
    assert time.process_time() - began < 5
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 20_000


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "playbooks.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert [book.id for book in documents.read(path, PlaybookFile, context={"currency": "USD"}).playbooks] == ["busy"]
