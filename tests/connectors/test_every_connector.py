"""Every connector obeys the contract, over a socket, with everything going wrong that goes wrong outside."""

from keepline.proving.contract_suite import ConnectorContract
from tests.connectors.sites.zendesk import ZendeskSite


class TestZendesk(ConnectorContract):
    site_type = ZendeskSite
