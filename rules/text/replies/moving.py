"""Knows by which phrases an agent asks, explains, repairs or answers; see `phrases`."""

from rules.text.replies.says import Says, Table

TABLE: Table = (
    (Says.MOVES, "asks for something", r"""
        (?:please|kindly) {send|provide|share|attach|upload|specify|supply|tell|confirm|answer|describe|reply|forward
            |give|grant|name|state}\b(?! (?:us|me) (?:some|until|a (?:bit|little|few|moment|minute|day)|more time
            |time))
        {let} (?:us|me) know (?:which|what|when you|how|where|who|why|the|your)
        (?:bitte ){senden|schicken|nennen|teilen|geben|laden|bestätigen|beschreiben} sie
        (?:merci de|veuillez) (?:nous |me )?(?:bien vouloir )?{envoyer|indiquer|fournir|préciser|confirmer
            |transmettre|joindre|réessayer|vérifier|mettre}
        (?:por favor,? )?{envíe|envíenos|indique|indíquenos|facilite|facilítenos|confirme|adjunte} \w
    """),
    (Says.MOVES, "gives a step", r"""
        (?:^(?:• )?|\bplease |\bthen |, )(?:please |first |now |then |simply |just )?{go|open|click|press|choose
            |select|run|restart|try|clear|remove|delete|install|update|enable|disable|enter|log|sign|navigate
            |reinstall|reboot|switch|tap|download|unplug|reconnect|follow|use|set|add|create|change|rename|start
            |upload|verify|ensure|replace|paste|type|untick|tick|increase|lower|raise|refresh|reload}\b (?!receipt)
        ^(?:• )?{right|double|left}-click
        {by} (?:clicking|opening|adding|removing|setting|changing|selecting)
        {workaround|workarounds}
        (?:{leeren|öffnen|klicken|wählen|starten|prüfen|versuchen|löschen|installieren|aktualisieren|melden|gehen
            |deaktivieren|aktivieren|setzen} sie )(?!sich bei uns)
        {cliquez|ouvrez|allez|sélectionnez|choisissez|redémarrez|essayez|videz|supprimez|installez|réessayez} \w
        {vaya|pulse|haga|abra|seleccione|reinicie|intente|inténtelo|elimine|instale|borre|pruebe|inténtenlo} \w
    """),
    (Says.MOVES, "names a cause", r"""
        {cause|causes|culprit|reason} (?:is|was|of|were|for|lies|:)
        root {cause}
        {caused} by
        {because} of (?:a|an|the|your)
        ({found|identified|pinpointed|located|traced|isolated}) (?:the|a|an|your|what|out|why|it|that) (?!right)
        (?:could|can|was able to|were able to|managed to) {reproduce}
        we (?:have )?{reproduced} (?:it|this|the)
        {turned|turns} out
        {expired|misconfigured|revoked|suspended}\b
        {ursache} (?:war|ist|lag)
        (?:lag|liegt) {an} (?:einem|einer|der|dem|ihrem|ihrer)
        {venait|vient|provient|provenait} (?:d'|de|du)
        {causa} (?:es|era|fue)
        se {debe|debía|debió} a
    """),
    (Says.MOVES, "says what was done", r"""
        \b(?:we|i|they|team|engineers|developers|colleague|colleagues|he|she)(?: have|'ve| has)?(?: (?:just|now|also
            |already|therefore|manually|successfully|since))?? {<done>}\b
        \b(?:we've|i've|they've)(?: (?:just|now|also|already|therefore|manually|successfully|since))?? {<done>}\b
        \b(?:has|have|is|are|was|were|(?<!not )been|got|now)(?: (?:now|also|already|just|since|been|fully
            |successfully))?? {fixed|resolved|solved|corrected|repaired|restored|refunded|activated|reactivated
            |unlocked|renewed|replaced|cancelled|canceled|deployed|reset|enabled|disabled|extended|removed|restarted
            |reverted|deleted|installed|merged|cleared|configured|credited|upgraded|approved|shipped|recovered|gone
            |back to normal|live|running|healthy}\b
        \b{rolled} back
        ^(?:• )?{done|fixed|resolved|solved|corrected|sent|completed}\b(?! by)
        {refund|credit} (?:is|was|has|of|note)
        {attached|enclosed} (?:is|are|you)|(?:is|are|was|were) {attached|enclosed}
        {behoben|erneuert|storniert|freigeschaltet|korrigiert|erhöht|zurückgesetzt|aktiviert|repariert|gelöst
            |geändert|angepasst|erstattet|verlängert}
        (?:läuft|laufen|funktioniert|funktionieren|lädt) (?:{jetzt|nun|wieder})
        (?:wurde|wurden) ({neu|entfernt|ersetzt|gelöscht|wiederhergestellt|eingespielt})
        {corrigé|corrigée|résolu|résolue|réactivé|rétabli|rétablie|remboursé|réinitialisé|rechargé|augmenté|débloqué
            |remplacé}
        {corregido|corregida|resuelto|resuelta|reactivado|restablecido|reembolsado|ampliado|solucionado|solucionada
            |desbloqueado|cargado|desaparecido}
    """),
    (Says.MOVES, "names a date", r"""
        {fix|correction|patch|release|change|solution|deployment|roll-out|rollout|hotfix
            |replacement} (?:\w+ )?(?:will (?:be |go )?|is (?:planned|scheduled|expected|due|being)|goes|ships|comes
            |reaches|follows)
        (?:planned|scheduled|expected|due|released|deployed|available|ready) (?:for|on|by|in) (?:the )?(?:{monday
            |tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|tonight|noon|end|next|january|february
            |march|april|may|june|july|august|september|october|november|december})
        (?:resolved|fixed|solved|done|ready|restored|live|completed|finished) (?:by|on|before|within|until|in
            |at) (?:the )?(?:<when>)
        (?:update|version|korrektur) (?:{erscheint|kommt|folgt})
        (?:disponible|publiée?) ({lundi|mardi|mercredi|jeudi|vendredi|demain|aujourd'hui})
        (?:disponible|publicará) (?:el )?({lunes|martes|miércoles|jueves|viernes|mañana|hoy})
    """),
    (Says.MOVES, "answers", r"""
        ^(?:• )?{yes|no|correct|exactly|indeed|ja|nein|oui|non|sí}\b(?! (?:update|news|answer|reply|response|problem
            |worries|doubt))
        not {possible|available|supported|included|enabled|affected}
        (?:do|does|can|will|is|are)(?:n't| not) {support|offer|allow|include|provide|possible|build}
        (?:don't|doesn't|cannot|can't|won't) {support|offer|allow|include|provide|build|be}
        works as {designed}
        as (?:you )?{requested}
        {expected} (?:behaviou?r|result)|is {expected}
        nicht (?:{möglich|enthalten|verfügbar|vorgesehen|unterstützt})
        n'est pas ({possible|comprise|compris|incluse|inclus|disponible|prévu})
        no ({incluye|es|permite|admite|está}) (?!automático)
        {faut} \w+
        {debe|tiene} (?:primero )?(?:que )?\w+[aei]r\b
    """),
)  # fmt: skip
