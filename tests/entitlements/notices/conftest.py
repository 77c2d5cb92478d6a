"""A real SMTP server that answers as it is told, and a kind of letter to send by it."""

from __future__ import annotations

import pytest

from entitlements.notices import sending
from tests.conftest import Postbox, free_port
from tests.entitlements.notices.postal import only_templates

TEMPLATES = {
    "emails/hello.subject.txt": "Hello {{ what }}\n  for {{ addressee.name }}\n",
    "emails/hello.txt": "{{ what }} on {{ when|date:'Y-m-d' }}\n\n",
    "emails/hello.html": "<style>p { color: red }</style><p>{{ what }}</p>",
}


@pytest.fixture
def templates(monkeypatch):
    texts = dict(TEMPLATES)
    only_templates(monkeypatch, texts)
    return texts


class MoodyPostbox(Postbox):
    """A mail server that answers as it is told: to MAIL, by the address at RCPT, by the letter's number after DATA, by silence to RSET.

    Told to, it takes commands together (RFC 2920), as most servers do.
    """

    def __init__(self):
        super().__init__()
        self.at_mail, self.at_rcpt, self.after_data = "", {}, {}
        self.hangs_up_at_rset = self.takes_commands_together = False

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *["250-PIPELINING"] * self.takes_commands_together, *responses[1:]]

    async def handle_MAIL(self, server, session, envelope, address, options):
        if not self.at_mail:
            envelope.mail_from = address
        return self.at_mail or "250 OK"

    async def handle_RSET(self, server, session, envelope):
        if self.hangs_up_at_rset:
            server.transport.abort()
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.at_rcpt.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        kept = await super().handle_DATA(server, session, envelope)
        answer = self.after_data.get(len(self.envelopes), kept)
        if answer == "drop the line":
            server.transport.abort()
            return kept
        if not answer.startswith("250"):
            self.messages.pop()
        return answer


@pytest.fixture
def post(smtp_server, smtp_backend, templates, monkeypatch):
    """The mail server of this test; only its own letters are asked nothing."""
    monkeypatch.setattr(sending, "_questions", [])
    smtp_server.handler = MoodyPostbox()
    return smtp_server.handler


@pytest.fixture
def no_server(settings):
    settings.EMAIL_PORT = free_port()
