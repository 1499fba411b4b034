"""Which messages no person wrote."""

import pytest

from domain.automatic_mail import automatic_by_headers
from rules.text.automatic import is_automatic

COMPLAINT = "The export fails again and nobody answers us."


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"auto-submitted": 'auto-generated; owner-email="a@example.com"'},
        {"Auto-Submitted": "auto-notified"},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"Precedence": "junk"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "1"},
        {"Return-Path": "<>"},
        {"List-Id": "News <news.example.com>"},
        {"Precedence": "list"},
        {"Content-Type": "multipart/report; report-type=delivery-status"},
        {"From": "Mail Delivery Subsystem <MAILER-DAEMON@example.com>"},
    ],
)
def test_headers_tell_first(headers: dict[str, str]) -> None:
    assert is_automatic(headers, "Export", COMPLAINT)


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {},
        {"Auto-Submitted": "no"},
        {"X-Auto-Response-Suppress": "RN, NRN"},
        {"X-Autoreply": "no"},
        {"Return-Path": "<anna@example.com>"},
        {"Content-Type": "multipart/alternative"},
        {"List-Id": "support.example.com", "X-Google-Group-Id": "1", "Precedence": "list"},
        {"List-Id": "support.example.com", "In-Reply-To": "<1@example.com>"},
        {"Subject": "x", "From": "anna@example.com"},
    ],
)
def test_a_person_s_mail_is_not_automatic(headers: dict[str, str] | None) -> None:
    assert not is_automatic(headers, "Export", COMPLAINT)


def test_a_mail_that_says_a_person_sent_it_is_believed() -> None:
    assert not is_automatic({"Auto-Submitted": "no"}, "Out of office", "I am out of office until Monday.")


def test_headers_that_say_nothing_leave_it_open() -> None:
    assert automatic_by_headers({"From": "anna@example.com"}) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your ticket",
        "Auto-Reply: x",
        "Autoreply",
        "Out of office",
        "Out of Office: back on Monday",
        "Out of the office until 5 May",
        "Out of Office Re: [#123] Export",
        "Automatische Antwort: Ihr Ticket",
        "Abwesenheitsnotiz",
        "Abwesend: Ihr Ticket",
        "Réponse automatique : votre ticket",
        "Respuesta automática: Su caso",
        "Automatisch antwoord: x",
        "Risposta automatica: x",
        "Resposta automática: x",
        "Autosvar: x",
        "Delivery Status Notification (Failure)",
        "Undeliverable: Your ticket",
        "Undelivered Mail Returned to Sender",
        "Mail delivery failed: returning message to sender",
        "Returned mail: see transcript for details",
        "Unzustellbar: Ihr Ticket",
    ],
)
def test_subjects_tell_where_headers_do_not(subject: str) -> None:
    assert is_automatic(None, subject, COMPLAINT)


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office hours support",
        "Re: Automatic reply: Your ticket",
        "Automatic replies are not sent",
        "How to set an out of office message",
        "Automatic renewal",
        "Undeliverable packages since Monday",
        "Delivery failed twice this week",
        "Delivery",
        "Return of a broken device",
        "Automation rule broken",
        "Abwesenheiten im Kalender fehlen",
        "Absence management module",
        "",
    ],
)
def test_subjects_that_speak_of_it_do_not_count(subject: str) -> None:
    assert not is_automatic(None, subject, COMPLAINT)


@pytest.mark.parametrize(
    "body",
    [
        "I am currently out of the office and will return on 5 May. For urgent matters contact Bob.",
        "Hello,\n\nThank you for your email. I am on annual leave until Monday with limited access to my inbox.",
        "I’m out of office until Monday.",
        "<p>Thank you for your message.</p><p>I will be out of the office until May 5.</p>",
        "Vielen Dank für Ihre Nachricht. Ich bin bis zum 5. Mai nicht im Büro.",
        "Ich bin derzeit im Urlaub und ab Montag wieder erreichbar.",
        "Bonjour,\nje suis actuellement absent jusqu'au 5 mai.",
        "Estoy fuera de la oficina hasta el lunes.",
        "Ik ben momenteel afwezig tot maandag.",
        "This is an automated response. We received your request.",
        "Diese E-Mail wurde automatisch erstellt, bitte antworten Sie nicht.",
        "This is the mail system at host mx.example.com.",
        "Your message to anna@example.com couldn't be delivered.",
    ],
)
def test_openings_tell_where_nothing_else_does(body: str) -> None:
    assert is_automatic(None, "Export", body)


@pytest.mark.parametrize(
    "body",
    [
        "I am out of the office until Monday, can you call my colleague about the refund?",
        "I get an automated response each time. This is an automated message, it says, and nothing happens.",
        "Our out of office replies are not sent.",
        "I am out of patience.",
        "Ich bin wütend.",
        "I am on the phone with your colleague.",
        "I am currently out of licences, please add ten.",
        "Thank you for your message. It works now.",
        "",
        "👍",
    ],
)
def test_a_person_who_speaks_of_absence_is_a_person(body: str) -> None:
    assert not is_automatic(None, "Export", body)
