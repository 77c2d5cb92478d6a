"""The ledger of credits (S11, S12, S19): lines are only added, each as two people decided it; a balance is their sum."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Sum

from entitlements.models import Customer, User
from entitlements.models.guards import append_only, locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.models.decisions import Proposal
from sla.models.guards import credited_as_approved, under_no_merged_cause
from sla.models.ledger_guards import (
    as_two_people_decided,
    numbered_without_gaps,
    posted_by_who_may,
    proved_as_it_is,
    void_once_undone,
    waits_for_the_proof,
)
from sla.models.outages import Cause
from sla.models.second_person import NeedsSecondPerson


class Credit(models.Model):
    """S12: the one credit of a customer for a cause. A second that is not void is refused by the database.

    Undone by an opposite entry it keeps its place; only one that a merge of causes sets off is void, and leaves it.
    """

    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credits")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="credits")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="credits")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="credit")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "cause"],
                condition=Q(voided_at__isnull=True),
                name="one_credit_for_a_single_cause",
                violation_error_message="This customer already has a credit for the same cause.",
            ),
            paired("credit", "voided"),
        ]
        triggers = [logged(), under_no_merged_cause(), credited_as_approved(), void_once_undone()]

    def __str__(self) -> str:
        return self.reference

    @property
    def balance(self) -> Decimal:
        """What is left of it to be applied: the sum of its entries."""
        return self.entries.sum()

    @property
    def granted(self) -> Decimal:
        """What of its grant stands, whatever of it went into invoices."""
        return self.entries.filter(memo__isnull=False).sum()

    @property
    def currency(self) -> str:
        return self.claim.contract.currency


class EntryKind(models.TextChoices):
    """S19: what a line of the ledger does."""

    GRANT = "grant", "Granted"
    APPLICATION = "application", "Applied to an invoice"
    REVERSAL = "reversal", "Reversed"
    CORRECTION = "correction", "Corrected"


class Posting(NeedsSecondPerson):
    """S19: a line for the ledger as one person proposes it and another approves it. A grant has its decision instead."""

    class Kind(models.TextChoices):
        APPLICATION = EntryKind.APPLICATION.value, "Apply to an invoice"
        REVERSAL = EntryKind.REVERSAL.value, "Reverse"
        CORRECTION = EntryKind.CORRECTION.value, "Correct"

    credit = models.ForeignKey(Credit, on_delete=models.PROTECT, related_name="postings")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="As it will stand in the ledger, signed.")
    corrects = models.ForeignKey(
        "CreditEntry", null=True, blank=True, on_delete=models.PROTECT, related_name="postings"
    )
    invoice = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    set_off_by = models.ForeignKey(
        Credit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sets_off",
        help_text="S12: the credit that is kept where two causes turn out to be one. The reversed one is void then.",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            paired("posting", "proposed"),
            paired("posting", "approved"),
            paired("posting", "returned"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="who_approves_a_posting_is_never_who_proposed",
                violation_error_message="You proposed this line. Somebody else has to approve it.",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(returned_at__isnull=True),
                name="a_posting_is_approved_or_returned_not_both",
            ),
            models.CheckConstraint(
                condition=~Q(kind="application") | Q(amount__lt=0, corrects__isnull=True) & ~Q(invoice=""),
                name="an_application_takes_from_a_credit_for_an_invoice",
            ),
            models.CheckConstraint(
                condition=Q(kind="application") | Q(corrects__isnull=False, invoice="") & ~Q(reason="") & ~Q(amount=0),
                name="a_reversal_or_correction_says_of_what_and_why",
            ),
            models.CheckConstraint(
                condition=Q(set_off_by__isnull=True) | Q(kind="reversal") & ~Q(set_off_by=F("credit")),
                name="only_a_reversal_sets_a_credit_off",
            ),
            models.UniqueConstraint(
                fields=["credit"],
                condition=Q(approved_at__isnull=True, returned_at__isnull=True),
                name="one_posting_waits_for_a_credit",
            ),
        ]
        triggers = [
            logged(),
            posted_by_who_may(),
            locked_once("approved_at"),
            locked_once("returned_at"),
            only_changes("approved_at", "approved_by", "returned_at", "returned_by", "return_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.credit}"


class CreditEntryQuerySet(models.QuerySet["CreditEntry"]):
    def sum(self) -> Decimal:
        """Of lines in one currency."""
        return Decimal(self.aggregate(sum=Sum("amount", default=Decimal("0.00")))["sum"])

    def sums(self) -> list[tuple[str, Decimal]]:
        """By currency."""
        found = self.order_by("currency").values_list("currency").annotate(sum=Sum("amount"))
        return [(currency, amount) for currency, amount in found]


class CreditEntry(models.Model):
    """One line of the credit ledger. Lines are added, never changed; a balance is their sum.

    A grant stands behind the decision of its claim, every other line behind a posting; the database refuses one that says
    otherwise than two people decided, and one that takes more than there is. A line that changes what is granted is a memo,
    numbered without gaps.
    """

    Kind = EntryKind

    credit = models.ForeignKey(Credit, on_delete=models.PROTECT, related_name="entries")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credit_entries")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField()
    note = models.TextField(blank=True)
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    posting = models.OneToOneField(
        Posting, null=True, blank=True, on_delete=models.PROTECT, related_name="entry", editable=False
    )
    invoice = models.CharField(max_length=60, blank=True, default="", db_default="")
    memo = models.PositiveIntegerField(null=True, unique=True, editable=False, help_text="Numbered by the database.")
    made_out_to = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="The customer's name on that day."
    )
    recorded_at = models.DateTimeField(db_default=models.functions.Now())

    objects = CreditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "credit entries"
        constraints = [
            models.CheckConstraint(condition=~Q(approved_by=F("proposed_by")), name="a_credit_entry_needs_two_people"),
            models.CheckConstraint(
                condition=(Q(kind="grant") & Q(amount__gte=0)) | ~Q(kind="grant"), name="a_grant_is_not_negative"
            ),
            models.UniqueConstraint(fields=["credit"], condition=Q(kind="grant"), name="a_credit_is_granted_once"),
        ]
        triggers = [logged(), append_only(), waits_for_the_proof(), numbered_without_gaps(), as_two_people_decided()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"

    @property
    def memo_number(self) -> str:
        """As it stands on the paper; empty for a line that is no memo."""
        return f"CM-{self.memo:06}" if self.memo else ""


class LedgerProof(models.Model):
    """M6, P22: what the clock found when it added the ledger up and looked at the seals of the event log.

    `hash` is over every line up to `last_entry`, so that the next proof sees whether one of them was touched. `seals` and `head`:
    how many batches of the log were under seal, and the digest of the last.
    """

    day = models.DateField(unique=True, help_text="In UTC. One proof a day.")
    made_at = models.DateTimeField()
    entries = models.PositiveIntegerField()
    last_entry = models.BigIntegerField(default=0)
    balances = models.JSONField(default=dict, help_text="By currency.")
    hash = models.CharField(max_length=64)
    seals = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    troubles = models.JSONField(default=list, help_text="What does not add up, in sentences; empty: balanced.")

    class Meta:
        ordering = ["-day"]
        triggers = [logged(), append_only(), proved_as_it_is()]

    def __str__(self) -> str:
        return f"proof of {self.day}"

    @property
    def balanced(self) -> bool:
        return not self.troubles
