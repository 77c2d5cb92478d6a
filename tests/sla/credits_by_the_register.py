"""Claims and credits as CLAUSES.md has them, in whole minutes and cents: a small, slow book that knows nothing of the product.

Every act answers whether the register lets it be done, and does it in the book if so. What the book leaves out (the wording, the
letters, the logs of alerts) it has no opinion on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CAP = 3_000_000
"""S11: in dollars, a credit."""

OPEN, DECIDED = ("submitted", "in_review"), ("credited", "denied")


@dataclass(eq=False)
class Cause:
    """S12."""

    fixed: datetime | None = None
    into: Cause | None = None

    @property
    def root(self) -> Cause:
        return self.into.root if self.into else self


@dataclass(eq=False)
class Outage:
    """S2: `down` minutes from `start` on for every customer; findings of cause (S6) cut the first `cut` minutes."""

    start: datetime
    down: int
    cause: Cause
    cut: int = 0

    @property
    def counts(self) -> bool:
        return self.down - self.cut >= 30

    @property
    def occurred(self) -> datetime:
        """S5, as it stood when it was reported first: nothing that is found later brings a deadline nearer."""
        return self.start + 30 * MINUTE

    @property
    def window_ends(self) -> datetime:
        """S13: the first instant of the sixteenth local date after; the sequences play in a New York summer, four hours behind."""
        local = (self.occurred - 4 * HOUR).date()
        return datetime(local.year, local.month, local.day, 4, tzinfo=UTC) + 16 * DAY

    def pays_for(self, at: datetime) -> bool:
        """S8: from ten minutes after the start of what is left of it to its end."""
        begun = self.start + (self.cut + 10) * MINUTE
        return self.counts and begun <= at < self.start + self.down * MINUTE


@dataclass(eq=False)
class Line:
    """S9: a lost transaction, in dollars of profit; below zero for one that would have lost money."""

    at: datetime
    profit: int
    struck: bool = False


@dataclass(eq=False)
class TwoPeople:
    """What one person proposes and another settles."""

    by: str
    what: object = None
    settled: bool = False


@dataclass(eq=False)
class Entry:
    """A line of the ledger, signed; `about` the line that it undoes or corrects."""

    kind: str
    amount: int
    about: Entry | None = None


@dataclass(eq=False)
class Credit:
    customer: str
    claim: Claim
    bound: int
    entries: list[Entry]
    void: bool = False
    kept: Credit | None = None
    waiting: TwoPeople | None = None

    @property
    def balance(self) -> int:
        return sum(one.amount for one in self.entries)

    @property
    def granted(self) -> int:
        """What of its grant stands."""
        return self.left_of(self.entries[0])

    @property
    def keeper(self) -> Credit:
        """S12: the one that has its place: itself, or what it was set off by, or what that was."""
        return self.kept.keeper if self.kept else self

    def left_of(self, entry: Entry) -> int:
        return sum(one.amount for one in self.entries if entry in (one, one.about))


@dataclass(eq=False)
class Claim:
    contract: str
    customer: str
    bound_of_fees: int
    cause: Cause
    outages: list[Outage]
    state: str = "draft"
    lines: list[Line] = field(default_factory=list)
    complete: bool = False
    sends_itself: bool = False
    sends_at: datetime | None = None
    received: datetime | None = None
    waived: bool = False
    waiver: TwoPeople | None = None
    proposal: TwoPeople | None = None

    @property
    def closes(self) -> datetime:
        """S13: with the last of the windows of its failures."""
        return max(one.window_ends for one in self.outages)

    @property
    def late(self) -> list[Outage]:
        """S13: what had ended at submission drops out."""
        assert self.received is not None
        return [one for one in self.outages if one.counts and self.received >= one.window_ends]

    @property
    def counted(self) -> list[Outage]:
        return [one for one in self.outages if one.counts and (self.waived or one not in self.late)]

    @property
    def loss(self) -> int:
        """S9: netted, never below zero."""
        kept = [one.profit for one in self.lines if not one.struck and any(o.pays_for(one.at) for o in self.counted)]
        return max(sum(kept), 0)

    @property
    def credit(self) -> int:
        """S11: the least of the three."""
        return min(self.loss, self.bound_of_fees, CAP)


class Book:
    """All of it at one moment; `members` are the people of a customer (S19: they decide nothing of it), `second` may approve."""

    def __init__(self, now: datetime, members: dict[str, set[str]], second: set[str]) -> None:
        self.now, self.members, self.second = now, members, second
        self.causes: list[Cause] = []
        self.outages: list[Outage] = []
        self.claims: list[Claim] = []
        self.credits: list[Credit] = []

    # --- The clock (S13, T3)

    def catch_up(self, claim: Claim) -> None:
        """A complete draft has sent itself when its moment came, whether or not anybody looked."""
        if claim.state == "draft" and claim.complete and claim.sends_at and claim.sends_at <= self.now:
            claim.state, claim.received = "submitted", claim.sends_at

    def turn(self) -> None:
        """What the clock has done five minutes after each deadline."""
        for claim in self.claims:
            if claim.sends_at and claim.sends_at <= self.now - 5 * MINUTE:
                self.catch_up(claim)
            if claim.state == "draft" and claim.closes <= self.now - 5 * MINUTE:
                claim.state = "lapsed"

    def _set_out(self, claim: Claim) -> None:
        """S13: a complete draft sends itself an hour before the first window that it can still be in time for."""
        moments = [one.window_ends - HOUR for one in claim.outages]
        ahead = [one for one in moments if one > self.now]
        claim.sends_at = min(ahead) if ahead and claim.complete and claim.sends_itself else None

    # --- The customer

    def may_claim(self, outage: Outage) -> bool:
        return self.now < outage.window_ends

    def draft_of(self, contract: str, cause: Cause) -> Claim | None:
        """S12: all failures of one cause are one claim, while it is a draft."""
        for claim in self.claims:
            if claim.contract == contract and claim.cause.root is cause.root:
                self.catch_up(claim)
                if claim.state == "draft":
                    return claim if self.now < claim.closes else None
        return None

    def claim(self, contract: str, customer: str, bound: int, outage: Outage) -> Claim:
        claim = self.draft_of(contract, outage.cause)
        if claim is None:
            claim = Claim(contract, customer, bound, outage.cause, [])
            self.claims.append(claim)
        claim.outages.append(outage)
        claim.complete, claim.sends_at = False, None
        return claim

    def may_fill_in(self, claim: Claim) -> bool:
        self.catch_up(claim)
        return claim.state == "draft" and self.now < claim.closes

    def fill_in(self, claim: Claim, lines: list[Line], *, sends_itself: bool) -> None:
        claim.lines += lines
        claim.complete, claim.sends_itself = True, sends_itself
        self._set_out(claim)

    def send(self, claim: Claim) -> bool:
        self.catch_up(claim)
        if claim.received:
            return True  # it is received once; said twice, it is the same
        if claim.state not in ("draft", "lapsed") or not claim.complete or self.now >= claim.closes:
            return False
        claim.state, claim.received = "submitted", self.now
        return True

    def withdraw(self, claim: Claim) -> bool:
        self.catch_up(claim)
        if claim.state == "withdrawn":
            return True
        if claim.state not in ("draft", *OPEN):
            return False
        claim.state = "withdrawn"
        if claim.proposal:
            claim.proposal.settled = True
        return True

    # --- The review

    def _has_part(self, customer: str, *people: str) -> bool:
        return any(one in self.members[customer] for one in people)

    def propose_waiver(self, claim: Claim, by: str) -> bool:
        self.catch_up(claim)
        if self._has_part(claim.customer, by) or claim.waived or _waits(claim.waiver) or _waits(claim.proposal):
            return False
        if not (claim.complete if claim.state == "lapsed" else claim.state in OPEN and claim.late):
            return False
        claim.waiver = TwoPeople(by)
        return True

    def approve_waiver(self, claim: Claim, by: str) -> bool:
        """S13: late only by two people, as far as nothing else has claimed it by then."""
        waiver = claim.waiver
        if not self._second(waiver, by, claim.customer):
            return False
        if claim.state == "lapsed":
            claim.state, claim.received = "submitted", self.now
        elif claim.state not in OPEN or not claim.late:
            return False
        claim.waived = _settle(waiver)
        return True

    def strike(self, claim: Claim, line: Line, *, struck: bool, by: str) -> bool:
        if claim.state not in OPEN or self._has_part(claim.customer, by) or _waits(claim.proposal):
            return False
        line.struck = struck
        return True

    def find(self, outage: Outage, minutes: int) -> None:
        """S6: another cause for its first minutes."""
        outage.cut = max(outage.cut, minutes)

    def standing(self, customer: str, cause: Cause) -> list[Credit]:
        """S12: also one that was reversed; not one that a merge has set off."""
        theirs = [one for one in self.credits if one.customer == customer and not one.void]
        return [one for one in theirs if one.claim.cause.root is cause.root]

    def credit_of(self, claim: Claim) -> Credit | None:
        """S12: of its cause, or of one that is about to be merged with it."""
        theirs = [
            one for one in self.credits if one.customer == claim.customer and one.claim.cause.root is claim.cause.root
        ]
        found = {id(one.keeper): one.keeper for one in theirs}
        assert len(found) < 2, "two credits have the place of one cause"
        return next(iter(found.values()), None)

    def propose(self, claim: Claim, *, approve: bool, by: str) -> bool:
        if claim.state not in OPEN or self._has_part(claim.customer, by) or _waits(claim.proposal):
            return False
        if approve and (claim.credit == 0 or self.credit_of(claim)):
            return False
        claim.state, claim.proposal = "in_review", TwoPeople(by, (approve, self._facts(claim)))
        return True

    def _facts(self, claim: Claim) -> object:
        """S19: what a decision was proposed on: its own facts, and what the other reading of the cap (S11) leaves of it by what the
        customer was granted for other causes."""
        others = [one for one in self.credits if one.customer == claim.customer]
        had = sum(one.granted for one in others if one.claim.cause.root is not claim.cause.root)
        cuts = tuple((one.start, one.cut) for one in claim.outages)
        lines = tuple(one.struck for one in claim.lines)
        return claim.cause.root, cuts, lines, claim.waived, min(claim.credit, max(CAP - had, 0))

    def approve(self, claim: Claim, by: str) -> bool:
        if claim.state != "in_review" or not self._second(claim.proposal, by, claim.customer):
            return False
        assert claim.proposal is not None
        yes, facts = claim.proposal.what  # type: ignore[misc]
        if facts != self._facts(claim) or (yes and self.credit_of(claim)):
            return False
        _settle(claim.proposal)
        claim.state = "credited" if yes else "denied"
        if yes:
            self.credits.append(Credit(claim.customer, claim, claim.credit, [Entry("grant", claim.credit)]))
        return True

    def cover(self, claim: Claim, by: str) -> bool:
        """S12: by the credit that the customer has for the cause."""
        if claim.state not in OPEN or self._has_part(claim.customer, by) or _waits(claim.proposal):
            return False
        credit = self.credit_of(claim)
        if credit is None or not credit.granted:
            return False
        claim.state = "covered"
        return True

    def give_back(self, waiting: TwoPeople | None) -> bool:
        return _waits(waiting) and _settle(waiting)

    def _second(self, waiting: TwoPeople | None, by: str, customer: str) -> bool:
        """S19: who approves is never who proposed, may approve, and is none of the customer's people."""
        return _waits(waiting) and by in self.second - {waiting.by} and not self._has_part(customer, by)  # type: ignore[union-attr]

    # --- Causes (S12)

    def fix(self, cause: Cause) -> None:
        cause.fixed = cause.fixed or self.now

    def can_be_one(self, kept: Cause, merged: Cause) -> bool:
        """A recurrence after the fix is another cause."""
        both = (kept, merged)
        if kept is merged or kept.into or merged.into:
            return False
        begun = {one: [o.start for o in self.outages if o.cause.root is one] for one in both}
        return not any(
            one.fixed and any(start >= one.fixed for start in begun[other]) for one, other in (both, both[::-1])
        )

    def merge(self, kept: Cause, merged: Cause) -> bool:
        """A customer with two credits is first left with one by the ledger."""
        both = (kept, merged)
        if not self.can_be_one(kept, merged):
            return False
        customers = {one.customer for one in self.claims}
        had = {one: self.standing(one, kept) + self.standing(one, merged) for one in customers}
        if any(len(credits) > 1 for credits in had.values()):
            return False
        for claim in self.claims:
            if claim.cause.root in both:
                self.catch_up(claim)
        merged.into = kept
        for claim in self.claims:
            covers = any(one.granted for one in had[claim.customer])
            if covers and claim.cause.root is kept and claim.state in ("draft", *OPEN):
                claim.state = "covered"
                if claim.proposal:
                    claim.proposal.settled = True
        return True

    # --- The ledger (S12, S19)

    def propose_line(self, credit: Credit, line: Entry, *, sets_off: Credit | None = None, by: str) -> bool:
        if self._has_part(credit.customer, by) or _waits(credit.waiting):
            return False
        if credit.void or not self._bears(credit, line):
            return False
        if sets_off and (line.about is not credit.entries[0] or not self._is_kept(sets_off, credit)):
            return False
        credit.waiting = TwoPeople(by, (line, sets_off))
        return True

    def _is_kept(self, kept: Credit, other: Credit) -> bool:
        """S12: of two whose causes can be one the larger is kept, of equal ones the earlier."""
        if kept is other or kept.void or not self.can_be_one(kept.claim.cause.root, other.claim.cause.root):
            return False
        by_rank = sorted((kept, other), key=lambda one: (-one.granted, self.credits.index(one)))
        return by_rank[0] is kept

    def _bears(self, credit: Credit, line: Entry) -> bool:
        """Nothing is taken that is not there; no line passes its bound or becomes its opposite; nothing is undone twice."""
        if not line.amount or credit.balance + line.amount < 0:
            return False
        if line.about is None:
            return line.amount < 0
        after = credit.left_of(line.about) + line.amount
        return 0 <= after <= credit.bound if line.about.amount >= 0 else after <= 0

    def post(self, credit: Credit, by: str) -> bool:
        if not self._second(credit.waiting, by, credit.customer):
            return False
        assert credit.waiting is not None
        line, sets_off = credit.waiting.what  # type: ignore[misc]
        if sets_off and not self._is_kept(sets_off, credit):
            return False
        _settle(credit.waiting)
        credit.entries.append(line)
        if sets_off:
            credit.void, credit.kept = True, sets_off
            credit.claim.state = "covered"
        elif line.about is credit.entries[0] and not credit.granted:
            for claim in self.claims:
                if claim.state == "covered" and claim.received and self.credit_of(claim) is credit:
                    claim.state = "in_review"
        return True


def _waits(waiting: TwoPeople | None) -> bool:
    return waiting is not None and not waiting.settled


def _settle(waiting: TwoPeople | None) -> bool:
    assert waiting is not None
    waiting.settled = True
    return True
