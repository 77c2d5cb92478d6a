"""P1–P13, P16–P19, P24, P25, P40: the product under fire, by real processes on loopback. `make chaos` plays it and writes its report.

`stage.py` is what a scenario plays on: a PostgreSQL, a Valkey, web, worker and beat of its own, a mail server (`post.py`) and a
gate in front of each (`proxy.py`). `world.py` makes the ground, once for all scenarios of a run; `state.py` reads where everything
ended, and says in sentences how that differs from a run in which nothing went wrong. Each file of `scenarios/` registers some;
`twins.py` and `served.py` are versions of the product with a guard off, whose end has to differ.
"""
