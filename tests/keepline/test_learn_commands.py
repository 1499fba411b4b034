"""`keepline learn` and `keepline predictions` as a person calls them."""

from pathlib import Path

import pytest

from tests.keepline.calling import Call

TICKETS = "Ticket,Customer,Subject,Status,Opened,Closed\n" + "".join(
    f"{number},1,Export fails,solved,2026-05-{1 + number % 28:02}T09:00:00Z,2026-05-{1 + number % 28:02}T15:00:00Z\n"
    for number in range(1, 41)
)
SURVEYS = "Survey,Ticket,Kind,Score,Scale min,Scale max,Answered\n" + "".join(
    f"S{number},{number},csat,{5 if number % 4 else 1},1,5,2026-05-{1 + number % 28:02}T18:00:00Z\n"
    for number in range(1, 31)
)
AS_OF = ("--as-of", "2026-06-10")
_BUILT: list[bytes] = []


@pytest.fixture
def team(call: Call, tmp_path: Path) -> Call:
    """A team with thirty answers, too few to learn from."""
    database = tmp_path / "keepline.db"
    if _BUILT:
        database.write_bytes(_BUILT[0])
        return call
    folder = tmp_path / "exports"
    folder.mkdir()
    files = {"customers": "Customer no,Company\n1,Blue Harbour\n", "tickets": TICKETS, "surveys": SURVEYS}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    assert call("map", "exports", "--write", "exports/keepline-map.yaml").code == 0
    told = call("import", "exports")
    assert told.code == 0, told.err
    _BUILT.append(database.read_bytes())
    return call


def test_with_too_few_answers_it_says_how_many_are_missing_and_that_not_all_answer(team: Call) -> None:
    told = team("learn", "csat", *AS_OF)
    assert told.code == 0
    assert "30 answered surveys with a ticket, 170 short of 200; 7 dissatisfied answers, 23 short of 30" in told.out
    assert "30 of 40 tickets solved in that time were rated (75%)" in told.out
    assert "predictions are unknown until more is learned" in told.out


def test_json_tells_the_version_and_why_it_abstains(team: Call) -> None:
    told = team("learn", "csat", "--dry-run", "--json", *AS_OF).json
    assert (told["predicts"], told["in_use"], told["kept"], told["rated"]) == ("csat", False, False, 30)
    assert told["abstains"].startswith("30 answered surveys")
    assert team("learn", "--list", "--json", *AS_OF).json == []


def test_versions_are_listed_withdrawn_and_restored(team: Call) -> None:
    version = team("learn", "csat", "--json", *AS_OF).json["version"]
    assert "is on record already" in team("learn", "csat", *AS_OF).out
    assert version[:12] in team("learn", *AS_OF).out
    assert team("learn", "--withdraw", version[:8], "--json", *AS_OF).json == {
        "withdrawn": version, "counts_now": None,
    }  # fmt: skip
    assert team("learn", "--list", "--json", *AS_OF).json[0]["state"] == "withdrawn"
    assert "was withdrawn on 2026-06-10" in team("learn", "--withdraw", version[:8], *AS_OF).err
    assert team("learn", "--restore", version[:8], *AS_OF).out.startswith(f"Restored: {version[:12]}")


def test_a_version_that_nobody_learned_is_named_with_the_remedy(team: Call) -> None:
    told = team("learn", "--withdraw", "abc", *AS_OF)
    assert (told.code, "see keepline learn --list" in told.err) == (1, True)


def test_without_a_model_predictions_are_unknown_and_it_says_why(team: Call) -> None:
    assert "CSAT is foretold of no ticket: nothing was learned yet. keepline learn csat" in team("predictions").out
    team("learn", "csat", *AS_OF)
    told = team("predictions", "csat", "--json", *AS_OF).json
    assert (told["version"], told["tickets"]) == (None, [])
    assert told["unknown_because"].startswith("30 answered surveys")
    assert "CES is foretold of no ticket" in team("predictions", "ces").out


def test_an_empty_list_of_versions_helps(team: Call) -> None:
    assert "Nothing was learned yet: keepline learn csat" in team("learn", *AS_OF).out
