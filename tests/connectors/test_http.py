"""Asking over HTTP: patiently, within limits, doing nothing twice, and telling no stranger who we are."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.contract import Secrets
from connectors.credentials import Basic, OAuth, Token
from connectors.http import Auth, Conflict, Http, NotThere, Refused
from connectors.rate_limits import (
    Budget,
    Pace,
    RateLimits,
    reset_budget,
    standard_retry_after,
    until_reset,
    window_budget,
)
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from keepline.proving.loopback import Facts, FakeSite, Loopback, Reply, Request, SiteClock, serving

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOKEN = Token("s3cret", "the token")


class Script(FakeSite):
    """A site that answers what a test says."""

    vendor = "script"
    reply: Callable[[Request], Reply] = staticmethod(lambda _: Reply({"ok": True}))

    def settings(self) -> Mapping[str, str]:
        return {}

    def secrets(self) -> Mapping[str, str]:
        return {}

    def add(self, count: int = 1) -> None: ...

    def change(self, nth: int) -> None: ...

    def add_late(self) -> None: ...

    def add_broken(self) -> str:
        return ""

    def facts(self) -> Facts:
        return {}

    def answer(self, request: Request) -> Reply:
        return self.reply(request)


@dataclass
class Asked:
    """A site, and what is needed to ask it."""

    site: Script
    loopback: Loopback
    said: list[str] = field(default_factory=list)

    def http(self, auth: Auth = TOKEN, limits: RateLimits | None = None) -> Http:
        say = lambda seconds, reason: self.said.append(reason)  # noqa: E731
        return Http(self.site.url, auth, self.site.clock, limits or RateLimits(), say)

    def will(self, *replies: Reply) -> None:
        """Answer these, one after the other, and the last one from then on."""
        waiting = list(replies)
        self.site.reply = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def asked() -> Iterator[Asked]:
    with ExitStack() as stack:
        site = Script(SiteClock(NOON))
        yield Asked(site, stack.enter_context(serving(site)))


def test_an_answer_has_its_json_and_headers(asked: Asked) -> None:
    asked.will(Reply({"id": 1}, headers={"ETag": "x"}))
    answer = asked.http().get("/a", {"page": 2})
    assert (answer.json, answer.headers["etag"], asked.loopback.requests[0].url) == ({"id": 1}, "x", "/a?page=2")


def test_an_empty_answer_is_none(asked: Asked) -> None:
    asked.will(Reply(status=204))
    assert asked.http().write("PUT", "/a", {}).json is None


@pytest.mark.parametrize("address", ["http://desk.example", "ftp://desk.example", "desk.example"])
def test_credentials_are_sent_over_https_only(address: str) -> None:
    with pytest.raises(ConnectorError, match="https"):
        Http(address, TOKEN, SiteClock(NOON))


def test_credentials_are_not_sent_to_the_host_of_a_next_page(asked: Asked) -> None:
    with pytest.raises(ConnectorError, match="not sent to another host"):
        asked.http().get("https://evil.example/next?cursor=1")
    assert asked.loopback.requests == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_credentials_are_not_sent_to_the_host_of_a_redirect(asked: Asked, status: int) -> None:
    asked.will(Reply(status=status, headers={"Location": "http://127.0.0.1:1/elsewhere"}))
    with pytest.raises(ConnectorError, match="another host"):
        asked.http().get("/a")


def test_a_redirect_on_the_same_host_is_followed(asked: Asked) -> None:
    asked.will(Reply(status=301, headers={"Location": "/b"}), Reply({"ok": 1}))
    assert asked.http().get("/a").json == {"ok": 1}
    assert asked.loopback.requests[1].path == "/b"


def test_redirects_without_end_are_an_error(asked: Asked) -> None:
    asked.will(Reply(status=302, headers={"Location": "/a"}))
    with pytest.raises(ConnectorError, match="redirected"):
        asked.http().get("/a")


def test_netrc_and_proxies_of_the_environment_play_no_part(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asked.http().get("/a")
    assert asked.loopback.requests[0].headers["authorization"] == "Bearer s3cret"


def test_a_get_that_stays_broken_ends_after_some_attempts(asked: Asked) -> None:
    asked.loopback.plan.always = "503"
    with pytest.raises(Retriable, match="GET /a: the vendor answered 503"):
        asked.http().get("/a")
    assert len(asked.loopback.requests) == 6
    assert len(asked.said) == 5


def test_waits_grow_and_never_fall_below_what_the_vendor_asks(asked: Asked) -> None:
    asked.loopback.plan.always, asked.loopback.plan.retry_after = "429", 20
    with pytest.raises(Retriable):
        asked.http().get("/a")
    assert min(asked.site.clock.slept) >= 20


def test_a_longer_wait_than_our_patience_is_left_to_the_caller(asked: Asked) -> None:
    asked.loopback.plan.always, asked.loopback.plan.retry_after = "429", 7200
    with pytest.raises(Retriable) as caught:
        asked.http().get("/a")
    assert caught.value.retry_after == timedelta(hours=2)
    assert asked.site.clock.slept == []


@pytest.mark.parametrize("kind", ["500", "503", "dropped", "truncated", "no JSON"])
def test_a_write_that_may_have_arrived_is_not_sent_again(asked: Asked, kind: str) -> None:
    asked.loopback.plan.always = kind  # type: ignore[assignment]
    with pytest.raises(Retriable):
        asked.http().write("POST", "/notes", {"text": "Call."})
    assert len(asked.loopback.requests) == 1


def test_a_write_that_was_turned_away_unread_is_sent_again(asked: Asked) -> None:
    asked.loopback.plan.faults = {1: "429", 2: "429 without Retry-After"}
    asked.http().write("POST", "/notes", {"text": "Call."})
    assert len(asked.loopback.requests) == 3


def test_a_write_with_a_key_that_the_vendor_knows_is_sent_again(asked: Asked) -> None:
    asked.loopback.plan.faults = {1: "dropped", 2: "500"}
    asked.http().write("POST", "/notes", {}, {"Idempotency-Key": "k"}, repeatable=True)
    assert [each.headers["idempotency-key"] for each in asked.loopback.requests] == ["k"] * 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, NotThere), (410, NotThere), (409, Conflict), (412, Conflict), (422, Refused), (400, Refused)],
)
def test_a_no_is_told_with_the_vendor_s_words(asked: Asked, status: int, kind: type[Refused]) -> None:
    asked.will(Reply({"errors": [{"message": "That is not so."}]}, status))
    with pytest.raises(kind, match="That is not so") as caught:
        asked.http().get("/a")
    assert caught.value.status == status
    assert len(asked.loopback.requests) == 1


@pytest.mark.parametrize(
    "said", [{"error": {"type": "x", "message": "No."}}, [{"message": "No.", "errorCode": "E"}], {"description": "No."}]
)
def test_the_vendor_s_words_are_found_in_their_shapes(asked: Asked, said: object) -> None:
    asked.will(Reply(said, 400))
    with pytest.raises(Refused, match=r"\(No\.\)"):
        asked.http().get("/a")


def test_what_was_refused_is_named_and_not_shown(asked: Asked) -> None:
    asked.will(Reply({"error": "bad token"}, 401))
    with pytest.raises(CredentialsRejected, match="the token was refused") as caught:
        asked.http().get("/a", {"secret": "in the query"})
    assert "s3cret" not in str(caught.value)
    assert "in the query" not in str(caught.value)


def test_a_missing_right_is_told_from_a_wrong_secret(asked: Asked) -> None:
    asked.will(Reply({"error": "scope read needed"}, 403))
    with pytest.raises(CredentialsRejected, match=r"lacks a right \(scope read needed\)"):
        asked.http().get("/a")


def test_an_answer_without_end_is_cut_off(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http._LONGEST_BODY", 1_000_000)
    asked.will(Reply(raw=b"[" + b"1," * 1_000_000))
    with pytest.raises(ConnectorError, match="longer than"):
        asked.http().get("/a")


def test_when_nothing_is_left_the_next_call_waits_for_the_window(asked: Asked) -> None:
    http = asked.http(limits=RateLimits(budget=window_budget("left", "reset")))
    asked.will(Reply({}, headers={"left": "0", "reset": "34"}))
    http.get("/a")
    http.get("/a")
    assert (asked.site.clock.slept, http.budget_left) == ([34], 0)
    assert asked.said == ["the vendor's limit"]


def test_a_window_of_hours_is_left_to_the_caller(asked: Asked) -> None:
    http = asked.http(limits=RateLimits(budget=window_budget("left", "reset")))
    asked.will(Reply({}, headers={"left": "0", "reset": "20000"}))
    http.get("/a")
    with pytest.raises(Retriable) as caught:
        http.get("/a")
    assert caught.value.retry_after == timedelta(seconds=20000)


def test_a_pace_that_no_header_tells_is_kept(asked: Asked) -> None:
    http = asked.http(limits=RateLimits(paces=(Pace(3, timedelta(minutes=1), "/export"),)))
    for _ in range(7):
        http.get("/export/a")
        http.get("/other")
    assert asked.site.clock.slept == [60, 60]


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("17", timedelta(seconds=17)),
        ("2.5", timedelta(seconds=2.5)),
        ("Mon, 02 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta()),
        ("Mon, 02 Mar 2099 11:00:00 GMT", timedelta(days=2)),
        ("99999999999999", timedelta(days=2)),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(given: str, wait: timedelta | None) -> None:
    assert standard_retry_after({"Retry-After": given}, NOON) == wait


def test_a_reset_as_a_unix_time_is_a_wait() -> None:
    at = str(int((NOON + timedelta(seconds=9)).timestamp()))
    assert until_reset("X-RateLimit-Reset")({"X-RateLimit-Reset": at}, NOON) == timedelta(seconds=9)


def test_a_reset_as_a_unix_time_is_as_far_away_as_the_vendor_s_own_clock_says() -> None:
    at = str(int((NOON + timedelta(seconds=9)).timestamp()))
    headers = {"Left": "0", "Reset": at, "Date": format_datetime(NOON, usegmt=True)}
    ours = NOON - timedelta(hours=26)
    assert until_reset("Reset")(headers, ours) == timedelta(seconds=9)
    assert reset_budget("Left", "Reset")(headers, ours) == Budget(0, ours + timedelta(seconds=9))


@dataclass
class Kept:
    held: dict[str, str]
    refreshed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __getitem__(self, name: str) -> str:
        return self.held[name]

    def rotate(self, refresh: Callable[[Mapping[str, str]], Mapping[str, str]], stale: str) -> None:
        with self.lock:
            if self.held.get("access_token", "") == stale:
                self.refreshed += 1
                self.held |= refresh(dict(self.held))


def oauth(secrets: Secrets) -> OAuth:
    def refresh(held: Mapping[str, str]) -> Mapping[str, str]:
        number = int(held.get("refresh_token", "r0").removeprefix("r")) + 1
        return {"access_token": f"a{number}", "refresh_token": f"r{number}"}

    return OAuth(secrets, refresh, "the OAuth token")


def test_an_expired_token_is_renewed_and_the_rotated_one_saved(asked: Asked) -> None:
    secrets = Kept({"access_token": "a0", "refresh_token": "r0"})
    asked.site.reply = lambda request: Reply({}, 200 if request.headers["authorization"] == "Bearer a1" else 401)
    http = asked.http(auth=oauth(secrets))
    http.get("/a")
    http.get("/a")
    assert (secrets.held, secrets.refreshed) == ({"access_token": "a1", "refresh_token": "r1"}, 1)


def test_a_token_that_is_refused_after_its_renewal_is_refused(asked: Asked) -> None:
    asked.site.reply = lambda _: Reply({}, 401)
    with pytest.raises(CredentialsRejected, match="the OAuth token was refused"):
        asked.http(auth=oauth(Kept({"access_token": "a0"}))).get("/a")
    assert len(asked.loopback.requests) == 2


def test_a_first_token_is_fetched(asked: Asked) -> None:
    secrets = Kept({})
    asked.http(auth=oauth(secrets)).get("/a")
    assert asked.loopback.requests[0].headers["authorization"] == "Bearer a1"


def test_two_at_once_renew_a_token_once(asked: Asked) -> None:
    secrets = Kept({"access_token": "a0", "refresh_token": "r0"})
    asked.site.reply = lambda request: Reply({}, 200 if request.headers["authorization"] == "Bearer a1" else 401)
    threads = [threading.Thread(target=asked.http(auth=oauth(secrets)).get, args=("/a",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert secrets.refreshed == 1


def test_user_and_password_are_encoded(asked: Asked) -> None:
    asked.http(auth=Basic("ü", "p:w", "the password")).get("/a")
    assert asked.loopback.requests[0].headers["authorization"] == "Basic w7w6cDp3"
