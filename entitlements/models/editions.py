"""What an edition of a document goes through: drafted, proposed, and published by a second person; then it never changes (E2, S1)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import BaseConstraint, CheckConstraint, F, Q

from entitlements.models.guards import locked_once, logged, stays_as_proposed
from entitlements.models.pairs import paired
from entitlements.models.people import User


class EditionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    PUBLISHED = "published", "Published"


def _person() -> Any:
    return models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")


class Edition(models.Model):
    """An edition of a document whose figures bind: who wrote it, who asked for its publication, who published it, and when."""

    stem: ClassVar[str]
    name = models.CharField(max_length=80, unique=True)
    valid_from = models.DateField(unique=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = _person()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = _person()
    turn = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Raised with every change: what was read of a draft stands as long as the turn does.",
    )

    class Meta:
        abstract = True
        ordering: ClassVar = ["-valid_from"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> EditionState:
        if self.published_at:
            return EditionState.PUBLISHED
        return EditionState.PROPOSED if self.proposed_at else EditionState.DRAFT


def constraints_of(document: str) -> list[BaseConstraint]:
    """Who and when go together, and nobody publishes what they drafted or proposed themselves.

    The editions that came with the installation have no proposer: these checks are added without looking at them.
    """
    published = Q(published_by__isnull=False)
    return [
        *(paired(document, stem) for stem in ("drafted", "proposed", "published")),
        CheckConstraint(
            condition=~published | Q(proposed_by__isnull=False), name=f"{document}_is_proposed_before_it_is_published"
        ),
        CheckConstraint(
            condition=~published | (~Q(published_by=F("proposed_by")) & ~Q(published_by=F("drafted_by"))),
            name=f"{document}_is_published_by_a_second_person",
        ),
    ]


def triggers_of() -> list[Any]:
    return [logged(), locked_once("published_at"), stays_as_proposed()]
