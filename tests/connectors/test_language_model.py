"""A language model behind an address that may behave in any way; each is a server on this machine."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.language_model import LONGEST_ANSWER, ChatCompletions
from domain.errors import ConfigError, ConnectorError, CredentialsRejected, Retriable

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def a_model(
    behave: Behaviour, seconds: float = 5.0, key: str | None = "secret-key"
) -> Iterator[tuple[ChatCompletions, list[Any]]]:
    """A model that behaves so, and what was sent to it: path, headers, body."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, dict(self.headers), json.loads(body)))
            with suppress(OSError):
                behave(self)

        def log_message(self, *_: Any) -> None:
            """No lines among the test's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield ChatCompletions(f"http://127.0.0.1:{server.server_port}/v1", "small", key, seconds), seen
    finally:
        server.shutdown()
        server.server_close()


def answering(content: Any, status: int = 200, **headers: str) -> Behaviour:
    """A completion with this content, or these bytes as they are."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        body = (
            content
            if isinstance(content, bytes)
            else json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        )
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return behave


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.05)


def test_it_is_asked_once_with_instructions_and_material_apart() -> None:
    with a_model(answering("well")) as (model, seen):
        assert model.answer("do this", "with that") == "well"
    [(path, headers, body)] = seen
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret-key"
    assert body["messages"] == [{"role": "system", "content": "do this"}, {"role": "user", "content": "with that"}]
    assert body["model"] == "small"


def test_without_a_key_none_is_sent() -> None:
    with a_model(answering("well"), key=None) as (model, seen):
        model.answer("a", "b")
    assert "Authorization" not in seen[0][1]


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (answering(b"no json"), ConnectorError),
        (answering(b"{}"), ConnectorError),
        (answering(b'{"choices": []}'), ConnectorError),
        (answering(b"[" * 100_000), ConnectorError),
        (answering({"a": "b"}), ConnectorError),
        (answering(None), ConnectorError),
        (answering("x" * (LONGEST_ANSWER + 1)), ConnectorError),
        (answering("late", 500), Retriable),
        (answering("busy", 429, Retry_After="3600"), Retriable),
        (answering("who", 401), CredentialsRejected),
        (answering("no", 404), ConnectorError),
        (answering("there", 302, Location="http://127.0.0.1:1/elsewhere"), ConnectorError),
        (answering("there", 307, Location="https://evil.example/"), ConnectorError),
    ],
)
def test_a_host_that_misbehaves_gives_no_answer(behave: Behaviour, error: type[ConnectorError]) -> None:
    with a_model(behave) as (model, seen), pytest.raises(error) as raised:
        model.answer("a", "b")
    assert "secret-key" not in str(raised.value)
    assert len(seen) == 1


@pytest.mark.parametrize("behave", [dripping, lambda _: time.sleep(1.5)], ids=["drips", "hangs"])
def test_a_host_that_is_slow_is_left_in_time(behave: Behaviour) -> None:
    began = time.monotonic()
    with a_model(behave, seconds=0.3) as (model, _):
        with pytest.raises(Retriable):
            model.answer("a", "b")
        assert time.monotonic() - began < 1.4


def test_nobody_at_the_address_is_no_answer() -> None:
    with a_model(answering("well")) as (model, _):
        pass
    with pytest.raises(Retriable):
        model.answer("a", "b")


def test_a_packed_answer_is_not_unpacked_without_end() -> None:
    import gzip

    bomb = gzip.compress(b"x" * 20_000_000)
    with (
        a_model(answering(bomb, Content_Encoding="gzip")) as (model, _),
        pytest.raises(ConnectorError, match="more than"),
    ):
        model.answer("a", "b")


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example.com/v1", "ftp://models.example.com", "models.example.com", "", "file:///etc/passwd",
        "https://user:password@models.example.com/v1", "https://models.example.com/v1?key=1", "http://127.0.0.1.evil.example",
    ],
)  # fmt: skip
def test_only_a_plain_https_address_or_this_machine_is_asked(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        ChatCompletions(url, "small")
    assert "password" not in str(raised.value)


def test_the_name_says_which_model_and_where() -> None:
    assert ChatCompletions("https://models.example.com/v1", "small", "secret").name == "small at models.example.com"
