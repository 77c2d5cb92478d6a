from entitlements.admin import (
    alarm_list,
    customers,
    engagements,
    engineers,
    logs,
    missed_list,
    people,
    policy,
    quarantine,
)

__all__ = [
    "alarm_list",
    "customers",
    "engagements",
    "engineers",
    "logs",
    "missed_list",
    "people",
    "policy",
    "quarantine",
]
