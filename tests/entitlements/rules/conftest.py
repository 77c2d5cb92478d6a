"""Hypothesis for the rules: no time limit on a shared machine, and tests may be run again in one process (mutmut does so)."""

from hypothesis import HealthCheck, settings

settings.register_profile("rules", deadline=None, suppress_health_check=[HealthCheck.differing_executors])
settings.load_profile("rules")
