"""E13: what an engagement left behind: its outcome in versions, recommendations with owner and state, a scorecard, and what the
customer thought of it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q

from entitlements.models.engagements import Engagement
from entitlements.models.guards import append_only, logged
from entitlements.models.pairs import paired
from entitlements.models.people import User
from entitlements.rules import outcomes, scorecards


class RecommendationState(models.TextChoices):
    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    DECLINED = "declined", "Declined"


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def given(self) -> OutcomeQuerySet:
        return self.filter(given_at__isnull=False)

    def with_everything(self) -> OutcomeQuerySet:
        """Everything that `content()` reads, in a constant number of queries."""
        return self.prefetch_related("lines", "recommendations__owner", "scores", "figures")


class Outcome(models.Model):
    """E13: the outcome of one engagement: a draft of the CSE's until it is given to the customer, then in versions."""

    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="outcome")
    kind = models.CharField(max_length=24, choices=list(outcomes.KINDS.items()))
    summary = models.TextField(blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raised by every saving: whoever read an earlier one is told so."
    )

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [paired("outcome", "drafted"), paired("outcome", "given")]
        triggers = [logged("summary")]

    def __str__(self) -> str:
        return f"Outcome of {self.engagement_id}"

    @property
    def is_given(self) -> bool:
        return self.given_at is not None

    def content(self) -> outcomes.Content:
        """What is written in it now. Ask it of `with_everything()`: it looks at every part."""
        return outcomes.Content(
            summary=self.summary,
            lines=tuple(line.text for line in self.lines.all()),
            advice=tuple(one.advice() for one in self.recommendations.all()),
            scores={one.dimension: outcomes.Score(one.level, one.note) for one in self.scores.all()},
            figures=tuple(outcomes.ValueFigure(one.what, one.amount, one.unit) for one in self.figures.all()),
        )

    def scorecard(self) -> scorecards.Scorecard:
        """The levels that were given, on the engagement's day."""
        return scorecards.Scorecard(self.engagement.day, {one.dimension: one.level for one in self.scores.all()})


class OutcomeVersion(models.Model):
    """What the customer was given, as it was: the first version, and one for every amendment, with who and why."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="versions")
    n = models.PositiveSmallIntegerField("version")
    content = models.JSONField(help_text="The outcome in words, with the names of the owners as they were.")
    reason = models.TextField(blank=True, help_text="Why it was amended; the customer reads it.")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-n"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "n"], name="one_outcome_version_of_a_number"),
            models.CheckConstraint(condition=Q(n=1) | ~Q(reason=""), name="an_amended_outcome_says_why"),
            paired("outcome_version", "written"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Version {self.n}"


class OutcomeLine(models.Model):
    """A finding, a step of an integration approach, or feedback that was taken, by the outcome's kind."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "position"], name="one_outcome_line_at_a_place"),
        ]
        triggers = [logged("text")]

    def __str__(self) -> str:
        return self.text


class Recommendation(models.Model):
    """E13: something that the customer is advised to do, with who sees to it, until when, and how it stands."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField(help_text="Stays when others go: people name it.")
    text = models.TextField()
    horizon = models.CharField(
        max_length=10, choices=list(outcomes.HORIZONS.items()), blank=True, help_text="On a scorecard only."
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due = models.DateField(help_text="The last local day on which it is in time.")
    state = models.CharField(max_length=12, choices=RecommendationState.choices, default=RecommendationState.OPEN)
    decline_reason = models.TextField(blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    moved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["outcome", "number"]
        indexes = [models.Index(fields=["due"], condition=Q(state__in=["open", "in_progress"]), name="advice_to_do")]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "number"], name="one_recommendation_of_a_number"),
            models.CheckConstraint(
                condition=Q(state="declined") & ~Q(decline_reason="") | ~Q(state="declined") & Q(decline_reason=""),
                name="a_declined_recommendation_and_no_other_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(moved_at__isnull=False), name="a_recommendation_was_moved_by_somebody"
            ),
            paired("recommendation", "moved"),
        ]
        triggers = [logged("text", "decline_reason")]

    def __str__(self) -> str:
        return self.text

    @property
    def is_to_do(self) -> bool:
        return self.state in outcomes.TO_DO

    def is_overdue_on(self, today: date) -> bool:
        """E13: to do still on a local day after its last."""
        return outcomes.advice_is_overdue(self.state, self.due, today)

    def advice(self) -> outcomes.Advice:
        return outcomes.Advice(self.text, self.owner_id, self.due, self.horizon, self.pk)


class ScorecardLevel(models.Model):
    """E13: the level of one dimension on the published scale, with what speaks for it."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="scores")
    dimension = models.CharField(max_length=12, choices=list(scorecards.DIMENSIONS.items()))
    level = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "dimension"], name="one_level_of_a_dimension"),
            models.CheckConstraint(condition=Q(level__in=list(scorecards.SCALE)), name="a_level_is_on_the_scale"),
            models.CheckConstraint(
                condition=Q(dimension__in=list(scorecards.DIMENSIONS)), name="a_level_is_of_one_of_the_dimensions"
            ),
        ]
        triggers = [logged("note")]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()}: {self.level}"


class OutcomeFigure(models.Model):
    """E13: what the automation was worth, such as 120 hours saved a month."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="figures")
    position = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal(0))
    unit = models.CharField(max_length=40)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "position"], name="one_figure_of_value_at_a_place"),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.what}: {self.amount} {self.unit}"


class CustomerFeedback(models.Model):
    """What the customer thought of an engagement: said once, changeable for some days (`rules.outcomes.FEEDBACK_DAYS`)."""

    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="feedback")
    rating = models.PositiveSmallIntegerField(help_text="1 to 5, 5 is best.")
    words = models.TextField(blank=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "customer feedback"
        constraints = [
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="a_rating_is_from_one_to_five"),
            paired("feedback", "given"),
            paired("feedback", "changed"),
        ]
        triggers = [logged("words")]

    def __str__(self) -> str:
        return f"{self.rating} of 5"
