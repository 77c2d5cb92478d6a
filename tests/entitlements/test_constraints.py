"""What the database refuses, whoever writes: each constraint by its name, on contracts, engagements, letters and editions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from entitlements.models import (
    ENGAGEMENT_MOVES,
    ActivityDescription,
    BookedSession,
    Contract,
    ContractProduct,
    ContractYear,
    Engagement,
    EngagementState,
    FeeMonth,
    Letter,
    LetterEvent,
    LevelPeriod,
    MailOutage,
    Membership,
    PolicyCell,
    PolicyEdition,
    PolicyPool,
    ProductRequirement,
    SessionLength,
    UsageEntry,
    User,
)
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db

JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)


def drafted_edition() -> PolicyEdition:
    return PolicyEdition.objects.create(
        name="next", valid_from=date(2028, 1, 1), advice_wording="…", drafted_at=NOW, drafted_by=make.manager()
    )


def another_contract_for_the_account():
    first = make.contract()
    Contract.objects.create(
        customer=first.customer,
        account=first.account,
        order_form="OF-other",
        term=DateRange(make.LAST, make.LAST + timedelta(days=365)),
        zone="UTC",
        plan="Business",
    )


def a_level_for_a_day_that_has_one():
    contract = make.contract(level="gold")
    LevelPeriod.objects.create(contract=contract, level="silver", days=DateRange(MARCH, MAY))


def two_suspensions_on_a_day():
    contract = make.contract()
    contract.suspensions.create(days=DateRange(JANUARY, None), reason="Unpaid")
    contract.suspensions.create(days=DateRange(MARCH, MAY), reason="Unpaid")


def a_year_on_days_that_have_one():
    contract = make.contract()
    ContractYear.objects.create(contract=contract, n=9, days=DateRange(MARCH, MAY), ends_at=NOW)


def two_overrides(**second):
    contract = make.contract()
    make.override(contract=contract, activity="roadmap", cap=3, days=(JANUARY, MAY))
    make.override(contract=contract, activity="roadmap", **second)


def two_memberships():
    customer = make.customer()
    user = make.member(customer=customer)
    Membership.objects.create(user=user, customer=customer, roles=["claims"])


def two_sessions_at_one_time():
    engineer = make.engineer()
    make.scheduled(engineer=engineer)
    other = make.request()
    during = DateTimeTZRange(NOW + make.DAY * 14 + timedelta(minutes=29), NOW + make.DAY * 14 + make.HOUR)
    BookedSession.objects.create(engagement=other, engineer=engineer, during=during, calendar_uid="x")


def two_sessions_for_a_part():
    engagement = make.scheduled()
    during = DateTimeTZRange(NOW + make.DAY, NOW + make.DAY + make.HOUR)
    BookedSession.objects.create(engagement=engagement, engineer=make.engineer(), during=during, calendar_uid="x")


def an_entry(places):
    engagement = make.request()
    UsageEntry.objects.create(
        year=engagement.year, engagement=engagement, kind="hold", places=places, day=engagement.day, happened_at=NOW
    )


def lapsed_twice(*, unused=1):
    year = make.contract().years.get(n=1)
    for _ in range(2):
        UsageEntry.objects.create(
            year=year, kind="unused", places=0, target="roadmap", unused=unused, day=year.last_day, happened_at=NOW
        )


def a_letter(**fields):
    return Letter.objects.create(
        **{"kind": "a", "matter": "X-1", "addressee": "a@b.example", "context": {}, "written_at": NOW, "due_at": NOW}
        | fields
    )


def the_same_letter_twice():
    a_letter(message_id="<1>")
    a_letter(message_id="<2>")


def one_message_id_twice():
    a_letter(message_id="<1>")
    a_letter(message_id="<1>", matter="X-2")


def one_report_twice():
    letter = a_letter(message_id="<1>")
    for _ in range(2):
        an_event(letter=letter, kind="delivered", source="report 1")


def an_event(**fields):
    letter = fields.pop("letter", None) or a_letter(message_id="<1>")
    return LetterEvent.objects.create(letter=letter, at=NOW, **fields)


def opened_twice():
    letter = a_letter(message_id="<1>")
    for _ in range(2):
        an_event(letter=letter, kind="opened", by=make.person())


def an_outage_of_mail(**fields):
    return MailOutage.objects.create(host="mail.example", began_at=NOW, next_try_at=NOW, **fields)


def rows_of_an_edition(model, *rows):
    edition = drafted_edition()
    for row in rows:
        model.objects.create(edition=edition, **row)


def twice(model, **row):
    return lambda: rows_of_an_edition(model, row, row)


TEXTS = {"summary": "a", "outcome": "b", "should_bring": "c"}
POOL = {"key": "p", "name": "P", "level": "none", "cap": 1}

REFUSED = {
    # people and contracts
    "one_person_for_an_address": lambda: [make.person(email=a) for a in ("ann@x.example", "ANN@x.example")],
    "one_current_membership_for_a_person": two_memberships,
    "membership_roles_are_known": lambda: make.member(roles=["emperor"]),
    "one_contract_for_an_account_on_a_day": another_contract_for_the_account,
    "contract_term_has_a_first_and_a_last_day": lambda: Contract.objects.create(
        customer=make.customer(), order_form="x", account="x", zone="UTC", plan="x", term=DateRange(JANUARY, None)
    ),
    "one_level_on_a_day": a_level_for_a_day_that_has_one,
    "one_year_of_a_number": lambda: ContractYear.objects.create(
        contract=make.contract(), n=1, days=DateRange(date(2030, 1, 1), date(2031, 1, 1)), ends_at=NOW
    ),
    "one_suspension_on_a_day": two_suspensions_on_a_day,
    "a_suspension_has_a_first_day": lambda: make.contract().suspensions.create(days=DateRange(None, MAY), reason="x"),
    "contract_years_do_not_overlap": a_year_on_days_that_have_one,
    "a_product_is_held_once_on_a_day": lambda: ContractProduct.objects.create(
        contract=make.contract(), product_id="im", days=DateRange(MARCH, MAY)
    ),
    "one_zone_on_a_day": lambda: make.contract().zones.create(zone="UTC", days=DateRange(MARCH, MAY)),
    "one_plan_on_a_day": lambda: make.contract().plans.create(plan="Free", days=DateRange(MARCH, MAY)),
    "a_discount_is_a_part_of_the_price": lambda: make.contract().plans.update(discount_percent=101),
    "fee_days_lie_in_the_month": lambda: FeeMonth.objects.create(
        contract=make.contract(fees=False), month=MARCH, cost_per_seat=1, paid_seats=1, days=DateRange(MARCH, MAY)
    ),
    "one_fee_on_a_day": lambda: FeeMonth.objects.create(
        contract=make.contract(), month=MARCH, cost_per_seat=1, paid_seats=1
    ),
    "fee_month_is_the_first_of_a_month": lambda: FeeMonth.objects.create(
        contract=make.contract(), month=date(2026, 3, 2), cost_per_seat=1, paid_seats=1
    ),
    "cost_per_seat_is_not_negative": lambda: FeeMonth.objects.create(
        contract=make.contract(fees=False), month=MARCH, cost_per_seat=-1, paid_seats=1
    ),
    "override_is_for_an_activity_or_a_pool": lambda: make.override(
        contract=make.contract(), activity="roadmap", pool="consultation", cap=1
    ),
    "override_is_a_number_or_without_limit": lambda: make.override(
        contract=make.contract(), activity="roadmap", cap=1, unlimited=True
    ),
    "one_override_of_a_cap_on_a_day": lambda: two_overrides(cap=4, days=(MARCH, MARCH)),
    # engagements
    "a_declined_request_says_why": lambda: Engagement.objects.filter(pk=make.request().pk).update(state="declined"),
    "no_engineer_is_booked_twice_at_one_time": two_sessions_at_one_time,
    "one_live_session_for_a_part": two_sessions_for_a_part,
    "an_entry_moves_at_most_one_place": lambda: an_entry(2),
    "an_entry_is_of_an_engagement_or_of_what_lapsed_unused": lambda: lapsed_twice(unused=0),
    "what_is_unused_lapses_once": lapsed_twice,
    # letters
    "no_letter_is_written_twice": the_same_letter_twice,
    "a_message_id_is_of_one_letter": one_message_id_twice,
    "a_report_counts_once_for_a_letter": one_report_twice,
    "an_accepted_letter_has_its_moment": lambda: a_letter(message_id="<1>", state="accepted"),
    "an_opening_names_its_reader": lambda: an_event(kind="opened"),
    "a_letter_passed_on_names_the_other": lambda: an_event(kind="passed_on"),
    "a_letter_is_opened_for_the_first_time_once": opened_twice,
    "one_open_outage_for_a_mail_server": lambda: (an_outage_of_mail(), an_outage_of_mail()),
    "an_outage_of_mail_ends_after_it_began": lambda: an_outage_of_mail(ended_at=NOW - timedelta(seconds=1)),
    # an edition of the policy while it is drafted
    "one_pool_of_a_key_at_a_level": twice(PolicyPool, **POOL),
    "one_cell_for_level_and_activity": twice(PolicyCell, level="gold", activity_id="roadmap", cap=1),
    "one_length_for_a_part": twice(SessionLength, activity_id="roadmap", part=1, name="session", minutes=30),
    "a_product_is_asked_for_in_one_way": twice(
        ProductRequirement, activity_id="roadmap", product_id="im", kind="required"
    ),
    "one_description_of_an_activity": twice(ActivityDescription, activity_id="roadmap", **TEXTS),
}


class TestTheDatabase:
    """E1, E2, E3, E8, E9, E15, T2: the clauses that it holds by itself."""

    @pytest.mark.parametrize("name", REFUSED)
    def test_it_refuses_by_name(self, name):
        with pytest.raises(IntegrityError, match=name):
            REFUSED[name]()

    def test_it_refuses_a_cell_with_a_cap_of_its_own_in_a_pool(self):
        edition = drafted_edition()
        pool = PolicyPool.objects.create(edition=edition, **POOL)

        with pytest.raises(IntegrityError, match="cell_has_its_own_cap_or_a_pool"):
            PolicyCell.objects.create(edition=edition, level="none", activity_id="roadmap", cap=1, pool=pool)

    @pytest.mark.parametrize("second", [{"cap": 4}, {"unlimited": True}], ids=["a number", "without limit"])
    def test_it_refuses_an_override_for_always_over_one_for_some_days(self, second):
        with pytest.raises(IntegrityError, match="one_override_of_a_cap_on_a_day"):
            two_overrides(**second)

    def test_it_refuses_membership_without_a_role(self):
        with pytest.raises(IntegrityError, match="membership_roles_are_known"):
            make.member(roles=[])

    def test_it_lets_periods_touch(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (MARCH, "silver")])

        make.override(contract=contract, activity="roadmap", cap=3, days=(JANUARY, MARCH - make.DAY))
        make.override(contract=contract, activity="roadmap", cap=4, days=(MARCH, MAY))

        assert contract.overrides.count() == contract.levels.count() == 2

    def test_it_lets_sessions_of_one_engineer_touch(self, engineer):
        make.scheduled(engineer=engineer, start=NOW + make.DAY)
        make.scheduled(engineer=engineer, start=NOW + make.DAY + timedelta(minutes=30))

        assert engineer.sessions.count() == 2


class TestLevelsOverATerm:
    """E1: exactly one level on each day of the term; checked at the end of the transaction, whoever writes."""

    def at_the_end_of_the_transaction(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def levels_of(self, contract):
        return [(period.days.lower, period.level) for period in contract.levels.order_by("days")]

    def test_a_whole_term_is_let_through(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (MARCH, "silver")])

        self.at_the_end_of_the_transaction()

        assert self.levels_of(contract) == [(make.FIRST, "gold"), (MARCH, "silver")]

    def test_levels_can_be_exchanged_within_one_transaction(self, gold):
        self.at_the_end_of_the_transaction()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

        gold.levels.update(days=DateRange(make.FIRST, MARCH))
        LevelPeriod.objects.create(contract=gold, level="none", days=DateRange(MARCH, gold.term.upper))

        self.at_the_end_of_the_transaction()

        assert self.levels_of(gold) == [(make.FIRST, "gold"), (MARCH, "none")]

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE entitlements_levelperiod SET days = daterange('2026-01-02', '2028-01-01')",
            "UPDATE entitlements_levelperiod SET days = daterange('2026-01-01', '2027-12-31')",
            "UPDATE entitlements_levelperiod SET days = daterange('2026-01-01', '2028-01-02')",
            "DELETE FROM entitlements_levelperiod",
            "UPDATE entitlements_contract SET term = daterange('2026-01-01', '2029-01-01')",
        ],
        ids=["a gap at the start", "a gap at the end", "beyond the term", "no level at all", "the term extended alone"],
    )
    @pytest.mark.usefixtures("gold")
    def test_a_day_without_its_level_is_refused(self, sql):
        self.at_the_end_of_the_transaction()

        with pytest.raises(IntegrityError) as refused, connection.cursor() as cursor:
            cursor.execute(sql)

        assert refused.value.__cause__.diag.constraint_name == "one_level_on_each_day_of_the_term"


class TestZoneAndPlanOnEachDay:
    """E3, S17: one on each day of the term, and the contract's own is the last of them."""

    @pytest.mark.parametrize("table", ["zone", "plan"])
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE entitlements_{}period SET days = daterange('2026-01-02', '2028-01-01')",
            "DELETE FROM entitlements_{}period",
            "UPDATE entitlements_{}period SET {} = 'UTC'",
            "UPDATE entitlements_contract SET {} = 'UTC'",
        ],
        ids=["a gap", "none", "another than the contract's", "the contract's alone"],
    )
    @pytest.mark.usefixtures("gold")
    def test_what_does_not_fit_the_contract_is_refused(self, table, sql):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with pytest.raises(IntegrityError) as refused, connection.cursor() as cursor:
            cursor.execute(sql.replace("{}", table))

        assert refused.value.__cause__.diag.constraint_name == f"one_{table}_on_each_day_of_the_term"


class TestMovesOfAnEngagement:
    """E5: a state moves only along the allowed ways, by .update() as well."""

    ALLOWED = {(start, end) for start, ends in ENGAGEMENT_MOVES.items() for end in ends}

    @pytest.mark.parametrize("start", EngagementState.values)
    def test_only_the_allowed_moves_are_let_through(self, start, requested):
        for step in self.way_to(start):
            Engagement.objects.filter(pk=requested.pk).update(state=step, decline_reason="Because.")

        for end in EngagementState.values:
            if end != start:
                assert self.is_let_through(requested, end) == ((start, end) in self.ALLOWED), (start, end)

    def way_to(self, state):
        return {"requested": [], "delivered": ["scheduled", "delivered"], "no_show": ["scheduled", "no_show"]}.get(
            state, [state]
        )

    def is_let_through(self, engagement, end):
        try:
            with transaction.atomic():
                Engagement.objects.filter(pk=engagement.pk).update(state=end, decline_reason="Because.")
                transaction.set_rollback(True)
        except DatabaseError as refusal:
            return "Invalid transition" not in str(refusal)
        return True

    def test_a_letter_that_was_accepted_is_not_sent_again(self):
        letter = a_letter(message_id="<1>", state="accepted", accepted_at=NOW)

        with pytest.raises(DatabaseError, match="Invalid transition"):
            Letter.objects.filter(pk=letter.pk).update(state="queued", accepted_at=None)


MODELS = [model for app in ("entitlements", "sla") for model in apps.get_app_config(app).get_models()]
PAIRS = [
    (model, field.name.removesuffix("_at"))
    for model in MODELS
    for field in model._meta.get_fields()
    if field.name.endswith("_at") and any(f.name == field.name[:-3] + "_by" for f in model._meta.get_fields())
]
OR_THE_CLOCK = {
    "InformationRequest.ended": "the_clock_ends_a_request_at_its_deadline",
    "Recomputation.recomputed": "the_clock_recomputes_at_an_effect",
}
"""Where the clock may be the cause: a constraint of its own says when."""
WITHOUT_A_MOMENT_OF_THEIR_OWN = {
    "Claim.submitted_by",  # received_at, which the clock can cause as well
    "CreditEntry.proposed_by",  # posted_at: one moment, two people
    "CreditEntry.approved_by",
    "ElectionChoice.chosen_by",  # received_at: one moment, either of two ways to choose
    "ElectionChoice.entered_by",
}


class TestWhoAndWhen:
    """Every instant that a person causes has its person: found by looking at all models, so that nobody needs to remember."""

    def test_there_are_pairs_to_check(self):
        assert len(PAIRS) > 20

    def test_both_are_there_or_neither(self):
        missing = []

        for model, stem in PAIRS:
            definition = self.constraint_of(model, stem)
            always = not model._meta.get_field(f"{stem}_at").null  # PostgreSQL says it of the column
            conditions = [f"{stem}_at IS NOT NULL", f"{stem}_by_id IS NOT NULL", f"{stem}_at IS NULL"]
            for condition in conditions[1:2] if always and f"{model.__name__}.{stem}" in OR_THE_CLOCK else conditions:
                missing += [f"{model.__name__}: {condition}"] if condition not in definition else []

        assert missing == []

    def constraint_of(self, model, stem):
        name = OR_THE_CLOCK.get(f"{model.__name__}.{stem}", rf"%\_{stem}\_at\_and\_by\_go\_together")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname LIKE %s",
                [model._meta.db_table, name],
            )
            found = cursor.fetchone()
        return found[0] if found else ""

    @pytest.mark.parametrize("half", [{"left_at": NOW}, {"left_by": 1}], ids=["when without who", "who without when"])
    def test_half_a_pair_is_refused(self, half):
        user = make.member()
        if "left_by" in half:
            half = {"left_by": user}

        with pytest.raises(IntegrityError, match="membership_left_at_and_by_go_together"):
            user.memberships.update(**half)

    def test_a_person_who_acted_has_a_moment_beside_them(self):
        alone = {
            f"{model.__name__}.{field.name}"
            for model in MODELS
            for field in model._meta.get_fields()
            if field.name.endswith("_by") and field.related_model is User and (model, field.name[:-3]) not in PAIRS
        }

        assert alone <= WITHOUT_A_MOMENT_OF_THEIR_OWN
