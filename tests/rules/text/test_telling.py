"""What a ticket is compared by when tickets about the same issue are looked for."""

from rules.text.issues.telling import telling, widely_shared

HASTE = "People sit idle."


def test_a_sentence_of_many_tickets_is_no_issue() -> None:
    bodies = [f"The export {number} stops. {HASTE}" for number in range(5)]
    assert widely_shared(bodies) == {HASTE}
    assert widely_shared(bodies[:4]) == frozenset()


def test_said_twice_in_one_ticket_it_stands_in_one_ticket() -> None:
    assert widely_shared([f"{HASTE} {HASTE} {HASTE} {HASTE} {HASTE}"]) == frozenset()


def test_of_many_tickets_it_takes_one_in_two_hundred() -> None:
    own = [f"Row {number} fails." for number in range(1_395)]
    assert widely_shared([*own, *[HASTE] * 6]) == frozenset()
    assert widely_shared([*own, *[HASTE] * 7]) == {HASTE}


def test_the_subject_counts_twice_and_shared_sentences_do_not_count() -> None:
    assert telling("Export stops", f"It stops at row 300. {HASTE}", {HASTE}) == (
        "Export stops\nExport stops\nIt stops at row 300."
    )


def test_where_nothing_else_is_said_what_is_shared_stands() -> None:
    assert telling("", HASTE, {HASTE}) == HASTE


def test_a_subject_alone_stands_once() -> None:
    assert telling("Export stops", HASTE, {HASTE}) == telling("Export stops", "") == "Export stops"
