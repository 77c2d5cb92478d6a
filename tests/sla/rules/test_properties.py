"""What no table covers: the rules against small, slow models of their own."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from entitlements.rules.spans import Span, total
from sla.rules.claim_window import closes_at
from sla.rules.credits import credit
from sla.rules.delivery import delivery
from sla.rules.elections import Choice, Decider, ElectionState, NoticeDelivery, election
from sla.rules.maintenance import Ground, Maintenance, maintenance_account
from sla.rules.outages import availability_outages, pieces
from sla.rules.plans import Prepaid, shift, stay
from sla.rules.remedy import failure_of_alert, failure_of_outage, remedy_union
from sla.rules.volume import Quarter, volume_exclusion
from tests.sla.rules.given import NEW_YORK, TERMS, alert

MINUTE = timedelta(minutes=1)
EVE = datetime(2026, 5, 31, 12, tzinfo=UTC)  # twelve hours before and after a month's end
GRID = 144  # of ten minutes
TEN = 10 * MINUTE
SECOND, MIDNIGHT = timedelta(seconds=1), 12 * 3600

# mutmut runs the tests several times in one process, which Hypothesis would take for an error
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors])


@st.composite
def stretches(draw, size, longest):
    start = draw(st.integers(0, size - 1))
    return start, draw(st.integers(start + 1, min(size, start + longest)))


@st.composite
def maintenances(draw, size=GRID, longest=90, step=TEN):
    """A period on a grid (of ten minutes), with an announced window that may lie elsewhere."""
    (start, end), (begins, ends) = draw(stretches(size, longest)), draw(stretches(size, longest))
    ground = draw(st.sampled_from([None, *Ground]))
    return Maintenance(
        key=f"{start}-{end}",
        ran=Span(EVE + start * step, EVE + end * step),
        ground=ground,
        announced=Span(EVE + begins * step, EVE + ends * step) if ground is Ground.NOTICED else None,
        reason=draw(st.sampled_from(["", "a flaw"])),
        reason_recorded=EVE + start * step,
    )


def long_one(length, *, before_midnight):
    """Ten hours and some seconds, of which the month's end cuts off some."""
    start = EVE + (MIDNIGHT - before_midnight) * SECOND
    return Maintenance(key="long", ran=Span(start, start + length * SECOND), ground=Ground.NORMAL_HOURS)


def excused_at(period, instant):
    inside = period.ran.contains(instant)
    match period.ground:
        case Ground.NOTICED:
            return inside and period.announced.contains(instant)
        case Ground.EMERGENCY:
            return inside and bool(period.reason)
    return inside and period.ground is not None


class TestTheAllowanceAgainstAGrid:
    """S3"""

    @few
    @given(st.lists(maintenances(), max_size=6))
    def test_cuts_the_excused_cells_of_the_first_ten_hours_of_each_month(self, periods):
        used, cut = {5: 0, 6: 0}, set()
        for cell in range(GRID):
            instant = EVE + cell * TEN
            if any(period.ran.contains(instant) for period in periods):
                used[instant.month] += 1
                if used[instant.month] <= 60 and any(excused_at(period, instant) for period in periods):
                    cut.add(instant)

        account = maintenance_account(periods, TERMS)

        assert cells(account.cutting(), TEN) == cut
        assert [account.left(date(2026, n, 1)) for n in used] == [max(60 - n, 0) * TEN for n in used.values()]

    @settings(few, max_examples=8)
    @given(st.lists(maintenances(size=24 * 3600, longest=9 * 3600, step=SECOND), max_size=5))
    @example([long_one(10 * 3600 + 9, before_midnight=36003)])
    def test_agrees_with_a_model_second_by_second(self, periods):
        """Two days' halves: whoever is under maintenance in a second uses it once, as long as ten hours of its month are not full."""
        used = sorted(set().union(*(seconds(period.ran) for period in periods)))
        by_month = [n for n in used if n < MIDNIGHT][:36000], [n for n in used if n >= MIDNIGHT][:36000]
        excused = set().union(*(seconds(excused_of(period)) for period in periods))

        account = maintenance_account(periods, TERMS)

        assert set().union(*map(seconds, account.cutting())) == excused.intersection(by_month[0] + by_month[1])
        left = [36000 - len(ones) for ones in by_month]
        assert [account.left(date(2026, n, 1)) for n in (5, 6)] == [n * SECOND for n in left]


def seconds(span):
    """The whole seconds of a span since the eve."""
    return range((span.start - EVE) // SECOND, (span.end - EVE) // SECOND) if span else range(0)


def excused_of(period):
    match period.ground:
        case Ground.NOTICED:
            return period.ran & period.announced
        case Ground.EMERGENCY:
            return period.ran if period.reason else None
    return period.ran if period.ground else None


def cells(spans, width):
    return {span.start + n * width for span in spans for n in range(int(span.length / width))}


class TestOutagesAgainstAModelByMinutes:
    """S2, S3, S8"""

    logs = st.lists(stretches(240, 120), max_size=5)
    windows = st.lists(stretches(240, 60), max_size=3)

    @few
    @given(logs, windows, st.one_of(st.none(), st.integers(0, 239)))
    def test_are_the_runs_of_thirty_minutes_down_and_not_cut(self, logs, windows, open_from):
        now = EVE + 240 * MINUTE
        down = [(EVE + start * MINUTE, EVE + end * MINUTE) for start, end in logs]
        down += [] if open_from is None else [(EVE + open_from * MINUTE, None)]
        cut = [Span(EVE + start * MINUTE, EVE + end * MINUTE) for start, end in windows]
        maintenance = [Maintenance(key=str(n), ran=one, ground=Ground.NORMAL_HOURS) for n, one in enumerate(cut)]
        runs, run = [], []
        for n in range(241):
            minute = EVE + n * MINUTE
            is_down = n < 240 and any(start <= minute and (end is None or minute < end) for start, end in down)
            if is_down and not any(one.contains(minute) for one in cut):
                run.append(minute)
            elif run:
                runs, run = [*runs, Span(run[0], run[-1] + MINUTE)], []

        assert [piece.span for piece in pieces(down, maintenance, TERMS, now)] == runs
        found = availability_outages(down, maintenance, TERMS, now)
        assert [outage.span for outage in found] == [run for run in runs if run.length >= 30 * MINUTE]
        assert all(outage.open == (outage.end == now and open_from is not None) for outage in found)
        assert all(outage.remedy.length == outage.span.length - TEN for outage in found)


class TestTheUnionOfRemedyPeriods:
    """S8"""

    @few
    @given(
        st.lists(stretches(500, 200), max_size=4), st.lists(st.tuples(stretches(500, 90), st.booleans()), max_size=4)
    )
    def test_is_never_longer_than_its_failures_together_nor_shorter_than_the_longest(self, logs, alerts):
        failures = []
        for start, end in logs:
            found = availability_outages([(EVE + start * MINUTE, EVE + end * MINUTE)], [], TERMS, None)
            failures += [failure_of_outage("o", outage) for outage in found]
        for (received, logged), caused in alerts:
            instants = (str((EVE + n * MINUTE).replace(tzinfo=None)) for n in (received, logged))
            late = failure_of_alert("b", delivery(alert(*instants), TERMS, None), caused_by_outage=caused)
            failures += [late] if late else []
        times = [total(failure.remedy) for failure in failures]

        together = remedy_union(failures).time

        assert max(times, default=timedelta()) <= together <= sum(times, timedelta())
        assert together == len(cells([span for failure in failures for span in failure.remedy], MINUTE)) * MINUTE


amounts = st.decimals(0, 10**8, places=4)


class TestACreditAgainstItsBounds:
    """S11"""

    @few
    @given(amounts, amounts, st.one_of(st.none(), amounts))
    def test_is_the_least_of_the_three_to_half_a_cent(self, remedy, annual, cap):
        bounds = [Fraction(remedy), 5 * Fraction(annual), Fraction(TERMS.credit_cap if cap is None else cap)]
        found = credit(remedy, annual, TERMS, cap)

        assert all(Fraction(found.amount) <= bound + Fraction(1, 200) for bound in bounds)
        assert abs(Fraction(found.amount) - min(bounds)) <= Fraction(1, 200)
        assert bounds[["remedy", "fees", "cap"].index(found.bound)] == min(bounds)


def cents_by_hand(figure):
    """Half-up to the cent, by integers."""
    return Decimal((figure.numerator * 200 + figure.denominator) // (2 * figure.denominator)).scaleb(-2)


class TestTheArithmeticOfAnElection:
    """S17"""

    days = st.dates(date(2026, 1, 1), date(2027, 12, 31))

    @few
    @given(
        st.decimals(0, 500, places=2),
        st.decimals(0, 100, places=1),
        st.decimals(0, 500, places=2),
        amounts,
        days,
        days,
        days,
    )
    def test_agrees_with_fractions_to_the_cent(self, new_list, discount, old, amount, one, other, effect):
        first, last = sorted((one, other))
        prepaid = Prepaid(amount, first, last)
        ahead = [n for n in range((last - first).days + 1) if first + timedelta(days=n) >= effect]
        unused = Fraction(amount) * len(ahead) / ((last - first).days + 1)
        new = Fraction(new_list) * (1 - Fraction(discount) / 100)
        credited = max(unused * (1 - new / Fraction(old)), Fraction()) if old else Fraction()

        shifted = shift(new_list, discount, old, effect, prepaid)
        stayed = stay(old, effect, prepaid, TERMS)

        assert (shifted.new_fee, shifted.unused, shifted.credit) == tuple(map(cents_by_hand, (new, unused, credited)))
        assert (stayed.new_fee, stayed.days) == (cents_by_hand(Fraction(old) * 4 / 5), len(ahead) * 5 // 4)
        assert stayed.new_fee == (old * Decimal("0.8")).quantize(Decimal("0.01"), ROUND_HALF_UP)


class TestTheClaimWindowInEveryZone:
    """S13"""

    def test_ends_after_its_fifteenth_day_and_never_goes_back(self):
        occurrences = [
            datetime(2011, 12, 14, 9, tzinfo=UTC),
            datetime(2026, 3, 14, 1, 30, tzinfo=UTC),
            datetime(2026, 10, 17, 13, tzinfo=UTC),
        ]
        for zone in map(ZoneInfo, sorted(available_timezones())):
            for occurrence in occurrences:
                deadline, day = closes_at(occurrence, zone, TERMS), occurrence.astimezone(zone).date()
                last = deadline - timedelta.resolution
                assert deadline.astimezone(zone).date() > day + timedelta(days=15), zone
                assert last.astimezone(zone).date() <= day + timedelta(days=15), zone

    @few
    @given(
        st.integers(-46 * 365 * 24 * 60, 10 * 365 * 24 * 60),
        st.timedeltas(timedelta(), timedelta(days=3)),
        st.sampled_from(["America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "America/Santiago", "UTC"]),
    )
    def test_is_monotone(self, minutes, later, zone):
        first = EVE + minutes * MINUTE

        assert closes_at(first, ZoneInfo(zone), TERMS) <= closes_at(first + later, ZoneInfo(zone), TERMS)


class TestTheMedianOfTheVolume:
    """S7"""

    @few
    @given(
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=40),
        st.integers(0, 400),
        st.integers(0, 1),
    )
    def test_agrees_with_a_sorted_list(self, before, own, incidents):
        q = datetime(2026, 5, 12, 10, tzinfo=UTC)
        quarters = [Quarter(q - (n + 1) * 15 * MINUTE, volume, begun) for n, (volume, begun) in enumerate(before)]
        counted = [volume for volume, begun in before if begun]

        found = volume_exclusion(q + 7 * MINUTE, [*quarters, Quarter(q, own, incidents)], NEW_YORK, TERMS)

        assert found.periods == len(counted)
        assert found.median == (Fraction(median(map(Fraction, counted))) if counted else None)
        assert found.excluded == bool(counted and incidents and own > 11 * Fraction(median(map(Fraction, counted))))


class TestAnElectionReplayed:
    """S16"""

    accepted = datetime(2026, 6, 1, 15, tzinfo=UTC)
    deadline = datetime(2026, 6, 9, 4, tzinfo=UTC)

    @few
    @given(
        st.lists(
            st.tuples(st.integers(0, 220), st.sampled_from([None, *Choice])), max_size=6, unique_by=lambda c: c[0]
        ),
        st.integers(0, 220),
        st.sampled_from([None, *Choice]),
        st.booleans(),
    )
    def test_stands_where_the_choices_one_after_the_other_leave_it(self, made, asked, vendor, lowest):
        now = self.accepted + timedelta(hours=asked)
        choices = [(self.accepted + timedelta(hours=n), choice) for n, choice in made]
        standing = None
        for at, choice in sorted(choices, key=lambda one: one[0]):
            refused = lowest and choice is Choice.SHIFT
            if at <= now and at < self.deadline and not refused:
                standing = choice
        decided = now >= self.deadline

        found = election(
            [NoticeDelivery(accepted=self.accepted)], NEW_YORK, now, choices, vendor, TERMS, lowest_plan=lowest
        )

        assert found.state is (ElectionState.DECIDED if decided else ElectionState.OPEN)
        if standing:
            assert (found.choice, found.by) == (standing, Decider.CUSTOMER)
        elif decided:
            vendors = vendor if vendor and not (lowest and vendor is Choice.SHIFT) else Choice.STAY
            assert (found.choice, found.by) == (vendors, Decider.VENDOR)
        else:
            assert (found.choice, found.by) == (None, None)
