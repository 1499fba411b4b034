"""Knows the words that give a language away in a short line: the small words, and what people write to a helpdesk.

A word of two languages stands in both lists and so speaks for neither. What is a name, a product's word or a command in
all of them (login, update, export) stands in none.
"""

from collections.abc import Mapping
from functools import cache

ENGLISH = "en"

_WORDS: Mapping[str, str] = {
    ENGLISH: (
        "brilliant news bro the and is are was were been being have has had having do does did doing done i i'm "
        "i've i'll i'd im ive you you're you've you'll your yours u ur we we're we've our ours us he he's him his "
        "she she's her it it's its they they're them their theirs my mine me this that that's these those there "
        "there's here here's what what's whats which who who's whom whose when where why how not no don't dont "
        "doesn't doesnt didn't didnt can't cant cannot won't wont isn't isnt wasn't aren't aint ain't couldn't "
        "shouldn't wouldn't haven't hasn't of to for from with without about into through during before after above "
        "below up down out off over under again then once all any both each few more most other some such only own "
        "same so than too very just because as until while if or but nor by at on will would can could should shall "
        "may might must let let's lets get gets got getting go goes going gone went gonna come comes coming came "
        "make makes making made take takes taking took taken give gave given know knows knew think thinks thought "
        "say says said see seen saw look looks looking looked want wants wanted need needs needed try tries trying "
        "tried use using used find found tell told ask asked work works working worked call called keep keeps kept "
        "feel feels felt leave left put seem seems seemed show shows showed start started run running open opened "
        "close closed pay paid buy bought send sent wait waiting waited stop stopped fix fixed fixing broken broke "
        "fail fails failed failing crash crashes crashed help helped helping please pls plz thanks thank thx "
        "thankyou ty sorry hello hi hey yes yeah yep nope ok okay good great nice awesome excellent amazing perfect "
        "wonderful bad worst worse terrible awful horrible best better love loved loves like likes liked hate hates "
        "hated happy sad angry disappointed disappointing ridiculous unacceptable useless joke wrong right issue "
        "issues problem problems question customer customers invoice invoices order orders money refund refunded "
        "charged charge price pricing subscription cancel cancelled canceled cancelling upgrade guys still yet now "
        "never always ever already today tomorrow yesterday tonight week weeks weekend day days month months year "
        "years hour hours time times first second third twice last next every everyone everything someone something "
        "anyone anything nobody nothing none one two three many much lot lots little big small old new back away "
        "since ago long soon later early late really quite pretty maybe also even though although however well way "
        "thing things stuff people man woman guy girl friend world life home house school phone button file files "
        "number numbers name address answer answers answered reply replied response experience able unable "
        "available locked lost missing slow fast hard easy free full ready sure true real whole everybody lol omg "
        "wtf wow damn shit fuck fucking hell oh gosh yay bye welcome congrats morning night afternoon evening check "
        "checked change changed add added remove removed delete deleted read reading write writing wrote watch "
        "watching watched play playing movie song listening hear heard cool hope hopefully wish glad happening "
        "happened happen won win lose losing turn turned set sets receive received solved resolved day's another "
        "between around against instead enough rather almost actually probably definitely especially a an in am die "
        "war tag hat car pour comment super plus cause impossible son sin ha haha hahaha due fare dove van door hen "
        "dan mail bald ma um em ya yo sole per era main men pure note error errors expired request review requires "
        "unused simple miss worries unhappy absurd latest either neither whether upon within along across behind "
        "beyond via rest printing prints shipping arriving arrived crashing solution requests"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer eines kein keine keinen keiner nicht nichts nie niemand "
        "ich du er sie wir ihr mich mir dich dir ihn ihm uns euch ihnen mein meine meinen meinem meiner dein deine "
        "sein seine unser unsere unserem unseren unserer ihre ihren ihrem ihrer und oder aber sondern denn weil "
        "dass daß ob wenn als wie wo was wer wen wem wann warum wieso weshalb welche welcher welches ist sind war "
        "waren bin bist seid sei gewesen habe hab hast hat haben hatte hatten werde wird werden wurde wurden worden "
        "kann kannst können koennen konnte könnte könnten muss müssen soll sollen sollte will wollen möchte möchten "
        "darf geht gehen gibt kommt mache macht machen gemacht auf aus bei beim bis durch für fuer gegen mit nach "
        "ohne seit über ueber um unter von vom vor zu zum zur zwischen an am im ins ja nein doch schon noch immer "
        "wieder jetzt heute gestern morgen bald sehr mehr viel viele wenig nur auch so sogar dann dort hier da "
        "bitte danke dank vielen gruß grüße gruss hallo guten tag leider endlich super klasse toll falsch falsche "
        "falschen richtig kaputt rechnung rechnungen vertrag kündigen kündigung bestellung stornieren fehler "
        "fehlermeldung passwort konto kunde kunden antwort rückmeldung rückruf hilfe problem frage seite datei "
        "drucker druckt funktioniert läuft lädt langsam zwei drei tagen tage wochen woche monat jahr dazu damit "
        "darum alles alle etwas jemand unverschämt stinksauer wütend unzufrieden zufrieden anmelden"
    ),
    "fr": (
        "le la les l'on un une des du de d' au aux et ou mais donc car ni que qui quoi dont où je j'ai j'attends "
        "j'arrive tu il elle on nous vous ils elles me te se moi toi lui leur leurs mon ma mes ton ta tes son sa "
        "ses notre nos votre vos ce cet cette ces c'est ça cela est suis es sommes êtes sont était étaient été être "
        "ai as avons avez ont avait avoir fait faire faut peux peut pouvez pouvons veux veut voulons dois doit pas "
        "plus ne n'arrive n'ai n'est n'a jamais rien aucun aucune personne toujours encore déjà depuis pendant "
        "avant après avec sans sous sur dans par pour chez entre vers très trop bien mal peu beaucoup tout tous "
        "toute toutes même aussi comme quand comment pourquoi combien quel quelle quels quelles oui non merci "
        "bonjour bonsoir salut svp plaît veuillez aide facture factures contrat résilier commande annuler compte "
        "erreur mot passe réponse retour problème souci page lente fichier marche marchent fonctionne fonctionnent "
        "hier demain aujourd'hui matin lundi mardi mercredi jeudi vendredi mois semaine jours deux trois fois "
        "clients cause parfait super impossible inadmissible déçu déçus furieux nouvelles imprimer"
    ),
    "es": (
        "el la los las un una unos unas de del al y pero porque que qué quien quién cual cuál como cómo cuando "
        "cuándo donde dónde cuánto cuanto cuántos por para con sin sobre entre hasta desde hacia según yo tú él "
        "ella nosotros ustedes ellos me te se nos les le lo mi mis tu tus su sus nuestro nuestra nuestros este esta "
        "esto estos estas ese esa eso es soy eres somos son era fue fueron ser estar estoy está están estamos "
        "estaba he ha hemos han había haber hay tengo tiene tienen tenemos puedo puede pueden podemos quiero quiere "
        "queremos necesito hacer hace hizo no ni nunca nada nadie ningún ninguna siempre todavía aún ya muy más "
        "menos mucho muchas muchos poco todo todos toda todas también tampoco sí gracias hola buenos buenas días "
        "favor ayuda factura facturas contrato cancelar cancelen pedido cuenta contraseña correo respuesta problema "
        "página archivo funciona funcionan lunes martes hoy ayer mañana semana mes año dos tres veces vez dinero "
        "clientes culpa excelente perfecto desastre inaceptable furioso otra otro nuevo mal escribí siguen sigo "
        "sigue"
    ),
    "nl": (
        "de het een en of maar want dat dit deze die wie wat waar wanneer waarom hoe welke ik jij je u hij zij ze "
        "wij we jullie hen hun mij mijn jouw uw ons onze zijn ben bent is was waren geweest heb hebt heeft hebben "
        "had hadden word wordt worden werd kan kunt kunnen kon zou zouden moet moeten mag wil willen ga gaat gaan "
        "doe doet niet niets niemand geen nooit altijd nog steeds al weer ook wel toch aan op in uit bij met naar "
        "om onder over te tot van voor door zonder sinds tegen tussen er hier daar nu dan toen als zo erg zeer heel "
        "veel weinig meer alles alle iets iemand ja nee hallo bedankt dank hartelijk graag alstublieft alsjeblieft "
        "factuur facturen contract opzeggen bestelling annuleer account wachtwoord werkt werken klopt kloppen "
        "inloggen probleem vraag antwoord reactie hulp klantenservice klanten pagina bestand foutmelding gisteren "
        "vandaag morgen maandag keer twee drie prima geweldig slecht ramp teleurgesteld woedend verkeerd hangt "
        "laadt komt mail geld"
    ),
    "it": (
        "il lo la i gli le l'ho un uno una di del dello della dei degli delle a al allo alla ai alle da dal dalla "
        "in nel nella nei con su sul sulla per tra fra e ed oppure ma perché che chi cui cosa come dove quando "
        "quanto quanti quale quali io tu lui lei noi voi loro mi ti si ci vi mio mia mie miei tuo tua suo sua "
        "nostro nostra nostri vostro vostra vostri questo questa questi queste quello quella è sono sei siamo siete "
        "era erano stato stata stati essere ho hai ha abbiamo avete hanno avere posso può possiamo potete possono "
        "voglio vuole vogliamo devo deve fare fa fatto non no sì né mai niente nulla nessuno nessuna sempre ancora "
        "già più meno molto molti tanto troppo tutto tutti tutta tutte anche solo dopo prima ora adesso oggi ieri "
        "domani lunedì grazie mille ciao buongiorno salve favore aiuto fattura fatture contratto disdire ordine "
        "annullate account funziona funzionano risposta assistenza problema pagina messaggio errore pulsante volte "
        "volta due tre clienti colpa ottimo perfetto disastro inaccettabile furioso delusi risolto stiamo sto"
    ),
    "pt": (
        "o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às por pelo pela para pra com sem sob "
        "sobre entre até desde e ou mas porque que quem qual quais como quando onde quanto quantos eu tu você vocês "
        "ele ela nós eles elas me te se lhe meu minha meus minhas teu tua seu sua seus suas nosso nossa vossa vosso "
        "este esta isto esse essa isso aquele é sou somos são era foi foram fui ser está estou estamos estão estava "
        "estar tem têm tenho temos ter havia há posso pode podem podemos quero quer queremos preciso fazer faz fez "
        "não nem nunca nada ninguém nenhum nenhuma sempre ainda já muito muita muitos mais menos pouco tudo todos "
        "todas também só agora hoje ontem amanhã depois antes outra outro vez vezes duas dois três segunda-feira "
        "obrigado obrigada olá oi bom boa favor ajuda fatura faturas contrato cancelar cancelem pedido conta senha "
        "funciona funcionam resposta atendimento problema página arquivo erro botão dinheiro clientes ótimo "
        "perfeito desastre inaceitável furioso resolvido consigo mensagem errada errado errados sozinho aplicativo "
        "senhas"
    ),
    "sv": (
        "och att det är vi på för inte har ett som med till av jag kan från när var vad hur tack hej men eller "
        "också mycket ska den om ni er mig vår fungerar faktura igen"
    ),
    "da": (
        "og at det er vi på for ikke har et som med til af jeg kan fra når hvad hvor hvordan tak hej men eller også "
        "meget skal den os mig vores virker faktura igen"
    ),
    "pl": (
        "nie się na jest że do za jak tak dziękuję proszę ale czy już jeszcze mam mamy dla przez po od tym co kiedy "
        "dlaczego działa faktura konto"
    ),
    "tr": ("bir ve bu için çok ama değil var yok ne nasıl neden teşekkürler lütfen ben biz daha kadar gibi"),
}


@cache
def languages_of() -> Mapping[str, tuple[str, ...]]:
    """Each known word in lower case, and the languages that it is common in."""
    found: dict[str, tuple[str, ...]] = {}
    for language, words in _WORDS.items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), language)
    return found
