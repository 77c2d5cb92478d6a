"""What a report of a mail server says of a letter of ours (RFC 3464), read from its bytes: pure, and nothing in it is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

BOUNCED, DELAYED, DELIVERED = "bounced", "delayed", "delivered"
_MEANS = {"failed": BOUNCED, "delayed": DELAYED, "delivered": DELIVERED, "relayed": DELIVERED, "expanded": DELIVERED}


@dataclass(frozen=True, slots=True)
class Report:
    """Of one addressee of one letter: what became of it, by which server, in which words, when (UTC, if it says so).

    The letter is known by its `message_id`, or by the address that the report came back to; the report by its `source`.
    `signed`: whoever sent it proved who they are, so that the `message_id`, which every reader of the letter has, is believed.
    """

    kind: str
    message_id: str
    came_back_to: tuple[str, ...]
    recipient: str
    host: str
    diagnostic: str
    at: datetime | None
    source: str
    signed: bool = False


def reports_in(raw: bytes) -> list[Report]:
    """The reports in a message; none if it is something else, such as a person's answer or an absence note."""
    mail = message_from_bytes(raw)
    status = next((part for part in mail.walk() if part.get_content_type() == "message/delivery-status"), None)
    blocks: Any = status and status.get_payload()
    if not isinstance(blocks, list) or not blocks:
        return []
    return list(_reports(mail, blocks[0], blocks[1:], source=_source(mail, raw)))


def _reports(mail: Message, of_message: Any, of_recipients: list[Any], source: str) -> Iterator[Report]:
    back_to = tuple(
        _plain(value) for name in ("Delivered-To", "X-Original-To", "To") for value in mail.get_all(name, [])
    )
    for n, one in enumerate(of_recipients):
        kind = _MEANS.get(_word(one, "Action"))
        if kind is None:
            continue
        status, said = _word(one, "Status"), _value(one, "Diagnostic-Code") or "no reason given"
        yield Report(
            kind=kind,
            message_id=_original_id(mail),
            came_back_to=back_to,
            recipient=_value(one, "Final-Recipient") or _value(one, "Original-Recipient"),
            host=_value(one, "Remote-MTA") or _value(of_message, "Reporting-MTA"),
            diagnostic=f"{status} {said}".strip(),
            at=_moment(one["Last-Attempt-Date"] or of_message["Arrival-Date"] or mail["Date"]),
            source=f"{source}#{n}",
        )


def _original_id(mail: Message) -> str:
    """The Message-ID of what came back, from its copy or its head in the report."""
    for part in mail.walk():
        if part.get_content_type() in ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers"):
            payload: Any = part.get_payload()
            copy = payload[0] if isinstance(payload, list) else message_from_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
            if found := copy["Message-ID"]:
                return "".join(str(found).split())
    return ""


def _source(mail: Message, raw: bytes) -> str:
    return "report:" + (_plain(mail["Message-ID"]) or sha256(raw).hexdigest())[:200]


def _value(block: Message, name: str) -> str:
    """'rfc822; ana@acme.example' and 'smtp; 550 No such user' without their kind."""
    return _plain(block[name]).partition(";")[2].strip() or _plain(block[name])


def _word(block: Message, name: str) -> str:
    return _plain(block[name]).partition(" ")[0].lower()


def _plain(value: Any) -> str:
    """One line without control characters (P38)."""
    return "".join(one if one.isprintable() else " " for one in " ".join(str(value or "").split()))[:1000]


def _moment(value: Any) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no date, or one that is in no year of UTC
        return None
