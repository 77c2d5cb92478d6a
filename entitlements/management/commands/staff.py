"""manage.py staff: who works at the desk, who may approve, and by which address they sign in (S19)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from entitlements.actions.log import record
from entitlements.addresses import cut_off
from entitlements.clock import database_now
from entitlements.models import User


class Command(BaseCommand):
    help = "Let somebody work at the desk, give or take the second signature, change their address, or let them leave."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address by which the person signs in")
        parser.add_argument("--name", help="needed for somebody new")
        signature = parser.add_mutually_exclusive_group()
        signature.add_argument("--approver", action="store_true", default=None, help="may approve what others propose")
        signature.add_argument("--no-approver", action="store_false", dest="approver", help="may no longer approve")
        alarms = parser.add_mutually_exclusive_group()
        alarms.add_argument("--on-call", action="store_true", default=None, help="gets the alarms of the clockwork")
        alarms.add_argument("--no-on-call", action="store_false", dest="on_call", help="gets them no more")
        parser.add_argument("--leave", action="store_true", help="leaves the desk and signs in no more")
        parser.add_argument("--new-email", help="signs in by this address from now on")

    @transaction.atomic
    def handle(self, *, email: str, **given: Any) -> None:
        person = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
        if person is None and (given["leave"] or given["new_email"] or not given["name"]):
            raise CommandError(f"Nobody has the address {email}. Somebody new needs --name.")
        if given["leave"] and given["approver"]:
            raise CommandError("Whoever leaves cannot approve.")
        person = person or User(email=email.strip().lower())
        is_new_here = not person.is_staff
        now = database_now()
        note = ", ".join(f"--{name.replace('_', '-')}" for name in ("leave", "new_email") if given[name])
        note += {True: " --approver", False: " --no-approver", None: ""}[given["approver"]]
        note += {True: " --on-call", False: " --no-on-call", None: ""}[given["on_call"]]
        record(
            "staff.changed", matter=str(person.pk or ""), by=None, now=now, note=f"At the server: {note}".strip(": ")
        )
        _change(person, **given)
        if is_new_here or given["leave"] or given["new_email"]:
            cut_off(person)
        try:
            person.full_clean(exclude=["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        person.save()
        self.stdout.write(_in_words(person))
        if not given["leave"] and not person.has_usable_password():
            self.stdout.write('The person sets their password by "password reset" on the page for signing in.')


def _change(
    person: User,
    *,
    name: str | None,
    approver: bool | None,
    leave: bool,
    new_email: str | None,
    on_call: bool | None,
    **_: Any,
) -> None:
    person.name = name or person.name
    person.email = (new_email or person.email).strip().lower()
    person.is_staff = person.is_active = not leave
    person.on_call = not leave and (person.on_call if on_call is None else on_call)
    person.may_approve = not leave and (person.may_approve if approver is None else approver)


def _in_words(person: User) -> str:
    if not person.is_staff:
        return f"{person.name} has left the desk."
    duties = [" and may approve"] * person.may_approve + [" and is on call"] * person.on_call
    return f"{person.name} works at the desk{''.join(duties)}."
