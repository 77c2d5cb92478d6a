"""What became of contracts: a change of level in the year, a suspension that is over, a cap of the order form's own, a new plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from entitlements.actions.contract_states import resume, suspend
from entitlements.actions.levels import change_level
from entitlements.actions.overrides import add_override
from entitlements.actions.plans import change_plan
from entitlements.rules.caps import Override
from entitlements.rules.days import local_day
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    thames, harbour, sagar, maple = (cast.contracts[key] for key in ("thames", "harbour", "sagar", "maple"))
    by = cast.manager
    changed, held, gone_on, agreed, dearer = (moment(now, days) for days in (15, 50, 47, 80, 70))

    yield Scene(
        changed,
        lambda: change_level(
            contract=thames, level="silver", first=local_day(changed, thames.tz) + timedelta(days=1), by=by, now=changed
        ),
    )
    yield Scene(held, lambda: suspend(contract=harbour, reason="Invoice 2210 is unpaid.", by=by, now=held))
    yield Scene(gone_on, lambda: resume(contract=harbour, reason="Invoice 2210 is paid.", by=by, now=gone_on))
    override = Override(
        target="roadmap", cap=4, reference="Order form, section 4.2", reason="Agreed at signing for a launch this year."
    )
    yield Scene(agreed, lambda: add_override(contract=sagar, override=override, by=by, now=agreed))
    yield Scene(
        dearer,
        lambda: change_plan(
            contract=maple,
            plan="Digital Operations",
            discount_percent=Decimal("12.5"),
            first=local_day(dearer, maple.tz),
            reason="Amendment 1: upgrade.",
            by=by,
            now=dearer,
        ),
    )
