"""Knows the address at which vendors call: what is answered tells them whether to call again, and nothing else."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from connectors.contract import WebhookCall
from connectors.http import Clock
from connectors.signatures import SignatureRejected
from domain.errors import KeeplineError, NotFound, Retriable

_LONGEST_BODY = 4 * 1024 * 1024
Receive = Callable[[str, WebhookCall], object]


def webhook_app(receive: Receive, clock: Clock, public_url: str | None) -> FastAPI:
    """An application with one address, `POST /webhooks/CONNECTION`; `receive` is called in a thread.

    204: it is in. 401: not signed by the vendor. 404: no such connection. 503: call again.
    """
    app = FastAPI(title="Keepline", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/webhooks/{connection}")
    async def take(connection: str, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        # The query belongs to what is signed.
        address = f"{public_url.rstrip('/')}{_path(request)}" if public_url else str(request.url)
        call = WebhookCall(request.method, address, dict(request.headers), body, clock.now())
        return Response(status_code=await run_in_threadpool(_status, receive, connection, call))

    return app


async def _body(request: Request) -> bytes | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            return None
    return body


def _path(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _status(receive: Receive, connection: str, call: WebhookCall) -> HTTPStatus:
    try:
        receive(connection, call)
    except SignatureRejected:
        return HTTPStatus.UNAUTHORIZED
    except NotFound:
        return HTTPStatus.NOT_FOUND
    except Retriable:
        return HTTPStatus.SERVICE_UNAVAILABLE
    except KeeplineError:
        # Ours to mend; the pull brings it, so the vendor need not call for ever.
        return HTTPStatus.BAD_GATEWAY
    return HTTPStatus.NO_CONTENT
