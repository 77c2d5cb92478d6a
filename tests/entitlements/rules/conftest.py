"""Hypothesis for the rules: no time limits on a shared machine, and tests may be run again in one process (mutmut does so)."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "rules", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors]
)
settings.load_profile("rules")
