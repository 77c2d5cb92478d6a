"""The mailbox that reports come back to: a Maildir or an IMAP folder. What was read is marked as read, and stays."""

from __future__ import annotations

import imaplib
import mailbox
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote, urlsplit


class Message(NamedTuple):
    """Its bytes; what marks it as read; and what marks it so and with a flag, for people: we cannot read it."""

    raw: bytes
    mark_as_read: Callable[[], object]
    put_aside: Callable[[], object]


def unread(url: str) -> Iterator[Message]:
    """The messages nobody has read: of `maildir:///var/mail/bounces`, or of `imaps://login:password@mail.example.com/INBOX`.

    Raises ValueError for another kind of mailbox, OSError or imaplib's error if it cannot be read.
    """
    place = urlsplit(url)
    match place.scheme:
        case "maildir":
            yield from _in_maildir(place.path)
        case "imap" | "imaps":
            yield from _by_imap(url)
        case other:
            raise ValueError(f"BOUNCES_URL begins with maildir, imap or imaps, not with {other!r}.")


def _in_maildir(path: str) -> Iterator[Message]:
    with closing(mailbox.Maildir(path, create=False)) as box:
        for key in sorted(box.keys()):
            if "S" not in box.get_message(key).get_flags():
                yield Message(box.get_bytes(key), partial(_mark, box, key, "S"), partial(_mark, box, key, "FS"))


def _mark(box: mailbox.Maildir, key: str, flags: str) -> None:
    message = box.get_message(key)
    message.set_subdir("cur")
    message.add_flag(flags)
    box[key] = message


def _by_imap(url: str) -> Iterator[Message]:
    place = urlsplit(url)
    connect = imaplib.IMAP4_SSL if place.scheme == "imaps" else imaplib.IMAP4
    with connect(place.hostname or "", place.port or (993 if place.scheme == "imaps" else 143), timeout=20) as server:
        server.login(unquote(place.username or ""), unquote(place.password or ""))
        server.select(unquote(place.path.strip("/")) or "INBOX")
        for number in server.search(None, "UNSEEN")[1][0].split():
            found = server.fetch(number, "(BODY.PEEK[])")[1][0]
            if isinstance(found, tuple):
                mark = partial(server.store, number, "+FLAGS")
                yield Message(found[1], partial(mark, r"(\Seen)"), partial(mark, r"(\Seen \Flagged)"))
