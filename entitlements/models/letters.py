from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now

from entitlements.models.customers import Customer
from entitlements.models.guards import append_only, logged_but_for_its_course, moves, written_once
from entitlements.models.people import User
from entitlements.wording import label_in_words


class LetterState(models.TextChoices):
    QUEUED = "queued", "To be sent"
    ACCEPTED = "accepted", "Accepted by the mail server"
    NO_LONGER_TRUE = "no_longer_true", "Not sent: no longer true"
    NOT_WANTED = "not_wanted", "Not sent: its reader switched such letters off, or its address takes none"
    FAILED = "failed", "Could not be sent"


LETTER_MOVES: dict[str, tuple[str, ...]] = {
    LetterState.QUEUED: (
        LetterState.ACCEPTED,
        LetterState.NO_LONGER_TRUE,
        LetterState.NOT_WANTED,
        LetterState.FAILED,
    ),
    LetterState.FAILED: (LetterState.QUEUED, LetterState.ACCEPTED),
    LetterState.NO_LONGER_TRUE: (LetterState.ACCEPTED,),
    LetterState.NOT_WANTED: (LetterState.ACCEPTED,),
}
"""To accepted from everywhere: a server that took it took it, whatever another sender has decided since its lease ran out."""


LONGEST_SUBJECT = 300
CONTENT = ("subject", "text", "html", "raw", "sha256")
LONG = ("context", "text", "html", "raw", "attachments")
"""What lists leave where it is: only a letter's own page shows it."""
COURSE = ("due_at", "attempts", "handed_over_at", "may_have_gone_twice", "last_error", *CONTENT)
"""What sending writes; each step of it has its own row, a `LetterEvent`."""
MOVED = ("state", "accepted_at", "accepted_by_server")
FACTS = (
    *("kind", "matter", "point", "deadline", "urgent", "addressee", "customer_id", "person_id", "in_place_of_id"),
    *("context", "attachments", "message_id", "written_at", "opened_at", "bounced_at"),
)
"""All others: what it is, and what became of it at its reader's."""


IN_TURN = (
    F("urgent").desc(),
    Case(When(urgent=True, then="deadline")).asc(nulls_last=True),
    F("written_at").asc(),
    F("id").asc(),
)
"""Those that state a deadline first, the nearest of them before the others; then the oldest."""


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self, now: datetime) -> LetterQuerySet:
        """To be sent by now, and in nobody's hands."""
        return self.filter(state=LetterState.QUEUED, due_at__lte=now)

    def in_hand(self, letter: Letter, leased_until: datetime) -> LetterQuerySet:
        """This letter, while the lease on it holds."""
        return self.filter(pk=letter.pk, state=LetterState.QUEUED, due_at=leased_until)

    def kinds_among(self, known: Iterable[str]) -> list[str]:
        """Those of which there is a letter, each looked for by its index: the kinds of all letters would be read off every one."""
        one = f"SELECT FROM {self.model._meta.db_table} AS letter WHERE letter.kind = known.kind"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT kind FROM unnest(%s::text[]) AS known (kind) WHERE EXISTS ({one})", [list(known)])  # noqa: S608
            return [kind for (kind,) in cursor.fetchall()]


class Letter(models.Model):
    """T2: a notice is a row, written in the transaction of what causes it; a worker sends it later.

    `key` (kind, matter, deadline, addressee) makes a second impossible. Text, HTML and the whole message are made once, from the
    frozen context, at the first lease, and kept as sent. What happened to it since is in its events.
    """

    kind = models.CharField(max_length=40)
    matter = models.CharField(max_length=40)
    deadline = models.DateTimeField(null=True, blank=True)
    addressee = models.EmailField()
    point = models.CharField(max_length=20, blank=True, help_text="Of a reminder: which point of its ladder (T1).")
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="letters", db_index=False
    )
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="letters")
    context = models.JSONField(help_text="Frozen with the cause; the templates see nothing else.")
    attachments = models.JSONField(default=list, blank=True, help_text="[name, type, text] each.")
    written_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=LetterState.choices, default=LetterState.QUEUED)
    urgent = models.BooleanField(default=False, help_text="States a deadline: sent before the others.")
    due_at = models.DateTimeField(help_text="Not to be sent before; moved on by a retry or a lease.")
    attempts = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField(max_length=LONGEST_SUBJECT, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    raw = models.BinaryField(
        default=bytes, db_default=b"", blank=True, help_text="The whole message as it goes, byte for byte."
    )
    sha256 = models.CharField(max_length=64, blank=True, db_default="", help_text="Of the whole message.")
    message_id = models.CharField(max_length=200)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by_server = models.CharField(max_length=200, blank=True)
    handed_over_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last given to the server; with no answer kept it may go twice."
    )
    may_have_gone_twice = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="First opened in the portal.")
    bounced_at = models.DateTimeField(null=True, blank=True, help_text="When it came back for ever, if it did.")
    in_place_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="substitutes",
        db_index=False,
        help_text="The letter that did not reach its addressee, so that this one was written.",
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "matter", "deadline", "addressee", "point"],
                name="no_letter_is_written_twice",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(fields=["message_id"], name="a_message_id_is_of_one_letter"),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at__isnull=True)),
                name="an_accepted_letter_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(*IN_TURN, condition=Q(state="queued"), name="letters_to_send"),
            models.Index(
                fields=["state", "written_at"], condition=Q(state__in=["queued", "failed"]), name="letters_not_sent"
            ),
            models.Index(fields=["customer", "-written_at"], name="letters_of_a_customer"),
            models.Index(fields=["matter"], name="letters_of_a_matter"),
            models.Index(fields=["-written_at", "-id"], name="letters_the_newest_first"),
            models.Index(
                fields=["in_place_of"], condition=Q(in_place_of__isnull=False), name="letters_in_place_of_others"
            ),
        ]
        triggers = [
            *logged_but_for_its_course(FACTS, "context", "addressee", "attachments", *CONTENT),
            moves("state", LETTER_MOVES),
            written_once("sha256", *CONTENT),
        ]

    def __str__(self) -> str:
        return f"{self.subject or label_in_words(self.kind)} to {self.addressee}"

    @property
    def may_have_gone(self) -> bool:
        """Given to the mail server without an answer that is kept: nobody knows whether it arrived."""
        return self.handed_over_at is not None and self.state != LetterState.ACCEPTED

    @property
    def standing(self) -> str:
        """Its state as readers are told it: what was accepted and came back did not reach anybody; what was given to a server that
        did not answer, and is not sent again, may have."""
        if self.bounced_at:
            return "bounced"
        return "may_have_gone" if self.may_have_gone and self.state != LetterState.QUEUED else self.state


class LetterEventKind(models.TextChoices):
    """What can happen to a letter. It was queued when it was written: that is the letter's own moment."""

    HANDED_OVER = "handed_over", "Given to the mail server"
    ACCEPTED = "accepted", "Accepted by the mail server"
    BUSY = "busy", "Refused by the mail server for now"
    REFUSED = "refused", "Refused by the mail server for ever"
    NOT_REACHED = "not_reached", "Mail server not reached"
    NO_ANSWER = "no_answer", "The line broke before the mail server answered"
    NOT_MADE = "not_made", "Could not be made"
    GIVEN_UP = "given_up", "Given up after many tries"
    NOT_SENT = "not_sent", "Not sent"
    QUEUED_AGAIN = "queued_again", "Put back to be sent"
    DELIVERED = "delivered", "Reported as delivered"
    DELAYED = "delayed", "Reported as delayed"
    BOUNCED = "bounced", "Came back"
    PASSED_ON = "passed_on", "Sent to somebody else instead"
    OPENED = "opened", "Opened in the portal"


class LetterEvent(models.Model):
    """One step in the course of a letter, with the server's own words. Rows are only ever added (T2)."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=LetterEventKind.choices)
    at = models.DateTimeField(help_text="By the business clock; of a report: when it says that it happened.")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    host = models.CharField(max_length=200, blank=True, db_default="", help_text="The mail server that said so.")
    reply = models.TextField(blank=True, db_default="", help_text="What it said, as it said it.")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(
        Letter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="What went instead.",
    )
    source = models.CharField(
        max_length=300, null=True, blank=True, help_text="Of a report: what it is known by; it counts once."
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="opened", by__isnull=False) | ~Q(kind="opened"), name="an_opening_names_its_reader"
            ),
            models.CheckConstraint(
                condition=Q(kind="passed_on", other__isnull=False) | ~Q(kind="passed_on") & Q(other__isnull=True),
                name="a_letter_passed_on_names_the_other",
            ),
            models.UniqueConstraint(
                fields=["letter"], condition=Q(kind="opened"), name="a_letter_is_opened_for_the_first_time_once"
            ),
            models.UniqueConstraint(
                fields=["source"], condition=Q(source__isnull=False), name="a_report_counts_once_for_a_letter"
            ),
        ]
        # Few steps have somebody who took them, or another letter: the index has no room for the others.
        indexes = [
            models.Index(fields=["at"], condition=Q(kind="handed_over"), name="letters_handed_over"),
            models.Index(fields=["by"], condition=Q(by__isnull=False), name="letter_events_by_people"),
            models.Index(fields=["other"], condition=Q(other__isnull=False), name="letter_events_of_two_letters"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: letter {self.letter_id}"


class MailOutage(models.Model):
    """A time in which a mail server could not be reached, and until when nobody tries again: it costs one try a turn."""

    host = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=1)
    next_try_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["host"], condition=Q(ended_at__isnull=True), name="one_open_outage_for_a_mail_server"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="an_outage_of_mail_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host} not reached"
