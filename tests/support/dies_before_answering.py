"""`doable`, whose server kills itself when it is about to answer a request that has `X-Die: 1`.

What the request wrote is committed by then, and the client does not hear of it. Run with the arguments of `doable`.
"""

import os
import signal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from doable import app, cli

make = app.create_app


class DiesBeforeAnswering:
    """The application, and the end of it."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def die(_: Message) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        dies = scope["type"] == "http" and (b"x-die", b"1") in scope["headers"]
        await self._application(scope, receive, die if dies else send)


if __name__ == "__main__":
    # The server asks for it by name.
    vars(app)["create_app"] = lambda settings: DiesBeforeAnswering(make(settings))
    cli.main()
