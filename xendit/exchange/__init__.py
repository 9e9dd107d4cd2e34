"""One call as a generator: what to send, how long to wait, and what an answer means. It does no I/O.

There are three such generators: `exchange`, and `search` and `watch` of `waiting`. Each yields a `Send` or a `Wait` to
its driver. The driver sends back a Response or a TransportError after a `Send`, and None after a `Wait`. In the end the
generator returns a `CallResult` or raises. So the synchronous and the asynchronous driver run the same code, and so do
tests, which need neither a socket nor a clock.

    steps      what a call yields to its driver, what it returns, and what its client gives to it
    states    the states of a call, the loop that goes from one to the next, and a call from its beginning to its end
    attempt   one call's clock, its attempts, and what it tells of them
    judging   what an answer, or the lack of one, means
    recovery  finding out what became of a request whose answer was lost
    resending  sending a request again that was looked for in vain, for users who ask for that
    waiting   looking again and again: for what a create made, or until something is final

The last three are loaded on first use. A request that has a recovery loads that module before it is sent.

docs/Reliability.md draws the states. Only the operation knows what is made or read, an invoice for example.
"""

from __future__ import annotations

from xendit.exchange.judging import error_of_answer
from xendit.exchange.states import exchange, note
from xendit.exchange.steps import CallResult, Context, Send, Wait

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.exchange.recovery import LookUp as LookUp, ReadBack as ReadBack
    from xendit.exchange.steps import Steps as Steps

__all__ = ["CallResult", "Context", "Send", "Wait", "error_of_answer", "exchange", "note"]
