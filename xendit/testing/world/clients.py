"""WorldClient: the real client, driven by the world's scheduler.

This is a third driver of calls, beside the one of threads and the one of event loops. Each method of an API class
returns steps, which bring the result:

    invoice = yield from api.create_invoice({"external_id": "order-1", "amount": 50000})
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.client.sync import ApiClient
from xendit.exceptions import XenditSdkException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from xendit.client.options import RequestOptions
    from xendit.client.prepared import Connection, Prepared
    from xendit.configuration import Configuration
    from xendit.exchange import Steps as CallSteps
    from xendit.operation import Operation
    from xendit.testing.world.network import WorldTransport
    from xendit.testing.world.scheduler import Steps


class _ClientInWorld(ApiClient):
    """A client that sends through the network of a world.

    Args:
        configuration: its settings, with the world's source.
        transport: what it sends through.
    """

    def __init__(self, configuration: Configuration, transport: WorldTransport) -> None:
        self._transport = transport
        super().__init__(configuration)


class WorldClient(_ClientInWorld):
    """A client of a shop in a world, whose methods give steps."""

    def _transport_for(self, configuration: Configuration) -> WorldTransport:  # noqa: ARG002 - there is one
        return self._transport

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        options: RequestOptions,
        *,
        on_unknown: str | None = None,
        answered: bool = False,
    ) -> Steps:
        """Make a call, like ApiClient. A request that cannot be sent is refused at once, before there are steps."""
        return self._called(self._prepare(operation, arguments, options, on_unknown, answered=answered))

    def _called(self, prepared: Prepared) -> Steps:
        try:
            result = yield from self._stepped(prepared.steps(), prepared.connection)
            return prepared.finish(result)
        except XenditSdkException as failure:
            prepared.blame(failure)
            raise

    def search(
        self, operation: Operation, look_up: Callable[[Mapping[str, str]], object], wait: float, options: RequestOptions
    ) -> Steps:
        """Look for what a create made, like ApiClient."""
        return self._valued(*self._searched(operation, look_up, wait, options))

    def watch(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        final: Callable[[Any], bool],
        wait: float,
        options: RequestOptions,
    ) -> Steps:
        """Read until what is read is final, like ApiClient."""
        return self._valued(*self._watched(operation, arguments, final, wait, options))

    def _valued(self, steps: CallSteps, connection: Connection) -> Steps:
        result = yield from self._stepped(steps, connection)
        return result.value

    def _stepped(self, steps: CallSteps, connection: Connection) -> Steps:
        """Run a call to its end."""
        step = next(steps)
        try:
            while True:
                if step.is_sent is True:
                    answer = yield from connection.transport.send(step.request, step.limits)
                    step = steps.send(answer)
                else:
                    yield step.seconds + connection.transport.stall()
                    step = steps.send(None)
        except StopIteration as done:
            return done.value


class BlockingClient(_ClientInWorld):
    """A client for code that is no generator, such as `reconcile` or a user's handler: a call blocks, and the world goes on."""

    def _transport_for(self, configuration: Configuration) -> Blocking:  # noqa: ARG002 - there is one
        return Blocking(self._transport)


class Blocking:
    """A transport whose `send` blocks."""

    def __init__(self, transport: WorldTransport) -> None:
        self.budget = transport.budget
        self._transport = transport

    def send(self, request: Any, limits: Any) -> Any:
        """One attempt, in the time of the world."""
        transport = self._transport
        return transport.network.world.complete(transport.send(request, limits))
