from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject, Lower

from entitlements.models.customers import Customer
from entitlements.models.guards import logged, no_customers_people_at_the_desk, no_staff_among_a_customers_people
from entitlements.models.pairs import paired
from entitlements.models.worded import Worded

NOT_BOTH = "Whoever works at the desk cannot be one of a customer's people."


class DateStyle(models.TextChoices):
    """How a reader likes days to be written where no document says it."""

    LONG = "long", "November 21, 2026"
    DAY_FIRST = "day_first", "21 November 2026"
    NUMBERS = "numbers", "2026-11-21"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in; customers have no password: they sign in with a code sent by e-mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def with_places(self) -> models.QuerySet[User]:
        """Each read together with its `places_today`."""
        held = Membership.objects.filter(user=OuterRef("pk"), left_at__isnull=True)
        return self.annotate(places=ArraySubquery(held.values(row=JSONObject(customer="customer_id", roles="roles"))))


class User(AbstractBaseUser, PermissionsMixin):
    """A person: one of a customer's people, or one of the vendor's (`is_staff`)."""

    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=200)
    is_active = models.BooleanField("may sign in", default=True)
    is_staff = models.BooleanField("works at the desk", default=False, help_text="Signs in to the admin site.")
    may_approve = models.BooleanField(
        "may approve", default=False, help_text="May be the second person of a decision that needs two (S19)."
    )
    on_call = models.BooleanField(
        "is on call",
        default=False,
        db_default=False,
        help_text="Gets the alarms of the clockwork (N27); while nobody is, everybody at the desk does.",
    )
    joined_at = models.DateTimeField(auto_now_add=True)
    zone = models.CharField(
        "own time zone",
        max_length=50,
        blank=True,
        help_text="Shown beside the contract's zone; deadlines are always told in the contract's.",
    )
    date_style = models.CharField(
        "how days are written", max_length=10, choices=DateStyle.choices, default=DateStyle.LONG
    )

    switched_off = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Kinds of letter that the person does not want; only those that may be switched off are kept back (C12.4).",
    )
    bounced_at = models.DateTimeField(
        "letters come back since", null=True, blank=True, help_text="A letter to the address came back for ever."
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_for_an_address"),
        ]
        triggers = [logged("password", "last_login", "email", "name"), no_customers_people_at_the_desk()]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """S19: whoever works at the desk is no customer's."""
        super().clean()
        if self.is_staff and self.pk and self.memberships.filter(left_at__isnull=True).exists():
            raise ValidationError(NOT_BOTH)

    @cached_property
    def places_today(self) -> tuple[tuple[int, frozenset[str]], ...]:
        """The customers (keys) that the person belongs to, each with the roles there, as they were when this was first asked."""
        read: list[dict[str, Any]] | None = self.__dict__.get("places")
        rows = _PLACES(self.pk) if read is None else [(one["customer"], one["roles"]) for one in read]
        return tuple((customer, frozenset(roles)) for customer, roles in rows)

    @property
    def roles_today(self) -> frozenset[str]:
        """The roles that the person has at any customer, as they were when this was first asked."""
        return frozenset(role for _, roles in self.places_today for role in roles)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


_PLACES = Worded(
    lambda user: Membership.objects.filter(user=user, left_at__isnull=True).values_list("customer_id", "roles")
)


class Role(models.TextChoices):
    """What one of a customer's people may do there."""

    OWNER = "owner", "Owner"
    CLAIMS = "claims", "Claims"
    BOOKINGS = "bookings", "Bookings"
    READ_ONLY = "read_only", "Read only"
    SIGNATORY = "signatory", "Signs elections"


class Membership(models.Model):
    """A person among a customer's people, with what they may do there, until they leave."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        help_text="Owner may do everything; the others only what they name.",
    )
    copies = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        default=list,
        blank=True,
        help_text="Letters that go to these roles come to this person too: it adds letters and takes none away.",
    )
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "customer"],
                condition=Q(left_at__isnull=True),
                name="one_current_membership_for_a_person",
                violation_error_message="This person already belongs to the customer.",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values) & ~Q(roles=[]), name="membership_roles_are_known"
            ),
            models.CheckConstraint(
                condition=Q(copies__contained_by=[Role.CLAIMS, Role.BOOKINGS]),
                name="copies_are_of_letters_that_are_sent",
            ),
            paired("membership", "left"),
        ]
        triggers = [logged(), no_staff_among_a_customers_people()]

    def __str__(self) -> str:
        return f"{self.user} at {self.customer}"

    @property
    def roles_in_words(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]

    def clean(self) -> None:
        super().clean()
        if self.left_at is None and self.user.is_staff:
            raise ValidationError(NOT_BOTH)
