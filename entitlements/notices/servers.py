"""The line to the mail server: kept open for a turn, and heard word by word, since its reply is the proof of acceptance."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.message import Message
from types import TracebackType
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

from entitlements.models import Letter
from entitlements.notices.rendering import message

OK = (250, 251)
ABOUT_US = (421, 503, 530)
"""It closes, it has lost the thread, it wants a login: nothing that is said of an addressee."""
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)


class NotReached(OSError):
    """The server has not got the letter: no connection, gone before the letter's first byte, or it takes nothing from us."""


class MailServer:
    """What takes our letters: over SMTP; in the demo a folder, in a test a list."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._smtp = issubclass(type(self._backend), EmailBackend)
        self.host: str = getattr(self._backend, "host", "") or type(self._backend).__module__
        self.has_taken = 0
        self.in_outage = False

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
        with suppress(OSError):  # what it says to a goodbye says nothing of a letter
            self._backend.close()

    def hand_over(self, sender: str, letter: Letter) -> str:
        """Give it the letter as it is kept; its reply. Raises NotReached before it has it, smtplib's errors for what it says of it.

        After an error the line is ready for the next letter, or closed.
        """
        if not self._smtp:
            return self._put_down(letter)
        line: smtplib.SMTP = self._backend.connection
        try:
            _envelope(line, sender, letter.addressee)
            reply = _content(line, bytes(letter.raw))
        except Exception as error:
            if not (isinstance(error, REFUSALS) and _is_reset(line)):
                self.close()
            raise
        self.has_taken += 1
        return reply

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
    """From whom and to whom. What it has against the greeting or the sender, which are the same for all letters, is about us."""
    try:
        line.ehlo_or_helo_if_needed()
        code, reply = line.mail(sender, ["BODY=8BITMIME"] if line.has_extn("8bitmime") else [])
        about_us = code != 250
        if not about_us:
            code, reply = line.rcpt(_in_ascii(to))
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPHeloError, TimeoutError) as error:
        raise NotReached(said(error)) from error
    if about_us or code in ABOUT_US:
        raise NotReached(f"{code} {_text(reply)}")
    if code not in OK:
        raise smtplib.SMTPRecipientsRefused({to: (code, reply)})


def _in_ascii(address: str) -> str:
    """Its domain as mail servers know it (IDNA)."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{punycode(domain)}"


def _content(line: smtplib.SMTP, raw: bytes) -> str:
    try:
        code, reply = line.data(raw)
    except smtplib.SMTPDataError as error:  # said before the first byte
        if error.smtp_code in ABOUT_US:
            raise NotReached(said(error)) from error
        raise
    if code != 250:
        raise smtplib.SMTPDataError(code, reply)
    return f"{code} {_text(reply)}"


def _is_reset(line: smtplib.SMTP) -> bool:
    """Whether it forgot the letter that it refused; some hang up instead, and the refusal stands all the same."""
    try:
        return line.rset()[0] == 250
    except OSError:
        return False


def _text(reply: bytes | str) -> str:
    """As it can be kept: the database takes no NUL."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return text.replace("\x00", "\ufffd")


class _Bytes(Message):
    """For Django's other backends, which ask a message for itself: the kept bytes, not made anew."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def as_bytes(self, *_: Any, **__: Any) -> bytes:
        return self._raw
