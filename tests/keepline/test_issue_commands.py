"""`keepline issues` as a person calls it: what comes back, opened, merged, split, named, and taken back."""

from pathlib import Path

import pytest

from tests.keepline.calling import Call

ABOUT = {
    "card": ("My card has not arrived", "Card has not arrived yet", "The card has not arrived", "Card not arrived"),
    "export": (
        "CSV export timeout",
        "Timeout of the CSV export",
        "CSV export fails: timeout",
        "CSV export timeout again",
    ),
}
AS_OF = ("--as-of", "2026-02-15")


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Call:
    """Two customers with two kinds of trouble, grouped by a run."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "accounts.csv").write_text("external_id,name,segment\n1,Acme,smb\n2,Nordwind,smb\n", encoding="utf-8")
    rows = [
        f'T{account}{about}{number},{account},"{text}",open,2026-02-{number + 1:02}T08:00:00Z,jane@example.com\n'
        for account in ("1", "2")
        for about, texts in ABOUT.items()
        for number, text in enumerate(texts)
    ]
    lines = "external_id,account_ref,subject,status,created_at,requester\n" + "".join(rows)
    (folder / "tickets.csv").write_text(lines, encoding="utf-8")
    assert call("import", str(folder)).code == 0
    assert call("run", *AS_OF).code == 0
    return call


def test_without_tickets_it_says_what_to_do(call: Call) -> None:
    assert "keepline run" in call("issues").out
    assert call("issues", "--json").json == []
    assert "merge" in call("issues", "decisions").out


def test_issues_are_listed_opened_merged_and_taken_apart_again(desk: Call) -> None:
    listed = desk("issues", *AS_OF, "--json").json
    assert listed[0]["accounts"] == 2
    assert all(issue["arr"] is None for issue in listed)
    assert sum(issue["tickets"] for issue in desk("issues", "--account", "acme", *AS_OF, "--json").json) <= 8
    one, other = listed[0]["issue_id"], listed[1]["issue_id"]
    shown = desk("issues", "show", one, *AS_OF, "--json").json
    assert len(shown["tickets"]) == listed[0]["tickets"]
    assert "unknown" in desk("issues", *AS_OF).out

    assert desk("issues", "merge", one, other, "--by", "lead").code == 0
    merged = desk("issues", *AS_OF, "--json").json
    assert merged[0]["tickets"] == listed[0]["tickets"] + listed[1]["tickets"]
    assert "lead" in desk("issues", "decisions").out
    assert desk("issues", "undo").code == 0
    assert desk("issues", *AS_OF, "--json").json == listed


def test_tickets_are_split_off_moved_and_issues_named(desk: Call) -> None:
    first = desk("issues", *AS_OF, "--json").json[0]
    ref = desk("issues", "show", first["issue_id"], *AS_OF, "--json").json["tickets"][0]["ref"]
    split = desk("issues", "split", first["issue_id"], "--tickets", ref, "--label", "the odd one", "--json").json
    assert ref in desk("issues", "show", "the odd one", *AS_OF).out
    assert desk("issues", "move", first["issue_id"], "--tickets", ref.partition(":")[2]).code == 0
    assert ref in desk("issues", "show", first["issue_id"], *AS_OF).out
    assert desk("issues", "rename", first["issue_id"], "Delivery").code == 0
    assert desk("issues", *AS_OF, "--json").json[0]["label"] == "Delivery"
    assert split["other_issue_id"] != first["issue_id"]


def test_what_is_not_known_is_named_with_the_remedy(desk: Call) -> None:
    assert "keepline issues lists them" in desk("issues", "show", "zzz").err
    assert "no grouped ticket" in desk("issues", "move", desk("issues", *AS_OF, "--json").json[0]["issue_id"],
                                       "--tickets", "nine").err  # fmt: skip
    assert "no account" in desk("issues", "--account", "zzz", *AS_OF).err
    assert "no such decision" in desk("issues", "undo").err
