"""One call as a generator: what to send, how long to wait, and what an answer means. It does no I/O.

`exchange`, and `search` and `watch` of `waiting`, yield a `Send` or a `Wait`, are sent a Response, a TransportError or
None, and return a `CallResult` or raise. A sync and an async driver run the same code, and so do tests, which need neither
socket nor clock.

    steps     what a call yields, brings, and is given by its client
    states    the states of a call, the loop that goes from one to the next, and a call from its beginning to its end
    attempt   one call's clock, its attempts, and what it tells of them
    judging   what an answer, or the lack of one, means
    recovery  finding out what became of a request whose answer was lost
    resending sending again what was looked for in vain, for who asks for it
    waiting   looking again and again: for what a create made, or until something is final

The last three are loaded when they are used, recovery by each request that has one before it is sent.

docs/Reliability.md draws the states. What is made or read (an invoice, say) is known to the operation alone.
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
