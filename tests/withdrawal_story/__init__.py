"""S16, S17, T3: a story of withdrawals over both changes of the clocks, played with the product and compared with a replay of its own.

`told.py` says what happens to whom; `play.py` lets it happen to the product, `servers.py` is the mail server that it meets;
`replay.py` says, from the register alone, where everyone has to end; `compare.py` holds the one against the other.
`python -m tests.withdrawal_story` plays it for 2,000 contracts, by halves in two processes (`parts.py`), and prints its report.
"""
