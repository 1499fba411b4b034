"""Knows the words that made-up companies are called by. The linking's own lists are not looked at here."""

ONSETS = "b br c cl d dr f fl g gl h j k kr l m n p pr qu r s sh sk st t th tr v w y z".split()
VOWELS = "a e i o u ai ea io ou ei".split()
CODAS = [*"x n r l s t ck nd rk st m th v".split(), *[""] * 6]
PLAIN_WORDS = (
    "amber anvil arrow badger basil birch bison bobcat boulder bramble brook candle canyon cedar chestnut cinder "
    "clover cobalt comet copper coral crane cricket cypress dolphin drift dune ember falcon feather fern finch "
    "flint forge gable garnet ginger glacier grove gull hazel heron hickory ivory juniper kestrel lantern larch "
    "laurel lark linden lynx mallard maple marble meadow mesa mint mosaic moss nectar nickel nutmeg opal orchard "
    "osprey otter paddle pebble pepper pewter pine plover poplar prairie quarry quartz raven reef ridge robin "
    "saffron sage sail salmon sequoia shale slate sorrel sparrow spruce starling sycamore tallow teal thistle "
    "timber topaz trellis tundra velvet walnut willow wren"
).split()
GRAND_WORDS = (
    "Summit Apex Pioneer Global United Premier National Horizon Phoenix Atlas Delta Omega Liberty Central First Royal"
).split()
TRADES = (
    "Logistics Software Foods Analytics Robotics Textiles Pharma Insurance Bakery Optics Freight Chemicals Tooling "
    "Dairy Telecom Airlines Brewing Printing Marine Ceramics Instruments Payments Staffing Retail Genetics Solar "
    "Mining Aviation Hotels Seeds Paper Steel Glass"
).split()
VAGUE = (
    "Group Holdings Solutions Technologies Partners Systems International Services Labs Consulting Industries Ventures"
).split()
SURNAMES = (
    "Abernathy Bergström Castellano Dvořák Eriksson Fitzgerald Grünwald Hernández Ivanova Jørgensen Kowalczyk "
    "Lefèvre MacAllister Nakamura O'Sullivan Papadopoulos Quiñones Rasmussen Schröder Takahashi Ulrich Vandenberg "
    "Wójcik Yamamoto Zimmermann Müller Smith Garcia Rossi Weiß"
).split()
FREE_MAIL = (
    "gmail.com hotmail.com yahoo.co.uk outlook.com web.de gmx.net orange.fr libero.it wp.pl mail.ru qq.com "
    "icloud.com proton.me aol.com bigpond.com rediffmail.com t-online.de uol.com.br laposte.net comcast.net "
    "yopmail.com"
).split()
FIRST_NAMES = "Maria John Wei Fatima Lukas Anna José Priya Ahmed Chloé Tom Yuki".split()


FOREIGN = {
    "DE": [
        "Hanseatische Werkzeugbau",
        "Süddeutsche Kälte",
        "Bäckerei Königsblick",
        "Nordlicht Energie",
        "Straßenmeister",
        "Rheinische Möbel",
    ],
    "FR": [
        "Ateliers du Béarn",
        "Société Hydraulique du Rhône",
        "Café de l'Étoile",
        "Les Grands Vergers",
        "Énergie Française du Lac",
    ],
    "ES": [
        "Cerámicas del Ebro",
        "Panadería Niño Feliz",
        "Transportes Ibáñez",
        "Aceites de Jaén",
        "Energía Limpia Andaluza",
    ],
    "PL": ["Śląskie Zakłady Optyczne", "Żeglarz", "Piekarnia Pod Dębem", "Łódzkie Tkaniny"],
    "SE": ["Västkustens Båtbyggeri", "Göta Åkeri", "Östersjö Fisk"],
    "JP": ["青空ソフト", "さくら物流", "富士見製作所"],
    "RU": ["Северная Звезда", "Уральские Станки", "Берёзка"],
    "BR": ["Construções São Jorge", "Açúcar do Vale", "Café Três Irmãos"],
    "TR": ["Güneş Lojistik", "Çelikoğlu Makina"],
}
CITIES = {
    "US": ["Springfield", "Boise", "Raleigh", "Tulsa"],
    "GB": ["Leeds", "Bristol", "York"],
    "DE": ["Kassel", "Bremen", "Ulm"],
    "FR": ["Lille", "Nantes", "Dijon"],
    "ES": ["Bilbao", "Murcia"],
    "NL": ["Utrecht", "Breda"],
    "IT": ["Torino", "Parma"],
    "PL": ["Gdynia", "Lublin"],
    "SE": ["Malmö", "Umeå"],
    "JP": ["Kobe", "Sendai"],
    "RU": ["Kazan", "Tver"],
    "BR": ["Recife", "Santos"],
    "TR": ["Izmir", "Bursa"],
    "AU": ["Hobart", "Cairns"],
    "IN": ["Nagpur", "Surat"],
    "CA": ["Regina", "Halifax"],
}
FORMS = {
    "US": ["Inc", "Inc.", "LLC", "Corp."],
    "GB": ["Ltd", "Limited", "PLC"],
    "DE": ["GmbH", "AG", "GmbH & Co. KG"],
    "FR": ["SAS", "SARL", "S.A."],
    "ES": ["S.L.", "S.A."],
    "NL": ["B.V.", "N.V."],
    "IT": ["S.r.l.", "S.p.A."],
    "PL": ["Sp. z o.o.", "S.A."],
    "SE": ["AB"],
    "JP": ["K.K.", "株式会社"],
    "RU": ["ООО"],
    "BR": ["Ltda.", "S.A."],
    "TR": ["A.Ş."],
    "AU": ["Pty Ltd"],
    "IN": ["Pvt. Ltd.", "Private Limited"],
    "CA": ["Inc.", "Ltd."],
}
BEFORE = {"ООО", "株式会社"}
OTHER_SPELLINGS = {
    "Inc": "Incorporated",
    "Inc.": "INC",
    "Corp.": "Corporation",
    "Ltd": "Ltd.",
    "Limited": "Ltd",
    "GmbH": "G.m.b.H.",
    "B.V.": "BV",
    "Sp. z o.o.": "sp. z o. o.",
    "S.A.": "SA",
    "S.r.l.": "SRL",
    "Pty Ltd": "Pty. Ltd.",
    "S.L.": "SL",
    "LLC": "L.L.C.",
}
COUNTRIES = {
    "US": ["USA", "United States", "US"],
    "GB": ["UK", "United Kingdom", "GB"],
    "DE": ["Germany", "Deutschland", "DE"],
    "FR": ["France", "FR"],
    "ES": ["Spain", "España", "ES"],
    "NL": ["Netherlands", "NL"],
    "IT": ["Italy", "Italia", "IT"],
    "PL": ["Poland", "Polska"],
    "SE": ["Sweden", "Sverige"],
    "JP": ["Japan", "JP"],
    "RU": ["Russia", "RU"],
    "BR": ["Brazil", "Brasil"],
    "TR": ["Turkey", "TR"],
    "AU": ["Australia", "AU"],
    "IN": ["India", "IN"],
    "CA": ["Canada", "CA"],
}
SUFFIXES = {
    "GB": "co.uk",
    "AU": "com.au",
    "BR": "com.br",
    "TR": "com.tr",
    "IN": "in",
    "JP": "co.jp",
    "US": "com",
    "CA": "ca",
    "DE": "de",
    "FR": "fr",
    "ES": "es",
    "NL": "nl",
    "IT": "it",
    "PL": "pl",
    "SE": "se",
    "RU": "ru",
}
DOORS = ["www", "support", "mail", "help", "app", "portal"]
NOBODIES = [
    "Support",
    "Test",
    "N/A",
    "Default organization",
    "Unknown",
    "-",
    "Private",
    "My Company",
    "none",
    "Customer",
    "Demo Account",
    "x",
]
