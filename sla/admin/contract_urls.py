"""The desk's pages about contracts."""

from __future__ import annotations

from typing import Any

from sla.admin import contract_acts, contract_page, new_contract

pages: list[tuple[str, Any, str]] = [
    ("contracts/new/", new_contract.new_contract, "new_contract"),
    ("contracts/<int:pk>/", contract_page.detail, "contract"),
    ("contracts/<int:pk>/<slug:act>/", contract_acts.change, "change_contract"),
]
