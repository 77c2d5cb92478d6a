"""S2: which parts of what is sold are the Service: hosted incident tracking and alerting, not the other products."""

from __future__ import annotations

from enum import StrEnum


class Component(StrEnum):
    """S2: what the logs found unavailable."""

    INCIDENT_TRACKING = "incident_tracking"
    ALERTING = "alerting"
    AIOPS = "aiops"
    CUSTOMER_SERVICE_OPS = "customer_service_ops"
    RUNBOOK_AUTOMATION = "runbook_automation"
    WORKFLOW_AUTOMATION = "workflow_automation"

    @property
    def is_the_service(self) -> bool:
        """Whether its unavailability can be an Availability Outage at all."""
        return self in THE_SERVICE


THE_SERVICE = (Component.INCIDENT_TRACKING, Component.ALERTING)
