"""The only place from which mail leaves (T2).

`write` puts a letter down in the transaction of what causes it. `send_due` leases what is due, asks whether it is still true,
makes it once, sends it, and notes what the server said, letter by letter. Twice rather than never: a lease that ran out is
sent again, the same bytes under the same Message-ID, and marked.

`writing` the rows; `rendering` the message; `sending` the turn of a sender; `notes` what is on record before the next one goes, and
how many go a minute; `servers` the line to the mail server; `answers` what follows from what it says; `outages` when nobody tries.
"""

from entitlements.notices.rendering import ask_for_papers, message, render
from entitlements.notices.sending import BATCH, LEASE, ask_before_sending, send_all, send_due
from entitlements.notices.writing import Addressee, LetterRow, frozen, rows_to, thawed, write, write_rows

__all__ = [
    "BATCH",
    "LEASE",
    "Addressee",
    "LetterRow",
    "ask_before_sending",
    "ask_for_papers",
    "frozen",
    "message",
    "render",
    "rows_to",
    "send_all",
    "send_due",
    "thawed",
    "write",
    "write_rows",
]
