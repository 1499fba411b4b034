"""Connecting a site, as a person does it: what is asked, what is kept and where, and what goes wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keepline.proving.loopback import Loopback, SiteClock, serving
from storage.sealing import new_key
from tests.connectors.sites.zendesk import ZendeskSite
from tests.keepline.calling import Call

TOKEN = ZendeskSite(SiteClock(datetime(2026, 1, 1, tzinfo=UTC))).secrets()["api_token"]


@pytest.fixture
def helpdesk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A Zendesk with three tickets, of which the exports have heard."""
    site = ZendeskSite(SiteClock(datetime(2026, 3, 2, tzinfo=UTC)))
    site.add(3)
    site.clock.pass_by(minutes=10)
    with serving(site) as loopback:
        yield loopback


@pytest.fixture
def connect(call: Call, helpdesk: Loopback, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`keepline connect zendesk` with answers from the environment."""
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", new_key())
    monkeypatch.setenv("KEEPLINE_CONNECT_API_TOKEN", TOKEN)
    monkeypatch.setenv("KEEPLINE_CONNECT_WEBHOOK_SECRET", "")
    for name, value in helpdesk.site.settings().items():
        monkeypatch.setenv(f"KEEPLINE_CONNECT_{name.upper()}", value)
    return call


def test_connecting_says_who_we_are_and_what_a_first_sync_takes(connect: Call) -> None:
    done = connect("connect", "zendesk")
    assert (done.code, done.err.strip()) == (0, "Trying Zendesk Support ...")
    assert "Connected zendesk as ops@acme.example" in done.out
    assert "3 tickets" in done.out
    assert "ticket events" in done.out, "what the site does not count is named"
    assert "at least" in done.out


def test_a_secret_is_nowhere_in_clear(connect: Call, tmp_path: Path) -> None:
    shown = connect("connect", "zendesk"), connect("sync"), connect("connectors", "zendesk", "--json")
    assert not [each for each in shown if TOKEN in each.out + each.err]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_a_sync_brings_the_tickets_and_the_next_one_nothing_new(connect: Call) -> None:
    connect("connect", "zendesk")
    (first,) = connect("sync", "--json").json
    (second,) = connect("sync", "zendesk", "--json").json
    assert (first["state"], first["streams"]["tickets"], first["waiting"]) == ("done", 3, 0)
    assert (second["state"], second["changed"]) == ("done", 0)


def test_the_connections_show_their_last_success_and_rows(connect: Call) -> None:
    connect("connect", "zendesk", "--name", "help")
    connect("sync")
    (shown,) = connect("connectors", "--json").json
    assert (shown["name"], shown["vendor"], shown["state"], shown["rows"]["ticket"]) == ("help", "zendesk", "done", 3)
    assert shown["lag_seconds"] < 60
    assert "Read to its end" in connect("connectors", "help").out


def test_credentials_that_do_not_work_are_not_kept(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPLINE_CONNECT_API_TOKEN", "wrong")
    done = connect("connect", "zendesk")
    assert done.code == 1
    assert "the API token of ops@acme.example was refused" in done.err
    assert connect("connectors", "--json").json == []


def test_what_is_not_given_is_asked_for(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def prompt(text: str, *, hide_input: bool, **_: object) -> str:
        asked.append((text, hide_input))
        return TOKEN

    monkeypatch.delenv("KEEPLINE_CONNECT_API_TOKEN")
    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert connect("connect", "zendesk").code == 0
    assert asked == [("API token (Admin Center > Apps and integrations > APIs > API tokens)", True)]


def test_a_secret_is_not_taken_from_the_command_line(connect: Call) -> None:
    done = connect("connect", "zendesk", "--set", f"api_token={TOKEN}")
    assert done.code == 1
    assert "secrets are asked for" in done.err


def test_another_key_is_said_and_not_guessed(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("connect", "zendesk")
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", new_key())
    done = connect("sync")
    assert done.code == 1
    assert "sealed with another key" in done.out


def test_a_fresh_key_is_printed_and_works(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", connect("connect", "--new-key").out.strip())
    assert connect("connect", "zendesk").code == 0


def test_a_key_that_is_none_is_refused(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", "hunter2")
    done = connect("connect", "zendesk")
    assert (done.code, "--new-key" in done.err) == (1, True)


def test_without_key_and_keyring_the_remedy_is_named(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEEPLINE_SECRET_KEY")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    import keyring
    from keyring.backends.fail import Keyring as NoKeyring

    monkeypatch.setattr("keyring.core._keyring_backend", NoKeyring())  # type: ignore[no-untyped-call]
    assert isinstance(keyring.get_keyring(), NoKeyring)
    done = connect("connect", "zendesk")
    assert (done.code, "set KEEPLINE_SECRET_KEY" in done.err) == (1, True)


def test_a_vendor_s_name_that_is_misspelt_gets_the_nearest(call: Call) -> None:
    done = call("connect", "zendsk")
    assert (done.code, "did you mean zendesk?" in done.err) == (1, True)


def test_the_vendors_are_listed(call: Call) -> None:
    assert "zendesk" in [each["vendor"] for each in call("connect", "--json").json]


def test_nothing_connected_says_what_to_do(call: Call) -> None:
    assert "keepline connect" in call("sync").out
    assert "keepline connect" in call("connectors").out


def test_a_mapping_of_a_field_that_is_none_is_refused_with_the_nearest(connect: Call, tmp_path: Path) -> None:
    connect("connect", "zendesk")
    folder = tmp_path / "keepline-config"
    folder.mkdir()
    (folder / "connectors.yaml").write_text(
        "connections: {zendesk: {fields: {ticket.workfow: '1'}}}\n", encoding="utf-8"
    )
    done = connect("sync")
    assert done.code == 1
    assert "did you mean ticket.workflow?" in done.out


def test_the_fields_that_can_be_mapped_are_listed(connect: Call) -> None:
    connect("connect", "zendesk")
    assert "ticket.workflow" in connect("connectors", "zendesk", "--fields", "--json").json["mappable"]
    assert connect("connectors", "--schema").json["properties"]["connections"]


def test_a_connection_can_be_forgotten_and_made_again(connect: Call) -> None:
    connect("connect", "zendesk")
    connect("sync")
    assert connect("disconnect", "zendesk").code == 0
    assert connect("connectors", "--json").json == []
    assert connect("sync", "zendesk").code == 1
    connect("connect", "zendesk")
    (again,) = connect("sync", "--json").json
    assert (again["state"], again["changed"]) == ("done", 0)


def test_a_site_that_is_down_leaves_the_other_one_alone(
    connect: Call, helpdesk: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keepline.clock.SystemClock.sleep", lambda *_: None)
    connect("connect", "zendesk", "--name", "a-first")
    connect("connect", "zendesk", "--name", "b-second")
    helpdesk.reset()
    helpdesk.plan.faults = dict.fromkeys(range(1, 8), "503")
    first, second = connect("sync", "--json").json
    assert (first["state"], second["state"]) == ("failed", "done")
    assert "503" in first["error"]


def test_the_wait_that_a_vendor_asks_for_is_said(
    connect: Call, helpdesk: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("connect", "zendesk")
    helpdesk.reset()
    helpdesk.plan.faults = {2: "429"}
    helpdesk.plan.retry_after = timedelta(hours=2).total_seconds()
    done = connect("sync")
    assert "again in 2 h 0 min" in done.out


@pytest.mark.parametrize("name", ["a/b", "Zen Desk", "-", "x" * 61])
def test_a_name_that_would_be_trouble_is_refused(connect: Call, name: str) -> None:
    done = connect("connect", "zendesk", "--name", name)
    assert (done.code, "small letters" in done.err) == (1, True)


def test_a_second_site_under_the_same_name_is_refused(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("connect", "zendesk")
    assert connect("connect", "zendesk").code == 0, "the same site may be connected again, with new secrets say"
    monkeypatch.setenv("KEEPLINE_CONNECT_EMAIL", "somebody@else.example")
    done = connect("connect", "zendesk")
    assert (done.code, "another --name" in done.err) == (1, True)


def test_the_doctor_looks_at_the_connections(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("connect", "zendesk")
    well = next(each for each in connect("doctor", "--json").json if each["check"] == "connections")
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", new_key())
    ill = next(each for each in connect("doctor", "--json").json if each["check"] == "connections")
    assert (well["well"], well["found"], ill["well"]) == (True, "1 connected", False)
    assert "another key" in ill["found"]


def test_where_nobody_can_be_asked_the_variable_is_named(connect: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEEPLINE_CONNECT_API_TOKEN")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    done = connect("connect", "zendesk")
    assert (done.code, "set KEEPLINE_CONNECT_API_TOKEN" in done.err) == (1, True)
