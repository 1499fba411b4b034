"""`python -m benchmarks.cleaning`: how many messages a second one core cleans and masks.

Beside mail-parser-reply alone, on which cleaning rests for quoted mail's headers: how fast it is, and of how many
hand-written messages exactly the author's words are left.
"""

import time
from collections.abc import Callable, Sequence

from rules.text import cleaned, is_automatic, language, masked
from rules.text.cleaning import cleaned_body, prose
from tests.rules.text.test_cleaning import OLD, PLAIN, QUOTING, SIGNED

OWN = "It fails."
MESSAGES = 4_000
PROSE = "We cannot log in since Monday and nobody answers, please call us back as soon as you can. "
KINDS: dict[str, Callable[[int], str]] = {
    "one line": lambda number: f"{PROSE}({number})",
    "signed and quoting": lambda number: (
        f"Hello,\n\n{PROSE * 2}\n{number}\n\nBest regards,\nAnn Example\nExample Ltd\n+49 30 1234567\n\n"
        f"On Mon, Jan 5, 2026 at 10:12 AM Support <support@example.com> wrote:\n> {PROSE}\n> {PROSE}\n"
    ),
    "HTML": lambda number: (
        f"<html><head><style>{'p{margin:0}' * 40}</style></head><body><p>Hello,</p><p>{PROSE * 2}<b>{number}</b></p>"
        f"<div class='gmail_quote'>{'<p>' + PROSE + '</p>'}</div></body></html>"
    ),
}
Reader = Callable[[Sequence[str]], object]
READERS: dict[str, Reader] = {
    "cleaned": cleaned,
    "prose": prose,
    "language": language,
    "masked": masked,
    "is_automatic": lambda texts: [is_automatic(None, "Login", text) for text in texts],
    "mail-parser-reply": lambda texts: [by_library(text) for text in texts],
}
WRITTEN = {
    "plain prose": [(text, text) for text in PLAIN],
    "signed": [(text, OWN) for text in SIGNED],
    "quoting": [(f"{OWN}\n\n{opening}\n{OLD}", OWN) for opening in QUOTING],
}


def by_library(text: str) -> str:
    """What mail-parser-reply, told of all its languages, takes for the author's words."""
    from mailparser_reply import EmailReplyParser
    from mailparser_reply.constants import MAIL_LANGUAGES

    replies = EmailReplyParser(languages=list(MAIL_LANGUAGES)).read(text).replies
    return replies[0].body if replies else ""


def right(read: Callable[[str], str], written: Sequence[tuple[str, str]]) -> int:
    """Of how many messages exactly the author's words are left."""
    return sum(read(text).rstrip("—\n") == own for text, own in written)


def main() -> None:
    """Print both."""
    for kind, made in KINDS.items():
        print(f"\n{kind}: messages a second")
        for name, read in READERS.items():
            texts = [made(number) for number in range(MESSAGES if name != "mail-parser-reply" else MESSAGES // 40)]
            read(texts[:2])
            begun = time.process_time()
            read(texts)
            print(f"  {name:<18} {len(texts) / (time.process_time() - begun):>10,.0f}")
    print("\nexactly the author's words are left: ours, mail-parser-reply alone")
    for kind, written in WRITTEN.items():
        ours, theirs = right(cleaned_body, written), right(by_library, written)
        print(f"  {kind:<12} {ours:>3} {theirs:>3} of {len(written)}")


if __name__ == "__main__":
    main()
