"""Somebody who is signed in and asks over HTTP, without a page that is drawn: what was answered, and how long it took."""

from __future__ import annotations

import http.client
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

LONGEST = 30.0
NO_ANSWER = 0
TOKEN = "c" * 32


@dataclass(frozen=True)
class Answer:
    """`status` 0: there was none, and `text` says why."""

    status: int
    text: str
    where_to: str
    seconds: float
    received: str = ""
    """When the product read the clock for it (ISO), where it is played so that it says so (`served.py`)."""


class Browser:
    def __init__(self, port: int, user: Any) -> None:
        from django.conf import settings

        from tests.desk import signed_in

        session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        self.port = port
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, **form: str) -> Answer:
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": TOKEN, **form}))

    def report(self, day: str, *, form_key: str = "", **more: str) -> Answer:
        """Report that everything failed on a day at ten."""
        form = {"kind": "A", "began_day": day, "began_time": "10:00", "form_key": form_key or str(uuid.uuid4())}
        return self.post("/failures/report/", **form, **more)

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        line = http.client.HTTPConnection("localhost", self.port, timeout=LONGEST)
        begun = time.monotonic()
        try:
            headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode("utf-8", "replace")
            where = answer.getheader("Location") or ""
            received = answer.getheader("X-Received-At") or ""
            return Answer(answer.status, text, where, time.monotonic() - begun, received)
        except (OSError, http.client.HTTPException) as error:
            return Answer(NO_ANSWER, repr(error), "", time.monotonic() - begun)
        finally:
            line.close()
