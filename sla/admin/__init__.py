from sla.admin import site  # isort: skip  -- the site first: the lists register themselves on it
from sla.admin import claims, entries, findings, ledger, maintenance, outages, standstills, terms

__all__ = ["claims", "entries", "findings", "ledger", "maintenance", "outages", "site", "standstills", "terms"]
