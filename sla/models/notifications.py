"""S4: alert logs. One row a notification, in a table for each import and month; the list of imports says which of them stand."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef

from entitlements.models import Customer
from sla.models.alerts import LOG_KINDS, AlertImport, AlertImportState, AlertRestated
from sla.rules.delivery import Alert, LogEntry


class NotificationQuerySet(models.QuerySet["Notification"]):
    def that_count(self) -> NotificationQuerySet:
        """Those of which no later log says more."""
        later = AlertRestated.objects.filter(
            source=OuterRef("source"), line=OuterRef("line"), by__state=AlertImportState.IMPORTED
        )
        return self.filter(~Exists(later))


class Notification(models.Model):
    """S4: one notification as the logs have it. The tables are made, filled and attached by an import and only read from here."""

    pk = models.CompositePrimaryKey("source", "line")
    source = models.ForeignKey(AlertImport, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    line = models.IntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    incident = models.TextField()
    received_at = models.DateTimeField()
    initial = models.BooleanField()
    responder = models.TextField()
    first_responder = models.BooleanField()
    high_urgency = models.BooleanField()
    channel = models.TextField()
    registered = models.TextField(null=True)
    located = models.TextField(null=True)
    delay = models.DurationField()
    provider_api_call_at = models.DateTimeField(null=True)
    push_attempt_at = models.DateTimeField(null=True)
    sms_sent_at = models.DateTimeField(null=True)
    email_sent_at = models.DateTimeField(null=True)
    delivery_receipt_at = models.DateTimeField(null=True)
    other_logs = models.JSONField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    provider_reference = models.TextField()
    occurred_at = models.DateTimeField(null=True)
    provider_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "sla_notification"

    def __str__(self) -> str:
        return f"{self.incident} by {self.channel}"

    @property
    def logs(self) -> tuple[LogEntry, ...]:
        """S4: its log entries by kind, in order of time."""
        named = ((kind, getattr(self, f"{kind}_at")) for kind in LOG_KINDS)
        others = ((kind, datetime.fromisoformat(at)) for kind, at in (self.other_logs or {}).items())
        return tuple(sorted(((kind, at) for kind, at in (*named, *others) if at), key=lambda entry: entry[1]))

    def facts(self) -> Alert:
        """The notification as the rules read it."""
        return Alert(
            received=self.received_at,
            channel=self.channel,
            logs=self.logs,
            delay=self.delay,
            high_urgency=self.high_urgency,
            first_responder=self.first_responder,
            registered=self.registered,
            located=self.located,
            acknowledged=self.acknowledged_at,
            resolved=self.resolved_at,
            initial=self.initial,
            incident=self.incident,
        )
