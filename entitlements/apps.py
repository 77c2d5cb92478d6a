from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "entitlements"
    verbose_name = "Entitlements"

    def ready(self) -> None:
        from entitlements import (
            dossiers,
            health,
            letters,
            notices,
            offer_letters,
            pages_watched,
            people_letters,
            reminders,
        )

        notices.ask_before_sending(offer_letters.no_longer_open)
        notices.ask_before_sending(reminders.no_longer_true)
        notices.ask_before_sending(people_letters.no_longer_true)
        health.ask_for_a_sign(pages_watched.sign)
        dossiers.ask_which_edition(letters.edition_of)
