"""S4, S7: imports of alert logs: which of them stand, their tables, and the quarter hours that they count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q

from entitlements.models import Customer, User
from entitlements.models.guards import logged, logged_but_for, moves
from entitlements.models.pairs import paired
from sla.rules.delivery import DELIVERY_RECEIPT

QUARTER_MINUTES = 15
"""Of the roll-up that is kept at import. An edition with quarter hours of another length is answered from the rows (S7)."""

LOUD = 11
"""Quarter hours with more triggers have an index of their own. S7: none with fewer excludes anything where the multiple is as high."""

LOG_KINDS = ("provider_api_call", "push_attempt", "sms_sent", "email_sent", DELIVERY_RECEIPT)
"""S4: the kinds of log entry that have a column of their own, named for them with `_at`. Entries of any other stand in `other_logs`."""

WAITED = """COALESCE(LEAST(delivery_receipt_at, CASE channel
    WHEN 'phone' THEN provider_api_call_at WHEN 'push' THEN push_attempt_at WHEN 'sms' THEN sms_sent_at
    WHEN 'email' THEN email_sent_at END) - received_at - delay, interval 'infinity')"""
"""As words about a notification: how long after its delay it was sent by the usual logs; infinity without one."""

MAY_BE_LATE = f"initial AND first_responder AND high_urgency AND {WAITED} > interval '00:01:00'"
"""S5: the predicate of the index on what may be late, which holds `WAITED` too: more than a minute beyond its delay by the usual logs.

Only for an edition with these deciding logs and a limit of a minute or more is it wider than what is late.
"""


STANDS = """NOT EXISTS (SELECT FROM sla_alertrestated AS later JOIN sla_alertimport AS brought ON brought.id = later.by_id
    WHERE later.source_id = {0}.source_id AND later.line = {0}.line AND brought.state = 'imported')"""
"""As words about a notification: no later log that is on record says more of it."""


class AlertMapping(models.Model):
    """Which column of a source's files is what, kept for its next file."""

    name = models.CharField(max_length=60, unique=True, help_text="Where such files come from.")
    columns = models.JSONField(help_text="By what is needed, the head of the column that has it.")
    zone = models.CharField(max_length=60, blank=True, help_text="Of times that are written without an offset.")
    delay_unit = models.CharField(max_length=7, default="minutes")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [paired("alert_mapping", "saved")]
        triggers = [logged()]

    def __str__(self) -> str:
        return self.name


class AlertImportState(models.TextChoices):
    MAPPING = "mapping", "Columns to be named"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked, nothing imported yet"
    IMPORTING = "importing", "Being imported"
    IMPORTED = "imported", "Imported"
    UNDONE = "undone", "Undone"
    LEFT = "left", "Left"


STANDING = tuple(one for one in AlertImportState if one not in (AlertImportState.UNDONE, AlertImportState.LEFT))
AT_WORK = (AlertImportState.CHECKING, AlertImportState.IMPORTING)
UNDER_WAY = Q(state__in=AT_WORK) | Q(state=AlertImportState.IMPORTED, undo_asked_at__isnull=False)
"""What the background has something to do for. An import that is being undone counts in full until it is undone as a whole."""

ALERT_IMPORT_MOVES: dict[str, tuple[str, ...]] = {
    AlertImportState.MAPPING: (AlertImportState.CHECKING, AlertImportState.LEFT),
    AlertImportState.CHECKING: (AlertImportState.CHECKED, AlertImportState.MAPPING),
    AlertImportState.CHECKED: (AlertImportState.IMPORTING, AlertImportState.MAPPING, AlertImportState.LEFT),
    AlertImportState.IMPORTING: (AlertImportState.IMPORTED, AlertImportState.CHECKED),
    AlertImportState.IMPORTED: (AlertImportState.UNDONE,),
}


class AlertImportQuerySet(models.QuerySet["AlertImport"]):
    def imported(self) -> AlertImportQuerySet:
        """Those whose rows count."""
        return self.filter(state=AlertImportState.IMPORTED)

    def at_work(self) -> AlertImportQuerySet:
        """Those that the background has something to do for."""
        return self.filter(UNDER_WAY)


class AlertImport(models.Model):
    """A file of alert logs on its way: handed in, its columns named, checked, imported as a whole or not at all, and undone as a whole.

    `rows` are those of the file: `good` come in, `refused` cannot, `known` stand on record by an earlier import.
    """

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        JSONL = "jsonl", "JSON Lines"
        PARQUET = "parquet", "Parquet"

    class Repeated(models.TextChoices):
        REFUSED = "", "Refuse them"
        FIRST = "first", "They are of the first pass of the hour"
        SECOND = "second", "They are of the second pass of the hour"

    reference = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=AlertImportState.choices, default=AlertImportState.MAPPING)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    packed = models.BooleanField(default=False, help_text="The file is compressed by gzip.")
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=100, unique=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    columns = models.JSONField(default=dict, blank=True, help_text="By what is needed, the head that has it.")
    zone = models.CharField(max_length=60, blank=True)
    repeated = models.CharField(max_length=6, blank=True, choices=Repeated.choices, default=Repeated.REFUSED)
    delay_unit = models.CharField(max_length=7, default="minutes")

    phase = models.PositiveSmallIntegerField(default=0, help_text="The step that is to be done next.")
    position = models.PositiveBigIntegerField(default=0, help_text="So far the file is read, in bytes or rows.")
    line = models.PositiveBigIntegerField(default=0, help_text="So far the file is read, in lines.")
    share = models.FloatField(default=0, db_default=0, help_text="So much of the file is read: 0 to 1.")
    rows = models.PositiveBigIntegerField(default=0)
    good = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0)
    left_out = models.JSONField(
        default=dict,
        blank=True,
        help_text="How many of `known` by the import that brought them; empty: the file itself.",
    )
    later_heads = models.JSONField(
        default=dict, blank=True, help_text="Heads that no row at the file's beginning has, with the line of the first."
    )
    first_received = models.DateTimeField(null=True, blank=True)
    last_received = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True, help_text="When the work at hand began.")
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=36, blank=True)
    waited = models.DurationField(
        default=timedelta,
        db_default=timedelta(),
        help_text="So long of it nobody had it in hand: before, and after a worker was ended.",
    )
    trouble = models.TextField(blank=True, help_text="Why the work could not be done.")

    checked_at = models.DateTimeField(null=True, blank=True)
    without_refused = models.BooleanField(default=False, help_text="Chosen on the dry run: the rest comes in.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True, blank=True)
    undo_asked_at = models.DateTimeField(null=True, blank=True)
    undo_asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rests_on = models.ManyToManyField(
        "self", symmetrical=False, related_name="borne", help_text="Imports that brought rows which this file has too."
    )

    objects = AlertImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            paired("alert_import", "uploaded"),
            paired("alert_import", "confirmed"),
            paired("alert_import", "undo_asked"),
            paired("alert_import", "undone"),
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(state__in=STANDING), name="a_file_of_alerts_stands_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "importing", "imported"])
                | Q(rows=F("good") + F("refused") + F("known")),
                name="the_counts_of_an_alert_import_add_up",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["importing", "imported"]) | Q(refused=0) | Q(without_refused=True),
                name="refused_alerts_are_left_out_by_choice",
            ),
            models.CheckConstraint(
                condition=Q(imported_at__isnull=False) | ~Q(state__in=["imported", "undone"]),
                name="an_imported_file_of_alerts_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["lease_until", "id"], condition=Q(state__in=AT_WORK), name="alert_imports_at_work")
        ]
        triggers = [
            moves("state", ALERT_IMPORT_MOVES),
            *logged_but_for(
                "phase",
                "position",
                "line",
                "rows",
                "good",
                "refused",
                "known",
                "lease_until",
                "worker",
                "share",
                "waited",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_being_undone(self) -> bool:
        return self.state == AlertImportState.IMPORTED and self.undo_asked_at is not None

    @property
    def is_at_work(self) -> bool:
        """Whether the background has something to do for it."""
        return self.state in AT_WORK or self.is_being_undone

    @property
    def step(self) -> str:
        """In words, how far it has come."""
        return "Being undone" if self.is_being_undone else self.get_state_display()


class AlertPart(models.Model):
    """The table that an import has for a month of receipt (UTC), and from when to when its rows were received."""

    source = models.ForeignKey(AlertImport, on_delete=models.PROTECT, related_name="parts")
    month = models.DateField(help_text="Its first day.")
    rows = models.PositiveBigIntegerField(default=0)
    first_received = models.DateTimeField(null=True, blank=True)
    last_received = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True, help_text="By retention.")

    class Meta:
        ordering = ["source", "month"]
        constraints = [models.UniqueConstraint(fields=["source", "month"], name="one_table_for_an_import_and_month")]

    def __str__(self) -> str:
        return f"{self.source} in {self.month:%Y-%m}"


class AlertRefusalQuerySet(models.QuerySet["AlertRefusal"]):
    def by_reason(self) -> models.QuerySet[AlertRefusal, dict[str, Any]]:
        """M9.2: how many rows are refused for the same reason in the same column, most first, with a sentence and the first line."""
        reasons = self.order_by().values("column", "code")
        counted = reasons.annotate(rows=models.Count("pk"), first=models.Min("line"), sentence=models.Min("sentence"))
        return counted.order_by("-rows", "first")


class AlertRefusal(models.Model):
    """A row of a file that cannot come in: its line, why, and how it reads."""

    source = models.ForeignKey(AlertImport, on_delete=models.PROTECT, related_name="refusals")
    line = models.PositiveBigIntegerField()
    column = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=30)
    sentence = models.CharField(max_length=300)
    as_read = models.TextField(blank=True)

    objects = AlertRefusalQuerySet.as_manager()

    class Meta:
        ordering = ["source", "line", "id"]
        indexes = [models.Index(fields=["source", "line"], name="refused_alerts_in_order")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class AlertRestated(models.Model):
    """A notification of which a later log says more: its acknowledgement, its resolution, entries of its log, its reference.

    Once the later import stands, its line counts and this one does not; while it does not, or is undone, this one does.
    """

    pk = models.CompositePrimaryKey("source", "line", "by")
    source = models.ForeignKey(
        AlertImport, on_delete=models.PROTECT, related_name="restated", db_constraint=False, db_index=False
    )
    line = models.BigIntegerField()
    by = models.ForeignKey(AlertImport, on_delete=models.PROTECT, related_name="restates", db_constraint=False)
    by_line = models.BigIntegerField()

    class Meta:
        ordering = ["source", "line"]

    def __str__(self) -> str:
        return f"line {self.line}, by line {self.by_line}"


class AlertMonth(models.Model):
    """A month of receipt (UTC) that the logs are kept for; `dropped_at` once retention has taken it away."""

    month = models.DateField(unique=True, help_text="Its first day.")
    made_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["month"]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class AlertQuarter(models.Model):
    """S7: a quarter hour of the UTC clock as an import counts it: triggers that led to a notification, and incidents begun.

    What an earlier import has counted is not counted again: the sum over the imports is the quarter's. The key's index
    holds what is counted, too.
    """

    pk = models.CompositePrimaryKey("customer", "start", "source")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    start = models.DateTimeField()
    source = models.ForeignKey(
        AlertImport, on_delete=models.PROTECT, related_name="quarters", db_constraint=False, db_index=False
    )
    volume = models.IntegerField()
    incidents = models.IntegerField()
    alone = models.BooleanField(
        default=False,
        db_default=False,
        help_text="No other import has this quarter hour, so that nothing is to be added up.",
    )

    class Meta:
        ordering = ["customer", "start"]
        indexes = [
            models.Index(
                fields=["customer", "start"],
                include=["volume", "incidents"],
                condition=Q(alone=False),
                name="alert_quarters_to_add_up",
            ),
            models.Index(
                fields=["customer", "start"],
                include=["volume", "incidents", "alone"],
                condition=Q(volume__gt=LOUD),
                name="alert_quarters_loud",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volume} from {self.start:%Y-%m-%d %H:%M}"
