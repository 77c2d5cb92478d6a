"""What goes: subject, text, HTML and the whole message, made once and kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from textwrap import shorten

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from entitlements.models import Letter
from entitlements.models.letters import LONGEST_SUBJECT
from entitlements.notices.writing import thawed
from entitlements.optional_letters import may_be_switched_off, off_switch

_PLAIN = re.compile(r"[A-Za-z0-9-]+")


PapersOf = Callable[[Letter], Iterable[tuple[str, bytes]]]
_papers: list[PapersOf] = []


def ask_for_papers(question: PapersOf) -> None:
    """Register who knows which papers (name, PDF) go with a letter; asked once, when it is made."""
    if question not in _papers:
        _papers.append(question)


def render(letter: Letter) -> None:
    """Write the letter out from its frozen context. It is not saved here: a preview is the same call."""
    import css_inline  # here, since every process imports this module (decision 015)

    optional = {"may_be_switched_off": may_be_switched_off(letter)}
    context = {**thawed(letter.context), **optional, "letter": letter, "addressee": letter.person}
    name = f"emails/{letter.kind}"
    letter.subject = shorten(render_to_string(f"{name}.subject.txt", context), LONGEST_SUBJECT, placeholder="…")
    context["subject"] = letter.subject
    letter.text = render_to_string(f"{name}.txt", context).strip() + "\n"
    letter.html = css_inline.inline(
        render_to_string(f"{name}.html", context), load_remote_stylesheets=False, keep_at_rules=True
    )


def make(letter: Letter, now: datetime) -> None:
    """Render the letter and put the message together, dated `now` (UTC): from here on these bytes are the letter.

    One that was written out before its message was kept keeps the words that it has.
    """
    if not letter.text:
        render(letter)
    mail = message(letter)
    for name, paper in (one for question in _papers for one in question(letter)):
        mail.attach(name, paper, "application/pdf")
    mail.extra_headers["Date"] = format_datetime(now)
    letter.raw = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg] # Django's own kind of message
    letter.sha256 = hashlib.sha256(letter.raw).hexdigest()


def message(letter: Letter) -> EmailMultiAlternatives:
    """The letter as it goes: text and HTML as kept, a stable Message-ID, and one thread a matter."""
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[letter.addressee],
        reply_to=[settings.SUPPORT_EMAIL],
        headers={
            "Message-ID": letter.message_id,
            "References": _thread_id(letter.matter),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if letter.person and may_be_switched_off(letter):
        mail.extra_headers["List-Unsubscribe"] = f"<{off_switch(letter)}>"
        mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.attach_alternative(letter.html, "text/html")
    for name, kind, text in letter.attachments:
        mail.attach(name, text, kind)
    return mail


def _thread_id(matter: str) -> str:
    """Made of the reference; of its hash where it is free text, an order form's number for one, which no Message-ID may hold."""
    name = matter.lower() if _PLAIN.fullmatch(matter) else hashlib.sha256(matter.encode()).hexdigest()[:40]
    return f"<{name}@{settings.MAIL_DOMAIN}>"
