"""The desk's own pages: where each is, and under which name."""

from __future__ import annotations

from typing import Any

from entitlements.admin import (
    engagement_urls,
    ledger_page,
    letter_page,
    letter_preview,
    on_call_page,
    outcome_page,
    standing_pages,
    statement_page,
)
from entitlements.admin.engineer_urls import pages as engineer_pages
from entitlements.admin.people_page import pages as people_pages
from entitlements.admin.policy_editor import pages as policy_pages
from entitlements.admin.quarantine import pages as quarantine_pages
from sla.admin import (
    alert_imports,
    alert_lists,
    cause_page,
    claim_page,
    contract_urls,
    customer_page,
    deadline_panel,
    import_page,
    maintenance_acts,
    maintenance_hours,
    maintenance_month,
    maintenance_plan,
    outage_correction,
    outage_customer,
    outage_page,
    outage_publishing,
    outage_record,
    plot_pages,
    proposal_page,
    records,
    search,
    terms_editor,
)

pages: list[tuple[str, Any, str]] = [
    ("records/", records.records, "records"),
    ("find/", search.find, "find"),
    *alert_imports.pages,
    *import_page.pages,
    *policy_pages,
    *terms_editor.pages,
    *deadline_panel.pages,
    *plot_pages.pages,
    *alert_lists.pages,
    *outcome_page.pages,
    *standing_pages.pages,
    *statement_page.pages,
    *ledger_page.pages,
    *engagement_urls.pages,
    *customer_page.pages,
    ("claims/<str:reference>/", claim_page.detail, "claim"),
    ("claims/<str:reference>/take/", claim_page.take, "take_claim"),
    ("claims/<str:reference>/outage/", claim_page.assign, "assign_outage"),
    ("claims/<str:reference>/lines/<int:line>/strike/", claim_page.strike, "strike_line"),
    ("claims/<str:reference>/lines/<int:line>/keep/", claim_page.keep, "keep_line"),
    ("claims/<str:reference>/propose/approval/", claim_page.propose_approval, "propose_approval"),
    ("claims/<str:reference>/propose/denial/", claim_page.propose_denial, "propose_denial"),
    ("proposals/<int:pk>/", proposal_page.detail, "proposal"),
    ("proposals/<int:pk>/approve/", proposal_page.approve, "approve_proposal"),
    ("proposals/<int:pk>/return/", proposal_page.send_back, "return_proposal"),
    *letter_page.pages,
    *letter_preview.pages,
    *on_call_page.pages,
    *people_pages,
    *quarantine_pages,
    *maintenance_plan.pages,
    *maintenance_hours.pages,
    *maintenance_month.pages,
    *maintenance_acts.pages,
    *outage_record.pages,
    *outage_correction.pages,
    *outage_page.pages,
    *outage_publishing.pages,
    *outage_customer.pages,
    *cause_page.pages,
    *contract_urls.pages,
    *engineer_pages,
]
