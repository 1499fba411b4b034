"""Knows which messages no person wrote: absence notes, bounces, newsletters, by headers first, then by their words.

Words decide only where they leave little doubt: to leave out a complaint is worse than to read a note.
"""

import re
from collections.abc import Mapping

from domain.automatic_mail import automatic_by_headers
from rules.text.cleaning import cleaned_body

_LONGEST_SUBJECT, _LONGEST_NOTE = 200, 1_000

_SUBJECT = re.compile(
    r"\s{0,9}\[?(?:"
    r"(?:automatic|auto(?:mated)?)[ -]?(?:reply|response|answer)\b|autoreply\b|auto(?:matisch)?e? ?:"
    r"|out of (?:the )?office(?: (?:auto-?)?(?:reply|response|message|notification|notice))?\s{0,3}(?:[:!(\[–-]"
    r"|until\b|$|re:)"
    r"|ooo ?:|on (?:vacation|annual leave|parental leave|maternity leave) ?(?:[:!–-]|until\b|$)"
    r"|automatische (?:antwort|antwoord|e-?mail|nachricht|abwesenheit)|abwesenheits(?:notiz|meldung|assistent"
    r"|nachricht)"
    r"|abwesen(?:d|heit) ?(?:[:!–-]|bis\b|vom\b|$)|nicht im (?:büro|haus) ?(?:[:!–-]|bis\b|$)"
    r"|r[ée]ponse automatique|message d'absence|absence (?:du bureau|au bureau) ?(?:[:!–-]|$)|absent du bureau"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina ?(?:[:!–-]|hasta\b|$)|automatisch antwoord|afwezigheids"
    r"|afwezig ?(?:[:!–-]|tot\b|$)|risposta automatica|fuori (?:sede|ufficio) ?(?:[:!–-]|fino\b|$)"
    r"|resposta autom[áa]tica|ausência (?:do|tempor)|autosvar\b|automatiskt? svar|fr[åa]nvaro(?:besked|meddelande)"
    r"|automaattinen vastaus|automatyczna odpowied|automatick[áa] odpov|自动回复|自動返信|자동 ?회신"
    r"|delivery status notification|undeliver(?:able|ed)(?: mail)? ?(?::|returned)|mail delivery (?:failed"
    r"|failure|system)"
    r"|(?:message )?delivery (?:failure|has failed|incomplete|delayed)\s{0,3}(?:[:(]|$)|returned mail ?:"
    r"|failure notice$"
    r"|unzustellbar ?:|nicht zustellbar ?:|non remis ?:|no se puede entregar ?:|onbestelbaar ?:|non recapitabile ?:"
    r")",
    re.IGNORECASE,
)
_GREETS = (
    r"(?:(?:hi|hello|dear|hallo|guten tag|sehr geehrte\w*|bonjour|hola|beste|buongiorno"
    r"|olá)\b[^\n.!?]{0,60}[,.!\n]\s{0,5})?"
    r"(?:(?:many )?(?:thank you|thanks) (?:very much )?for (?:your|the) (?:e-?mail|message|mail"
    r"|note)[^\n.!]{0,30}[.!,]\s{0,5}"
    r"|(?:vielen |herzlichen )?dank für ihre (?:nachricht|e-?mail|mail)[^\n.!]{0,30}[.!,]\s{0,5}"
    r"|merci (?:pour|de) votre (?:message|e-?mail|courriel)[^\n.!]{0,30}[.!,]\s{0,5}"
    r"|gracias por (?:su|tu) (?:mensaje|correo)[^\n.!]{0,30}[.!,]\s{0,5}"
    r"|bedankt voor (?:uw|je) (?:bericht|e-?mail)[^\n.!]{0,30}[.!,]\s{0,5})?"
)
_AWAY = re.compile(
    rf"\s{{0,9}}{_GREETS}(?:"
    r"i(?:'m| am| will be|'ll be)(?: currently| presently| now)? (?:out of (?:the )?office"
    r"|on (?:\w{3,10} )?(?:leave|vacation"
    r"|holidays?)\b|away from (?:the|my) (?:office|desk)|travell?ing (?:until|with limited))"
    r"|i(?:'m| am) currently (?:out|away)\b"
    r"|ich bin (?:(?:derzeit|zurzeit|zur zeit|momentan|aktuell|vom|bis|ab)\b[^\n!?]{0,60}\b)?(?:nicht im (?:büro"
    r"|haus)|abwesend|im urlaub"
    r"|außer haus|in elternzeit|nicht erreichbar)"
    r"|je suis (?:actuellement )?(?:absente?|en congés?|en vacances|hors du bureau)"
    r"|(?:actualmente )?(?:estoy|me encuentro|estaré) (?:actualmente )?(?:fuera de (?:la )?oficina"
    r"|de vacaciones|ausente)"
    r"|ik ben (?:momenteel |op dit moment )?(?:afwezig|niet op kantoor|met vakantie|op vakantie"
    r"|tot\b[^\n.!?]{0,40}afwezig)"
    r"|(?:attualmente )?sono (?:attualmente )?(?:fuori (?:ufficio|sede)|in ferie|assente)"
    r"|(?:estou|encontro-me) (?:atualmente )?(?:fora do escritório|de férias|ausente))",
    re.IGNORECASE,
)
_AWAY_TOO = re.compile(
    r"\burgent|\bemergenc|limited access|no access to|return(?:ing)?\b|\bback (?:on|in|at)\b|as soon as"
    r"|during my absence"
    r"|in my absence|please contact|be contacted|dringend|vertretung|\bwieder\b|\bzurück\b|rückkehr|abwesenheit"
    r"|weitergeleitet"
    r"|urgen|\bretour\b|regres|vuelvo|\bterug\b|rientro|retorno|\buntil\b|\bbis zum\b|jusqu|hasta|\btot\b"
    r"|\bfino\b|até",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"\s{0,9}[*\[(# -]{0,6}(?:this is an? (?:automat(?:ic|ed)|auto-?generated|system[- ]generated) (?:e-?mail |mail )?"
    r"(?:reply|response|message|e-?mail|notification|answer|confirmation)"
    r"|this (?:e-?mail|message) (?:is|was|has been) (?:automatically (?:generated|sent|created)|auto-?generated)"
    r"|(?:dies ist eine|diese (?:e-?mail|nachricht) (?:wurde|ist)(?: eine)?) automatisch\w{0,3} (?:erzeugt"
    r"|erstellt|generiert|versendet"
    r"|gesendet|erstellte|generierte|antwort|nachricht|e-?mail)"
    r"|ceci est (?:un|une) (?:message|réponse) automatique|este es un mensaje automático|dit is een automatisch"
    r"|questo è un messaggio automatico|esta é uma mensagem automática"
    r"|this is the mail system at host|delivery to the following recipients? (?:failed|has)"
    r"|your message (?:to [^\n]{3,120} )?(?:couldn't|could not|wasn't|was not) (?:be )?delivered"
    r"|the following (?:message|address\w{0,2}) (?:to [^\n]{3,120} )?(?:was undeliverable|failed"
    r"|had (?:permanent )?(?:fatal|delivery))"
    r"|i'm sorry to have to inform you that your message could not)",
    re.IGNORECASE,
)


def is_automatic(headers: Mapping[str, str] | None, subject: str | None, body: str | None) -> bool:
    """Whether no person wrote a message.

    `Auto-Submitted` decides where it is given (RFC 3834). A mailing list's mail counts as automatic unless it answers
    another or came by a group's address, by which people write too.

    Args:
        headers: the mail's, names in any case; None where the helpdesk does not tell.
        subject: the mail's or the ticket's.
        body: text or HTML; its opening alone is read.
    """
    told = automatic_by_headers(headers) if headers else None
    if told is not None:
        return told
    if _SUBJECT.match((subject or "")[:_LONGEST_SUBJECT]):
        return True
    return opens_automatically(cleaned_body(body or ""))


def opens_automatically(words: str) -> bool:
    """Whether a cleaned message opens as programs do, or as people let them while they are away."""
    words = words[: _LONGEST_NOTE + 1].replace("’", "'")
    if _SAYS_SO.match(words):
        return True
    # A question, or a long letter, is a person's who happens to be away.
    if len(words) > _LONGEST_NOTE or "?" in words:
        return False
    return _AWAY.match(words) is not None and _AWAY_TOO.search(words) is not None
