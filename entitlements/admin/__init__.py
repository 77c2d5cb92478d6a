from entitlements.admin import customers, engagements, engineers, logs, people, policy, quarantine

__all__ = ["customers", "engagements", "engineers", "logs", "people", "policy", "quarantine"]
