from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Cast, NullIf

from entitlements.models.guards import append_only

SWEEP_SETTING = "makegood.sweep"
"""The setting of a connection by which the database knows which turn of the clock it works for."""


class Event(models.Model):
    """The one log. An action writes its line first; the triggers add a line for each row that it changes.

    `happened_at` is the business time (a lapse: its deadline), `recorded_at` the database's clock when the line was written.
    Rows are only ever added: the application's role may do no more, and a trigger says so to everyone else.
    """

    recorded_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    happened_at = models.DateTimeField()
    verb = models.CharField(max_length=80, help_text="What was done: claim.sent; or the operation on a table.")
    matter = models.CharField(max_length=60, blank=True, help_text="The reference that it belongs to.")
    actor = models.ForeignKey(
        "entitlements.User",
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        help_text="Who did it; empty: the clock.",
    )
    note = models.TextField(blank=True)
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.DO_NOTHING, related_name="changes_made")
    table = models.CharField(max_length=63, blank=True)
    row_id = models.CharField(max_length=63, blank=True)
    changes = models.JSONField(null=True, blank=True, help_text="Column: [before, after].")
    database_role = models.CharField(
        max_length=63, db_default=models.Func(function="SESSION_USER", template="%(function)s")
    )
    sweep = models.BigIntegerField(
        null=True,
        editable=False,
        db_default=Cast(
            NullIf(
                models.Func(models.Value(SWEEP_SETTING), models.Value(True), function="current_setting"),
                models.Value(""),
            ),
            models.BigIntegerField(),
        ),
        help_text="The turn of the clock that did it; empty: a request did.",
    )
    transaction = models.BigIntegerField(null=True, db_default=models.Func(function="txid_current"))

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["matter", "id"], condition=~models.Q(matter=""), name="events_of_a_matter"),
            models.Index(fields=["table", "row_id"], condition=~models.Q(table=""), name="events_of_a_row"),
            BrinIndex(fields=["recorded_at"], name="events_by_their_day"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.verb} {self.matter}".strip()

    @property
    def who(self) -> str:
        return str(self.actor) if self.actor_id else "automatically"


class EventSeal(models.Model):
    """P22: a batch of the log under seal: which lines, the digest of each, and one digest over them and the seal before.

    Who touches a line, or takes one away, breaks its digest; who touches a seal breaks the chain; who cuts the end off is caught by
    the head, which is kept outside the database. `seen_id` and `seen_transaction` say how far the log had come when the batch
    was sealed: the next one takes what is before, once every transaction of then has ended. Writers wait for nothing.
    """

    ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField(help_text="SHA-256 of each line, one after the other.")
    before = models.CharField(max_length=64, blank=True, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField(db_default=models.functions.Now())
    sealed_to = models.BigIntegerField(default=0, help_text="No line up to this one will come any more.")
    seen_id = models.BigIntegerField()
    seen_transaction = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"seal {self.pk}"
