"""Knows by which phrases an agent acknowledges, asks to wait, or is merely courteous; see `phrases`."""

from rules.text.replies.says import Says, Table

TABLE: Table = (
    (Says.AUTOMATIC, "automatic", r"""
        (?:^|this (?:is an? |(?:e-?mail|message) (?:is|was) )?){automatic|automated|automatically} (?:generated
            |response|reply|message|answer|e-?mail|confirmation|notification)
        {auto}[- ]?(?:reply|response|generated)
        \b{out} of (?:the )?office
        i(?: am|'m) (?:currently )?(?:on )?(?:\w+ )?{leave|vacation|holiday|travelling|traveling} \b(?!.*\byou)
        limited {access} to (?:my )?e-?mail
        {abwesenheitsnotiz|abwesenheit}
        {automatische|automatisch} (?:antwort|erzeugt|generiert|erstellt|nachricht|bestätigung)
        nicht im {büro}
        {réponse|message} automatique
        je suis (?:actuellement )?{absent|absente|congé}
        {respuesta|mensaje} automátic[ao]
        {fuera} de la oficina
    """),
    (Says.FOOTER, "a standing note", r"""
        (?:do not|don't) {reply|respond}
        {unmonitored|noreply}
        inbox is {monitored}
        {track|follow|view|check|see} (?:on )?(?:the |your )?(?:status|progress|request|ticket)~
        {view|track|follow} it (?:at|here|online|under)
        to add ~{comments|comment|information|files}
        {add} files by answering
        reply to this (?:e-?mail|message) {to|if}
        (?:visit|see|browse|check|read|search)(?: out)? our ~{help|knowledge|faq|faqs|community|documentation|support}
        {opening|business|office|working} hours (?:are|is|:)
        (?:high|higher|large|unusual)\w* {volume|number} of
        more (?:\w+ )?than (?:usual|{normal})
        our (?:\w+ )?response {times|time}|response {times|time} (?:are|is|may be|can be) (?:\w+ )?(?:longer|slower
            |higher)
        ^(?!.*\byou (?:have|haven|did|didn|are|aren)\b).*(?:\bnot|n't|\bno|\bnothing)\b.*\b{yet}
        noch {nicht|keine|nichts}\b|(?:pas|rien) {encore}|{todavía|aún} (?:no|nada)|{encore} (?:pas|rien)
        (?:team|office|support|desk|we) (?:is|are|will be) {closed}
        {answered} (?:from|in|within|on|by|between)
        in the {queue}
        {number} of your (?:request|ticket|case)
        in the {order} (?:they were |it was )?received
        (?:further|other|more|additional|any) {questions|queries|concerns}
        {anything} else
        {hesitate} to
        {rate} (?:our|your|this)
        {important} to us
        may contain {confidential}|{confidential} information
        {antworten} sie (?:bitte )?nicht
        {bearbeitung} (?:kann|dauert)
        {weitere|rückfragen|fragen} ~(?:zur verfügung|haben|bei)
        ne (?:pas )?{répondre|répondez}
        n'{hésitez} pas
        no {responda|responder|respondan|conteste}
        no {dude|duden} en
    """),
    (Says.HOLDS, "acknowledges", r"""
        (?<!not )(?<!n't )(?<!never ){received|got|receive} (?:your|the|this|an?) (?:\w+ ){0,3}?<thing>
        {receipt} of
        <thing>\b[^,;.!?]{0,60} (?:has been|have been|was|were|is being|is|are) (?:{received|created|opened|logged
            |registered|queued|assigned|submitted|added|routed|recorded|accepted|reviewed|updated|read|seen})
        ^(?:your )?{ticket|case|request} (?:received|created|opened|logged|id|number|no)\b
        (?:your )?{reference|ticket|case} (?:number|id|no\.?)(?: is|$)|^(?:your )?{reference|ref}$
        ^(?:well )?{noted|acknowledged|understood|ok|okay|sure}\b
        ^{got} it\b
        {logged|recorded|filed|registered} (?:this|it|your)
        ({erhalten|eingegangen|erstellt|aufgenommen|empfangen})
        (?:bien )?({reçu|reçue|enregistrée|enregistré}) |(?:bien )?{reçu|reçue|enregistrée|enregistré}[.!]?$
        {réception} de
        a (?:bien )?été {créé|créée|ouvert|ouverte|enregistré|enregistrée}
        ({recibido|recibida|registrado|registrada|asignado|asignada})
    """),
    (Says.HOLDS, "promises to answer", r"""
        {back} (?:to|with) (?:you|this)|{right} back
        (?:get|come|circle|report|write|call) (?:you )?{back}
        <soon> {update|inform|notify|shout|ping|contact|respond|reply|answer|follow|assist|revert|help|handle|return
            |call|write|share|address|process|attend|touch|hear|tell|advise|treat}\b
        <soon> {let} you know
        (?:will|'ll) be {with} you
        {tried} to (?:call|reach|ring|phone) you
        keep you {updated|informed|posted|notified|loop}
        {touch} (?:with you|shortly|soon|again|as)|in {touch}\b
        you (?:should|will|can|'ll) {hear} (?:back|from|more)
        (?:someone|somebody|agent|colleague|representative|member|advisor|specialist)s? ~(?:will
            |is going to) (?:be )?(?:{with|contact|call|reply|answer|respond|reach|assist|help})
        {write} again
        {meldet} sich|{melden} (?:wir )?uns|{melde} (?:ich )?mich
        (?:{kommen|komme} auf sie|auf sie {zu})
        halte[n]? sie {laufenden}|auf dem {laufenden}
        ({beantworten|antworten}) ~(?:schnell|bald|innerhalb|sobald|nach|möglich)
        {innerhalb} von \d+ (?:stunden|tagen|werktagen)
        {reviendrons|reviens|recontacterons|recontacte|répondrons|répondra|répondrai|contactera} \b
        {tiens|tenons|tiendrons|tiendrai} (?:\w+ )?(?:informée?s?|au courant)
        (?:dans les|plus brefs) {brefs|délais}
        {responderemos|contestaremos|contactaremos|informaremos|mantendremos|pondremos|pondrá|avisaremos}\b
        le {digo} algo
    """),
    (Says.HOLDS, "looks into it", r"""
        {look|looking|dig|digging} (?:\w+ )?(?:into|closer)|{looking} at (?:it|this|that|the|your)
        {testing|preparing|building} (?:a|the) (?:fix|patch|solution)
        {see|find} out ?(?:what|why|how)|see what {causes|caused|happens|happened}
        (?:(?:will|'ll|going to|let me|to|we|i) )(?:have|take|taking|having) (?:a |another )?(?:\w+ )?{look}|{taking
            |having} (?:a |another )?(?:\w+ )?look
        (?:(?:am|are|is|'m|'re|'s|been|be|still|currently|now)(?: \w+)? |^){investigating|reviewing|analysing
            |analyzing|examining|researching|checking|digging|consulting}\b(?! (?:the )?box)(?: (?:it|this|that|these
            |them|those|now|with|into|on|your|the|what|why)|[.!]?$)
        <soon> {investigate|ask|reproduce|test|try|review|check|examine|analyse|analyze|research|read|verify|look|dig
            |consult|discuss|run}\b
        {working} (?:\w+ )?(?:on|to|with|through|hard)
        (?:still|we're|we are|i'm|i am|team is|they are|are|is|^) ?{on|at} it\b
        {under} (?:investigation|review)
        (?:your <thing>|this|it|case|ticket|issue|problem)\b (?:is
            |are) (?:currently |now |still )?{being} (?:reviewed|investigated|processed|looked|handled|worked|checked)
        {aware} (?:of|and)
        {added} (?:it |them |this )?to (?:the|your) <thing>
        wird {bearbeitet}|werden bearbeitet
        {trabajando} en ello
        (?:will|'ll|going to) {take|pick} (?:it|this|that) (?:from here|up|on|over)
        (?:takes|taking|take) {longer} than
        {experiencing} (?:an?|some) (?:incident|outage|disruption|delay|problem|issue)s?
        {loop|looping} in
        {doing} (?:everything|our best|all we can)
        {seriously}
        {collecting|gathering} (?:what|the|all|more|information)
        {taking} (?:over|care)|{take} care of (?:it|this|your)
        treat (?:it|this) with {priority}
        {kümmern|kümmere|prüfen|prüfe|kläre|klären|untersuchen|analysieren} \b(?!sie)
        {schauen|schaue} (?:wir |ich )?(?:uns|mir) (?:das|es|den|die)|{anschauen|ansehen}
        in {bearbeitung|prüfung|klärung}
        {cours} (?:de|d')
        {renseigne|vérifie|vérifions|regarde|regardons|examinons}\b
        {travaillent|travaille|travaillons} ~(?:sur|dessus|sujet)
        (?:{revisando|investigando|trabajando|consultándolo|consultando|comprobando|verificando|analizando})
    """),
    (Says.HOLDS, "passes it on", r"""
        {forwarded|escalated|passed|transferred|reported|raised|routed|assigned|handed|referred|passing|forwarding
            |escalating|transferring|relayed|shared} (?:[\w'-]+ ){0,6}?(?:to|with
            |by) (?:our |the |my |a |an |another )?(?:[\w-]+ ){0,2}?<team>\b
        {forwarded|escalated|passed|transferred|reported|raised|routed|handed|referred|passing|forwarding|escalating
            |transferring|relayed|shared} (?:this|it|that|your <thing>|the <thing>|internally|on\b)
        (?:been|was|is) {forwarded|escalated|passed|transferred|raised|routed|handed|referred|assigned|relayed}
        (?:re)?{opened|reopened|created|set|changed|updated|logged
            |raised} (?:a |the |your |this |another |an |priority |status |severity |of ){0,4}(?:\w+ )?(?:ticket
            |case\b|priority|status|severity|request\b)
        {escalated|escalating} (?:this|it|internally|your)
        {send|sent|moved|get|gave|give|bring|move} (?:this|it|your (?:case|ticket|request|message)) (?:on |over )?to
        {asked|asking|chased|chasing|ask|consulted} (?:\w+ )?(?:our |the |my |a )?(?:\w+ )?<team>
        (?:is|are|now|lies) {with} (?:the |our |my )(?:[\w-]+ ){0,3}?<team>
        {run} (?:this|it) by
        {waiting} (?:for|on)
        (?:no|any) {update|updates|news|answer|reply} (?:yet|so far|from)
        {weitergeleitet|weitergegeben|weiter|weiterleiten}
        (?:auf|mit) (?:\w+ )?{priorität}
        {frage|fragen} (?:bei|meine|unsere) [^,;:.!?]{0,80}(?:nach|kolleg\w+|team)
        (?:nous )?{préviendrons|prévenons|préviendrai}|{avisamos|avisaremos|novedades}
        {fais} suivre|la {paso}|lo {paso}
        {transmis|transmets|transféré|transférée}
        {trasladado|derivado|reenviado|transferido|escalado|enviado} (?:su|el|la|tu)
    """),
    (Says.HOLDS, "asks to wait", r"""
        {bear|bearing} with
        (?:give me|just|hold on|^|within|need|me) ?(?:a|one) {moment|minute|second}\b
        {hope} to
        (?:need|give us|take|takes|some|little more) (?:a little |some |more |a bit |us )*{time}\b(?! to (?:start|run
            |load))
        do (?:our|my) {utmost|best}
        please {wait|hold|allow|stand|expect}\b(?! until)
        hang {tight}|^{hold} on$
        {hören} (?:\w+ ){0,3}von uns
        stay {tuned}
        more {soon}
        {geduld}
        {patience}
        {patienter}
        {paciencia}
        not {forgotten} you
        rest {assured}
    """),
    (Says.COURTESY, "greets", r"""
        ^{hi|hello|hey|dear|good|greetings|welcome|hallo|guten|sehr|liebe|lieber|moin|bonjour|bonsoir|madame|monsieur
            |chère|cher|hola|buenos|buenas|estimado|estimada}(?: [^\s,!.:]+){0,3}(?:[,!.:]|$)
        {here} from (?:the |our )?[^,;.!?]{0,80}(?:team|support|desk)
    """),
    (Says.COURTESY, "thanks", r"""
        (?:many |much )?{thanks|thank|thx}(?: you)?(?: so much| very much| a lot| a million| again
            | once again)?(?: (?:for|to) [^,;:.!?–—]*)?
        (?:that is|that's|this is) (?:really |very |quite )?{helpful|great|useful|good}\b
        (?:it was )?nice {talking|speaking|chatting|meeting} [^,;:.!?]*
        (?:we )?{value} your [^,;:.!?]*
        {appreciate|appreciated} [^,;:.!?–—]*
        (?:vielen|herzlichen|besten)? ?{dank|danke}\b(?: (?:für|im) [^,;:.!?–—]*)?
        {merci}(?: beaucoup)?(?: (?:pour|de|d'avoir) [^,;:.!?–—]*)?
        (?:muchas )?{gracias}(?: (?:por|de) [^,;:.!?–—]*)?
        {welcome}\b
    """),
    (Says.COURTESY, "apologises", r"""
        (?:(?:we|i) (?:are|am)|we're|i'm)?(?: (?:very|so|really|truly))? ?{sorry}(?: (?:for|about|to|that you
            |that our|that this|that your|any) [^,;:.!?–—]*)?
        (?:(?:we|i) )?(?:(?:do|must) )?(?:please accept our |our |my )?{apologies|apologise|apologize}(?: (?:for
            |about|that) [^,;:.!?–—]*)?
        (?:any |the |this )?{inconvenience|inconveniences} ?[^,;:.!?–—]*
        {understand|understands} (?:how|that|your|the|this) [^,;.!?–—]*
        must be [^,;:.!?]{0,80}{frustrating|annoying|difficult}
        (?:es|das) tut (?:uns|mir) {leid}
        {entschuldigen|entschuldigung|unannehmlichkeiten} ?[^,;:.!?–—]*
        {désolé|désolée|désolés|excuses|excusez} ?[^,;:.!?–—]*
        {lamentamos|disculpe|disculpen|disculpas|molestias|sentimos} ?[^,;:.!?–—]*
    """),
    (Says.COURTESY, "is polite", r"""
        (?:i |we )?{hope} (?:you|this|all|that you|everything) [^,;:.!?–—]*
        have a (?:\w+ )?{day|weekend|week|evening|one}\b
        (?:i |we )?(?:am |are |'m |would be |will |'d be )?(?:more than )?{happy|glad|pleased|gladly
            |delighted} ?(?:to )?(?:help|assist|be of)[^,;:.!?–—]*
        how (?:can|may) (?:i|we) {help|assist}[^,;:.!?]*\??
        what (?:can|may) (?:i|we) {do} for you[^,;:.!?]*\??
        my {name} is [^,;:.!?]*
        (?:this is|i'm|i am) [^,;:.!?]{0,80} {from} (?:the |our |second|first)[^,;:.!?]*
        let (?:us|me) {make} (?:this|it) right
        does (?:this|that|it) {answer} [^,;:.!?]*\??
        did (?:this|that|it) {help|answer}[^,;:.!?]*\??
        {know} (?:if|whether|should|in case) (?:it|this|that|there|anything|something|we|i|the (?:problem|issue
            |error)|you (?:need|have|want|require|still|are|see|run|face|experience|get)) ?[^,;:.!?]*
        tell us (?:if|whether) (?:it|this|that) {works|helps|worked|helped}[^,;:.!?]*
        (?:can|could|may) (?:i|we|you) (?:ask you to |please ){0,3}(?:bear|hold|wait)[^,;:.!?]{0,80}{moment|with|hold|on
            |wait}\b[^.!?]*\??
        (?:gerne|{gern|gerne}) (?:geschehen|zur verfügung)?
        (?:wie kann ich|wie können wir) ihnen {helfen|behilflich}[^.!?]*\??
    """),
)  # fmt: skip
