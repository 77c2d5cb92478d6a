"""What the database refuses, said as a refusal: the sentence stands with the constraint, in the model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, models, transaction

from entitlements.actions.refused import Refused
from entitlements.rules.refusals import Refusal


@contextmanager
def in_plain_words(model: type[models.Model], clause: str, what_helps: str = "Choose other days.") -> Iterator[None]:
    """Whatever is written inside and broken by a constraint of `model` that has its own sentence is Refused with it.

    Anything else that the database refuses is an error as before.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        broken = next((one for one in model._meta.constraints if one.name == name), None)
        if broken is None or broken.violation_error_message == broken.default_violation_error_message:
            raise
        raise Refused(Refusal(clause, broken.name, str(broken.violation_error_message), what_helps)) from error
