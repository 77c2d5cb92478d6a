from entitlements.admin import customers, engagements, logs, people, policy

__all__ = ["customers", "engagements", "logs", "people", "policy"]
