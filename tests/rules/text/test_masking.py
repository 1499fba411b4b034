"""What is masked in a text before anything derived from it is kept, shown or sent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.text.identifiers import iban_length, is_card
from rules.text.masking import masked

# Put together here, so that no scanner takes it for a real one.
A_KEY = "_".join(("sk", "live", "abcdefghijklmnop1"))
CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Write to anna.b+x@mail.example.com, please", "Write to [e-mail], please"),
        ("<anna@example.com>", "<[e-mail]>"),
        ("mailto:anna@example.co.uk", "mailto:[e-mail]"),
        ("Call +49 30 1234567 now", "Call [phone] now"),
        ("Call 0049 (30) 123-4567", "Call [phone]"),
        ("Call 030 / 1234567", "Call [phone]"),
        ("(555) 123-4567 or 555-123-4567", "[phone] or [phone]"),
        ("phone: 5551234567", "phone: [phone]"),
        (f"IBAN {IBAN} please", "IBAN [IBAN] please"),
        (f"{IBAN.replace(' ', '')}", "[IBAN]"),
        (f"my card {CARD} exp 12/28", "my card [card] exp 12/28"),
        ("378282246310005", "[card]"),
        ("4111-1111-1111-1111", "[card]"),
        ("from 192.168.10.7", "from [IP address]"),
        ("fe80:0:0:0:1:2:3:4 and 2001:db8::1", "[IP address] and [IP address]"),
        ("password: hunter2!", "password: [password]"),
        ("Passwort ist Geheim123", "Passwort ist [password]"),
        ('api_key="abc123"', 'api_key="[password]"'),
        ("PIN = 4711", "PIN = [password]"),
        ("Authorization: Bearer abcdefghijklmnop.qrs", "Authorization: Bearer [key]"),
        (A_KEY + "234", "[key]"),
        ("use ghp_abcdefghijklmnopqrstuvwxyz0123456789", "use [key]"),
        ("AKIAABCDEFGHIJKLMNOP", "[key]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdef12345", "[key]"),
        ("https://example.com/reset?token=abc", "https://example.com/[link]"),
        ("https://anna:pw@example.com/x", "https://example.com/[link]"),
        ("https://example.com/a?email=anna%40example.com", "https://example.com/[link]"),
        ("123-45-6789", "[id number]"),
        ("I live at 12 Long Hill Road, York", "I live at [address], York"),
        ("Musterstraße 12a", "[address]"),
        ("12 rue de la Paix", "[address]"),
        ("Musterallee 5\n10115 Berlin", "[address]\n[address]"),
        ("Hi Anna,\nit fails", "Hi [name],\nit fails"),
        ("Dear Ms Example: it fails", "Dear Ms [name]: it fails"),
        ("Sehr geehrte Frau Müller-Beispiel,", "Sehr geehrte Frau [name],"),
        ("It fails.\nBest, John Smith", "It fails.\nBest, [name]"),
        ("It fails.\n\nKind regards,\nJohn van Dam", "It fails.\n\nKind regards,\n[name]"),
        ("It fails.\nViele Grüße\nJörg", "It fails.\nViele Grüße\n[name]"),
        ("Thanks Anna, it works", "Thanks [name], it works"),
        ("my name is Jane Doe and", "my name is [name] and"),
        ("Mr. Smith promised", "Mr. [name] promised"),
    ],
)
def test_what_is_personal_or_secret_is_masked(text: str, read: str) -> None:
    assert masked([text]) == [read]


@pytest.mark.parametrize(
    "text",
    [
        "Ticket #4821234 and order 2026-000123 and INV-20260301-77",
        "request 7f9c24e8-3b12-4ef0-9c1a-5d2b8a7c6e10",
        "at 10:12:33 on 2026-03-01, 14:00 to 15:30",
        "version 1.2.3.4",
        "it costs 1,299.00 or 12.500,00 EUR",
        "12345678901234567890",
        "Hi there, it fails",
        "Dear Support Team,",
        "Hello all,",
        "Thanks\nNever again",
        "Best product ever",
        "the password is wrong",
        "I forgot my password",
        "See https://example.com/help/articles/42",
        "@support it fails",
        "call me at 5 pm",
        "error 0x80070057 at line 120",
        "we pay 3000 a month for 120 users since 2019",
        "I love it <3 100%",
        "",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert masked([text]) == [text]


def test_each_text_has_its_answer_in_order() -> None:
    assert masked(["a@example.com", "x", "a@example.com"]) == ["[e-mail]", "x", "[e-mail]"]


ANYTHING = st.text(st.characters(codec="utf-8"), max_size=80)
PIECES = st.sampled_from([
    *("anna@example.com", CARD, IBAN, "+49 30 1234567", "password: ", "Hi Anna,", "Best, ", "https://a.example/?token="),
    *("[", "]", "pin is ", "10.0.0.1", "\n", " ", "=", "4111", "[e-mail]", A_KEY, "Mr. "),
    "12 Long Road",
])  # fmt: skip


@given(st.lists(ANYTHING | PIECES, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = masked([text])
    assert masked(once) == once


@given(ANYTHING, ANYTHING, st.emails(domains=st.sampled_from(["example.com", "mail.example.org"])))
@settings(max_examples=200, deadline=None)
def test_no_address_survives(before: str, after: str, address: str) -> None:
    assert address not in masked([f"{before} {address} {after}"])[0]


@given(ANYTHING, ANYTHING, st.sampled_from([CARD, CARD.replace(" ", ""), CARD.replace(" ", "-"), "378282246310005"]))
@settings(max_examples=200, deadline=None)
def test_no_card_survives(before: str, after: str, card: str) -> None:
    assert card not in masked([f"{before} {card} {after}"])[0]


def test_cards_and_ibans_are_known_by_their_check_digits() -> None:
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert not is_card("9111111111111111")
    assert iban_length(IBAN + " and") == len(IBAN)
    assert iban_length(IBAN.replace("89", "88")) is None
    assert iban_length("DE89") is None
