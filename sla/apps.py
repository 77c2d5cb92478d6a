from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

if TYPE_CHECKING:
    from entitlements.models import Letter


class SlaConfig(AppConfig):
    name = "sla"
    verbose_name = "Service levels"

    def ready(self) -> None:
        from entitlements import dossiers, health, notices
        from entitlements.actions import reports
        from sla import (
            election_letters,
            information,
            letters,
            maintenance_letters,
            outage_letters,
            proofs,
            reconciliation,
            reminders,
            scanning,
        )
        from sla.actions import elections, maintenance_facts
        from sla.alerts import keeping_up

        notices.ask_before_sending(reminders.no_longer_true)
        notices.ask_before_sending(information.no_longer_true)
        notices.ask_before_sending(maintenance_letters.no_longer_true)
        notices.ask_before_sending(outage_letters.no_longer_true)
        notices.ask_before_sending(election_letters.no_longer_true)
        notices.ask_for_papers(_papers_of)
        health.ask_for_a_sign(scanning.sign)
        health.ask_for_a_sign(keeping_up.sign, keeping_up.IMPORTS)
        health.ask_for_a_sign(reconciliation.sign, reconciliation.LAST)
        health.ask_for_a_sign(proofs.sign, proofs.LAST)
        reports.ask_around_a_return(maintenance_facts.notice_came_back)
        reports.ask_around_a_return(elections.notice_came_back)
        dossiers.ask_which_edition(letters.edition_of)


def _papers_of(letter: Letter) -> Iterator[tuple[str, bytes]]:
    """Imported once a letter is written out: who turns the clock has no use for what draws pages."""
    from sla.letter_papers import papers_of

    return papers_of(letter)


class DeskConfig(AdminConfig):
    """Django's admin with our own site: it starts with the manager's work."""

    default_site = "sla.admin.site.desk"
