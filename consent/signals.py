"""Facts that travel upwards; receivers run in the sender's transaction."""

from blinker import Namespace

_signals = Namespace()
consent_withdrawn = _signals.signal(
    "consent-withdrawn", doc="Sender: account id; keyword client_id. Tokens of the partner must end now (D-54)."
)
