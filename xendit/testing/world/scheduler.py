"""World: virtual time, and tasks as interleaved steps. Whatever happens is an event in one heap; nothing happens beside
it.

A *task* is a generator. It yields seconds to sleep, or None to be parked until it is woken, and is sent the value with
which it is woken. Between two yields of a task nothing else happens in the world. So each yield marks a point at which
another thread, another process or a kill may come in. A *process* is what an operating system can kill: its tasks share
its memory, and die with it. A killed task is dropped where it stands, as with a real `kill -9`: none of its `finally`
blocks run, and what it locked stays locked until the server that holds the lock notices.

The trace tells each event in one line: when, who, what, and about what. For a seed its digest is the same on every
Python.
"""

from __future__ import annotations

import hashlib
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.source import SYSTEM, Source
from xendit.testing.world.chance import Stream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from typing import TypeAlias

    #: What a task is: it yields seconds to sleep, or None to be parked.
    Steps: TypeAlias = Generator[float | None, Any, Any]
    #: What waits in the heap: its time, a number that orders entries of one time, its target, a token, and a value.
    Entry: TypeAlias = tuple[float, int, Any, int, Any]

EPOCH = 1_795_000_000.0
"""Seconds since 1970 at which every world begins: 2026-11-18T11:06:40Z."""


class Killed(BaseException):
    """Thrown into code that blocks, such as a user's handler, when the process that runs it is killed."""


class TraceLine(NamedTuple):
    """One line of the trace."""

    at: float
    """Seconds since the world began."""
    who: str
    what: str
    about: str


class Violation(NamedTuple):
    """A promise that was broken."""

    promise: str
    """Its name, such as `charged twice`."""
    text: str
    """What happened, in a sentence for people."""


class Task:
    """One thread of execution. Made by `WorldProcess.start`."""

    __slots__ = ("done", "killed", "name", "process", "steps", "token", "value")

    def __init__(self, process: WorldProcess, name: str, steps: Steps) -> None:
        self.process = process
        self.name = name
        self.steps = steps
        self.token = 1
        """Counts how often the task went on. A wake-up that was planned before the task last went on is out of date."""
        self.done = False
        self.killed = False
        self.value: Any = None
        """What it returned."""

    def __repr__(self) -> str:
        return f"<Task {self.name}>"


class WorldProcess:
    """What can be killed: a web server, a worker, a batch. Its memory ends with it.

    Args:
        world: where it runs.
        name: what the trace calls it.
        frailty: the probability that it is killed after a step of one of its tasks.
    """

    def __init__(self, world: World, name: str, frailty: float = 0.0) -> None:
        self.world = world
        self.name = name
        self.frailty = frailty
        self.luck = world.stream(name)
        self.alive = True
        world.processes.append(self)
        self.tasks: dict[Task, None] = {}
        self.noticing: dict[Callable[[], object], None] = {}
        """Functions to call when it is killed, for what the rest of the world notices, such as a broken connection."""

    def start(self, name: str, steps: Steps, after: float = 0.0) -> Task:
        """Begin a task of this process, after so many seconds.

        Raises:
            RuntimeError: the process is down, and can do nothing until it is begun anew.
        """
        if not self.alive:
            raise RuntimeError(f"{self.name} is down: it begins no task")
        task = Task(self, name, steps)
        self.tasks[task] = None
        self.world.resume(task, None, after)
        return task

    def kill(self, where: str = "") -> None:
        """End it at once, as `kill -9` does: its tasks stop where they stand, and none of their code runs any more.

        `where` says for people where that was.
        """
        if not self.alive:
            return
        world = self.world
        self.alive = False
        world.note(self.name, "killed", where)
        for task in self.tasks:
            task.token += 1
            task.done = task.killed = True
            world.drop(task.steps)
        self.tasks.clear()
        noticing, self.noticing = self.noticing, {}
        for notice in noticing:
            notice()
        self.killed()

    def killed(self) -> None:
        """Called after it was killed; a subclass may start it anew."""

    def __repr__(self) -> str:
        return f"<WorldProcess {self.name}>"


class World:
    """A world that follows from its seed.

    Args:
        seed: which world it is.
        most_events: more than so many events are a violation: something never comes to rest.
        without: the numbers of faults that do not happen though the seed has them, for shrinking (`strikes`).
    """

    def __init__(self, seed: int, *, most_events: int = 50_000, without: frozenset[int] = frozenset()) -> None:
        self.seed = seed
        self.now = 0.0
        """Seconds since the world began."""
        self.current: Task | None = None
        """The task whose step is being taken."""
        self.processes: list[WorldProcess] = []
        self.trace: list[TraceLine] = []
        self.violations: list[Violation] = []
        self.healed = False
        """Whether there are no more faults."""
        self.over = False
        """Whether it has ended. Tasks that are closed after that can do nothing any more."""
        self.faults = 0
        """How many faults there were, those that were taken out included."""
        self.behind: dict[int, str] = {}
        """By the number of a line of the trace: what it is about, in more words than the trace has. It is for people, and is
        no part of the digest."""
        self.taken = 0
        """How many events were taken from the heap and happened."""
        self.closing: list[Callable[[], object]] = []
        """Functions to call when it has ended, for objects that hold something of the real machine."""
        self._without = without
        self._most = most_events
        self._heap: list[Entry] = []
        self._count = 0
        self._dropped: list[Steps | Coroutine[object, Any, object]] = []

    def __repr__(self) -> str:
        return f"<World {self.seed} at {self.now:.3f} s, {len(self.trace)} events>"

    # -- what actors are given

    def stream(self, name: str) -> Stream:
        """The luck of an actor."""
        return Stream(self.seed, name)

    def source(
        self,
        name: str,
        skew: Callable[[], float] | None = None,
        pause: Callable[[float], Awaitable[object]] = SYSTEM.pause,
    ) -> Source:
        """Time, chance and ids for the code of an actor.

        Args:
            name: of the actor.
            skew: says by how many seconds its calendar is wrong.
            pause: what its coroutines wait with.
        """
        wall = self.wall if skew is None else (lambda: EPOCH + self.now + skew())
        entropy = self.stream(name).entropy
        return Source(wall=wall, monotonic=self._monotonic, entropy=entropy, wait=self.block, pause=pause)

    def wall(self) -> float:
        """The true time, in seconds since 1970."""
        return EPOCH + self.now

    def _monotonic(self) -> float:
        return self.now

    # -- what happens

    def note(self, who: str, what: str, about: str = "", *, behind: str = "") -> None:
        """Write an event into the trace; `behind` says what it is about where the trace itself does not."""
        if behind:
            self.behind[len(self.trace)] = behind
        self.trace.append(TraceLine(self.now, who, what, about))

    def violate(self, promise: str, text: str) -> None:
        """Say that a promise was broken."""
        self.violations.append(Violation(promise, text))
        self.note("checker", promise, text)

    def strikes(self, probability: float, stream: Stream) -> bool:
        """Whether a fault happens now. Every fault of a world is decided here.

        Each fault that happens has a number, by which the shrinker can take it out. After the world has healed, none
        happens.
        """
        if stream.chance() >= probability or self.healed:
            return False
        self.faults += 1
        return self.faults not in self._without

    def at(self, seconds: float, function: Callable[[Any], object], value: object = None) -> None:
        """Call a function after so many seconds, no matter which processes are alive then."""
        self._count = count = self._count + 1
        heappush(self._heap, (self.now + seconds, count, function, 0, value))

    def wake(self, task: Task, value: object = None, after: float = 0.0) -> None:
        """Let a parked task go on, with this value, unless something else does so before."""
        if not task.done:
            self.resume(task, value, after)

    def resume(self, task: Task, value: object, after: float) -> None:
        """Plan the next step of a task."""
        self._count = count = self._count + 1
        heappush(self._heap, (self.now + after, count, task, task.token, value))

    def drop(self, steps: Steps | Coroutine[object, Any, object]) -> None:
        """Keep the steps of a killed task until the world ends, because closing them would run their `finally` blocks."""
        self._dropped.append(steps)

    # -- running

    def run(self, until: float) -> None:
        """Let happen what happens until then."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self._next()
        self.now = until

    def _next(self) -> None:
        """Let the next event happen."""
        moment, _, target, token, value = heappop(self._heap)
        if token == 0:
            self.taken += 1
            self.now = moment
            target(value)
        elif token == target.token:
            self.taken += 1
            self.now = moment
            self._step(target, value)
        if len(self.trace) > self._most:
            self._heap.clear()
            self.violate("comes to rest", f"more than {self._most} events, and no end")

    def _step(self, task: Task, value: object) -> None:
        """Take one step of a task."""
        task.token += 1
        before, self.current = self.current, task
        try:
            seconds = task.steps.send(value)
        except StopIteration as done:
            self._ended(task, done.value)
        except Killed:
            task.done = True
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self.violate("no foreign errors", f"{task.name} ended with {type(error).__name__}: {error}")
            self._ended(task, error)
        else:
            process = task.process
            if seconds is not None and not task.done:
                self._count = count = self._count + 1
                heappush(self._heap, (self.now + seconds, count, task, task.token, None))
            if process.frailty and process.alive and self.strikes(process.frailty, process.luck):
                process.kill()
        finally:
            self.current = before

    def _ended(self, task: Task, value: object) -> None:
        task.done = True
        task.value = value
        task.process.tasks.pop(task, None)

    # -- code that blocks

    def block(self, seconds: float) -> None:
        """Let time pass for code that is no generator, such as a user's handler. Other events that are due happen
        meanwhile.

        Raises:
            Killed: the process that runs the code was killed meanwhile.
        """

        def sleep() -> Steps:
            yield seconds

        self.complete(sleep())

    def complete(self, steps: Steps) -> Any:
        """Run steps to their end for code that is no generator. Other events that are due happen meanwhile.

        Code that blocks stays on Python's stack. So if two pieces of code block, the one that began later goes on
        first, as on a machine that does not run the other.

        Raises:
            Killed: the process that runs the code was killed meanwhile.
        """
        outer = self.current
        if outer is None:  # outside of any process: a test that drives the world by hand
            outer = Task(WorldProcess(self, "the test"), "the test", steps)
        process = outer.process
        if outer.killed:
            raise Killed
        failure: list[Exception] = []

        def guarded() -> Steps:
            try:
                return (yield from steps)
            except Exception as error:  # noqa: BLE001 - raised below, where it belongs
                failure.append(error)

        task = process.start(outer.name, guarded())
        try:
            while not task.done:
                if not self._heap:
                    raise RuntimeError(f"{outer.name} waits for what never happens")
                self._next()
        finally:
            self.current = outer
        if task.killed:
            raise Killed
        if failure:
            raise failure[0]
        return task.value

    # -- the end

    def digest(self) -> str:
        """A digest of the trace, which identifies this world."""
        lines = "\n".join([f"{int(at * 1e6)} {who} {what} {about}" for at, who, what, about in self.trace])
        return hashlib.blake2b(lines.encode("utf-8", "replace"), digest_size=16).hexdigest()

    def end(self) -> None:
        """End it: close every task, whatever the task does when it is closed."""
        self.over = True
        left = [*self._dropped, *(task.steps for process in self.processes for task in process.tasks)]
        self._heap.clear()
        self._dropped.clear()
        self.processes.clear()
        for steps in left:
            bury(steps)
        for close in self.closing:
            close()


def bury(steps: Generator[object, Any, object] | Coroutine[object, Any, object]) -> None:
    """End a generator that may still yield something, such as a worker that would give back its events: it is killed again
    until it ends.

    It is not closed. A generator that yields while it is closed raises an error into the one that waits for it, which
    may be a worker that goes on after errors.
    """
    for _ in range(100):
        try:
            steps.throw(Killed())
        except BaseException:  # noqa: BLE001, PERF203 - it has ended, and the world is over: nobody is there to hear it
            return
