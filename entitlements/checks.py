"""What `manage.py check --deploy` says beside Django's own: what a production lacks, though it would run."""

from typing import Any

from django.conf import settings
from django.core.checks import Warning

NO_SEALS_FILE = Warning(
    "SEALS_FILE is not set: the heads of the event log's seals are kept in the database and in the application's log alone.",
    hint="Set it to a file on another disk. Without one nobody sees that the end of the log was cut off, seals and all (P22).",
    id="makegood.W001",
)


def the_heads_are_kept_outside(**_: Any) -> list[Warning]:
    """P22: a head that is kept where the owner of the database cannot write."""
    return [] if settings.SEALS_FILE else [NO_SEALS_FILE]
