from sla.admin import site  # isort: skip  -- the site first: the lists register themselves on it
from sla.admin import claims, ledger, outages, terms

__all__ = ["claims", "ledger", "outages", "site", "terms"]
