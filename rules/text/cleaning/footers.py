"""Knows what programs and firms put around a mail: disclaimers, warnings, "sent from my phone", ways to unsubscribe."""

import re
from collections.abc import Sequence

_LONGEST_LINE = 600

_SENT_FROM = re.compile(
    r"[-_*(\[ ]{0,4}(?:(?:sent|posted) (?:from|via|with|using) (?:my |the |a )?(?:\S{1,30} ?){1,5}"
    r"|get outlook for \S{2,12}"
    r"|(?:von meinem|von meiner) .{3,40} gesendet|gesendet (?:von|mit|aus) .{3,50}"
    r"|diese nachricht wurde von meinem .{3,60}"
    r"|envoyé (?:de|depuis|à partir de) .{3,50}|enviado (?:desde|do|de|a partir do) .{3,50}|inviato d(?:a|al) .{3,50}"
    r"|verzonden (?:vanaf|met|via) .{3,50}|skickat från .{3,50}|sendt fra .{3,50}|wysłan[oe] z .{3,50}"
    r"|hol dir outlook .{3,30}|télécharge[zr] outlook .{3,30}|obtener outlook .{3,30}|download outlook .{3,30}"
    r"|(?:from|via) my (?:iphone|ipad|android|samsung|mobile|blackberry|phone)\b.{0,30})[)\]]?\.?(?: ?<[^<>]{3,200}>)?",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"iphone|ipad|android|samsung|galaxy|huawei|pixel|nokia|oneplus|xiaomi|motorola|mobil|handy|phone|tablet|blackberry"
    r"|outlook|gmail|yahoo|mail\b|windows|spark|proton|gmx|web\.de|móvil|celular|smartphone|thunderbird",
    re.IGNORECASE,
)
_DISCLAIMS = re.compile(
    r"[-*_=\[( ]{0,6}(?:"
    r"(?:(?:this|the) (?:information|contents?|material)? ?(?:(?:contained )?in )?(?:this |the )?"
    r"(?:e-?mail|electronic mail|message|communication|transmission)\b.{0,160}?"
    r"\b(?:confidential|privileged|intended (?:only|solely|for)|intended recipient|property of|sole use))"
    r"|if you (?:are not|have received|received|aren't) (?:the (?:intended|named|correct)|this (?:e-?mail"
    r"|message|communi))"
    r"|(?:confidentiality|privileged|privacy|legal|disclaimer|confidential)(?: and \w{3,20})?"
    r"(?: (?:notice|note|statement|information|warning|disclaimer)\b| ?:)"
    r"|(?:please )?(?:consider|think of|think about) (?:the|your|our) (?:environment|planet).{0,40}print"
    r"|diese (?:e-?mail|nachricht)\b.{0,160}?(?:vertraulich|ausschließlich|geschützt)"
    r"|(?:wenn|falls|sollten) sie nicht der (?:richtige|vorgesehene|beabsichtigte)"
    r"|(?:der inhalt|die information(?:en)?) (?:dieser|in dieser) .{0,120}?vertraulich"
    r"|(?:ce|le présent) (?:message|courriel|e-?mail)\b.{0,160}?(?:confidentiel|exclusivement|destinataire)"
    r"|si vous n'êtes pas (?:le|la) destinataire|(?:este|el presente) (?:mensaje"
    r"|correo)\b.{0,160}?(?:confidencial|destinatario)"
    r"|(?:si|se) (?:usted )?(?:no|não) es el destinatario|esta mensagem\b.{0,160}?(?:confidencia|destinatário)"
    r"|(?:dit|deze) (?:e-?mail|bericht)\b.{0,160}?(?:vertrouwelijk|bestemd)"
    r"|(?:questo messaggio|questa e-?mail|le informazioni)\b.{0,160}?(?:riservat|confidenzial|destinatari)"
    r"|(?:caution|warning|attention|external|\[external\]|achtung|externe)\b.{0,30}\b(?:e-?mail|message"
    r"|nachricht|sender)\b"
    r".{0,60}\b(?:outside|external|extern|originated)\b"
    r"|external(?: (?:e-?mail|sender|message))?\]?[: -]{1,3}(?:do not|don't|this|be careful"
    r"|use caution|caution|the sender)\b"
    r"|(?:caution|warning)? ?:? ?(?:this )?(?:e-?mail|message) (?:originated|came|was sent) from outside"
    r"|(?:this (?:e-?mail|message) (?:has been|was) (?:scanned|checked)|virus[- ]free)"
    r"|(?:registered (?:office|in england)|(?:amtsgericht|handelsregister|geschäftsführer"
    r"|sitz der gesellschaft)\b.{0,20}[:,])"
    r")",
    re.IGNORECASE,
)
_UNSUBSCRIBES = re.compile(
    r"[-*_\[(| ]{0,6}(?:to (?:unsubscribe|stop receiving|opt out|manage your)\b.{0,120}\b(?:click|reply|visit"
    r"|go to|here|link)\b"
    r"|(?:click|tap) here to unsubscribe|you(?:'re| are)? (?:receiv(?:ed|ing)|got|getting) this (?:e-?mail"
    r"|message|mail)\b"
    r"|you received this because|(?:unsubscribe|manage (?:your )?(?:preferences|notifications|subscription)s?"
    r"|view (?:this )?"
    r"(?:e-?mail )?(?:in (?:your )?browser|online)|privacy policy|update (?:your )?preferences)"
    r"(?: ?[|·•-] ?(?:unsubscribe|manage .{3,30}|view .{3,30}|privacy .{3,20}|update .{3,30}|terms.{0,20}))+"
    r"|sie erhalten diese (?:e-?mail|nachricht)|(?:hier|um sich) .{0,30}(?:abmelden|abbestellen)|vous recevez ce"
    r"|se désabonner|darse de baja|(?:view|turn off) (?:this )?request\b.{0,60}notifications?"
    r"|powered by (?:jira|zendesk|freshdesk|help ?scout|intercom|zammad)|delivered by zendesk"
    r"|this (?:e-?mail|message) is a service from\b|reply to this e-?mail directly,? or view it on)",
    re.IGNORECASE,
)
# The first words of all of these, so that few lines are looked at closely.
_SEND_WITH = frozenset(
    "sent posted get von gesendet diese envoyé enviado inviato verzonden skickat sendt wyslane wysłane wysłano hol "
    "télécharger téléchargez obtener download from via".split()
)
_DISCLAIM_WITH = frozenset(
    "this the information content contents if confidentiality privileged privacy legal disclaimer confidential please "
    "consider think diese wenn falls sollten der die ce le si este el se esta dit deze questo questa caution warning "
    "attention external achtung externe e-mail email message virus-free registered amtsgericht handelsregister "
    "geschäftsführer sitz to click tap you you're unsubscribe manage view update sie hier um vous darse turn powered "
    "delivered reply".split()
)
_PICTURE = re.compile(
    r"\[(?:cid:|image:|bild:|inline-bild|logo)[^\[\]\n]{0,200}\]|<image\d{3}\.\w{3,4}>", re.IGNORECASE
)
_TICKET_MARK = re.compile(r"\[[A-Z0-9]{4,8}-[A-Z0-9]{4,8}\]|ref:_[\w.]{10,60}:ref")
# What only counts and leads somewhere; short links stay as they are.
_LINK = re.compile(r"<?(https?://[^\s<>()\[\]/?#]{1,200})([^\s<>()\[\]]{0,1500})>?")
_TRACKS = re.compile(
    r"utm_|[?&](?:gclid|fbclid|mc_[ce]id|_hs\w{2,8}|mkt_tok|trk|ref_src)=|/(?:track|click|open|wf|ls|e2t|CL0)/"
    r"|list-manage\.|sendgrid\.|safelinks\.|urldefense\.|mandrillapp\.|hubspotlinks\.|mailchi\.mp"
)
_LONGEST_LINK = 300


def without_footers(lines: Sequence[str]) -> list[str]:
    """The stripped lines without a program's or a firm's; a disclaimer goes up to its paragraph's end."""
    own: list[str] = []
    in_disclaimer = False
    for line in lines:
        in_disclaimer = bool(line) and (in_disclaimer or _disclaims(line))
        if not in_disclaimer and not (line and _is_a_footer(line)):
            own.append(line)
    return own


def without_links_that_track(line: str) -> str:
    """A line whose links that track or never end are cut down to their site, and without the places of pictures."""
    if "[" in line or "<image" in line or "ref:_" in line:
        line = _TICKET_MARK.sub("", _PICTURE.sub("", line))
    return _LINK.sub(_shortened, line) if "://" in line else line


def _shortened(link: re.Match[str]) -> str:
    whole: str = link[0]
    return link[1] if len(whole) > _LONGEST_LINK or _TRACKS.search(whole) else whole


def _disclaims(line: str) -> bool:
    if _first_word(line) not in _DISCLAIM_WITH:
        return False
    beginning = line[:_LONGEST_LINE]
    return _DISCLAIMS.match(beginning) is not None or _UNSUBSCRIBES.match(beginning) is not None


def _is_a_footer(line: str) -> bool:
    if len(line) > 120 or _first_word(line) not in _SEND_WITH:
        return False
    return _SENT_FROM.fullmatch(line) is not None and _DEVICE.search(line) is not None


def _first_word(line: str) -> str:
    return line.lstrip("-_*=([| ").split(None, 1)[0].rstrip("]:,;.|").lower() if line.strip("-_*=([| ") else ""
