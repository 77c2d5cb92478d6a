"""manage.py sign_in_links: who can sign in to the demo, as what, and by which link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from entitlements.models import Membership, Role, User
from entitlements.views.demo import link_for

MOST = 12
"""How many customers are listed, the busiest ones."""
AT_THE_DESK = {True: "decides, and approves what others propose", False: "schedules, decides, proposes"}
IN_WORDS = {
    Role.OWNER: "books, reports, claims, signs",
    Role.BOOKINGS: "books sessions",
    Role.CLAIMS: "reports and claims",
    Role.SIGNATORY: "signs elections",
    Role.READ_ONLY: "reads",
}


class Command(BaseCommand):
    help = "Print who can sign in to the demo, as what, and the link that signs them in. Refuses outside the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Links that sign people in exist only in the demo (DEMO=1).")
        customers = _customers()
        groups = [("At the desk", list(_desk())), *customers[:MOST]]
        if not any(people for _, people in groups):
            self.stdout.write("Nobody can sign in yet: there is no demo data.")
            return
        self.stdout.write("Open a link to sign in; * is where to begin.")
        for place, (title, people) in enumerate(groups):
            self.stdout.write(f"\n{title}")
            for n, (person, what) in enumerate(people):
                star = "*" if (n == 0 and place < 2) or (place == 0 and person.may_approve) else " "
                self.stdout.write(f" {star} {person.name:<24} {what:<44} {link_for(person)}")
        if (more := len(customers) - MOST) > 0:
            self.stdout.write(f"\nOf {more} more the people are at the desk, under Customers.")


def _desk() -> Iterator[tuple[User, str]]:
    for person in User.objects.filter(is_active=True, is_staff=True).order_by("may_approve", "pk"):
        yield person, AT_THE_DESK[person.may_approve]


def _customers() -> list[tuple[str, list[tuple[User, str]]]]:
    """Each customer's people, the busiest customer first and in it those who may do most."""
    current = Membership.objects.filter(left_at__isnull=True, user__is_active=True)
    current = current.annotate(busy=Count("customer__contracts__engagements")).select_related("user", "customer")
    groups: dict[str, list[tuple[User, str]]] = {}
    for membership in sorted(current, key=lambda one: (-one.busy, one.customer.name, _rank(one), one.user.name)):
        what = "; ".join(IN_WORDS[role] for role in Role if role in membership.roles)
        groups.setdefault(membership.customer.name, []).append((membership.user, what))
    return list(groups.items())


def _rank(membership: Membership) -> int:
    return min(list(IN_WORDS).index(Role(role)) for role in membership.roles)
