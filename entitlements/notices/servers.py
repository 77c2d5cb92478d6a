"""The line to the mail server: kept open for a turn, and heard word by word, since its reply is the proof of acceptance."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.message import Message
from types import TracebackType
from typing import Any, NamedTuple

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

from entitlements.models import Letter
from entitlements.notices.rendering import message

YES = ((250,), (250, 251), (354,))
"""To MAIL, RCPT and DATA."""
ABOUT_US = (421, 503, 530)
"""It closes, it has lost the thread, it wants a login."""
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)

Reply = tuple[int, bytes]


class NotReached(OSError):
    """The server has not got the letter: no connection, gone before the letter's first byte, or it takes nothing from us."""


class NotTakenNow(smtplib.SMTPRecipientsRefused):
    """It said of one addressee what it may mean of all: it closes, it has lost the thread, it wants a login."""


class Envelope(NamedTuple):
    """From whom (the return address) and to whom."""

    sender: str
    to: str


class MailServer:
    """What takes our letters: over SMTP; in the demo a folder, in a test a list."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._smtp = issubclass(type(self._backend), EmailBackend)
        self.host: str = getattr(self._backend, "host", "") or type(self._backend).__module__
        self.in_outage = False
        self._has_taken, self._doubtful = 0, False
        self._announced: Envelope | None = None

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
        if self._announced:
            self._announced = None
            self._backend.connection.close()  # to a goodbye it would listen as to the letter that it was told of
        with suppress(OSError):  # what it says to a goodbye says nothing of a letter
            self._backend.close()

    def expects_nothing(self) -> None:
        """Break the line off if the server has been told of a letter that does not come."""
        if self._announced:
            self.close()

    def hand_over(self, letter: Letter, envelope: Envelope, following: Envelope | None = None) -> str:
        """Give it the letter as it is kept; its reply. Raises NotReached before it has it, smtplib's errors for what it says of it.

        It is told of the `following` one in the same breath, where it takes commands together (RFC 2920): that one has to be the next
        that is handed over. After an error the line is ready for any other letter, or closed.
        """
        if not self._smtp:
            return self._put_down(letter)
        if self._announced != envelope:
            self.expects_nothing()
            self.open()
        line: smtplib.SMTP = self._backend.connection
        try:
            self._announce(line, envelope)
            reply = self._content(line, bytes(letter.raw), following)
        except Exception as error:
            if self._announced or not (isinstance(error, REFUSALS) and _is_reset(line)):
                self.close()
            raise
        self._has_taken, self._doubtful = self._has_taken + 1, False
        return reply

    def _announce(self, line: smtplib.SMTP, envelope: Envelope) -> None:
        """From whom, to whom, and that the letter comes now. What it has against the greeting or the sender is about us."""
        told, self._announced = self._announced is not None, None
        if not told:
            _greet(line)
        _heard(line, envelope.to, _replies(line, _commands(line, envelope), told))

    def _content(self, line: smtplib.SMTP, raw: bytes, following: Envelope | None) -> str:
        """The bytes as they are kept, but for the dots of the protocol."""
        stuffed = (b"\n" + raw).replace(b"\n.", b"\n..")[1:]
        end = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        ahead = _told_ahead(line, following)
        line.send(stuffed + end + ahead)
        self._announced = following if ahead else None
        code, reply = line.getreply()
        if code != 250:
            raise smtplib.SMTPDataError(code, reply)
        return f"{code} {_text(reply)}"

    def may_be_tried_on(self, error: NotReached | NotTakenNow) -> bool:
        """Whether the next letter is worth a try: some servers hang up after so many letters, and what was said of one addressee
        is believed of all when it is said of the next as well."""
        worth_it = bool(self._has_taken) or (isinstance(error, NotTakenNow) and not self._doubtful)
        self._has_taken, self._doubtful = 0, True
        return worth_it

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
    if isinstance(error, OSError) and (words := error.strerror or str(error)):
        return words[:2000]
    return repr(error)[:2000]


def _greet(line: smtplib.SMTP) -> None:
    try:
        line.ehlo_or_helo_if_needed()
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPHeloError) as error:
        raise NotReached(said(error)) from error


def _commands(line: smtplib.SMTP, envelope: Envelope) -> list[str]:
    """Raises ValueError for an address that none of them can name."""
    body = " BODY=8BITMIME" if line.has_extn("8bitmime") else ""
    commands = [f"MAIL FROM:<{envelope.sender}>{body}", f"RCPT TO:<{_in_ascii(envelope.to)}>", "DATA"]
    if any(one in command for command in commands for one in "\r\n"):
        raise ValueError("a line break in an address")
    return commands


def _told_ahead(line: smtplib.SMTP, envelope: Envelope | None) -> bytes:
    """The commands of the next letter, to go with the end of this one; nothing where they have to go by themselves."""
    if envelope is None or not line.has_extn("pipelining"):
        return b""
    try:
        return _together(_commands(line, envelope))
    except ValueError:
        return b""  # it will be said of the letter itself


def _together(commands: list[str]) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")


def _replies(line: smtplib.SMTP, commands: list[str], told: bool) -> list[Reply]:
    """What it says to each: to all in one write where it offers that (RFC 2920), which may have gone (`told`); else one by one, up
    to the first that is no yes."""
    together, replies = told or line.has_extn("pipelining"), list[Reply]()
    try:
        if together and not told:
            line.send(_together(commands))
        for command, yes in zip(commands, YES, strict=True):
            if not together:
                line.putcmd(command)
            replies.append(line.getreply())
            if not together and replies[-1][0] not in yes:
                break
    except smtplib.SMTPServerDisconnected as error:
        if all(code in yes for (code, _), yes in zip(replies, YES, strict=False)):
            raise NotReached(said(error)) from error
    return replies


def _heard(line: smtplib.SMTP, to: str, replies: list[Reply]) -> None:
    """Nothing, if it said yes to each command and waits for the letter."""
    at = next((n for n, (code, _) in enumerate(replies) if code not in YES[n]), None)
    if at is None:
        return
    if replies[-1][0] in YES[-1]:
        line.close()  # it waits for a letter, and that it is for nobody
    code, reply = replies[at]
    if at == 1:
        refused = NotTakenNow if code in ABOUT_US else smtplib.SMTPRecipientsRefused
        raise refused({to: (code, reply)})
    if at == 0 or code in ABOUT_US:
        raise NotReached(f"{code} {_text(reply)}")
    raise smtplib.SMTPDataError(code, reply)


def _in_ascii(address: str) -> str:
    """Its domain as mail servers know it (IDNA)."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{punycode(domain)}"


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
