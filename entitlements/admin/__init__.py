from entitlements.admin import customers, engagements, engineers, logs, people, policy

__all__ = ["customers", "engagements", "engineers", "logs", "people", "policy"]
