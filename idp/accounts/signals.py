"""Facts that travel upwards; receivers run in the sender's transaction."""

from blinker import Namespace

_signals = Namespace()
service_state_changed = _signals.signal(
    "service-state-changed", doc="Sender: account id; keyword now. Every token of the teacher must end now (D-25)."
)
service_locked = _signals.signal(
    "service-locked",
    doc="Sender: account id; keywords since (date), now. Sign-ins from that day on were too many (D-29).",
)
effects_ahead = _signals.signal(
    "effects-ahead",
    doc="Sender: ids of the accounts that the two above will name next, at the end none; keyword now. Read ahead.",
)
business_account_disabled = _signals.signal(
    "business-account-disabled", doc="Sender: account id; keyword now. Its sessions must end now (DOMAIN §1.3)."
)
