"""S16: what one contract's part of a withdrawal is, what was chosen of it, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now

from entitlements.models import Contract, User
from entitlements.models.contracts import check_zone
from entitlements.models.guards import append_only, logged, moves
from entitlements.models.pairs import paired
from sla.models.election_guards import late_by_two_people, the_notice_stays
from sla.models.prices import Billing
from sla.models.terms import TermsEdition
from sla.models.withdrawals import CHOICES, Withdrawal

_DAY = timedelta(days=1)


class ElectionState(models.TextChoices):
    PREPARED = "prepared", "Prepared"
    SENT = "sent", "Notice on its way"
    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"
    VOID = "void", "Void: the contract ended first"
    CANCELLED = "cancelled", "Cancelled"


ELECTION_MOVES: dict[str, tuple[str, ...]] = {
    ElectionState.PREPARED: (ElectionState.SENT, ElectionState.CANCELLED),
    ElectionState.SENT: (ElectionState.OPEN, ElectionState.VOID, ElectionState.CANCELLED),
    ElectionState.OPEN: (
        ElectionState.SENT,
        ElectionState.DECIDED,
        ElectionState.VOID,
        ElectionState.CANCELLED,
    ),
}
"""From open back to sent: the notice came back, and nothing else stands of it."""

RUNNING = (ElectionState.SENT, ElectionState.OPEN)


class ElectionQuerySet(models.QuerySet["Election"]):
    def on_its_way(self) -> ElectionQuerySet:
        """The notice has been written, and has not reached the customer."""
        return self.filter(state=ElectionState.SENT)

    def open(self) -> ElectionQuerySet:
        return self.filter(state=ElectionState.OPEN)

    def running(self) -> ElectionQuerySet:
        return self.filter(state__in=RUNNING)

    def ended_with_their_contracts(self, ended: datetime) -> ElectionQuerySet:
        """Running ones whose contract had ended by then, before their deadline; by the end on record, or, where that lies ahead, by the
        term as it was cut. Of the latter some end within a day or two: their end is noted."""
        on_record = Q(contract_ends_at__lte=ended) & (Q(deadline=None) | Q(contract_ends_at__lte=F("deadline")))
        cut = Q(contract_ends_at__gt=ended + 2 * _DAY, term_ends__lte=ended + _DAY)
        term_ends = Cast("contract__term__endswith", models.DateTimeField())
        return self.running().alias(term_ends=term_ends).filter(on_record | cut)

    def running_or_prepared(self) -> ElectionQuerySet:
        return self.filter(state__in=(ElectionState.PREPARED, *RUNNING))


class Election(models.Model):
    """S16, S17: a contract's choice between a lower plan and a lower fee, with the figures of its notice, its clock, and its outcome.

    `vendor_choice` is this contract's own; empty: the withdrawal's. Once it is released the figures of the notice stay.
    """

    reference = models.CharField(max_length=20, unique=True)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="elections")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="elections")
    state = models.CharField(max_length=10, choices=ElectionState.choices, default=ElectionState.PREPARED)
    vendor_choice = models.CharField("if nobody chooses", max_length=5, choices=CHOICES, blank=True)
    vendor_choice_why = models.TextField("why", blank=True)
    vendor_chose_at = models.DateTimeField(null=True, blank=True)
    vendor_chose_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    # What the notice says, fixed at the release.
    terms = models.ForeignKey(TermsEdition, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    zone = models.CharField(max_length=60, blank=True, validators=[check_zone], help_text="Counts the seven days.")
    plan = models.CharField(max_length=60, blank=True)
    to_plan = models.CharField(max_length=60, blank=True, help_text="Empty: the lowest plan already, so only (2).")
    to_price = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    fee = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    billing_period = models.CharField(max_length=5, choices=Billing.choices, blank=True)
    prepaid = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    prepaid_days = DateRangeField(null=True, blank=True)
    notice_working = models.JSONField(null=True, blank=True, help_text="Both options as the notice priced them.")
    contract_ends_at = models.DateTimeField(null=True, blank=True, help_text="The first instant after the contract.")

    # Its clock.
    notice = models.PositiveSmallIntegerField(default=0, help_text="How often a notice was written.")
    noticed_at = models.DateTimeField(null=True, blank=True, help_text="When the last one was written.")
    opened_at = models.DateTimeField(null=True, blank=True, help_text="Opened in the portal.")
    opened_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reached_at = models.DateTimeField(null=True, blank=True, help_text="When the notice reached the customer.")
    deadline = models.DateTimeField(null=True, blank=True, help_text="The first instant too late, and of the effect.")
    remind_at = models.DateTimeField(null=True, blank=True)

    # Its outcome.
    choice = models.CharField(max_length=5, choices=CHOICES, blank=True)
    decided_by = models.CharField(
        max_length=8, choices=[("customer", "The customer"), ("vendor", "The vendor")], blank=True
    )
    settled_at = models.DateTimeField(null=True, blank=True, help_text="Decided, void or cancelled as of then.")
    effect_day = models.DateField(null=True, blank=True)
    new_fee = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, blank=True, help_text="Empty: of another plan, no fee is on record."
    )
    unused = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    credit = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    lasts_until = models.DateField(null=True, blank=True)
    held_plan = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="What held on the day of effect without it."
    )
    held_discount_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    held_cost = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    held_costs = models.JSONField(
        null=True,
        blank=True,
        help_text="What a seat would cost a month without it, by the first day of each line of fees.",
    )
    working = models.JSONField(null=True, blank=True, help_text="Both options for the day of effect.")

    objects = ElectionQuerySet.as_manager()

    class Meta:
        ordering = ["withdrawal", "contract__customer__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state__in=["prepared", "sent", "open"]),
                name="one_election_of_a_contract_at_a_time",
                violation_error_message="This contract is part of a withdrawal already.",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", noticed_at__isnull=True)
                | Q(state="cancelled")
                | Q(
                    noticed_at__isnull=False,
                    terms__isnull=False,
                    fee__isnull=False,
                    prepaid__isnull=False,
                    notice_working__isnull=False,
                    contract_ends_at__isnull=False,
                ),
                name="a_released_election_has_its_figures",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", deadline__isnull=True, reached_at__isnull=True)
                | Q(state__in=["open", "decided"], deadline__isnull=False, reached_at__isnull=False)
                | Q(state__in=["prepared", "void", "cancelled"]),
                name="an_open_election_has_its_deadline",
            ),
            models.CheckConstraint(
                condition=Q(deadline__isnull=True) | Q(deadline__gt=F("reached_at")),
                name="an_election_ends_after_its_notice_reached",
            ),
            models.CheckConstraint(
                condition=Q(state="decided", effect_day__isnull=False, settled_at__isnull=False)
                & (Q(new_fee__isnull=False) | Q(choice="stay") & ~Q(held_plan=""))
                & ~Q(choice="")
                & ~Q(decided_by="")
                | ~Q(state="decided") & Q(choice="", decided_by="", effect_day__isnull=True),
                name="a_decided_election_says_what_and_whose",
            ),
            models.CheckConstraint(
                condition=~Q(choice="shift") | ~Q(to_plan="") & Q(credit__isnull=False),
                name="nobody_shifts_from_the_lowest_plan",
            ),
            models.CheckConstraint(
                condition=Q(remind_at__isnull=True) | Q(state="open"), name="only_an_open_election_is_reminded_of"
            ),
            models.CheckConstraint(
                condition=Q(vendor_choice="", vendor_chose_at__isnull=True)
                | ~Q(vendor_choice="") & ~Q(vendor_choice_why="") & Q(vendor_chose_at__isnull=False),
                name="a_contracts_own_choice_says_who_and_why",
            ),
            paired("election", "opened"),
            paired("election", "vendor_chose"),
        ]
        indexes = [
            models.Index(fields=["noticed_at", "id"], condition=Q(state="sent"), name="elections_on_their_way"),
            models.Index(fields=["deadline", "id"], condition=Q(state="open"), name="elections_to_decide"),
            models.Index(
                fields=["remind_at", "id"],
                condition=Q(state="open", remind_at__isnull=False),
                name="elections_to_remind_of",
            ),
            models.Index(
                fields=["contract_ends_at", "id"],
                condition=Q(state__in=["sent", "open"]),
                name="elections_whose_contract_ends",
            ),
        ]
        triggers = [
            logged("working", "notice_working"),
            moves("state", ELECTION_MOVES),
            the_notice_stays(),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def tz(self) -> ZoneInfo:
        """The zone that counts its days; of one that is not released its contract's."""
        return ZoneInfo(self.zone or self.contract.zone)

    @property
    def point(self) -> str:
        """What the letters of its last notice are known by, beside its reference."""
        return f"notice {self.notice}"

    @property
    def by_silence(self) -> str:
        """S16: what happens if nobody chooses; on the lowest plan, and where nothing is recorded: they stay."""
        chosen = self.vendor_choice or self.withdrawal.vendor_choice
        return "shift" if chosen == "shift" and self.to_plan else "stay"

    @property
    def standing(self) -> str:
        """Its state in the words of the list: whose choice it was, and which."""
        if self.state != ElectionState.DECIDED:
            return {"sent": "notice_on_its_way", "open": "election_open"}.get(self.state, self.state)
        return f"chosen_{self.choice}" if self.decided_by == "customer" else f"defaulted_{self.choice}"

    @property
    def held_another(self) -> bool:
        """S17: whether another plan or discount than the notice's held on the day of effect, agreed on since."""
        noticed = (self.plan, self.discount_percent)
        return self.held_plan != "" and (self.held_plan, self.held_discount_percent) != noticed

    @property
    def held_fee(self) -> Decimal | None:
        """S17: what was paid per user and billing period until the day of effect. Of another plan than the notice's what is on record for
        that day, None if nothing is."""
        if not self.held_another or self.effect_day is None:
            return self.fee
        cost = (self.held_costs or {}).get(str(self.effect_day))
        return Decimal(cost) * Billing(self.billing_period).months if cost else None

    @property
    def fee_is_known(self) -> bool:
        """Whether its new fee is that of the plan that holds; of one that the program of before settled for another plan it is not."""
        return self.new_fee is not None and (self.choice == "shift" or self.held_fee is not None)

    @property
    def last_choice(self) -> str:
        """What was chosen last under the notice that stands, by the choices as they are read; empty: nothing, or taken back."""
        reached = self.reached_at
        made = [one for one in self.choices.all() if reached is not None and one.received_at >= reached]
        return made[-1].choice if made else ""

    def is_over(self, now: datetime) -> bool:
        """Whether its deadline has passed, though the clock may not have run yet (T4)."""
        return self.deadline is not None and self.deadline <= now


class ElectionChoice(models.Model):
    """S16: what the customer chose and when it was received, or that it took its choice back. Rows are only ever added.

    By a person in the portal, or by one of the staff from a document, which is kept with it.
    """

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="choices")
    choice = models.CharField(max_length=5, choices=CHOICES, blank=True, help_text="Empty: taken back.")
    received_at = models.DateTimeField(help_text="The receipt; the last one before the deadline counts.")
    signer = models.CharField(max_length=200, help_text="Who chose, by name.")
    chosen_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    original_name = models.CharField(max_length=255, blank=True)
    stored_as = models.CharField(max_length=80, blank=True)
    file_kind = models.CharField(max_length=10, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    late = models.OneToOneField(
        "LateChoice",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="made",
        editable=False,
        help_text="What two people confirmed, where it was entered after the effect.",
    )
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen_by__isnull=False, entered_by__isnull=True, stored_as="")
                | Q(chosen_by__isnull=True, entered_by__isnull=False) & ~Q(stored_as="") & ~Q(sha256=""),
                name="a_written_choice_has_its_document",
            ),
            models.CheckConstraint(condition=~Q(signer=""), name="a_choice_names_who_made_it"),
        ]
        triggers = [append_only(), late_by_two_people()]

    def __str__(self) -> str:
        return f"{self.get_choice_display() or 'Taken back'}, {self.election}"
