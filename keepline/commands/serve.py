"""Serves the address at which vendors call when something has changed."""

from connectors.contract import WebhookCall
from console.webhooks import webhook_app
from jobs.webhooks import receive
from keepline import show
from keepline.bootstrap import Keepline
from keepline.clock import SystemClock


def run(keepline: Keepline, host: str, port: int) -> None:
    """Serve until Ctrl-C."""
    import uvicorn

    clock = SystemClock()

    def take(name: str, call: WebhookCall) -> object:
        connection = keepline.connected.connection(name)
        connector = keepline.connector(connection, keepline.secrets(name))
        return receive(keepline.store, name, connector, call, clock.now)

    show.say(f"Vendors may call http://{host}:{port}/webhooks/CONNECTION; Ctrl-C ends it.")
    app = webhook_app(take, clock, keepline.settings.public_url)
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
