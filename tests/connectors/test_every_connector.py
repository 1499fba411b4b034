"""Every connector obeys the contract, over a socket, with everything going wrong that goes wrong outside."""

from tests.connectors.databases import OnBothDatabases
from tests.connectors.sites.chargebee import ChargebeeSite, ChargebeeSiteOfCatalogueOne
from tests.connectors.sites.freshdesk import FreshdeskSite
from tests.connectors.sites.helpscout import HelpScoutSite
from tests.connectors.sites.hubspot import HubSpotSite
from tests.connectors.sites.intercom import IntercomSite
from tests.connectors.sites.jira import JiraSite
from tests.connectors.sites.pipedrive import PipedriveSite
from tests.connectors.sites.request_tracker import RequestTrackerSite
from tests.connectors.sites.salesforce import SalesforceSite
from tests.connectors.sites.stripe import StripeSite
from tests.connectors.sites.zammad import ZammadSite
from tests.connectors.sites.zendesk import ZendeskSite


class TestChargebee(OnBothDatabases):
    site_type = ChargebeeSite


class TestChargebeeOfCatalogueOne(OnBothDatabases):
    site_type = ChargebeeSiteOfCatalogueOne


class TestFreshdesk(OnBothDatabases):
    site_type = FreshdeskSite


class TestHelpScout(OnBothDatabases):
    site_type = HelpScoutSite


class TestHubSpot(OnBothDatabases):
    site_type = HubSpotSite


class TestIntercom(OnBothDatabases):
    site_type = IntercomSite


class TestJira(OnBothDatabases):
    site_type = JiraSite


class TestPipedrive(OnBothDatabases):
    site_type = PipedriveSite


class TestRequestTracker(OnBothDatabases):
    site_type = RequestTrackerSite


class TestSalesforce(OnBothDatabases):
    site_type = SalesforceSite


class TestStripe(OnBothDatabases):
    site_type = StripeSite


class TestZammad(OnBothDatabases):
    site_type = ZammadSite


class TestZendesk(OnBothDatabases):
    site_type = ZendeskSite
