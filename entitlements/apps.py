from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db import connections, router
from django.db.models.signals import post_migrate


class EntitlementsConfig(AppConfig):
    name = "entitlements"
    verbose_name = "Entitlements"

    def ready(self) -> None:
        from entitlements import (
            checks,
            doorbell,
            dossiers,
            health,
            letters,
            notices,
            offer_letters,
            pages_watched,
            people_letters,
            reminders,
        )
        from entitlements.notices import outages

        notices.ask_before_sending(offer_letters.no_longer_open)
        notices.ask_before_sending(reminders.no_longer_true)
        notices.ask_before_sending(people_letters.no_longer_true)
        health.ask_for_a_sign(doorbell.sign)
        health.ask_for_a_sign(outages.sign, outages.OUTAGE)
        health.ask_for_a_sign(pages_watched.sign)
        dossiers.ask_which_edition(letters.edition_of)
        register(checks.the_heads_are_kept_outside, Tags.security, deploy=True)
        post_migrate.connect(_let_no_trigger_be_ignored, sender=self)


def _let_no_trigger_be_ignored(sender: EntitlementsConfig, using: str, **_: Any) -> None:
    """After the migrations, each of which that installs a trigger brings the way to ignore it anew."""
    from entitlements.models.guards import IGNORE_NONE

    if router.allow_migrate(using, sender.label):
        with connections[using].cursor() as cursor:
            cursor.execute(IGNORE_NONE)
