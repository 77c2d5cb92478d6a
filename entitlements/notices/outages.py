"""A mail server that does not answer costs one try a turn, whoever tries: until the next try is due nobody leases anything."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.models import Exists, F, QuerySet
from django.db.models.functions import Greatest

from entitlements.health import Sign
from entitlements.models import Letter, LetterState, MailOutage
from entitlements.models.worded import Worded
from entitlements.notices.servers import MailServer, NotReached, NotTakenNow, said

FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(minutes=5)
TOLD_AFTER = timedelta(minutes=1)
"""P40. A server that is started anew is back by then."""

_BEGIN_OR_GO_ON = """
    INSERT INTO entitlements_mailoutage AS one (host, began_at, next_try_at, tries, error)
    VALUES (%(host)s, %(now)s, %(next)s, 1, %(error)s)
    ON CONFLICT (host) WHERE ended_at IS NULL DO UPDATE SET tries = one.tries + 1, next_try_at = %(next)s, error = %(error)s
"""

log = structlog.get_logger(__name__)


def reach(server: MailServer, now: datetime) -> bool:
    """Connect, unless nobody is to try yet. Whether there is a line; if not, an outage begins or goes on."""
    outage = MailOutage.objects.filter(host=server.host, ended_at__isnull=True).first()
    if outage and now < outage.next_try_at:
        return False
    try:
        server.open()
    except NotReached as error:
        note(server, error, now)
        return False
    server.in_outage = outage is not None
    return True


def end(server: MailServer, now: datetime) -> None:
    """It took a letter; that it can be connected to was not enough."""
    server.in_outage = False
    going_on = MailOutage.objects.filter(host=server.host, ended_at__isnull=True)
    going_on.update(ended_at=Greatest(F("began_at"), now))


def note(server: MailServer, error: NotReached | NotTakenNow, now: datetime) -> None:
    """It could not be reached, or takes nothing: the next try is due after a pause that grows, with full jitter."""
    server.close()
    tries = MailOutage.objects.filter(host=server.host, ended_at__isnull=True).values_list("tries", flat=True).first()
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries or 0, 10))
    pause = FIRST_PAUSE / 4 + (longest - FIRST_PAUSE / 4) * random.random()  # noqa: S311 - jitter, no secret
    log.warning("mail_server_not_reached", host=server.host, error=said(error), tries=(tries or 0) + 1)
    with connection.cursor() as cursor:
        told = {"host": server.host, "now": now, "next": now + pause, "error": said(error)[:2000]}
        cursor.execute(_BEGIN_OR_GO_ON, told)


def _for_which_letters_wait(now: datetime) -> QuerySet[MailOutage]:
    waiting = Letter.objects.filter(state=LetterState.QUEUED)
    return MailOutage.objects.filter(Exists(waiting), ended_at__isnull=True).order_by("began_at", "pk")[:1]


OUTAGE = Worded(_for_which_letters_wait)


def sign(outage: MailOutage | None, now: datetime) -> Sign | None:
    """P40: the mail server, while it cannot be reached and letters wait for it (`OUTAGE`)."""
    if outage is None:
        return None
    words = f"It takes no letters: {outage.error.splitlines()[0][:200] if outage.error else 'no answer'}."
    if now - outage.began_at < TOLD_AFTER:
        return Sign("mail", "Mail server", words)
    remedy = "Look at the mail server and at EMAIL_URL. No letter is lost: they go as soon as it takes them."
    return Sign("mail", "Mail server", words, "the mail server takes no letters", outage.began_at, remedy)
