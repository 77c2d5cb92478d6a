"""Contracts, editions and engagements for property tests: few activities and few days, so that they meet."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from entitlements.rules.caps import NOT_AVAILABLE, UNLIMITED, ContractFacts, EngagementFacts, Override
from entitlements.rules.editions import LEVELS, PolicyEdition, Pool
from tests.worked_examples.paper import PAPER

ACTIVITIES = ("integration", "product_feature", "roadmap")
PAIR = ACTIVITIES[:2]
STATES = ("requested", "scheduled", "delivered", "declined", "cancelled", "withdrawn", "no_show")
ACTIVE = st.just("active")
ZONES = ("America/New_York", "Pacific/Apia", "Asia/Kolkata", "UTC")

starts = st.dates(date(2000, 1, 1), date(2060, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2028, 2, 29)])
small_caps = st.integers(0, 3)
any_caps = small_caps | st.sampled_from([NOT_AVAILABLE, UNLIMITED])
at_an_edge = st.booleans()
steps = st.integers(-1, 1)
quarters = st.integers(0, 8)


@st.composite
def editions(draw):
    """The paper, or two editions made up, of which the second comes into force later."""
    if draw(st.booleans()):
        return (PAPER,)
    return tuple(draw(edition(valid_from)) for valid_from in (date(1990, 1, 1), draw(starts)))


@st.composite
def edition(draw, valid_from):
    caps, pools = {}, []
    for level in LEVELS:
        together = draw(st.sampled_from([(), PAIR, ACTIVITIES]))
        if together:
            pools.append(Pool("consultation", level, together, draw(small_caps)))
        for activity in ACTIVITIES:
            if activity not in together and draw(st.booleans()):
                caps[level, activity] = draw(small_caps)
    return PolicyEdition(f"from {valid_from}", valid_from, caps, tuple(pools))


@st.composite
def contracts(draw, status=ACTIVE):
    """Up to three years with up to two changes of level and up to three overrides, never two of one target on one day."""
    start = draw(starts)
    length = draw(st.integers(0, 800))
    levels = [(start, draw(st.sampled_from(list(LEVELS))))]
    for offset in sorted(draw(st.sets(st.integers(1, 800), max_size=2))):
        levels.append((start + timedelta(days=offset), draw(st.sampled_from(list(LEVELS)))))
    targets = draw(st.lists(st.sampled_from([*ACTIVITIES, "consultation"]), unique=True, max_size=3))
    return ContractFacts(
        start=start,
        last=start + timedelta(days=length),
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        levels=tuple(levels),
        status=draw(status),
        overrides=tuple(draw(override(target, start)) for target in targets),
    )


@st.composite
def override(draw, target, start):
    first = draw(st.none() | st.integers(0, 500))
    last = draw(st.none() | st.integers(first or 0, 800))
    return Override(
        target,
        draw(any_caps),
        None if first is None else start + timedelta(days=first),
        None if last is None else start + timedelta(days=last),
        "Order form 7",
        "as agreed",
        on_pool=target == "consultation",
    )


@st.composite
def days_of(draw, contract):
    """A day about the term: coarse, so that days coincide, or next to an edge at which something changes."""
    edges = [contract.start, contract.last, *(first for first, _ in contract.levels)]
    edges += [edge for one in contract.overrides for edge in (one.first, one.last) if edge]
    if draw(at_an_edge):
        return draw(st.sampled_from(edges)) + timedelta(days=draw(steps))
    return contract.start + timedelta(days=91 * draw(quarters))


@st.composite
def engagements(draw, contract, id):
    state = draw(st.sampled_from(("requested", "scheduled", "delivered", *STATES)))
    return EngagementFacts(
        id=id,
        activity=draw(st.sampled_from(ACTIVITIES)),
        day=draw(days_of(contract)),
        state=state,
        cancelled_by=draw(st.sampled_from([None, "customer", "vendor"])) if state in ("cancelled", "no_show") else None,
        counted_by_manager=draw(st.booleans()),
        first_session_held=draw(st.booleans()),
        ps_reference=draw(st.sampled_from([None, None, None, "PS-1"])),
        given_back=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def wishes(draw, contract, id):
    return EngagementFacts(id, draw(st.sampled_from(ACTIVITIES)), draw(days_of(contract)), "requested")


@st.composite
def situations(draw, status=ACTIVE):
    """A contract, its editions, up to six engagements, and a wish that is new or moves one of them."""
    facts = draw(contracts(status))
    booked = [draw(engagements(facts, str(number))) for number in range(draw(st.integers(0, 6)))]
    ids = ["new"] + [one.id for one in booked]
    return facts, draw(editions()), booked, draw(wishes(facts, draw(st.sampled_from(ids))))
