"""Facts that travel upwards; receivers run in the sender's transaction."""

from blinker import Namespace

_signals = Namespace()
items_narrowed = _signals.signal("items-narrowed", doc="Sender: case id. An approved item was dropped (R-CLM-5).")
