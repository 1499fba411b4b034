"""Which party is which account: an automatic link is right, and what is in doubt is left to a person and visible."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.linking import link
from connectors.linking.profiles import fingerprint
from domain.parties import Party
from tests.connectors.parties import NOW, a_customer, account_of, an_account, an_answer, an_organisation, linked

BRIGHT = an_account("A", "Brightwater Inc", domains=("brightwater.com",), country="US", city="Boise")
OAKLEAF = an_account("B", "Oakleaf Ltd", domains=("oakleaf.co.uk",), country="GB")


@pytest.mark.parametrize(
    "known_as",
    ["salesforce:001A000001AbCdE", "001A000001AbCdE", "001A000001AbCdEIAV"],
    ids=["with its source", "bare", "in Salesforce's 18 letters"],
)
def test_a_shared_id_links(known_as: str) -> None:
    account = an_account("001A000001AbCdE", "Brightwater Inc")
    assert account_of(an_organisation("7", "Brightwater", known_as=(known_as,)), account) == account.external_id


def test_an_id_that_the_account_has_of_the_party_links_as_well() -> None:
    account = an_account("A", "Brightwater Inc", known_as=("zendesk:7",))
    assert account_of(an_organisation("7", "Whatever they are called there"), account) == "A"


def test_a_shared_id_leads_on_through_the_billing_customer() -> None:
    billing = a_customer("cus_1", "Brightwater", domains=("brightwater.com",))
    assert account_of(an_organisation("7", "The Water People", known_as=("stripe:cus_1",)), BRIGHT, billing) == "A"


def test_a_bare_number_of_another_system_is_no_id_where_the_names_differ() -> None:
    assert (
        account_of(an_organisation("7", "Lindqvist Bakery", known_as=("1042",)), an_account("1042", "Oakleaf")) is None
    )


def test_two_accounts_with_the_same_id_are_ambiguous() -> None:
    one, other = (
        an_account("A", "Oakleaf", known_as=("zendesk:7",)),
        an_account("B", "Oakleaf", known_as=("zendesk:7",)),
    )
    found = linked(an_organisation("7", "Oakleaf"), one, other)
    assert [told.reason for told in found.unlinked] == ["ambiguous"]


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Brightwater", "brightwater.com"),
        ("BRIGHTWATER, INCORPORATED", "support.brightwater.com"),
        ("Brightwater - Helpdesk", "https://www.brightwater.com/"),
        ("Brigthwater", "someone@brightwater.com"),
        ("brightwater.com", "brightwater.com"),
        ("Support", "brightwater.com"),
    ],
)
def test_a_domain_that_is_one_account_s_alone_links(name: str, domain: str) -> None:
    assert account_of(an_organisation("7", name, domains=(domain,)), BRIGHT, OAKLEAF) == "A"


def test_a_domain_does_not_link_what_has_another_company_s_name() -> None:
    """Brightwater may be their consultancy, or have sold them its old domain."""
    found = linked(an_organisation("7", "Lindqvist Bakery", domains=("brightwater.com",)), BRIGHT)
    assert found.links == ()
    assert [(told.account_ref, told.because) for told in found.suggestions] == [
        ("A", "brightwater.com is this account's, but the names differ")
    ]


def test_a_domain_of_several_accounts_is_ambiguous() -> None:
    other = an_account("C", "Lindqvist Bakery", domains=("brightwater.com",))
    found = linked(an_organisation("7", "Water Team", domains=("brightwater.com",)), BRIGHT, other)
    assert found.links == ()
    assert found.unlinked[0].because == "2 accounts have brightwater.com"
    assert {told.account_ref for told in found.suggestions} == {"A", "C"}


def test_a_consultancy_s_domain_links_its_clients_by_their_names_alone() -> None:
    accounts = [an_account(name, f"{name} GmbH", domains=("konsul.de",)) for name in ("Erlenhof", "Tannberg", "Konsul")]
    organisations = [an_organisation(name, name, domains=("konsul.de",)) for name in ("Erlenhof", "Buchwald")]
    found = linked(*accounts, *organisations)
    assert [(told.external_id, told.account_ref) for told in found.links] == [("Erlenhof", "Erlenhof")]


@pytest.mark.parametrize(
    "domain", ["gmail.com", "web.de", "yahoo.co.jp", "mail.ru", "mailinator.com", "onmicrosoft.com"]
)
def test_a_domain_that_anybody_can_have_links_nobody(domain: str) -> None:
    account = an_account("A", "Brightwater", domains=(domain,))
    assert account_of(an_organisation("7", "Brightwater", domains=(domain,)), account) is None


def test_a_tenant_of_a_platform_is_a_domain_of_its_own() -> None:
    account = an_account("A", "Brightwater", domains=("brightwater.onmicrosoft.com",))
    one = an_organisation("7", "Brightwater", domains=("brightwater.onmicrosoft.com",))
    other = an_organisation("8", "Oakleaf", domains=("oakleaf.onmicrosoft.com",))
    assert account_of(one, account, other) == "A"
    assert account_of(other, account) is None


@pytest.mark.parametrize("domain", ["brightwater.de", "brightwater.co.uk", "brightwater.io"])
def test_the_same_label_under_another_suffix_is_a_suggestion(domain: str) -> None:
    """brightwater.de may be the German subsidiary, or somebody else."""
    found = linked(an_organisation("7", "Brightwater", domains=(domain,), country="US", city="Boise"), BRIGHT)
    assert (found.links, [told.account_ref for told in found.suggestions]) == ((), ["A"])


def test_a_renamed_domain_is_a_suggestion_with_the_reason() -> None:
    found = linked(an_organisation("7", "Brightwater Inc", domains=("oldbright.com",), city="Boise"), BRIGHT)
    assert (
        found.unlinked[0].because
        == "it has this account's name, but its domain is oldbright.com and the account's brightwater.com"
    )


@pytest.mark.parametrize(
    "name",
    [
        "Brightwater GmbH", "Brightwater Germany", "Brightwater (UK)", "Brightwater Holding", "Brightwater EMEA",
        "Brightwater Logistics", "Brightwater 2", "Brightwater (Trial)", "Brightwater LLC",
    ],
)  # fmt: skip
def test_a_part_of_a_group_is_related_and_not_the_same(name: str) -> None:
    """Even on the group's own domain, and in the same town."""
    found = linked(an_organisation("7", name, domains=("brightwater.com",), country="US", city="Boise"), BRIGHT)
    assert found.links == ()
    assert [(told.external_id, told.account_ref) for told in found.related] == [("7", "A")]


def test_a_subsidiary_with_an_account_of_its_own_is_linked_to_that() -> None:
    german = an_account("D", "Brightwater GmbH", domains=("brightwater.com",), parent_ref="A")
    assert account_of(an_organisation("7", "Brightwater GmbH", domains=("brightwater.com",)), BRIGHT, german) == "D"
    assert account_of(an_organisation("7", "Brightwater", domains=("brightwater.com",)), BRIGHT, german) is None


def test_a_child_is_shown_as_related_to_its_parent() -> None:
    child = an_account("D", "Clearbrook", parent_ref="A")
    assert [(told.external_id, told.account_ref) for told in linked(BRIGHT, child).related] == [("D", "A")]


@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({}, None),
        ({"city": "boise"}, "A"),
        ({"country": "United States"}, "A"),
        ({"country": "US", "city": "Raleigh"}, None),
        ({"country": "Canada", "city": "Boise"}, None),
    ],
    ids=["nothing", "city", "country", "another city", "another country"],
)
def test_a_unique_exact_name_needs_a_second_signal(fields: dict[str, str], account: str | None) -> None:
    quarry = an_account("A", "Quarrystone Dairy Inc", domains=("quarrystone.com",), country="US", city="Boise")
    assert account_of(an_organisation("7", "Quarrystone Dairy", **fields), quarry) == account


def test_a_phone_is_a_second_signal_however_it_is_written() -> None:
    account = an_account("A", "Quarrystone", phone="+44 20 7946 0018")
    assert account_of(an_organisation("7", "Quarrystone", phone="(020) 7946-0018"), account) == "A"
    assert (
        account_of(
            an_organisation("7", "Quarrystone", phone="000 000 000"), an_account("A", "Quarrystone", phone="000000000")
        )
        is None
    )


def test_two_customers_with_one_name_are_ambiguous() -> None:
    one, other = an_account("A", "Atlas Ltd", city="Leeds"), an_account("B", "Atlas Limited", city="York")
    found = linked(an_organisation("7", "Atlas", city="York"), one, other)
    assert (found.links, found.unlinked[0].because) == ((), "2 accounts have this name")
    assert found.suggestions[0].account_ref == "B"


def test_two_organisations_with_one_name_are_ambiguous() -> None:
    account = an_account("A", "Quarrystone Dairy Inc", city="Boise")
    organisations = [an_organisation(name, "Quarrystone Dairy", city="Boise") for name in "78"]
    assert linked(account, *organisations).links == ()


@pytest.mark.parametrize(
    "name", ["Support", "Test", "Default organization", "N/A", "SAP", "IT Services", "Summit", "Kunde", "-", "???"]
)
def test_a_name_that_many_have_never_links(name: str) -> None:
    account = an_account("A", name, country="US", city="Boise")
    assert account_of(an_organisation("7", name, country="US", city="Boise"), account) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quarrystone 54", "Quarrystone 55"), ("Traders Quarrystone", "Quarrystone Traders"),
        ("Quarrystone", "Quarrystome"), ("Quarrystone Dairy", "Quarrystone"), ("Quarrystone AG", "Quarrystone GmbH"),
        ("QSD", "Quarry Stone Dairy"), ("Fund II", "Fund III"), ("Ростелеком Юг", "Ростелеком Север"),
    ],
)  # fmt: skip
def test_a_near_name_suggests_and_never_links(one: str, other: str) -> None:
    """Whatever else agrees."""
    same = {"country": "DE", "city": "Ulm", "phone": "+49 731 555 8213"}
    found = linked(an_organisation("7", one, **same), an_account("A", other, **same))
    assert (found.links, [told.account_ref for told in found.suggestions]) == ((), ["A"])


def test_a_trial_beside_the_paying_account_does_not_make_its_domain_ambiguous() -> None:
    trial = an_account("T", "Brightwater Inc", domains=("brightwater.com",), trial=True)
    assert account_of(an_organisation("7", "Brightwater", domains=("brightwater.com",)), BRIGHT, trial) == "A"


def test_a_trial_alone_is_not_linked_to() -> None:
    trial = an_account("T", "Brightwater Inc", domains=("brightwater.com",), trial=True)
    assert account_of(an_organisation("7", "Brightwater", domains=("brightwater.com",)), trial) is None


def test_a_merged_account_leads_to_the_one_that_it_lives_on_in() -> None:
    first, second = an_account("X", "Bright", merged_into="Y"), an_account("Y", "Bright Water", merged_into="A")
    found = linked(BRIGHT, first, second, an_organisation("7", "Anything", known_as=("salesforce:X",)))
    assert {(told.external_id, told.account_ref) for told in found.links} == {("X", "A"), ("Y", "A"), ("7", "A")}
    assert found.accounts == (("salesforce", "A"),)


def test_accounts_merged_in_a_circle_are_left_alone() -> None:
    found = linked(an_account("X", "Bright", merged_into="Y"), an_account("Y", "Bright", merged_into="X"))
    assert (found.accounts, {told.reason for told in found.unlinked}) == ((), {"merged_away"})


def test_a_billing_customer_without_a_crm_account_is_an_account() -> None:
    billing = a_customer("cus_1", "Lindqvist Bakery AB", domains=("lindqvist.se",))
    assert account_of(an_organisation("7", "Lindqvist Bakery", domains=("lindqvist.se",)), BRIGHT, billing) == "cus_1"


def test_what_a_person_confirmed_is_linked_whatever_the_rules_say() -> None:
    organisation = an_organisation("7", "Lindqvist", domains=("oakleaf.co.uk",), known_as=("salesforce:B",))
    found = linked(organisation, BRIGHT, OAKLEAF, said=(an_answer(organisation, BRIGHT, "same"),))
    (told,) = found.links
    assert (told.account_ref, told.method, told.decided_by) == ("A", "confirmed", "dana")


def test_what_a_person_denied_is_not_linked_nor_suggested_again() -> None:
    organisation = an_organisation("7", "Brightwater", domains=("brightwater.com",), known_as=("salesforce:A",))
    found = linked(organisation, BRIGHT, said=(an_answer(organisation, BRIGHT, "not_same"),))
    assert (found.links, found.suggestions) == ((), ())


def test_the_newest_answer_about_a_pair_counts() -> None:
    organisation = an_organisation("7", "Lindqvist")
    yes, no = (
        an_answer(organisation, BRIGHT, "same"),
        an_answer(organisation, BRIGHT, "not_same", decided_at=NOW + timedelta(1)),
    )
    assert account_of(organisation, BRIGHT, said=(no, yes)) is None


def test_an_answer_sticks_when_a_source_changes_and_is_shown_again() -> None:
    before = an_organisation("7", "Lindqvist")
    said = an_answer(before, BRIGHT, "same", fingerprint=fingerprint(before, BRIGHT))
    assert linked(before, BRIGHT, said=(said,)).changed == ()
    after = linked(an_organisation("7", "Oakleaf", domains=("oakleaf.co.uk",)), BRIGHT, OAKLEAF, said=(said,))
    assert ([told.account_ref for told in after.links], after.changed) == (["A"], (said,))


def test_persons_who_confirm_two_accounts_with_each_other_in_a_circle_lose_none() -> None:
    said = (an_answer(BRIGHT, OAKLEAF, "same"), an_answer(OAKLEAF, BRIGHT, "same"))
    assert set(linked(BRIGHT, OAKLEAF, said=said).accounts) == {("salesforce", "A"), ("salesforce", "B")}


def test_each_link_says_what_it_rests_on() -> None:
    (told,) = linked(an_organisation("7", "Brightwater", domains=("brightwater.com",)), BRIGHT).links
    assert told.evidence == "brightwater.com is this account's alone; the names are the same"
    assert (told.method, told.confidence_percent, told.decided_at) == ("domain", 98, NOW)


_NAMES = st.sampled_from(
    ["Brightwater", "Oakleaf", "Brightwater GmbH", "Atlas", "Test", "Oak Leaf 2", "株式会社さくら", "x"]
)
_DOMAINS = st.lists(st.sampled_from(["brightwater.com", "oakleaf.co.uk", "gmail.com", "::", "a..b", ""]), max_size=2)


@st.composite
def _parties(draw: st.DrawFn) -> list[Party]:
    roles = {"crm": "crm", "stripe": "billing", "desk": "helpdesk", "usage": "usage"}
    parties = []
    for number in range(draw(st.integers(0, 8))):
        source = draw(st.sampled_from(sorted(roles)))
        merged_into = draw(st.none() | st.sampled_from("01234567"))
        known_as = draw(st.lists(st.sampled_from(["crm:0", "1", "stripe:2", "desk:3"]), max_size=2))
        parties.append({"source": source, "external_id": str(number), "role": roles[source], "name": draw(_NAMES),
                        "domains": draw(_DOMAINS), "known_as": known_as, "merged_into": merged_into,
                        "parent_ref": draw(st.none() | st.just("0"))})  # fmt: skip
    return [Party.model_validate(one) for one in parties]


@given(_parties(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_every_party_is_an_account_linked_once_or_unlinked_in_whatever_order_they_come(parties, random) -> None:  # type: ignore[no-untyped-def]
    found = link(parties, now=NOW)
    links = [(told.source, told.external_id) for told in found.links]
    everywhere = {*found.accounts, *links, *((told.source, told.external_id) for told in found.unlinked)}
    assert everywhere == {(party.source, party.external_id) for party in parties}
    assert len(links) == len(set(links))
    assert set(links).isdisjoint(found.accounts)
    assert {(told.account_source, told.account_ref) for told in found.links} <= set(found.accounts)
    random.shuffle(parties)
    again = link(parties, now=NOW)
    assert (set(again.links), set(again.accounts)) == (set(found.links), set(found.accounts))
