"""Every connector obeys the contract, over a socket, with everything going wrong that goes wrong outside."""

from keepline.proving.contract_suite import ConnectorContract
from tests.connectors.sites.freshdesk import FreshdeskSite
from tests.connectors.sites.helpscout import HelpScoutSite
from tests.connectors.sites.hubspot import HubSpotSite
from tests.connectors.sites.intercom import IntercomSite
from tests.connectors.sites.jira import JiraSite
from tests.connectors.sites.request_tracker import RequestTrackerSite
from tests.connectors.sites.salesforce import SalesforceSite
from tests.connectors.sites.zendesk import ZendeskSite


class TestFreshdesk(ConnectorContract):
    site_type = FreshdeskSite


class TestHelpScout(ConnectorContract):
    site_type = HelpScoutSite


class TestHubSpot(ConnectorContract):
    site_type = HubSpotSite


class TestIntercom(ConnectorContract):
    site_type = IntercomSite


class TestJira(ConnectorContract):
    site_type = JiraSite


class TestRequestTracker(ConnectorContract):
    site_type = RequestTrackerSite


class TestSalesforce(ConnectorContract):
    site_type = SalesforceSite


class TestZendesk(ConnectorContract):
    site_type = ZendeskSite
