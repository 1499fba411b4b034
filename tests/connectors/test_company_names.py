"""How company names and domains are read, in the languages and spellings that customers come in."""

import pytest

from connectors.linking.domains import read_domain
from connectors.linking.names import read_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brightwater, Inc.", "BRIGHTWATER Incorporated"), ("Müller & Söhne GmbH", "Mueller und Soehne"),
        ("Żeglarz Sp. z o.o.", "ZEGLARZ SP ZOO"), ("Societé Générale S.A.", "Societe Generale SA"),
        ("株式会社さくら", "さくら"), ("ООО «Берёзка»", "Березка"), ("I.B.M. Corporation", "IBM Corp"),
        ("O’Malley's Pub", "OMalleys Pub"), ("Data Dog", "DataDog"), ("PT Maju Jaya Tbk", "Maju Jaya"),
        ("Construções São Jorge Ltda.", "CONSTRUCOES SAO JORGE"), ("Smith + Jones LLP", "Smith & Jones"),
        ("The Orchard Company", "Orchard"), ("Kestrel S.A. de C.V.", "KESTREL SA DE CV"),
        ("Ｆｕｌｌ Ｗｉｄｔｈ", "full width"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_have_a_key_in_common(one: str, other: str) -> None:
    assert read_name(one).keys & read_name(other).keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Studio 54", "Studio 55"), ("ガス", "カス"), ("Fund II", "Fund III"), ("Nordic Air", "Nordic Hair"),
        ("Kestrel Dairy", "Kestrel"), ("Traders United", "United Traders"),
    ],
)  # fmt: skip
def test_names_that_differ_have_no_key_in_common(one: str, other: str) -> None:
    assert not read_name(one).keys & read_name(other).keys


@pytest.mark.parametrize(
    ("name", "forms", "places"),
    [
        ("Kestrel GmbH & Co. KG", {"gmbhcokg"}, set()), ("Kestrel Deutschland GmbH", {"gmbh"}, {"DE"}),
        ("Kestrel (UK) Ltd", {"ltd"}, {"GB"}), ("AB Kestrel", {"ab"}, set()), ("Kestrel A/S", {"as"}, set()),
        ("Kestrel North America", set(), {"north america"}), ("Kestrel d.o.o.", {"doo"}, set()),
        ("Bank of America", set(), set()), ("Packaging Corporation of America", set(), set()),
    ],
)  # fmt: skip
def test_legal_form_and_place_are_told_from_the_company_s_own_words(
    name: str, forms: set[str], places: set[str]
) -> None:
    read = read_name(name)
    assert (set(read.forms), set(read.places)) == (forms, places)


@pytest.mark.parametrize("name", ["Co Co", "SE", "GmbH", "The Limited", "Germany", "USA Inc", "&", "Ltd."])
def test_something_of_a_name_remains_whatever_is_taken_off(name: str) -> None:
    assert read_name(name).words or name == "&"


@pytest.mark.parametrize("name", ["Support", "N/A", "---", "Default Organization", "xxx", "Unbekannt", "テスト", ""])
def test_a_name_can_stand_for_nobody(name: str) -> None:
    assert read_name(name).nobody


@pytest.mark.parametrize(("name", "mark"), [("Kestrel (Trial)", "trial"), ("Kestrel - DO NOT USE", "do not use")])
def test_a_name_can_mark_its_record(name: str, mark: str) -> None:
    assert read_name(name).marks == {mark}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("support.kestrel.co.uk", "kestrel.co.uk"), ("https://www.kestrel.com/about?x=1", "kestrel.com"),
        ("jane@mail.kestrel.com.br", "kestrel.com.br"), ("KESTREL.COM.", "kestrel.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("kestrel.github.io", "kestrel.github.io"), ("kestrel.myshopify.com", "kestrel.myshopify.com"),
        ("help.kestrel.zendesk.com", "kestrel.zendesk.com"), ("kestrel.onmicrosoft.com", "kestrel.onmicrosoft.com"),
    ],
)  # fmt: skip
def test_the_registered_domain_is_what_the_company_has_registered(written: str, name: str) -> None:
    domain = read_domain(written)
    assert domain is not None
    assert domain.name == name


@pytest.mark.parametrize(
    "written",
    ["", " ", "localhost", "10.0.0.1", "co.uk", "github.io", "zendesk.com", "a..b", "-", "http://", "\x00", "ü" * 300],
)
def test_what_is_no_registered_domain_is_none(written: str) -> None:
    assert read_domain(written) is None


@pytest.mark.parametrize(
    "written", ["jane@gmail.com", "GMX.AT", "yahoo.com.br", "vip.qq.com", "orange.fr", "yopmail.com"]
)
def test_everybody_s_domains_are_known(written: str) -> None:
    domain = read_domain(written)
    assert domain is not None
    assert domain.anybody


@pytest.mark.parametrize(
    ("written", "door"), [("www.kestrel.com", None), ("help.kestrel.com", None), ("de.kestrel.com", "de")]
)
def test_a_company_s_usual_doors_are_no_branches(written: str, door: str | None) -> None:
    domain = read_domain(written)
    assert domain is not None
    assert domain.door == door
