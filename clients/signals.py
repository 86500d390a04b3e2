"""Facts that travel upwards; receivers run in the sender's transaction."""

from blinker import Namespace

_signals = Namespace()
items_narrowed = _signals.signal("items-narrowed", doc="Sender: case id. An approved item was dropped (R-CLM-5).")
case_told = _signals.signal(
    "case-told", doc="Sender: case id. Its people are to be told: code, facts, now; perhaps only at an address."
)
