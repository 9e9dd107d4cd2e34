"""Stand-in for another product of Xendit's: its names import beside the Invoice API, and using one says what to do."""

import sys

from xendit.elsewhere import stand_in

stand_in(sys.modules[__name__])
