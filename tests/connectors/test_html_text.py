"""What was said in HTML is read as words."""

import pytest

from connectors.html_text import html_text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("It fails.", "It fails."),
        ("2 < 3 and a &amp; b", "2 < 3 and a & b"),
        ("<p>Hello,</p><p>it <b>fails</b><br>again</p>", "Hello,\n\nit fails\nagain"),
        ("<style>p {color: red}</style><div>Seen</div><script>alert(1)</script>", "Seen"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("</style>still here", "still here"),
        ("", ""),
    ],
)
def test_the_words_are_what_a_reader_sees(html: str, words: str) -> None:
    assert html_text(html) == words
