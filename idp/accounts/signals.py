"""Facts that travel upwards; receivers run in the sender's transaction."""

from blinker import Namespace

_signals = Namespace()
service_locked = _signals.signal(
    "service-locked", doc="Sender: account id; keyword since (date). Every token of the teacher must end now (D-25)."
)
