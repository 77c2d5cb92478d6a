"""The policy's editions at the desk (E2, M11)."""

from __future__ import annotations

from typing import Any

from entitlements.actions import editions as actions
from entitlements.admin.edition_pages import Document, EditionPages, Verbs
from entitlements.admin.policy_forms import PolicyForm
from entitlements.edition_effects import effects_of
from entitlements.models import PolicyEdition
from entitlements.policy_sheets import place_in_words, sheet_of


def _form(edition: PolicyEdition, typed: Any = None) -> PolicyForm:
    return PolicyForm(typed, text=edition.text(), turn=edition.turn)


pages = EditionPages(
    Document(
        stem="policy",
        title="Usage policy",
        clause="E2",
        listed_at="admin:entitlements_policyedition_changelist",
        editions=lambda: PolicyEdition.objects.with_text().select_related("drafted_by", "proposed_by", "published_by"),
        verbs=Verbs(
            draft=actions.draft_policy,
            save=actions.save_policy,
            propose=actions.propose_policy,
            give_back=actions.return_policy,
            publish=actions.publish_policy,
            discard=actions.discard_policy,
        ),
        form=_form,
        sheet=sheet_of,
        effects=effects_of,
        place=place_in_words,
        sheet_template="includes/policy_sheet.html",
        form_template="admin/policy_form.html",
        effects_template="admin/policy_effects.html",
        read_at="policy",
    )
).routes
