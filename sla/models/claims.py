from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Least

from entitlements.models import Contract, User
from entitlements.models.guards import logged, logged_as_a_whole, logged_together, moves, only_changes
from entitlements.models.light import ReadInPart
from entitlements.models.pairs import paired
from entitlements.models.worded import Worded
from sla.models.failures import Failure
from sla.models.guards import (
    kept_once_received,
    late_only_by_a_waiver,
    received_once,
    taken_back_before_it_is_sent,
    under_no_merged_cause,
)
from sla.models.outages import Cause
from sla.models.receipt_guards import (
    covered_by_a_credit,
    later_once_it_is_sent,
    listed_before_it_is_sent,
    open_again_as_it_ended,
)
from sla.rules.lifecycle import CLAIM_MOVES, ClaimState
from sla.rules.losses import Attempt, LineKind

TO_DECIDE = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFORMATION_REQUESTED, ClaimState.IN_AUDIT)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def drafts(self) -> ClaimQuerySet:
        return self.filter(state=ClaimState.DRAFT)

    def to_decide(self) -> ClaimQuerySet:
        return self.filter(state__in=TO_DECIDE)

    def window_ended(self, by: datetime) -> ClaimQuerySet:
        """S13: drafts whose stored deadline is at or before `by`."""
        return self.drafts().filter(closes_at__lte=by)

    def with_first_window(self, now: datetime) -> ClaimQuerySet:
        """S13: to narrow by `first_window`, the first of its failures' windows that has not ended by `now` (UTC); None where all have."""
        held = ClaimFailure.objects.filter(claim=OuterRef("pk"), released_at__isnull=True, failure__closes_at__gt=now)
        return self.alias(first_window=Subquery(held.order_by("failure__closes_at").values("failure__closes_at")[:1]))

    def with_send_by(self, now: datetime) -> ClaimQuerySet:
        """S13: `send_by`: by then a draft is to be sent, the end of its first window, and of its own where that is earlier."""
        first = Coalesce(F("first_window"), F("closes_at"))
        return self.with_first_window(now).annotate(send_by=Least(first, F("closes_at")))

    def light(self) -> ClaimQuerySet:
        """With customer and contract, and of all three only what the clock reads when it works on many at once."""
        of_contract = ("contract__zone", "contract__currency", "contract__customer__name")
        read = ("reference", "state", "closes_at", "remind_at", "sends_itself_at", "opened_by_id")
        return self.select_related("contract__customer").only(*read, *of_contract)


class Claim(ReadInPart):
    """S13, S19: a claim for a credit: its draft, its receipt, its way to a decision."""

    class Method(models.TextChoices):
        TRANSACTIONS = "transactions", "Transactions that failed, one by one"
        RATE = "rate", "The average rate of the three months before"

    reference = models.CharField(max_length=20, unique=True)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="claims")
    cause = models.ForeignKey(Cause, null=True, blank=True, on_delete=models.PROTECT, related_name="claims")
    state = models.CharField(
        max_length=22,
        choices=[(state.value, state.value.replace("_", " ").capitalize()) for state in ClaimState],
        default=ClaimState.DRAFT,
    )
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.TRANSACTIONS)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(help_text="When the draft was last changed.")
    closes_at = models.DateTimeField(help_text="The end of the last of its failures' windows. Never recomputed.")
    remind_at = models.DateTimeField(null=True, blank=True, help_text="T1: when the next reminder can be due.")
    sends_itself = models.BooleanField(
        "send by itself", default=True, help_text="A complete draft is sent one hour before its deadline."
    )
    sends_itself_at = models.DateTimeField(null=True, blank=True, help_text="S13: set while the draft is complete.")
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=60, blank=True)
    audit_consent_at = models.DateTimeField(null=True, blank=True)
    audit_consent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    expenses_basis = models.TextField(blank=True, help_text="S9: how the customer worked the expenses out.")
    affected_systems = models.BooleanField(null=True, help_text="S9 (i): all of it went through the affected systems.")
    other_system_down = models.BooleanField(null=True, help_text="S9 (ii): some needed a system that was down anyway.")
    repair_costs = models.BooleanField(null=True, help_text="S9 (iii): some of it is what a repair or substitute cost.")
    declared_at = models.DateTimeField(null=True, blank=True)
    declared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(null=True, blank=True, help_text="Receipt by the database's clock (S13).")
    received_by_the_clock = models.BooleanField(default=False, help_text="The complete draft sent itself.")
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Of a lapse: its deadline, however late the clock ran."
    )
    waived_at = models.DateTimeField(null=True, blank=True, help_text="S13: two people waived that it was late.")
    aside_until = models.DateTimeField(null=True, blank=True, help_text="A reviewer put it aside until then.")
    aside_why = models.TextField(blank=True, default="", db_default="")
    failures = models.ManyToManyField(Failure, through="ClaimFailure", related_name="claims")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            paired("claim", "opened"),
            paired("claim", "audit_consent"),
            paired("claim", "declared"),
            paired("claim", "taken"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "lapsed", "withdrawn", "covered"]) | Q(received_at__isnull=False),
                name="a_claim_under_way_has_its_receipt",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True)
                | Q(received_at__lt=models.F("closes_at"))
                | Q(waived_at__isnull=False),
                name="a_claim_is_received_before_its_window_ends",
            ),
            models.CheckConstraint(
                condition=Q(aside_until__isnull=True, aside_why="") | (Q(aside_until__isnull=False) & ~Q(aside_why="")),
                name="a_claim_put_aside_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="claims_the_newest_first"),
            models.Index(fields=["closes_at", "id"], condition=Q(state="draft"), name="drafts_running"),
            models.Index(
                fields=["remind_at", "id"],
                condition=Q(state="draft", remind_at__isnull=False),
                name="drafts_to_remind_of",
            ),
            models.Index(
                fields=["sends_itself_at", "id"],
                condition=Q(state="draft", sends_itself_at__isnull=False),
                name="drafts_that_send_themselves",
            ),
            models.Index(
                fields=["received_at", "id"],
                condition=Q(state__in=["submitted", "in_review", "information_requested", "in_audit"]),
                name="claims_to_decide",
            ),
        ]
        triggers = [
            *logged_together("contact_name", "contact_email", "contact_phone", "expenses_basis"),
            moves("state", {str(start): tuple(map(str, ends)) for start, ends in CLAIM_MOVES.items()}),
            under_no_merged_cause(),
            late_only_by_a_waiver(),
            received_once(),
            open_again_as_it_ended(),
            covered_by_a_credit(),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_draft(self) -> bool:
        return self.state == ClaimState.DRAFT

    def own_failures(self) -> models.QuerySet[Failure]:
        """S13: what it is for, or was when it ended; not what it gave up before to a claim that came in writing."""
        return _own_failures(self.pk, self.closed_at)

    def read_failures(self) -> list[Failure]:
        """As `own_failures`, read at once for a page: each with its outage, and with the contract that the claim has already."""
        found = sorted(_WITH_OUTAGES(self.pk, self.closed_at), key=lambda one: (one.began_at, one.pk), reverse=True)
        for failure in found:
            if failure.contract_id == self.contract_id:
                failure.contract = self.contract
        return found


def _own_failures(claim: int, closed_at: datetime | None) -> models.QuerySet[Failure]:
    held = Q(claim_failures__released_at__isnull=True) | Q(claim_failures__released_at=closed_at)
    return Failure.objects.filter(held, claim_failures__claim=claim)


_WITH_OUTAGES = Worded(
    lambda claim, closed_at: _own_failures(claim, closed_at).select_related("outage").order_by(), planned_once=True
)


class ClaimFailure(models.Model):
    """A failure that a claim is for. A failure belongs to one live claim."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="claim_failures")
    failure = models.ForeignKey(Failure, on_delete=models.PROTECT, related_name="claim_failures")
    released_at = models.DateTimeField(null=True, blank=True, help_text="Set when the claim ended without using it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["failure"], condition=Q(released_at__isnull=True), name="a_failure_is_in_one_live_claim"
            ),
        ]
        triggers = [logged(), kept_once_received()]

    def __str__(self) -> str:
        return f"{self.failure} in {self.claim}"


class LostTransaction(models.Model):
    """S9: a third-party transaction attempted and not completed, as the customer states it, and what the reviewer found."""

    class Strike(models.TextChoices):
        COMPLETED = "completed", "Completed, or completed later"
        NO_DOCUMENT = "no_document", "No document"
        NOT_THIRD_PARTY = "not_third_party", "Not with a third party"
        OTHER_CAUSE = "other_cause", "Failed for another cause"
        NOT_AFFECTED_SYSTEMS = "i_not_affected_systems", "Not through the affected systems"
        OTHER_SYSTEM_DOWN = "ii_other_system_down", "Needed a system that was down anyway"
        REPAIR_COST = "iii_repair_or_substitute_cost", "A cost of repair, replacement or substitute"
        ANOTHER_ATTEMPT = "another_attempt", "Another attempt at a transaction of the list"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="transactions")
    line = models.PositiveIntegerField()
    attempted_at = models.DateTimeField()
    what = models.CharField(max_length=200, help_text="The transaction: order number, party, what it was for.")
    revenue = models.DecimalField(max_digits=18, decimal_places=6)
    expenses = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    document = models.ForeignKey(
        "sla.Evidence", null=True, blank=True, on_delete=models.PROTECT, related_name="documents_lines"
    )
    file = models.ForeignKey(
        "sla.TransactionFile", null=True, blank=True, on_delete=models.PROTECT, related_name="transactions"
    )
    form_key = models.UUIDField(
        db_default=RandomUUID(),
        unique=True,
        editable=False,
        help_text="Of the form that added it: sent twice, it adds once (X9).",
    )
    struck = models.CharField(max_length=32, choices=Strike.choices, blank=True)
    struck_note = models.TextField(blank=True)
    kept_note = models.TextField(blank=True, default="", db_default="", help_text="Why the reviewer kept it.")
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["claim_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "line"], name="one_transaction_on_a_line"),
            models.CheckConstraint(condition=Q(expenses__gte=0), name="expenses_are_not_negative"),
            models.CheckConstraint(
                condition=Q(struck="", struck_at__isnull=True)
                | (~Q(struck="") & Q(struck_at__isnull=False) & ~Q(struck_note="")),
                name="a_struck_line_says_why",
            ),
            models.CheckConstraint(condition=Q(struck="") | Q(kept_note=""), name="a_line_is_struck_or_kept"),
            paired("transaction", "struck"),
        ]
        triggers = [
            *logged_as_a_whole("what"),
            only_changes("struck", "struck_note", "struck_at", "struck_by", "kept_note", "document"),
            kept_once_received(),
            listed_before_it_is_sent(),
        ]

    def __str__(self) -> str:
        return f"{self.claim} line {self.line}"

    def facts(self) -> Attempt:
        """S9: the line as the rule reads it: what the customer stated, and the one thing that the reviewer found against it."""
        strike = self.Strike
        return Attempt(
            key=str(self.line),
            attempted=self.attempted_at,
            revenue=self.revenue,
            documented_expenses=(self.expenses,),
            undocumented_expenses=(),
            completed=self.struck == strike.COMPLETED,
            documented=self.struck != strike.NO_DOCUMENT,
            third_party=self.struck != strike.NOT_THIRD_PARTY,
            due_to_failure=self.struck != strike.OTHER_CAUSE,
            affected_systems=self.struck != strike.NOT_AFFECTED_SYSTEMS,
            other_system_down=self.struck == strike.OTHER_SYSTEM_DOWN,
            kind=LineKind.REPAIR if self.struck == strike.REPAIR_COST else LineKind.SALE,
            repeats=self.struck == strike.ANOTHER_ATTEMPT,
        )

    @property
    def profit(self) -> Fraction:
        """S9: exact; below zero for a loss."""
        return self.facts().profit


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def that_counts(self) -> EvidenceQuerySet:
        """S13: not what was taken back, nor what has a virus."""
        return self.filter(removed_at__isnull=True).exclude(scan=Evidence.Scan.REFUSED)

    def can_be_opened(self) -> EvidenceQuerySet:
        """V39: not what waits for its scan, nor what has a virus."""
        return self.exclude(scan__in=[Evidence.Scan.WAITING, Evidence.Scan.REFUSED])


class Evidence(models.Model):
    """A document of a claim. Kept under a generated name outside the web root; served as a download only."""

    class Scan(models.TextChoices):
        UNSCANNED = "unscanned", "Not scanned"
        WAITING = "waiting", "Waiting for its scan"
        CLEAN = "clean", "Clean"
        REFUSED = "refused", "Refused"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    label = models.CharField(max_length=200, help_text="What the document shows, in your words.")
    original_name = models.CharField(max_length=255)
    stored_as = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.UNSCANNED)
    scanned_at = models.DateTimeField(null=True, blank=True, help_text="When a scanner gave its verdict.")
    flag = models.CharField(
        max_length=200, blank=True, help_text="Encrypted or damaged: counts, and is flagged at once."
    )
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    later = models.BooleanField(default=False, help_text="Added after the claim was sent.")
    asked_for = models.BooleanField(default=False, help_text="Added while we waited for what we had asked for.")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "id"]
        verbose_name_plural = "evidence"
        constraints = [
            paired("evidence", "uploaded"),
            paired("evidence", "removed"),
            models.CheckConstraint(
                condition=Q(scan__in=["clean", "refused"], scanned_at__isnull=False)
                | Q(scan__in=["unscanned", "waiting"], scanned_at__isnull=True),
                name="a_scan_has_its_time",
            ),
            models.CheckConstraint(condition=Q(asked_for=False) | Q(later=True), name="what_was_asked_for_came_later"),
        ]
        indexes = [models.Index(fields=["uploaded_at", "id"], condition=Q(scan="waiting"), name="files_to_scan")]
        triggers = [
            logged("label", "original_name"),
            only_changes("scan", "scanned_at", "removed_at", "removed_by"),
            taken_back_before_it_is_sent(),
            later_once_it_is_sent(),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def counts(self) -> bool:
        """As `that_counts`."""
        return self.removed_at is None and self.scan != self.Scan.REFUSED
