"""Who and when go together: every instant that a person causes has its person, checked by the database."""

from __future__ import annotations

from django.db.models import CheckConstraint, Q


def paired(app_and_model: str, stem: str) -> CheckConstraint:
    """`<stem>_at` and `<stem>_by` are both there or both absent."""
    both = Q(**{f"{stem}_at__isnull": False, f"{stem}_by__isnull": False})
    neither = Q(**{f"{stem}_at__isnull": True, f"{stem}_by__isnull": True})
    return CheckConstraint(condition=both | neither, name=f"{app_and_model}_{stem}_at_and_by_go_together")
