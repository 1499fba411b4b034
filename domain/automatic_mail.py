"""Knows by which headers a mail tells that no person wrote it.

RFC 3834 first, then what Exchange, mailing lists and others add.
"""

import re
from collections.abc import Mapping

# Whoever sends so says himself that he is a program.
_TELLING = frozenset(
    "x-autoreply x-autorespond x-autoresponder x-auto-reply x-auto-reply-from x-autoreply-from x-mail-autoreply "
    "x-failed-recipients x-fc-machinegenerated x-cron-env".split()
)
_BULK = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})
_NO = frozenset({"", "no", "false", "0", "none"})
_REPORT = re.compile(
    r"\s{0,9}(?:multipart/report\b|message/(?:delivery-status|disposition-notification)\b)", re.IGNORECASE
)
_DAEMON = re.compile(r"(?:^|[<\s\"])(?:mailer-daemon|postmaster)@", re.IGNORECASE)


def automatic_by_headers(headers: Mapping[str, str]) -> bool | None:
    """Whether no person wrote a mail, by its headers (names in any case); None where they do not tell.

    `Auto-Submitted` decides where it is given. A mailing list's mail counts as automatic unless it answers another or
    came by a group's address, by which people write too.
    """
    told = {name.strip().lower(): str(content).strip().lower() for name, content in headers.items()}
    if "auto-submitted" in told:
        return told["auto-submitted"].split(";")[0].strip() not in _NO
    if any(told.get(name, "") not in _NO for name in _TELLING) or _suppresses_answers(told):
        return True
    if told.get("precedence") in _BULK or told.get("return-path") == "<>":
        return True
    if _REPORT.match(told.get("content-type", "")) or _DAEMON.search(told.get("from", "")):
        return True
    return True if _is_from_a_list(told) else None


def _suppresses_answers(told: Mapping[str, str]) -> bool:
    suppressed = told.get("x-auto-response-suppress", "")
    return any(each.strip() in {"all", "autoreply", "oof"} for each in suppressed.split(","))


def _is_from_a_list(told: Mapping[str, str]) -> bool:
    if "list-id" not in told and told.get("precedence") != "list":
        return False
    # Firms put a group's address before the helpdesk: all that customers write has its list's headers.
    by_a_group = any(name in told for name in ("x-google-group-id", "mailing-list", "x-forwarded-for"))
    return not by_a_group and not any(told.get(name) for name in ("in-reply-to", "references"))
