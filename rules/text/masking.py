"""Knows what in a text could tell who wrote it or open a door, and puts a word for its kind in its place.

Ticket, order and invoice numbers stay, as do request ids: a lead needs them and they name nobody outside the company.
A name is known by its place alone (after a greeting, a title, a closing formula), never by a list of names.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate

from rules.text.common_words import languages_of
from rules.text.identifiers import iban_length, is_card

# What lies behind is cut off, for it would leave unmasked.
READ_CHARACTERS = 200_000
_ROUNDS = 8

_PEM = re.compile(r"-----BEGIN [A-Z ]{3,40}-----[^-]{0,10000}(?:-----END [A-Z ]{3,40}-----)?")
_LINK = re.compile(r"(https?://)(?:[^\s/@<>\[\]]{1,200}@)?([^\s/?#<>()\[\]@\"']{1,200})([^\s<>()\[\]\"']{0,2000})")
_TELLING_LINK = re.compile(
    r"[?&#;](?:\w{0,20}(?:token|key|sig|signature|auth|code|pass|password|pwd|secret|session|sid|jwt|hash|invite|reset"
    r"|e-?mail|user|name|phone))=|/[\w-]{0,100}(?:[a-zA-Z]{1,40}\d|\d{1,40}[a-zA-Z])[\w-]{18,200}|@|%40",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b((?:password|passwort|kennwort|passwd|pwd|passphrase|passcode|pin(?: code)?|mot de passe"
    r"|contraseña|wachtwoord"
    r"|senha|secret|api[ _-]?key|access[ _-]?key|token|otp|cvv|cvc)(?: ?(?:is|ist|lautet|est|es))? ?[:=] ?[\"'`]?)"
    r"([^\s\[\"'`]{3,200})",
    re.IGNORECASE,
)
_SECRET_IS = re.compile(
    r"\b((?:password|passwort|kennwort|passcode|pin|pwd|mot de passe|contraseña|wachtwoord|senha) (?:is|ist"
    r"|lautet|est|es|=)"
    r" [\"'`]?)((?=[^\s]{0,60}[\d!$%&*#])[^\s\[\"'`]{3,200})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{12,2000}")
_KEY = re.compile(
    r"\b(?:(?:sk|pk|rk|whsec|sk-proj|ghp|gho|ghs|github_pat|glpat|xox[abpros]|shpat|hf|npm|pat"
    r"|SG)[_.-][A-Za-z0-9_.-]{12,300}"
    r"|AKIA[0-9A-Z]{16}|AIza[\w-]{30,60}|eyJ[\w-]{8,2000}\.[\w-]{4,4000}(?:\.[\w-]{4,1000})?|[0-9a-fA-F]{32,256})\b"
)
_RANDOM = re.compile(
    r"(?<![\w/.-])(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])(?=[\w-]{0,40}[A-Z])[A-Za-z0-9_]{24,300}(?![\w-])"
)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"“”]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_][\w-]{1,62}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]")
_LONGEST_IBAN = 50
_DIGITS = re.compile(r"(?<!\d)\d(?:[ .\u00a0-]?\d){12,}")
_GROUP = re.compile(r"\d+")
_LONGEST_CARD = 19
_SOCIAL = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w.#/+-])(?:(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,14}"
    r"|\(?0\d{1,5}\)?[ /-]{1,3}\d(?:[ /-]?\d){4,10}|\(\d{3}\) ?\d{3}[ .-]\d{4}|[2-9]\d{2}[.-]\d{3}[.-]\d{4})(?![\w-])"
)
_CALLED = re.compile(
    r"\b((?:phone|tel|telephone|telefon|mobile|mobil|cell|handy|fax|call me (?:at|on|under)|whatsapp|téléphone"
    r"|teléfono)\.?"
    r"(?: (?:number|no\.?|nr\.?|is|ist))?\s?[:.]?\s?)(\d(?:[ ()./-]{0,2}\d){5,14})(?![\w-])",
    re.IGNORECASE,
)
_IPV4 = re.compile(
    r"(?<![\w.])(?<!version )(?<!v)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\w)"
)
_IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){3,7}(?:[0-9a-fA-F]{1,4}|:)(?![\w:])|(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){1,4}(?::[0-9a-fA-F]{1,4}){1,4}(?![\w:])"
)
_ADDRESS = re.compile(
    r"\b\d{1,5}[a-z]? (?:[A-Z][\w'-]{1,30} ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd"
    r"|Court|Square)\b\.?"
    r"|\b[A-ZÄÖÜ][\w-]{2,30}(?:straße|strasse|str\.|gasse|allee|damm)(?: ?\d{1,4} ?[a-z]?\b)"
    r"|\b[A-ZÄÖÜ][\w-]{2,30}(?:weg|platz) \d{1,4} ?[a-z]?\b(?=,|\n|$)"
    r"|\b\d{1,4},? (?:rue|boulevard|chemin|allée|impasse) (?:[\w'-]{1,30} ?){1,4}"
    r"|\b(?:[Cc]alle|[Aa]venida|[Pp]laza|Via|Rua) (?:[A-ZÁÉÍÓÚ][\w'-]{1,30} ?|de |la |del ){1,4},? ?\d{1,4}\b"
    r"|\b(?:[A-Z]{1,2}-)\d{4,5} [A-ZÄÖÜ][\w-]{2,30}|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
)
_ZIP_LINE = re.compile(r"^\d{4,5} [A-ZÄÖÜ][a-zäöüß-]{2,30}(?: [A-ZÄÖÜ(][\w()-]{1,30})?$", re.MULTILINE)
_PERSON = r"[A-ZÄÖÜÉÈÁÅØÇÑ][\w'’-]{1,30}"
_NAMES = rf"{_PERSON}(?: (?:van |von |de |der )?{_PERSON}| [A-Z]\.){{0,3}}"
_TITLED = re.compile(
    rf"\b((?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herrn?|Frau|Madame|Monsieur|Mme|Señora?|Sra?|Signora?|Mevrouw"
    rf"|Meneer)\b\.? )({_NAMES})"
)
_GREETED = re.compile(
    r"((?:^|[.!?] )(?i:hi|hello|hey|dear|hallo|hej|liebe[r]?|lieber|guten (?:tag|morgen)|good (?:morning"
    r"|afternoon|evening)"
    rf"|bonjour|hola|ciao|olá|beste|estimad[oa]|cher|chère|caro|cara|thanks|thank you|danke|merci|gracias) )({_NAMES})"
    r"(?= ?(?:[,!:;.–-]|$))",
    re.MULTILINE,
)
_SIGNED = re.compile(
    r"((?:^|[.!?,] )(?i:(?:(?:with )?(?:kind|best|warm|many)(?:est)? ?(?:regards|wishes)?|regards|sincerely"
    r"|yours|cheers|thanks"
    r"|thank you|thx|all the best|mfg|vg|lg|(?:mit )?(?:freundlichen?|viele|beste|liebe|herzliche) gr(?:ü"
    r"|ue)(?:ß|ss)en?|gruß|gruss"
    rf"|cordialement|saludos|atentamente|groet(?:en|jes)?|saluti|danke|merci"
    rf"|gracias))[,.!]?[ \n]{{1,2}})({_NAMES})(?=\s{{0,3}}(?:$|[\n,]))",
    re.MULTILINE,
)
_CALLS_HIMSELF = re.compile(
    rf"\b((?i:my name is|mein name ist|ich heiße|je m'appelle|me llamo|mi nombre es|mijn naam is|mi chiamo"
    rf"|meu nome é) )({_NAMES})"
)


_DIGIT = re.compile(r"\d")
_SIX_DIGITS = re.compile(r"\d(?:\D{0,4}\d){5}")
_DOTTED, _COLONS = re.compile(r"\.\d{1,3}\.\d"), re.compile(r":[0-9a-fA-F]{0,4}:")
_SHORTEST_KEY = 16
_SECRETS = (
    "pass", "kennwort", "pwd", "pin", "mot de", "contraseña", "wachtwoord", "senha", "secret", "key", "token", "otp",
    "cvv", "cvc",
)  # fmt: skip
_CALLING = ("phone", "tel", "mobil", "cell", "handy", "fax", "call me", "whatsapp", "télé")
# Words of which one stands before a name that is found.
_NAMING: Mapping[re.Pattern[str], frozenset[str]] = {
    _TITLED: frozenset(
        "mr mrs ms miss mx dr prof herr herrn frau madame monsieur mme señor señora sr sra signor signora mevrouw "
        "meneer".split()
    ),
    _GREETED: frozenset(
        "hi hello hey dear hallo hej liebe lieber guten good bonjour hola ciao olá beste estimado estimada cher chère "
        "caro cara thanks thank danke merci gracias".split()
    ),
    _SIGNED: frozenset(
        "kind best warm many kindest warmest regards sincerely yours cheers thanks thank thx all mfg vg lg grüße gruß "
        "grüssen grüßen gruss gruesse gruessen grüsse cordialement saludos atentamente groet groeten groetjes saluti "
        "danke merci gracias".split()
    ),
    _CALLS_HIMSELF: frozenset("name heiße m'appelle llamo nombre naam chiamo nome".split()),
}


def masked(texts: Sequence[str]) -> list[str]:
    """The texts with `[e-mail]`, `[phone]`, `[card]` … for what is personal or secret; masking again changes nothing.

    Masked: e-mail and IP addresses, telephone numbers, IBANs, cards (by Luhn's sum), social security numbers, keys,
    tokens and passwords, links that carry a token or an address, streets and postal codes where their form tells, and
    names by their place. Of each text the first 200,000 characters come back.
    """
    read = {text: _settled(text[:READ_CHARACTERS]) for text in dict.fromkeys(texts)}
    return [read[text] for text in texts]


def _settled(text: str) -> str:
    """Masked again until nothing changes, for what is masked may part two numbers that were one before."""
    for _ in range(_ROUNDS):
        before, text = text, _masked(text)
        if text == before:
            break
    return text


def _masked(text: str) -> str:
    """Each rule looks only at texts that have its marks."""
    text = _LINK.sub(_without_token, text) if "://" in text else text
    lowered = text.lower()
    tokens = lowered.split()
    if any(secret in lowered for secret in _SECRETS) or "-----begin" in lowered:
        text = _secrets(text)
    text = _EMAIL.sub("[e-mail]", text) if "@" in text else text
    text = _numbers(text, lowered) if _DIGIT.search(text) else text
    if any(len(token) >= _SHORTEST_KEY for token in tokens) or "bearer" in lowered or "basic" in lowered:
        text = _RANDOM.sub("[key]", _KEY.sub("[key]", _BEARER.sub(r"\1 [key]", text)))
    words = {token.strip(".,!:;") for token in tokens}
    for known, before in _NAMING.items():
        text = text if words.isdisjoint(before) else known.sub(_without_name, text)
    return text


def _without_token(link: re.Match[str]) -> str:
    tells = link[0] != link[1] + link[2] + link[3] or _TELLING_LINK.search(link[3])
    return f"{link[1]}{link[2]}/[link]" if tells else link[0]


def _secrets(text: str) -> str:
    text = _PEM.sub("[key]", text) if "-----BEGIN" in text else text
    return _SECRET_IS.sub(r"\1[password]", _SECRET.sub(r"\1[password]", text))


def _ibans(text: str) -> str:
    parts, done = list[str](), 0
    for found in _IBAN.finditer(text):
        begins = found.start()
        length = iban_length(text[begins : begins + _LONGEST_IBAN]) if begins >= done else None
        if length:
            parts += text[done:begins], "[IBAN]"
            done = begins + length
    return "".join(parts) + text[done:]


def _cards(text: str) -> str:
    return _DIGITS.sub(lambda found: _without_cards(found[0]), text)


def _without_cards(digits: str) -> str:
    """A run of digit groups whose cards are masked, whatever stands before or behind them."""
    groups = [(group.start(), group.end()) for group in _GROUP.finditer(digits)]
    compact = "".join(digits[begins:ends] for begins, ends in groups)
    counted = [0, *accumulate(ends - begins for begins, ends in groups)]
    parts, done = list[str](), 0
    for first, (begins, _) in enumerate(groups):
        if begins < done:
            continue
        for last in range(first, min(first + _LONGEST_CARD, len(groups))):
            if is_card(compact[counted[first] : counted[last + 1]]):
                parts += digits[done:begins], "[card]"
                done = groups[last][1]
                break
    return "".join(parts) + digits[done:]


def _numbers(text: str, lowered: str) -> str:
    if _SIX_DIGITS.search(text):
        text = _cards(_ibans(text))
        text = _PHONE.sub("[phone]", _SOCIAL.sub("[id number]", text) if "-" in text else text)
        text = _CALLED.sub(r"\1[phone]", text) if any(word in lowered for word in _CALLING) else text
    if _DOTTED.search(text):
        text = _IPV4.sub("[IP address]", text)
    if _COLONS.search(text):
        text = _IPV6.sub("[IP address]", text)
    return _ZIP_LINE.sub("[address]", _ADDRESS.sub("[address]", text))


def _without_name(found: re.Match[str]) -> str:
    first = found[2].split()[0].lower()
    return found[0] if first in languages_of() or first in _NO_NAMES else f"{found[1]}[name]"


_NO_NAMES = frozenset(
    "sir madam sirs support team customer service helpdesk all everyone everybody folks guys there friends ladies "
    "colleagues world damen herren zusammen kollegen leute équipe tous equipo todos admin administrator god jesus "
    "google apple microsoft facebook twitter amazon".split()
)
