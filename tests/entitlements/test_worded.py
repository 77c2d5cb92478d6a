"""Questions that are put into words once answer as their querysets, whatever is asked after them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Prefetch
from django.test.utils import CaptureQueriesContext

from entitlements.models import (
    BookedSession,
    Contract,
    ContractYear,
    Customer,
    Engagement,
    Event,
    LevelPeriod,
    Membership,
)
from entitlements.models.worded import (
    BEGINNINGS,
    INVENTED,
    MOST,
    Worded,
    first_of_each,
    known_empty,
    read_with,
    rows_of,
)
from entitlements.rules.days import add_months
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def same(ask, *values):
    """The words for these values, which must be those of the queryset; found at other values before."""
    question = Worded(ask)
    assert question.shape(values) is not None
    assert told(*question.words(*values)) == told(*ask(*values).query.sql_with_params())
    return question


def told(sql, params):
    with connection.cursor() as cursor:
        return cursor.mogrify(sql, params)


class TestWords:
    def test_of_keys_texts_days_and_moments(self):
        same(lambda key, verb: Event.objects.filter(actor=key, verb=verb), 7, "a.b")
        same(lambda at: Event.objects.filter(happened_at__gt=at - DAY, recorded_at__lte=at + DAY), NOW)
        same(lambda day: Engagement.objects.filter(day__gt=day, day__lte=day + DAY), date(2026, 3, 4))
        same(lambda *keys: Contract.objects.filter(customer__in=keys), 3, 1, 2)

    def test_of_periods_that_touch(self):
        """Each end is that of its own value, also where two of them come next to each other."""
        same(
            lambda *at: (
                Event.objects.filter(happened_at__gte=at[2], happened_at__lt=at[3], recorded_at__gte=at[1])
                | Event.objects.filter(happened_at__gte=at[0], happened_at__lt=at[1])
            ),
            *(NOW + n * DAY for n in (0, 1, 1, 2)),
        )

    def test_of_a_range(self):
        same(lambda at: BookedSession.objects.filter(during__overlap=(at - DAY, at)), NOW)
        same(lambda day: LevelPeriod.objects.filter(days__overlap=(day, day + DAY)), date(2026, 3, 4))

    def test_of_nothing_that_is_known(self):
        question = same(lambda at: Event.objects.filter(happened_at=at), NOW)
        same(question.ask, None)
        assert question.words(NOW)[0] != question.words(None)[0]

    def test_what_it_tells_of_its_values_in_another_way_is_told_each_time(self):
        """A local day, a whole minute, a pattern, a page, a choice: each is right, and none of them known beforehand."""
        for ask, values in [
            (lambda at: Engagement.objects.filter(day=at.date()), [NOW]),
            (lambda at: Event.objects.filter(happened_at__gt=datetime.combine(at.date(), time(), UTC)), [NOW]),
            (lambda at: Event.objects.filter(happened_at__gt=at.replace(second=0, microsecond=0)), [NOW]),
            (lambda at: Event.objects.filter(happened_at__gt=at.replace(microsecond=0)), [NOW]),
            (lambda text: Event.objects.filter(verb__icontains=text), ["a"]),
            (lambda n: Event.objects.all()[:n], [3]),
            (lambda n: Event.objects.filter(actor=1) if n % 2 else Event.objects.all(), [3]),
            (lambda yes: Event.objects.filter(actor__isnull=yes), [True]),
            (lambda *keys: Event.objects.filter(actor__in=keys), []),
            (lambda *keys: Event.objects.filter(actor__in=keys), range(1, 30)),
        ]:
            question = Worded(ask)
            assert question.shape(values) is None
            assert list(question(*values)) == list(ask(*values))

    @pytest.mark.parametrize(
        ("ask", "value"),
        [
            (lambda at: Event.objects.filter(happened_at__year=at.year), NOW),
            (lambda at: Event.objects.filter(happened_at__gte=datetime(at.year, 1, 1, tzinfo=UTC)), NOW),
            (lambda at: Event.objects.filter(happened_at__gte=at.replace(hour=0)), NOW),
            (lambda day: Engagement.objects.filter(day__gte=add_months(day, -2)), date(2026, 3, 4)),
            (lambda day: Engagement.objects.filter(day__gte=add_months(day, -12)), date(2024, 3, 4)),
            (lambda day: Engagement.objects.filter(day__gte=day.replace(month=1, day=1)), date(2024, 3, 4)),
            (lambda day: Engagement.objects.filter(day__gte=day.replace(year=2025)), date(2024, 3, 4)),
            (lambda day: Engagement.objects.filter(day__gte=max(day, date(2026, 1, 1))), date(2024, 3, 4)),
            (lambda day: Engagement.objects.filter(day__gte=min(day, date(2026, 1, 1))), date(2028, 3, 4)),
            (lambda text: Event.objects.filter(verb=text) if text else Event.objects.all(), ""),
            (lambda text: Event.objects.filter(verb=text.strip()), " a.b "),
            (lambda text: Event.objects.filter(verb=text.lower()), "A.b"),
            (lambda text: Event.objects.filter(actor=text), "7"),
            (lambda key: Event.objects.filter(actor=key) if key else Event.objects.none(), 0),
            (lambda key: Event.objects.filter(actor=max(key, 1)), 0),
            (lambda key: Event.objects.filter(actor=abs(key)), -7),
        ],
    )
    def test_what_it_makes_of_some_values_only_is_seen(self, ask, value):
        """A year, months, a bound, another word for nothing: at whichever place among the values."""
        for place in (0, 1, 3, 6):
            values = [*range(1, place + 1), value]

            def question(*values):
                return ask(values[-1]).filter(pk__in=values[:-1]) if values[:-1] else ask(values[-1])

            assert Worded(question).shape(values) is None, place

    def test_values_are_invented_before_and_after_now_and_on_leap_days(self):
        for n in range(MOST):
            days = [INVENTED[date](turn, n) for turn in range(len(BEGINNINGS))]
            assert min(days) < date(2010, 1, 1) < date(2031, 1, 1) < max(days)
            assert any(day.month == 2 and day.day == 29 for day in days)
            moments = [INVENTED[datetime](turn, n) for turn in range(len(BEGINNINGS))]
            assert all(len({getattr(at, of) for at in moments}) > 2 for of in ("hour", "minute", "second"))
            assert len({at.time() for at in moments}) == len(moments)
        for kind, turn in product((int, str, date, datetime), range(MOST)):
            invented = [INVENTED[kind](turn, n) for n in range(MOST)]
            assert len(set(invented)) == MOST
            assert kind in (int, str) or invented == sorted(invented)

    def test_what_locks_its_rows_is_told_each_time(self):
        """Whether it may lock is asked when it is told."""
        assert Worded(lambda key: Contract.objects.filter(pk=key).select_for_update()).shape([1]) is None


class TestRows:
    def test_come_as_from_the_queryset(self, django_assert_num_queries):
        contract, other = make.contract(), make.contract()
        whole = Worded(lambda key: ContractYear.objects.filter(contract=key).select_related("contract__customer"))
        for one in (contract, other, contract):
            with django_assert_num_queries(1):
                found = whole(one.pk)
                assert [year.contract.customer.name for year in found] == [one.customer.name] * len(found) != []
            assert found == list(one.years.all())
        assert whole.one(contract.pk) == contract.years.first()
        assert whole.one(0) is None

    def test_come_the_same_by_a_plan_that_is_kept(self, django_assert_num_queries):
        """More often than the server plans a statement anew by itself; each time they are those of that moment."""
        contract, other = make.contract(), make.contract()
        rows = Contract.objects.select_related("customer").annotate(how_many=Count("years"))
        often = Worded(lambda *keys: rows.filter(pk__in=keys).order_by("pk"), planned_once=True)
        logged = Worded(lambda key: Event.objects.filter(row_id=key).order_by("pk"), planned_once=True)
        for n in range(8):
            Customer.objects.filter(pk=other.customer_id).update(name=f"Firm {n}")
            with django_assert_num_queries(3):
                both, one, none = often(contract.pk, other.pk), often(other.pk, 0), often(0, -1)
                names = [found.customer.name for found in (*both, *one)]
            assert (both, one, none) == ([contract, other], [other], [])
            assert names == [contract.customer.name, f"Firm {n}", f"Firm {n}"]
            assert [(found.term, found.how_many) for found in both] == [
                (found.term, found.years.count()) for found in (contract, other)
            ]
            changes = [found.changes for found in logged(str(other.customer_id))]
            assert (
                changes
                == list(Event.objects.filter(row_id=other.customer_id).order_by("pk").values_list("changes", flat=True))
                != []
            )

    def test_each_time_its_words_stand_in_the_log_of_questions(self):
        question = Worded(lambda key: Contract.objects.filter(pk=key), planned_once=True)
        with CaptureQueriesContext(connection) as asked:
            for _ in range(3):
                question(1)
        assert ["entitlements_contract" in (one["sql"] or "") for one in asked] == [True] * 3

    def test_with_what_is_prefetched(self):
        contract = make.contract()
        question = Worded(lambda key: Contract.objects.filter(pk=key).prefetch_related("years", "customer__contracts"))
        assert question.shape([contract.pk]) is not None
        for _ in range(2):
            [found] = question(contract.pk)
            assert list(found.years.all()) == list(contract.years.all())

    def test_with_what_is_asked_beside_it_in_its_own_words_is_told_each_time(self):
        """Or it would be asked with the invented values."""

        def ask(key, level):
            levels = Prefetch("levels", LevelPeriod.objects.filter(contract=key, level=level), to_attr="of_that_level")
            return Contract.objects.filter(pk=key).prefetch_related(levels)

        contract, question = make.contract(), Worded(ask)
        for _ in range(2):
            [found] = question(contract.pk, "gold")
            assert found.of_that_level == list(contract.levels.all()) != []

    def test_of_a_row_that_was_made_of_a_value_are_told_each_time(self):
        contract = make.contract()
        years = Worded(lambda key: Contract(pk=key).years.all())
        assert years.shape([contract.pk]) is None
        assert {year.contract.pk for year in years(contract.pk)} == {contract.pk}

    def test_as_values(self):
        person = make.one_of(make.contract().customer)
        question = Worded(lambda key: Membership.objects.filter(user=key).values_list("customer_id", "roles"))
        assert question(person.pk) == list(person.memberships.values_list("customer_id", "roles"))


class TestTheFirstOfEach:
    def test_is_its_own_row_with_all_that_is_made_of_it(self, django_assert_num_queries):
        contract = make.contract()
        when = make.request(contract=contract).requested_at
        asked = [
            Worded(lambda at: Engagement.objects.filter(requested_at__gt=at)[:1]),
            Worded(lambda at: Contract.objects.select_related("customer").annotate(n=Count("engagements"))[:1]),
            Worded(lambda at: Event.objects.order_by("-id").values("verb", "note")[:1]),
            Worded(lambda at: Engagement.objects.filter(requested_at__lte=at).values_list("reference", "day")[:1]),
        ]
        each = [question.one(when) for question in asked]
        with django_assert_num_queries(1):
            found = first_of_each(asked, when)
        assert found == each
        assert (found[0], found[1].n, found[1].customer) == (None, 1, contract.customer)

    def test_has_to_be_in_words(self):
        with pytest.raises(ValueError, match="in words"):
            first_of_each([Worded(lambda at: Event.objects.filter(happened_at__year=at.year)[:1])], NOW)


class TestRowsOfOne:
    def test_are_asked_for_or_were_read(self, django_assert_num_queries):
        contracts = [make.contract(), make.contract()]
        with django_assert_num_queries(1):
            assert {year.contract_id for year in rows_of(contracts[0], "years")} == {contracts[0].pk}
        with django_assert_num_queries(1):
            read_with(contracts, "years", "overrides")
        with django_assert_num_queries(0):
            read_with(contracts, "years", "overrides")
            assert [{year.contract for year in rows_of(one, "years")} for one in contracts] == [
                {one} for one in contracts
            ]
            assert rows_of(contracts[0], "overrides") == []
        prefetched = Contract.objects.prefetch_related("levels").get(pk=contracts[0].pk)
        with django_assert_num_queries(0):
            assert len(rows_of(prefetched, "levels")) == 1

    def test_of_several_relations_are_the_rows_of_each_in_its_order(self, django_assert_num_queries):
        """Of every relation of a contract, with days that have no end and columns that hold nothing."""
        contracts = [make.contract(), make.contract(), make.contract()]
        make.request(contract=contracts[0])
        make.request(contract=contracts[0], day=make.TODAY + 40 * DAY)
        contracts[1].suspensions.create(days=DateRange(make.TODAY, None), reason="Since then")
        contracts[1].suspensions.create(days=DateRange(make.TODAY - 9 * DAY, make.TODAY - DAY), reason="Before")
        contracts[2].overrides.create(
            activity_id="integration", cap=7, document="§ 4", reason="…", agreed_at=make.NOW, agreed_by=make.manager()
        )
        relations = [one.get_accessor_name() for one in Contract._meta.related_objects if one.related_name != "+"]
        for most in (1, 2, len(relations)):
            read = list(Contract.objects.filter(pk__in=[one.pk for one in contracts]))
            with django_assert_num_queries(1):
                read_with(read, *relations[:most])
            for contract in read:
                for relation in relations[:most]:
                    found, known = rows_of(contract, relation), list(getattr(contract, relation).all())
                    assert [_columns(one) for one in found] == [_columns(one) for one in known]
                    assert all(one.contract is contract and not one._state.adding for one in found)
        assert sum(len(rows_of(one, relation)) for one in read for relation in relations) >= 3 * 24

    def test_are_not_asked_for_where_it_is_known_that_there_are_none(self, django_assert_num_queries):
        contract = make.contract()
        known_empty(contract, "years")
        with django_assert_num_queries(0):
            assert rows_of(contract, "years") == []


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
