from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from entitlements.models import Customer, User
from entitlements.models.guards import append_only, locked_once, logged, only_changes
from entitlements.models.pairs import paired
from entitlements.rules.spans import Span
from sla.models.claims import Claim
from sla.models.outages import Outage
from sla.rules.exclusions import ExclusionKind, ForceMajeure, Responsibility

FOUND_KINDS = {
    ExclusionKind.CUSTOMER_NETWORK.numeral: "Customer's own telecommunications, internet provider or e-mail domain",
    ExclusionKind.FORCE_MAJEURE.numeral: "Force majeure",
    ExclusionKind.INTERNET.numeral: "Systemic internet failure",
    ExclusionKind.CUSTOMER_RESPONSIBILITY.numeral: "Customer responsibility",
    ExclusionKind.PUSH_CHANNEL.numeral: "Provider of the push channel",
    ExclusionKind.OUTSIDE_CONTROL.numeral: "Another cause outside the vendor's control",
}
"""S6: what is found; maintenance (iv) and volume (v) are computed."""

DETAILS = {
    ForceMajeure.GOVERNMENT: "Act or order of a government",
    ForceMajeure.LABOR: "Labor dispute or stoppage",
    ForceMajeure.DISASTER: "Natural disaster or fire",
    ForceMajeure.WAR: "War, terrorism or civil disorder",
    ForceMajeure.PROVIDER: "Telecommunications or services provider",
    ForceMajeure.BEYOND_CONTROL: "Other cause beyond reasonable control",
    Responsibility.CONFIGURATION: "Configuration and use according to the documentation",
    Responsibility.PROCEDURE: "Procedure in communicating the incident",
    Responsibility.CONTACTS: "Contact information kept up to date",
}
OWN_KINDS = (ExclusionKind.CUSTOMER_NETWORK.numeral, ExclusionKind.CUSTOMER_RESPONSIBILITY.numeral)
"""S6 (i), (vi): what is a customer's own cannot be everybody's."""

_FORCE_MAJEURE = ExclusionKind.FORCE_MAJEURE.numeral
_RESPONSIBILITY = ExclusionKind.CUSTOMER_RESPONSIBILITY.numeral


class FindingDocument(models.Model):
    """What shows a finding, as it was handed in. Kept whether a finding came of it or not."""

    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=80, unique=True)
    flag = models.CharField(max_length=200, blank=True, help_text="Encrypted or damaged: kept, and said.")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [paired("finding_document", "uploaded")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.name


class FindingQuerySet(models.QuerySet["Finding"]):
    def standing(self) -> FindingQuerySet:
        """Those that were neither withdrawn nor replaced by a corrected one."""
        return self.filter(withdrawn_at__isnull=True)

    def touching(self, start: datetime, end: datetime) -> FindingQuerySet:
        return self.filter(during__overlap=(start, end))

    def of_any(self, customers: Collection[int]) -> FindingQuerySet:
        """Those that concern one of these customers (by key)."""
        named = FindingCustomer.objects.filter(customer__in=customers)
        return self.filter(Q(everybody=True) | Q(pk__in=named.values("finding")))


class Finding(models.Model):
    """S6: a cause that excludes failures, found by a person, with evidence and a from–to.

    It is of an outage, of alerts (by a channel, of an incident), or, with none of these, of all that its customers had in that time.
    It is never edited: corrected, it is withdrawn and another stands in its place.
    """

    reference = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=4, choices=list(FOUND_KINDS.items()))
    detail = models.CharField(max_length=16, blank=True, choices=[(one.value, DETAILS[one]) for one in DETAILS])
    during = DateTimeRangeField("from–to")
    statement = models.TextField(help_text="Customers read it.")
    evidence = models.CharField(max_length=300, help_text="What the document shows, or where in it.")
    document = models.ForeignKey(FindingDocument, on_delete=models.PROTECT, related_name="findings")
    rests_on = models.CharField(
        max_length=300, blank=True, help_text="Of (vi): by which document the customer had to act."
    )
    state_then = models.TextField(blank=True, help_text="Of (vi): how that document, and what it asks, stood then.")
    everybody = models.BooleanField("concerns all customers", default=False)
    outage = models.ForeignKey(Outage, null=True, blank=True, on_delete=models.PROTECT, related_name="findings")
    channel = models.CharField(max_length=20, blank=True, help_text="Only alerts by it.")
    incident = models.CharField(max_length=200, blank=True, help_text="Only alerts of it, as the log has it.")
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    corrects = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    reason = models.TextField(blank=True, help_text="Of a correction: why it is another.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.TextField(blank=True)

    form_key = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Of the form that recorded it: sent twice, once (X9).",
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            paired("finding", "found"),
            paired("finding", "withdrawn"),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False)
                & Q(during__lower_inc=True, during__upper_inc=False),
                name="a_finding_has_a_from_and_a_to",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(FOUND_KINDS)), name="maintenance_and_volume_are_computed_not_found"
            ),
            models.CheckConstraint(
                condition=Q(kind=_FORCE_MAJEURE, detail__in=[one.value for one in ForceMajeure])
                | Q(kind=_RESPONSIBILITY, detail__in=[one.value for one in Responsibility])
                | ~Q(kind__in=[_FORCE_MAJEURE, _RESPONSIBILITY]) & Q(detail=""),
                name="force_majeure_and_responsibility_say_which",
            ),
            models.CheckConstraint(condition=~Q(statement="") & ~Q(evidence=""), name="no_finding_is_silent"),
            models.CheckConstraint(
                condition=(Q(kind=_RESPONSIBILITY) & ~Q(rests_on="") & ~Q(state_then=""))
                | (~Q(kind=_RESPONSIBILITY) & Q(rests_on="", state_then="")),
                name="a_responsibility_has_its_document_and_state",
            ),
            models.CheckConstraint(
                condition=~Q(kind=ExclusionKind.PUSH_CHANNEL.numeral) | Q(channel="push"),
                name="a_failure_of_push_is_of_the_push_channel",
            ),
            models.CheckConstraint(
                condition=Q(outage__isnull=True) | Q(channel="", incident=""),
                name="a_finding_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(incident="") | Q(everybody=False), name="an_incident_is_of_named_customers"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=OWN_KINDS) | Q(everybody=False),
                name="what_is_a_customers_own_names_its_customers",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="") | Q(corrects__isnull=False) & ~Q(reason=""),
                name="a_corrected_finding_says_why",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="a_withdrawn_finding_says_why",
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], condition=Q(withdrawn_at__isnull=True), name="findings_that_stand"),
        ]
        triggers = [
            logged(),
            only_changes("withdrawn_at", "withdrawn_by", "withdrawn_reason"),
            locked_once("withdrawn_at"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.kind}) {self.get_kind_display()}"

    @property
    def span(self) -> Span:
        return Span(self.during.lower, self.during.upper)

    @property
    def upon(self) -> str:
        """Upon what it is, in a few words."""
        if self.outage:
            return str(self.outage)
        incident = f" of incident {self.incident}" if self.incident else ""
        channel = f" by {self.channel}" if self.channel else ""
        return f"Alerts{incident}{channel}" if incident or channel else "All in that time"

    def keys(self) -> list[int] | None:
        """The customers whom it concerns, by key; None: everybody."""
        return None if self.everybody else list(self.named.values_list("customer", flat=True))


class FindingCustomer(models.Model):
    """A customer whom a finding concerns that does not concern everybody."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="named")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "customer"], name="a_finding_names_a_customer_once")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.finding.reference} for {self.customer}"


class Examination(models.Model):
    """S6: that somebody looked whether an exclusion holds for a claim, and did not find it. Not examined counts as not found, too."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="examinations")
    kind = models.CharField(max_length=4, choices=list(FOUND_KINDS.items()))
    note = models.TextField(help_text="What was looked at.")
    examined_at = models.DateTimeField()
    examined_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-examined_at", "-id"]
        constraints = [
            paired("examination", "examined"),
            models.CheckConstraint(condition=~Q(note=""), name="an_examination_says_what_was_looked_at"),
            models.CheckConstraint(
                condition=Q(kind__in=list(FOUND_KINDS)), name="only_what_is_found_by_people_is_examined"
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.claim}: ({self.kind}) examined"
