"""The line to the mail server: kept open for a turn, and heard word by word, since its reply is the proof of acceptance."""

from __future__ import annotations

import smtplib
from email.message import Message
from types import TracebackType
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

from entitlements.models import Letter
from entitlements.notices.rendering import message

OK = (250, 251)
CLOSING = 421


class NotReached(OSError):
    """The server has not got the letter: no connection, or it was gone before the letter's first byte."""


class MailServer:
    """What takes our letters: over SMTP; in the demo a folder, in a test a list."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._smtp = issubclass(type(self._backend), EmailBackend)
        self.host: str = getattr(self._backend, "host", "") or type(self._backend).__module__
        self.has_taken = 0

    def __enter__(self) -> MailServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect, unless the line is there. Raises NotReached."""
        try:
            self._backend.open()
        except OSError as error:  # smtplib's own are OSErrors too, a wrong password among them
            self.close()
            raise NotReached(said(error)) from error

    def close(self) -> None:
        """Hang up, unless the line is gone already."""
        self._backend.close()

    def hand_over(self, sender: str, letter: Letter) -> str:
        """Give it the letter as it is kept; its reply. Raises NotReached before it has it, smtplib's errors for what it says of it."""
        if not self._smtp:
            return self._put_down(letter)
        line: smtplib.SMTP = self._backend.connection
        _envelope(line, sender, letter.addressee)
        code, reply = line.data(bytes(letter.raw))
        if code != 250:
            _hang_up_or_reset(line, code)
            raise smtplib.SMTPDataError(code, reply)
        self.has_taken += 1
        return f"{code} {_text(reply)}"

    def _put_down(self, letter: Letter) -> str:
        mail: Any = message(letter)
        mail.message = lambda **_: _Bytes(bytes(letter.raw))
        if self._backend.send_messages([mail]) != 1:
            raise NotReached("it took no letter")
        return ""


def said(error: BaseException) -> str:
    """What the server said, or what became of the line, as it is kept."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(reply)}" for code, reply in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, NotReached):
        return str(error)
    return repr(error)[:2000]


def _envelope(line: smtplib.SMTP, sender: str, to: str) -> None:
    try:
        line.ehlo_or_helo_if_needed()
        code, reply = line.mail(sender, ["BODY=8BITMIME"] if line.has_extn("8bitmime") else [])
        if code == 250:
            code, reply = line.rcpt(_in_ascii(to))
            if code in OK:
                return
            refusal: smtplib.SMTPException = smtplib.SMTPRecipientsRefused({to: (code, reply)})
        else:
            refusal = smtplib.SMTPSenderRefused(code, reply, sender)
        _hang_up_or_reset(line, code)
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        raise NotReached(said(error)) from error
    if code == CLOSING:
        raise NotReached(f"{code} {_text(reply)}")
    raise refusal


def _in_ascii(address: str) -> str:
    """Its domain as mail servers know it (IDNA)."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{punycode(domain)}"


def _hang_up_or_reset(line: smtplib.SMTP, code: int) -> None:
    if code == CLOSING:
        line.close()
    else:
        line.rset()


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


class _Bytes(Message):
    """For Django's other backends, which ask a message for itself: the kept bytes, not made anew."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def as_bytes(self, *_: Any, **__: Any) -> bytes:
        return self._raw
