"""What the steps of a run with scouts need, and who waits for whom because of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mlops_lab.errors import ResourceError
from mlops_lab.execution import fit
from mlops_lab.execution.fit import Shares, share
from mlops_lab.execution.holdings import Holdings
from mlops_lab.interfaces import Node, Offer
from mlops_lab.ir.step import Resources, Step

NOTHING = Resources()
GPU = Resources(gpus=1)
LAPTOP = Offer(nodes=(Node(cpus=4, gpus=1, memory=100, accelerators=("T4",)),), shared=True)
CLUSTER = Offer(
    nodes=(
        Node(cpus=4, memory=100),
        Node(cpus=2, gpus=4, memory=50, accelerators=("A100",), custom=(("tape", 2.0),)),
    )
)


def steps(**needs: Resources) -> list[Step]:
    return [
        Step(name=name, segments=(k,), resources=need)
        for k, (name, need) in enumerate(needs.items())
    ]


@pytest.mark.parametrize(
    ("offer", "need", "lacks"),
    [
        (CLUSTER, NOTHING, False),
        (CLUSTER, GPU, True),
        (CLUSTER, Resources(cpus=1), True),
        (CLUSTER, Resources(memory=1), True),
        (CLUSTER, Resources(accelerator="A100"), True),
        (CLUSTER, Resources(custom=(("tape", 1.0),)), True),
        (LAPTOP, GPU, False),
        (LAPTOP, Resources(cpus=4, accelerator="T4"), False),
    ],
)
def test_home_lacks_what_a_step_asks_for_unless_all_share_one_machine(
    offer: Offer, need: Resources, lacks: bool
) -> None:
    found = share(steps(a=need, b=NOTHING), offer, relax=False, executor="x")
    assert found == Shares(
        home=NOTHING,
        steps={"a": need, "b": NOTHING},
        lacking=frozenset({"a"} if lacks else ()),
    )


BIG = Resources(cpus=9, gpus=8, memory=70, accelerator="H900", custom=(("tape", 3.0), ("x", 1.0)))


@pytest.mark.parametrize(
    ("offer", "given"),
    [
        (LAPTOP, Resources(cpus=4, gpus=1, memory=70)),
        (CLUSTER, Resources(cpus=2, gpus=4, memory=50, custom=(("tape", 2.0),))),
        (Offer(nodes=()), NOTHING),
    ],
    ids=["laptop", "cluster", "no node"],
)
def test_relaxed_a_step_holds_what_there_is_and_the_others_what_they_ask(
    offer: Offer, given: Resources
) -> None:
    found = share(steps(a=BIG, b=Resources(), c=BIG), offer, relax=True, executor="x")
    assert dict(found.steps) == {"a": given, "b": NOTHING, "c": given}
    assert [note.split(" needs ")[0] for note in found.notes] == ["step 'a'", "step 'c'"]
    assert all(note.endswith("it runs with what there is") for note in found.notes)
    assert found.lacking == ({"a", "c"} if offer is CLUSTER else set())


@pytest.mark.parametrize(
    ("need", "given"),
    [
        (Resources(gpus=1.5), Resources(gpus=2)),
        (Resources(gpus=0.5), Resources(gpus=0.5)),
        (Resources(gpus=0, cpus=0, memory=0, custom=(("tape", 0.0),)), NOTHING),
        (Resources(gpus=1 / 3), Resources(gpus=0.3334)),
        (Resources(cpus=1.5), Resources(cpus=1.5)),
        (Resources(cpus=0.1 + 0.2), Resources(cpus=0.3)),
        (Resources(custom=(("tape", 0.00001),)), Resources(custom=(("tape", 0.0001),))),
    ],
)
def test_what_can_only_be_given_as_a_whole_is_rounded_up(need: Resources, given: Resources) -> None:
    assert share(steps(a=need), CLUSTER, relax=False, executor="x").steps["a"] == given
    assert fit.grant(steps(a=need), CLUSTER, relax=False, executor="x") == (given, [])


def test_a_cluster_that_grows_is_waited_for() -> None:
    growing = Offer(nodes=(Node(cpus=1),), scales=True)
    found = share(steps(a=GPU, b=Resources(cpus=1)), growing, relax=True, executor="ray")
    assert (dict(found.steps)["a"], found.lacking) == (GPU, frozenset({"a", "b"}))
    (note,) = found.notes
    assert note.startswith("step 'a' needs 1 GPUs")
    assert note.endswith("waiting for the cluster to grow")


def test_what_no_node_can_give_is_an_error_that_names_each_step() -> None:
    # Each node has half of it.
    torn = Resources(cpus=4, gpus=4)
    with pytest.raises(ResourceError, match=r"(?s)step 'a' needs 4 CPUs, 4 GPUs.*step 'c'.*relax"):
        share(steps(a=torn, b=GPU, c=torn), CLUSTER, relax=False, executor="ray")


@pytest.mark.parametrize(
    ("offer", "needs", "together"),
    [
        (LAPTOP, [GPU, GPU], 1),
        (LAPTOP, [Resources(gpus=0.5)] * 3, 2),
        (LAPTOP, [Resources(gpus=0.3)] * 4, 3),
        (LAPTOP, [Resources(cpus=2)] * 3, 2),
        (LAPTOP, [Resources(memory=60)] * 2, 1),
        (LAPTOP, [NOTHING] * 9, 9),
        (LAPTOP, [Resources(accelerator="T4")] * 2, 2),
        (CLUSTER, [GPU] * 5, 4),
        (CLUSTER, [Resources(gpus=1, accelerator="A100")] * 5, 4),
        (CLUSTER, [Resources(gpus=3), Resources(gpus=2)], 1),
        (CLUSTER, [Resources(cpus=3), Resources(cpus=2), Resources(cpus=1)], 3),
        (CLUSTER, [Resources(cpus=2)] * 4, 3),
        (CLUSTER, [Resources(custom=(("tape", 1.0),))] * 3, 2),
        (CLUSTER, [Resources(custom=(("tape", 0.1),))] * 21, 20),
        (Offer(nodes=(), scales=True), [GPU] * 9, 9),
    ],
)
def test_needs_are_met_until_no_node_has_enough_left(
    offer: Offer, needs: list[Resources], together: int
) -> None:
    holdings = Holdings(offer)
    for k, need in enumerate(needs[:together]):
        assert holdings.fits(need)
        holdings.take(f"s{k}", need)
    for k, need in enumerate(needs[together:], start=together):
        assert not holdings.fits(need)
        with pytest.raises(ValueError, match="can't have"):
            holdings.take(f"s{k}", need)
    for k in range(len(needs)):
        holdings.give_back(f"s{k}")
    assert all(holdings.fits(need) for need in needs)


def test_each_holder_is_given_gpus_of_its_own() -> None:
    holdings = Holdings(Offer(nodes=(Node(cpus=1, gpus=4),), shared=True))
    assert holdings.take("a", GPU) == (0,)
    assert holdings.take("b", Resources(gpus=2)) == (1, 2)
    assert holdings.take("c", NOTHING) == ()
    holdings.give_back("a")
    assert holdings.take("d", Resources(gpus=0.5)) == (0,)
    assert holdings.take("e", Resources(gpus=0.25)) == (0,)  # parts of one that is parted already
    assert holdings.take("f", Resources(gpus=0.5)) == (3,)
    assert not holdings.fits(GPU)
    holdings.give_back("b")
    assert holdings.take("g", Resources(gpus=1.5)) == (1, 3)


def test_a_key_holds_one_thing_and_gives_it_back_once() -> None:
    holdings = Holdings(LAPTOP)
    holdings.take("a", GPU)
    with pytest.raises(ValueError, match="a holds something already"):
        holdings.take("a", NOTHING)
    holdings.give_back("a")
    holdings.give_back("a")
    assert holdings.take("b", GPU) == (0,)
    assert not holdings.fits(GPU)


COUNTS = some.sampled_from([None, 0.0, 0.1, 0.25, 1 / 3, 0.5, 1.0, 1.5, 2.0, 3.0])
NEEDS = some.builds(Resources, cpus=COUNTS, gpus=COUNTS, memory=some.integers(0, 9)).map(fit.whole)
NODES = some.builds(
    Node,
    cpus=some.sampled_from([0.0, 1.0, 2.0, 3.5]),
    gpus=some.sampled_from([0.0, 0.5, 1.0, 3.0]),
    memory=some.integers(0, 9),
)


@given(some.lists(NODES, max_size=3), some.lists(NEEDS, max_size=20), some.randoms())
def test_nothing_is_given_twice_and_all_comes_back(nodes, needs, chance) -> None:  # type: ignore[no-untyped-def]
    holdings, held = Holdings(Offer(nodes=tuple(nodes))), dict[str, Resources]()
    for k, need in enumerate(needs):
        if holdings.fits(need):
            devices = holdings.take(str(k), need)
            held[str(k)] = need
            assert len(devices) == math.ceil(need.gpus or 0.0)
        if held and chance.random() < 0.4:
            key = chance.choice(sorted(held))
            holdings.give_back(key)
            del held[key]
        for kind in ("cpus", "gpus", "memory"):
            taken = sum(getattr(need, kind) or 0 for need in held.values())
            assert taken <= sum(getattr(node, kind) for node in nodes) + 0.001
    for key in held:
        holdings.give_back(key)
    for need in needs:  # so whatever can be given at all is given at last
        assert holdings.fits(need) == (not fit.asks(need) or any(fit.fits(need, n) for n in nodes))
