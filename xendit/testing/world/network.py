"""The network between a shop and Xendit: what becomes of a request on its way, reported in the words of a real
transport.

It is drawn once for each request, when it is sent, whether it meets a fault. The faults are those that a client can
meet: nothing arrives; the request arrives but the answer does not; the request arrives twice, or late; a server on the
way answers in Xendit's place. A fault strikes before the server acts, after it has acted, or around that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xendit.operation import Response, TransportError
from xendit.policy import RetryBudget
from xendit.transport.common import failure_of, is_doubtful

if TYPE_CHECKING:
    from xendit.operation import Request
    from xendit.policy import Limits
    from xendit.testing.world.chance import Stream
    from xendit.testing.world.gateway import Answered, Gateway
    from xendit.testing.world.scheduler import Steps, World, WorldProcess

BEFORE = (
    "refused",
    "unreachable",
    "cut request",
    "lost request",
    "error before",
    "limited",
    "timeout before",
    "redirect",
)
"""Faults that strike before the server acts, so that it never acts."""
AFTER = (
    "reset",
    "cut head",
    "cut body",
    "silence",
    "error after",
    "page",
    "empty",
    "unreadable",
    "wrong answer",
    "redirect after",
)
"""Faults that strike after the server has acted."""
AROUND = ("late reset", "late error", "doubled", "doubled unheard", "slow")
"""The request arrives late, twice, or takes long."""
FAULTS = (*BEFORE, *AFTER, *AROUND)

_ADDRESS = "api.xendit.test:443"
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_UNKNOWN_ERRORS = (500, 502, 503, 504, 520, 524)


class Partition(NamedTuple):
    """A time in which nothing comes through."""

    begin: float
    end: float


class Weather:
    """How bad the network is in one world: each kind of fault with its probability.

    Args:
        kinds: the faults that this world has.
        rate: the probability that a request meets one of them.
        partitions: times in which nothing comes through.
        latest: seconds after which a late request arrives at most.
        keep_alive: seconds after which the server closes an idle connection.
        stalls: the probability that a pause is longer than it should be.
        spares_reads: whether only requests that change something meet a fault.
    """

    __slots__ = ("keep_alive", "kinds", "latest", "partitions", "rate", "spares_reads", "stalls")

    def __init__(
        self,
        kinds: tuple[str, ...] = (),
        rate: float = 0.0,
        partitions: tuple[Partition, ...] = (),
        latest: float = 60.0,
        keep_alive: float = 30.0,
        stalls: float = 0.0,
        *,
        spares_reads: bool = False,
    ) -> None:
        self.stalls = stalls
        self.spares_reads = spares_reads
        self.kinds = kinds
        self.rate = rate if kinds else 0.0
        self.partitions = partitions
        self.latest = latest
        self.keep_alive = keep_alive

    def parts(self, now: float) -> bool:
        """Whether nothing comes through now."""
        return any(each.begin <= now < each.end for each in self.partitions)


class Flight:
    """A request on its way."""

    __slots__ = ("answer", "number", "request")

    def __init__(self, request: Request, number: int) -> None:
        self.request = request
        self.number = number
        self.answer: Answered | None = None


class Network:
    """What all clients of a world send through.

    Args:
        world: where it is.
        gateway: where requests arrive.
        weather: how bad it is.
    """

    def __init__(self, world: World, gateway: Gateway, weather: Weather) -> None:
        self.world = world
        self.gateway = gateway
        self.weather = weather
        self.sent = 0
        """Requests that clients have sent; each has its number."""
        self.sendings: dict[str, list[int]] = {}
        """The numbers of what each task has sent."""
        self.requests: list[Request] = []
        """What was sent, in the order of its numbers."""
        self.stalled: dict[str, float] = {}
        """Seconds for which the pauses of each task were too long."""

    def arrive(self, flight: Flight) -> None:
        """A request reaches the server."""
        flight.answer = answer = self.gateway.answer(flight.request, flight.number)
        self.world.note("gateway", "acts", f"{flight.number} {answer.status}")


class WorldTransport:
    """The connections of one process of a shop. Its `send` is a task's steps.

    Args:
        network: what it sends through.
        process: whose connections they are.
        stream: its luck.
    """

    def __init__(self, network: Network, process: WorldProcess, stream: Stream) -> None:
        self.network = network
        self.process = process
        self.stream = stream
        self.budget = RetryBudget()
        self.budget.take(stream.choice((0, 0, 0, 470, 490, 500)))  # spent by others in an outage
        self._idle_since: list[float] = []
        """Since when each kept connection is idle."""

    def stall(self, name: str = "") -> float:
        """Seconds by which a pause is longer than it should be, because the machine does not run the process.

        Args:
            name: of the task that pauses; else it is the one whose step is taken.
        """
        world = self.network.world
        if not world.strikes(self.network.weather.stalls, self.stream):
            return 0.0
        seconds = 40.0 * self.stream.chance()
        if not name:
            name = "" if world.current is None else world.current.name
        self.network.stalled[name] = self.network.stalled.get(name, 0.0) + seconds
        world.note(self.process.name, "stalls", f"{seconds:.0f} s")
        return seconds

    def send(self, request: Request, limits: Limits) -> Steps:
        """One attempt: the answer, or why there is none, after the time that it took."""
        network, stream = self.network, self.stream
        world, weather = network.world, network.weather
        network.sent = number = network.sent + 1
        operation = request.operation.name
        task = world.current
        assert task is not None  # these are its steps
        network.sendings.setdefault(task.name, []).append(number)
        network.requests.append(request)
        world.note(self.process.name, "sends", f"{number} {operation}", behind=task.name)
        ends = world.now + limits.total
        fault = ""
        if not (weather.spares_reads and request.method == "GET") and world.strikes(weather.rate, stream):
            fault = stream.choice(weather.kinds)
            world.note("network", fault, str(number))

        # The connection: one that is kept, or a new one.
        stale = False
        while self._idle_since:
            idle = world.now - self._idle_since.pop()
            if is_doubtful(idle, once=not request.repeatable):
                continue
            # Mostly the client sees that a connection has ended before it uses it again; now and then it ends at that
            # moment.
            stale = idle > weather.keep_alive and stream.chance() < 0.1
            if stale or idle <= weather.keep_alive:
                break
        else:
            if fault in ("refused", "unreachable") or weather.parts(world.now):
                quick = fault == "refused"
                yield min(0.002 if quick else limits.connect, limits.total)
                kind = "connect" if quick else "timeout"
                world.note("network", kind, str(number))
                return failure_of(kind, _ADDRESS, "Connection refused", sent=False)
            opening, most = 0.01 + 0.04 * stream.chance(), min(limits.connect, limits.total)
            yield min(opening, most)
            if opening > most:  # hardly any time was left for this attempt
                world.note("network", "timeout", str(number))
                return failure_of("timeout", _ADDRESS, "", sent=False)
        if fault in ("refused", "unreachable"):  # there was a connection
            fault = ""
        if stale and fault == "":
            fault = "stale connection"
            world.note("network", fault, str(number))
        if weather.parts(world.now):
            fault = "lost request"

        # There and back.
        there = 0.01 + 0.05 * stream.chance()
        back = 0.02 + 0.1 * stream.chance()
        if fault in ("slow", "late reset", "late error"):
            there = weather.latest * stream.chance() ** 2
        flight = Flight(request, number)
        if fault in BEFORE or fault == "stale connection":
            back += there
        else:
            world.at(there, network.arrive, flight)
            if fault in ("doubled", "doubled unheard"):  # something on the way sends it again
                world.at(there + weather.latest * stream.chance() ** 2, network.arrive, Flight(request, number))
            if fault not in ("late reset", "late error"):
                back += there
        if fault in ("lost request", "silence"):
            back = limits.total + 1.0
        silence = min(limits.read, ends - world.now)
        if back > silence:
            yield max(silence, 0.0)
            world.note("network", "timeout", str(number))
            return failure_of("timeout", _ADDRESS, "", sent=True)
        yield back
        if weather.parts(world.now):
            return (yield from self._unheard(ends - world.now, limits, number))
        answer = self._brought(flight, fault, number)
        if isinstance(answer, TransportError):
            world.note("network", answer.kind, str(number))
            return answer
        world.note(self.process.name, "hears", f"{number} {answer.status}")
        if fault not in ("late error", "error before", "error after", "page", "redirect", "redirect after"):
            self._idle_since.append(world.now)
        return answer

    def _unheard(self, left: float, limits: Limits, number: int) -> Steps:
        """The answer meets a network that has fallen silent."""
        yield max(0.0, min(limits.read, left))
        self.network.world.note("network", "timeout", str(number))
        return failure_of("timeout", _ADDRESS, "", sent=True)

    def _brought(self, flight: Flight, fault: str, number: int) -> Response | TransportError:
        """What the client reads."""
        stream = self.stream
        if fault in (
            "cut request",
            "stale connection",
            "reset",
            "cut head",
            "cut body",
            "late reset",
            "doubled unheard",
        ):
            return failure_of("reset", _ADDRESS, "Connection reset by peer", sent=True)
        answer = flight.answer
        headers = self._headers(number) if answer is None else dict(answer.headers)
        if fault in ("error before", "error after", "late error"):
            status = stream.choice(_UNKNOWN_ERRORS)
            if status < 504 and stream.chance() < 0.5:
                return Response(
                    status,
                    {**headers, "content-type": "application/json"},
                    b'{"error_code":"SERVER_ERROR","message":"?"}',
                )
            return Response(status, {**headers, "content-type": "text/html"}, _PAGE if stream.chance() < 0.7 else b"")
        if fault == "limited":
            return Response(
                429, {**headers, **self._limits()}, b'{"error_code":"RATE_LIMIT_EXCEEDED","message":"Too many"}'
            )
        if fault == "timeout before":
            return Response(stream.choice((408, 425)), headers, b"")
        if fault in ("redirect", "redirect after"):
            return Response(stream.choice((302, 307)), {**headers, "location": "https://elsewhere.test/"}, b"")
        assert answer is not None  # every other fault lets the server act
        if fault == "page":
            return Response(200, {**headers, "content-type": "text/html"}, _PAGE)
        if fault == "empty":
            return Response(200, headers, b"")
        if fault == "unreadable" and answer.status < 300:
            said = "the answer's headers contradict one another"
            return TransportError("unreadable", said, sent=True, status=answer.status, headers=headers)
        if fault == "wrong answer":
            return self._of_another(answer)
        return Response(answer.status, answer.headers, answer.data)

    def _headers(self, number: int) -> dict[str, str]:
        """The headers of an answer from a server on the way, some of which send a date."""
        return {"content-type": "application/json", "request-id": f"proxy-{number}"}

    def _limits(self) -> dict[str, str]:
        """The headers in which a 429 says when to come back, in each form that was seen."""
        seconds = 1 + self.stream.below(30)
        form = self.stream.below(4)
        if form == 0:
            return {"retry-after": str(seconds)}
        if form == 1:
            return {"retry-after": "3600"}
        rest = {"rate-limit-limit": "60", "rate-limit-remaining": "0"}
        return {**rest, "rate-limit-reset": f"{seconds}.25" if form == 2 else "1795000000"}

    def _of_another(self, answer: Answered) -> Response:
        """An answer that a server on the way has mixed up: it is about another record."""
        data = answer.data.replace(b'"external_id":"', b'"external_id":"other-').replace(b'"id":"', b'"id":"0', 1)
        data = data.replace(b'"reference_id":"', b'"reference_id":"other-')
        for name in (b'"invoice_id":"', b'"payment_request_id":"', b'"payment_link_id":"'):
            data = data.replace(name, name + b"0")
        return Response(answer.status, answer.headers, data)
