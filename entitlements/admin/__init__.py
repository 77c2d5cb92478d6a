from entitlements.admin import customers, engagements, engineers, logs, missed_list, people, policy, quarantine

__all__ = ["customers", "engagements", "engineers", "logs", "missed_list", "people", "policy", "quarantine"]
