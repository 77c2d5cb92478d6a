"""The mail server that the story meets: it stands still, says *later*, refuses, and keeps what it took."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar

from django.core.mail.backends.base import BaseEmailBackend


@dataclass
class Post:
    """What it does now, and what it did: of each letter that it took when, to whom, with which subject and bytes."""

    now: datetime
    is_down: Callable[[datetime], bool]
    answer: Callable[[str, datetime], int]
    took: Callable[[str, str, str, datetime], None]
    bytes_of: dict[str, str] = field(default_factory=dict)


class Backend(BaseEmailBackend):
    post: ClassVar[Post]

    def open(self) -> bool:
        if self.post.is_down(self.post.now):
            raise ConnectionRefusedError("it stands still")
        return True

    def send_messages(self, messages: Sequence[Any]) -> int:
        for mail in messages:
            self._take(mail)
        return len(messages)

    def _take(self, mail: Any) -> None:
        (to,), post = mail.to, self.post
        code = post.answer(to, post.now)
        if code != 250:
            raise smtplib.SMTPRecipientsRefused({to: (code, b"not now" if code < 500 else b"no such user")})
        number = mail.extra_headers["Message-ID"]
        post.bytes_of[number] = sha256(mail.message().as_bytes()).hexdigest()
        post.took(to, mail.subject, number, post.now)
