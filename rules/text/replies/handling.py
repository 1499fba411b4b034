"""Knows the words in which a request's handling is spoken of rather than its matter, and which languages are read."""

from collections.abc import Sequence

# Who handles a request, what it is called, and what they do with it.
_HANDLING = frozenset(
    "team teams colleague colleagues agent agents someone somebody anyone nobody representative representatives "
    "engineer engineers developer developers dev devs specialist specialists expert experts folks guys crew staff "
    "office department manager supervisor advisor consultant operator analyst helpdesk supplier vendor "
    "manufacturer case cases ticket tickets request requests message messages mail mails email emails inquiry "
    "enquiry query complaint conversation correspondence feedback concern concerns queue bug report help assist "
    "assistance assisting contact contacted reply replies respond response answer answers answered handle handled "
    "handling deal deals touch informed inform update updates news incident issue problem matter pick picks "
    "attention process processed processing log logged notify notified nudge nudged ping pinged chase chased "
    "escalate escalated forward forwarded pass passed transfer transferred route routed register registered "
    "review reviewed investigate investigated assess discuss discussed clarify follow alerted flagged prioritise "
    "prioritised prioritize prioritized patience delay delays swamped busy kollege kollegen kollegin kolleginnen "
    "mitarbeiter mitarbeiterin anfrage nachricht anliegen rückmeldung bearbeitet bearbeiten hersteller "
    "weitergeleitet geprüft gemeldet geduld equipo solicitud consulta caso compañeros atenderemos revisando "
    "équipe collègues demande dossier traitement".split()
)
# What such sentences are made of besides.
_BESIDE_HANDLING = frozenset(
    "a an the this that these those it its i you he she they we us me our your my their his her them some any all "
    "both each every is are am was were be been being has have had do does did done will would can could should "
    "shall may might must let lets get gets got take takes taking took taken give gives given gave keep keeps "
    "kept know knows known see seen say said tell told ask asked tried try reach reached come comes coming go "
    "goes going join joins write writes wrote post posts make makes made want wanted need needs look looks work "
    "works working wait waiting expect expected experience experiencing find found hear heard call called put sit "
    "sits open closed assigned added loop looped and or but so as if when while then than because which who what "
    "how to of in on at by for from with without about into up over out off back after before until within during "
    "under through not no yes only just still already also too very really quite more most less much many little "
    "few bit lot again soon shortly later now today tomorrow tonight currently moment time minute minutes hour "
    "hours day days week weeks weekend morning afternoon evening night shift monday tuesday wednesday thursday "
    "friday saturday sunday first next last new senior high higher priority urgent number subject copy line "
    "charge care person people here there right best better good great fine sure certainly definitely course "
    "afraid sorry unfortunately please kindly longer long usual quick quickly fast possible one two busy holiday "
    "vacation sales support service customer technical area everything anything something thing things hands deck "
    "p1 ll re ve s d m t don name welcome arrived safely directly delayed expecting far nothing promised heads "
    "frustration understand reported internally moved set personally end own allow bear stand hang tight sort "
    "yourself ourselves status progress level second third whole matters involved aware three four five six seven "
    "eight nine ten business billing product confirm whose treating treat additional everyone online available "
    "offline nous vous votre vos je le la les est sont été avec pour dans en cours de du des par notre nos demain "
    "su sus nosotros lo el los las cuanto sea posible con por al ha sido seguimos ello ihr ihre ihren sie wir uns "
    "ich mir das die der den dem ein eine einen ist sind hat haben wird werden von vom zu auf bei im noch keine "
    "kein leider nicht heute morgen kürze bald hören warten warte derzeit gerade zurzeit wieder".split()
)
_READ = frozenset(
    "the and is are was have has been to of for with this that it you your we our will can from on in please not "
    "der die das und ist nicht wir sie ihr ihre ihren haben wird wurde auf mit bitte den dem im ein eine le la "
    "les des du nous vous votre est pas une dans avec sur pour il ce cette el los las su sus una por para con se "
    "ha hemos del está".split()
)
# Italian, Portuguese, Dutch, the Scandinavian languages, Finnish, Polish.
_NOT_READ = frozenset(
    "abbiamo ricevuto sono della più che di nel alla gli questo vostra sua richiesta possibile è não você uma com "
    "seu foi ao pelo nós em mais recebemos het een niet wij zijn voor uw hebben ontvangen zo neem nemen contact "
    "op och att det är vi på för inte har ditt og ikke er jeg jest się na że nie dziękujemy za jak tak twoje".split()
)


def is_about_handling(words: Sequence[str]) -> bool:
    """Whether a sentence in lower case is about who will do what with the request, and about nothing else."""
    handling = [word in _HANDLING for word in words]
    return any(handling) and all(
        handled or word in _BESIDE_HANDLING for handled, word in zip(handling, words, strict=True)
    )


def is_read(words: Sequence[str]) -> bool:
    """Whether a text may be in one of the languages that are read; the more frequent small words decide."""
    return sum(word in _NOT_READ for word in words) <= sum(word in _READ for word in words)
