"""The CSE usage policy as data: an edition, its cells, pools, requirements, session lengths and descriptions (E2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.db import models
from django.db.models import Q

from entitlements.models.catalogue import Activity, Level, Product
from entitlements.models.editions import Edition, constraints_of, triggers_of
from entitlements.models.guards import locked_with_edition, turns_the_years_it_governs
from entitlements.rules import editions
from entitlements.rules.caps import NOT_AVAILABLE, Cap
from entitlements.rules.policy_texts import Description, PolicyText, Session, SharedPool
from entitlements.rules.products import Requirement


class PolicyEditionQuerySet(models.QuerySet["PolicyEdition"]):
    def published(self) -> PolicyEditionQuerySet:
        return self.filter(published_at__isnull=False)

    def with_everything(self) -> PolicyEditionQuerySet:
        """Everything that `facts()` reads, in five queries."""
        return self.prefetch_related("cells", "pools", "requirements", "session_lengths")

    def with_text(self) -> PolicyEditionQuerySet:
        """Everything that `text()` reads, in six queries."""
        return self.with_everything().prefetch_related("descriptions")

    def facts(self, published: Iterable[int] | None = None) -> tuple[editions.PolicyEdition, ...]:
        """All published editions as the rules read them. They never change, so each is loaded once in a process.

        `published`: their keys, where the caller has them from a query of its own.
        """
        if published is None:
            published = self.published().order_by("valid_from").values_list("pk", flat=True)
        return tuple(_facts_of(pk) for pk in published)


class PolicyEdition(Edition):
    """E2: an edition of the usage policy, valid from a day; once published it never changes."""

    stem = "policy"
    valid_from = models.DateField(
        unique=True, help_text="Governs every contract year whose first day is this or later."
    )
    advice_wording = models.TextField(help_text="What a requester accepts before asking for an engagement (E11).")

    objects = PolicyEditionQuerySet.as_manager()

    class Meta(Edition.Meta):
        constraints = constraints_of("policy")
        triggers = [*triggers_of(), turns_the_years_it_governs()]

    def facts(self) -> editions.PolicyEdition:
        """The edition as the rules read it. Ask it of `with_everything()`: it looks at every row of the edition."""
        cells = list(self.cells.all())
        return editions.PolicyEdition(
            name=self.name,
            valid_from=self.valid_from,
            caps={
                (cell.level, cell.activity_id): NOT_AVAILABLE if cell.cap is None else cell.cap
                for cell in cells
                if cell.pool_id is None
            },
            pools=tuple(
                editions.Pool(
                    key=pool.key,
                    level=pool.level,
                    activities=tuple(cell.activity_id for cell in cells if cell.pool_id == pool.pk),
                    cap=pool.cap,
                    name=pool.name,
                )
                for pool in self.pools.all()
            ),
            requirements=self._requirements(),
            sessions=self._sessions(),
            id=str(self.pk),
        )

    def text(self) -> PolicyText:
        """All that the edition says, as it is written and compared. Ask it of `with_text()`."""
        pools = {pool.pk: pool for pool in self.pools.all()}
        sessions: dict[str, tuple[Session, ...]] = {}
        for row in self.session_lengths.all():
            sessions[row.activity_id] = (*sessions.get(row.activity_id, ()), Session(row.name, row.minutes))
        return PolicyText(
            name=self.name,
            valid_from=self.valid_from,
            advice_wording=self.advice_wording,
            cells={(cell.level, cell.activity_id): cell.content(pools) for cell in self.cells.all()},
            pools={(pool.level, pool.key): SharedPool(pool.name, pool.cap) for pool in pools.values()},
            sessions=sessions,
            needs={(row.activity_id, row.product_id): row.kind for row in self.requirements.all()},
            descriptions={row.activity_id: row.words for row in self.descriptions.all()},
        )

    def _requirements(self) -> dict[str, Requirement]:
        asked: dict[str, dict[str, tuple[str, ...]]] = {}
        for row in self.requirements.all():
            kinds = asked.setdefault(row.activity_id, {})
            kinds[row.kind] = (*kinds.get(row.kind, ()), row.product_id)
        return {activity: Requirement(**kinds) for activity, kinds in asked.items()}

    def _sessions(self) -> dict[str, tuple[int, ...]]:
        lengths: dict[str, tuple[int, ...]] = {}
        for row in self.session_lengths.all():
            lengths[row.activity_id] = (*lengths.get(row.activity_id, ()), row.minutes)
        return lengths


@lru_cache(maxsize=64)
def _facts_of(pk: int) -> editions.PolicyEdition:
    return PolicyEdition.objects.with_everything().get(pk=pk).facts()


@lru_cache(maxsize=512)
def description_in(edition: str, activity: str) -> ActivityDescription:
    """What a published edition, by its name, says about an activity; loaded once in a process, like its facts."""
    described = ActivityDescription.objects.select_related("edition", "activity")
    return described.prefetch_related("edition__session_lengths").get(
        edition__name=edition, edition__published_at__isnull=False, activity=activity
    )


class PolicyPool(models.Model):
    """E4: a set of activities with one cap in all at a level."""

    edition = models.ForeignKey(PolicyEdition, on_delete=models.PROTECT, related_name="pools")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=10, choices=Level.choices)
    cap = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "key", "level"], name="one_pool_of_a_key_at_a_level"),
        ]
        triggers = [locked_with_edition("entitlements_policyedition")]

    def __str__(self) -> str:
        return f"{self.name} ({self.cap})"


class PolicyCell(models.Model):
    """E2: one cell of the policy's table. A cap, a share in a pool, or neither: N/A, which is not a cap used up."""

    edition = models.ForeignKey(PolicyEdition, on_delete=models.PROTECT, related_name="cells")
    level = models.CharField(max_length=10, choices=Level.choices)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    cap = models.PositiveSmallIntegerField(null=True, blank=True)
    pool = models.ForeignKey(PolicyPool, null=True, blank=True, on_delete=models.PROTECT, related_name="cells")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "level", "activity"], name="one_cell_for_level_and_activity"),
            models.CheckConstraint(
                condition=Q(cap__isnull=True) | Q(pool__isnull=True), name="cell_has_its_own_cap_or_a_pool"
            ),
        ]
        triggers = [locked_with_edition("entitlements_policyedition")]

    def __str__(self) -> str:
        return f"{self.activity_id} at {self.level}"

    def content(self, pools: Mapping[int, PolicyPool]) -> Cap | str:
        """The cell as it is written: its cap, or the key of its pool."""
        if self.pool_id is not None:
            return pools[self.pool_id].key
        return NOT_AVAILABLE if self.cap is None else self.cap


class SessionLength(models.Model):
    """E10: how long each session of an engagement takes; the first is part 1."""

    edition = models.ForeignKey(PolicyEdition, on_delete=models.PROTECT, related_name="session_lengths")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    part = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40, help_text="What the session is called: session, discovery, follow-up.")
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["activity", "part"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "activity", "part"], name="one_length_for_a_part"),
        ]
        triggers = [locked_with_edition("entitlements_policyedition")]

    def __str__(self) -> str:
        return f"{self.activity_id} part {self.part}: {self.minutes} min"


class ProductRequirement(models.Model):
    """E9: how an activity asks for a product."""

    class Kind(models.TextChoices):
        REQUIRED = "required", "Required"
        ANY_OF = "any_of", "Any one of these"
        RECOMMENDED = "recommended", "Recommended"
        OPTIONAL = "optional", "Optional"

    edition = models.ForeignKey(PolicyEdition, on_delete=models.PROTECT, related_name="requirements")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "activity", "product"], name="a_product_is_asked_for_in_one_way"
            ),
        ]
        triggers = [locked_with_edition("entitlements_policyedition")]

    def __str__(self) -> str:
        return f"{self.activity_id}: {self.product_id} {self.kind}"


class ActivityDescription(models.Model):
    """E12, E13: what an activity brings and what it asks of the customer, in our own words."""

    edition = models.ForeignKey(PolicyEdition, on_delete=models.PROTECT, related_name="descriptions")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField()
    outcome = models.TextField()
    should_bring = models.TextField(help_text="The requester confirms this before asking.")
    recommended = models.TextField(blank=True, help_text="Good to have; shown, not confirmed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "activity"], name="one_description_of_an_activity"),
        ]
        triggers = [locked_with_edition("entitlements_policyedition")]

    def __str__(self) -> str:
        return f"{self.activity_id} in {self.edition_id}"

    @property
    def words(self) -> Description:
        return Description(self.summary, self.outcome, self.should_bring, self.recommended)

    @property
    def sessions(self) -> list[SessionLength]:
        """E10: the sessions that the activity takes, in order."""
        return [one for one in self.edition.session_lengths.all() if one.activity_id == self.activity_id]
