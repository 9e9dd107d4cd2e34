"""Simulated worlds: nothing that a promise forbids happens in any of them, and each is the same again from its seed."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from environment import interpreters, version_of

from world.__main__ import REACHED, REACHED_MONEY, all_marks, live
from xendit.products import products
from xendit.testing.world import scenario
from xendit.testing.world.scenario import FULL, MONEY, PROFILES, TRIAL, Profile, run_seed
from xendit.testing.world.scheduler import World

ROOT = Path(__file__).resolve().parent.parent.parent
_DIGESTS = """
import logging
from xendit.testing.world.scenario import PROFILES, run_seed
logging.disable(logging.CRITICAL)
print(*[run_seed(seed, profile=profile).digest for profile in PROFILES.values() for seed in range(8)])
"""
_NEWER = ("python3.14", "python3.15", "pypy3")
"""Pythons that tools/environment.py does not look for."""
_RUNTIME = ("dateutil", "six", "typing_extensions", "urllib3")
"""What the package needs, all of it without compiled parts, so that any Python can read it where it is."""


@pytest.fixture(autouse=True)
def quiet() -> object:
    """What worlds log is what goes wrong in them, as it should."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_no_promise_is_broken(first: int, profile: Profile) -> None:
    """In each world every promise holds, with the faults and after them."""
    for seed in range(first, first + 20):
        outcome = run_seed(seed, profile=profile)
        assert outcome.violations == (), f"seed {seed}"


@pytest.mark.parametrize(
    ("profile", "seed"),
    [
        ("trial", 4214),
        ("trial", 5179),
        *(("trial", seed) for seed in (286727, 311781, 341220, 1311029)),
        ("full", 3255),
        ("full", 5652),
        ("full", 6187),
        *(("money", seed) for seed in (429, 7231, 16484, 18680, 19115)),
    ],
)
def test_what_was_found_once_is_not_found_again(profile: str, seed: int) -> None:
    """Seeds of long runs: a checker asked for more than is promised (twice), a late end of a step overwrote what was kept, a
    shop did not reconcile again after a failure, a connection was opened after the time was up, and a process that was down
    began a task. Where money goes back:
    refunds of others in a list were counted; a shop asked again for ever under a reference that a failed refund had, and
    forgot a return that it had taken for refused.
    """
    assert run_seed(seed, profile=PROFILES[profile]).violations == ()


def test_each_mark_is_reached() -> None:
    """Every mark in the source has a seed whose world reaches it: no rare branch is out of reach."""
    known: set[str] = set()
    for profile, path in ((FULL, REACHED), (MONEY, REACHED_MONEY)):
        seeds: dict[str, int] = json.loads(path.read_text("utf-8"))
        reached: set[str] = set()
        for seed in sorted(set(seeds.values())):
            reached.update(live(seed, 1, profile).marks)
        assert reached >= set(seeds)
        known.update(seeds)
    assert known == all_marks(), "run `python -m world 0..4000 --reached` in test/, and the same with --profile money"


@pytest.mark.parametrize("profile", [FULL, TRIAL], ids=["full", "trial"])
def test_products_that_a_profile_leaves_out_change_nothing(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is given back, a world is the one that it was before refunds could be in one."""
    whole = [run_seed(seed, profile=profile).digest for seed in range(6)]
    first = next(iter(products()))
    monkeypatch.setattr(scenario, "products", lambda: (first,))
    assert [run_seed(seed, profile=profile).digest for seed in range(6)] == whole


def test_a_seed_is_one_world() -> None:
    """The same seed gives the same trace, event by event, and another seed another one."""
    first, again, other = run_seed(7), run_seed(7), run_seed(8)
    assert first.trace == again.trace
    assert first.digest == again.digest != other.digest


def test_the_digest_hangs_on_nothing_but_the_seed(tmp_path: Path) -> None:
    """No hash seed changes a world, and no Python: those of this machine are compared, and one that $WORLD_DIGESTS speaks for.

    `.ci/run` sets that to what the host's Python gives, for the newer ones in the chroot of `make ground`.
    """
    for name in _RUNTIME:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin)
        path = path.parent if path.name == "__init__.py" else path
        (tmp_path / path.name).symlink_to(path)
    seen = {"$WORLD_DIGESTS": os.environ.get("WORLD_DIGESTS", "")}
    for hash_seed in ("0", "1", "4711"):
        seen[f"hash seed {hash_seed}"] = digests(sys.executable, {"PYTHONHASHSEED": hash_seed})
    for command in {*interpreters().values(), *filter(version_of, _NEWER)} - {sys.executable}:
        seen[command] = digests(command, {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"})
    assert len({*filter(None, seen.values())}) == 1, seen


def digests(python: str, environment: dict[str, str]) -> str:
    """Live through some worlds in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }  # it reads what another Python has installed
    command = [python, *(["-W", "error"] if python == sys.executable else []), "-c", _DIGESTS]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_several_processes_live_through_the_same_worlds() -> None:
    """`make world` with `--processes`, whichever way this Python begins a process."""
    told = [
        subprocess.run(
            [sys.executable, "-m", "world", "0..6", "--processes", number],
            capture_output=True,
            text=True,
            cwd=ROOT / "test",
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ).stdout.splitlines()[0]
        for number in ("1", "2")
    ]
    assert told[0] == told[1]
    assert told[0].startswith("6 worlds, 0 violations, digest ")


def test_a_fault_can_be_taken_out() -> None:
    """A world without one of its faults has the luck of the others as it was until then."""
    seed = next(seed for seed in range(100) if run_seed(seed).faults > 3)
    whole, cut = run_seed(seed), run_seed(seed, without=frozenset({2}))
    assert whole.digest != cut.digest
    assert whole.trace[0] == cut.trace[0]


def test_a_world_ends_without_noise(caplog: pytest.LogCaptureFixture) -> None:
    """A killed worker is buried as it is: it does not go on after an error that the end of the world has made."""
    logging.disable(logging.NOTSET)
    for seed in (6, 14, 15, 16, 28):
        run_seed(seed)
    assert len(caplog.records) > 20
    assert "GeneratorExit" not in caplog.text


def test_what_never_rests_is_told() -> None:
    """A world that goes on for ever ends with a violation, and does not hang."""
    world = World(1, most_events=100)

    def spin(_: object) -> None:
        world.note("nobody", "spins")
        world.at(0.1, spin)

    world.at(0.0, spin)
    world.run(1e9)
    assert [each.promise for each in world.violations] == ["comes to rest"]


if __name__ == "__main__":
    sys.stdout.write(digests(sys.executable, {}))
