#!/usr/bin/env python3
"""Failover drills and the redaction matrix: whole runs against fake servers that fail, and what the ledger tells of them.

    drills.py [--stage DIR] [--cc CC] [--only NAME] [--keep]

Each drill has a home of its own, whose policy points the providers at servers of the drill's, and moves a table through
`sluice run`. The servers' own records and bills are what the run's ledger is held against. Needs the debug stage and a C
compiler; standard library only. Ends with `N passed, N failed, N skipped`.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import redaction  # noqa: E402
from fake_base import ROOT, Reply  # noqa: E402
from scene import ASKED, MODELS, Scene, Story  # noqa: E402

TESTS = []
TAGS = {name: f"{name}:{model}" for name, model in MODELS.items()}
# Asked in this order.
REMOTE = ["anthropic", "openai"]


def test(function):
    TESTS.append(function)
    return function


class World:
    def __init__(self, stage, folder, cc):
        self.stage, self.folder, self.cc = stage, folder, cc
        self.scenes = []

    def scene(self, *words, **options):
        made = Scene(self.stage, self.folder, *words, **options)
        self.scenes.append(made)
        return made

    def forget(self):
        for made in self.scenes:
            made.remove()
        self.scenes = []


def answered_by(story, name):
    """Every question of the run was answered by one provider, in the end."""
    assert story.questions, f"nothing was asked: {story}"
    wrong = [one for one in story.questions if one["provider"] != name or one["error_code"] or
             one["fallback_chain"][-1] != TAGS[name]]
    assert not wrong, str(story)


def asked_of(story, stage="MAPPING"):
    return [one for one in story.questions if one["stage"] == stage]


# --- nothing is wrong ----------------------------------------------------------------------------------------------


@test
def fair_weather(world):
    """The best provider answers all; nobody else hears of it; what is paid is what was used."""
    scene = world.scene(REMOTE)
    story = scene.run().completes()
    answered_by(story, "anthropic")
    assert len(asked_of(story)) == len(ASKED), str(story)
    assert not scene.servers["openai"].requests
    assert all(one["retries"] == 0 and one["pii_mask_applied"] for one in story.questions), str(story)
    return story.pays()


# --- outages -------------------------------------------------------------------------------------------------------


@test
def outage_refused(world):
    """Nobody listens at the best provider's address: the next one answers, and the ledger says `unreachable`."""
    scene = world.scene(["openai"], off=["anthropic"])
    story = scene.run().completes()
    answered_by(story, "openai")
    reasons = [step for one in story.questions for step in story.steps(one) if step[0].startswith("anthropic")]
    assert [TAGS["anthropic"], "PROVIDER_UNHEALTHY", "unreachable"] in reasons, str(story)
    assert any(one["fallback_chain"] == [TAGS["anthropic"], TAGS["openai"]] for one in story.questions), str(story)
    return story.pays()


@test
def outage_unavailable(world):
    """503 for ever: the next one answers; once the breaker is open nobody is sent there."""
    scene = world.scene(REMOTE, asked=[f"mascot_{number}" for number in range(12)])
    scene.servers["anthropic"].situation = "error.unavailable"
    story = scene.run().completes()
    answered_by(story, "openai")
    sent = len(scene.servers["anthropic"].requests)
    assert 1 <= sent < 2 * len(story.questions), f"{sent} requests for {len(story.questions)} questions"
    outcomes = {tuple(step[1:]) for one in story.questions for step in story.steps(one)
                if step[0] == TAGS["anthropic"] and step[1] != "skipped"}
    assert {code for code, _ in outcomes} == {"TRANSIENT_ERROR"}, outcomes
    for one in story.questions:
        assert one["retries"] <= 3, str(story)
    return f"{sent} requests met the outage of {len(story.questions)} questions; {story.pays()}"


@test
def rate_limit(world):
    """429 with Retry-After: who is told to wait is not asked again before, and the next one answers meanwhile."""
    scene = world.scene(REMOTE)
    server = scene.servers["anthropic"]
    server.situation = "error.rate_seconds"
    times = []
    note = server.note

    def noted(request):
        times.append(time.monotonic())
        note(request)
    server.note = noted
    story = scene.run().completes()
    answered_by(story, "openai")
    steps = [step for one in story.questions for step in story.steps(one)]
    assert [TAGS["anthropic"], "RATE_LIMIT", "rate_limit"] in steps, str(story)
    # Seven seconds are longer than what is left of the questions that were put at once.
    assert times and max(times) - min(times) < 7, times
    return f"{len(times)} requests were refused; {story.pays()}"


@test
def rate_limit_waits(world):
    """One provider alone, 429 with a short Retry-After, twice: it is waited for, and then it answers."""
    scene = world.scene(["openai"], asked=ASKED[:1])
    scene.servers["openai"].situation, scene.servers["openai"].times = "error.rate_ms", 1
    story = scene.run().completes()
    answered_by(story, "openai")
    assert sum(one["retries"] for one in story.questions) == 1, str(story)
    waits = [step.get("wait_ms") for one in story.questions for call in one["note"]["explanation"]["calls"]
             for step in call if step.get("wait_ms")]
    assert waits and min(waits) >= 250, f"{waits}: {story}"
    return f"waited {waits} ms; {story.pays()}"


@test
def quota_exhausted(world):
    """A used-up quota is not tried again: one request finds out, and the next one answers."""
    scene = world.scene(REMOTE, asked=ASKED[:1])
    scene.servers["anthropic"].situation = "error.quota"
    story = scene.run().completes()
    answered_by(story, "openai")
    sent = scene.servers["anthropic"].prompts
    assert len(sent) == 1, f"{len(sent)} requests met the quota"
    steps = [step for one in story.questions for step in story.steps(one)]
    assert any(step[:2] == [TAGS["anthropic"], "QUOTA_EXHAUSTED"] for step in steps), str(story)
    assert "breaker.open" in story.skipped.get(TAGS["anthropic"], set()) or len(story.questions) == 1, str(story)
    return story.pays()


# --- budgets -------------------------------------------------------------------------------------------------------


@test
def cost_cap_usd(world):
    """No dollar may be spent: whoever costs one is skipped for the budget, and a server of one's own answers."""
    scene = world.scene(["anthropic", "openai", "ollama"])
    story = scene.run(usd=0).completes()
    answered_by(story, "ollama")
    assert not scene.servers["anthropic"].requests and not scene.servers["openai"].requests
    for name in ("anthropic", "openai"):
        assert story.skipped.get(TAGS[name]) == {"budget"}, str(story)
    assert story.usd == 0 and scene.servers["ollama"].prompts
    return f"{len(scene.servers['ollama'].prompts)} requests, all free"


@test
def cost_cap_tokens(world):
    """The tokens suffice for some questions: those are answered, the rest is left to the rules, and the run says so."""
    scene = world.scene(["openai"], asked=[f"mascot_{number}" for number in range(12)])
    cap = 6000
    story = scene.run(tokens=cap).completes()
    refused = [one for one in story.questions if one["error_code"] == "QUOTA_EXHAUSTED"]
    answered = [one for one in story.questions if not one["error_code"]]
    assert refused and answered, str(story)
    by_stage = {}
    for one in story.questions:
        by_stage[one["stage"]] = by_stage.get(one["stage"], 0) + (one["token_actual"] or 0)
    assert all(spent <= cap for spent in by_stage.values()), by_stage
    assert all(story.steps(one)[-1][1:] == ["skipped", "budget"] for one in refused), str(story)
    assert len(scene.servers["openai"].prompts) == len(answered)
    assert re.search(r"left to the rules|left|budget", story.notices), story.notices
    return f"{len(answered)} answered, {len(refused)} left to the rules, {by_stage} of {cap} tokens; {story.pays()}"


# --- bad connections -----------------------------------------------------------------------------------------------


@test
def cut_stream(world):
    """Streams that break in the middle: nothing of them is used, and the next one answers."""
    scene = world.scene(REMOTE, asked=ASKED[:1])
    scene.servers["anthropic"].situation = "stream.reset"
    story = scene.run().completes()
    answered_by(story, "openai")
    steps = [step for one in story.questions for step in story.steps(one)]
    assert any(step[0] == TAGS["anthropic"] and step[1] == "TRANSIENT_ERROR" and step[2] in ("reset", "cut")
               for step in steps), str(story)
    # What a cut answer cost nobody knows: it counts at its estimate, above the bill and never below.
    assert story.usd >= story.bill > 0, f"{story.usd} USD in the ledger, {story.bill} on the bills"
    return f"{story.usd:.6f} USD in the ledger, {story.bill:.6f} on the bills of those who answered"


@test
def slow_loris(world):
    """A server that drips a byte now and then: a second one is asked beside it, and answers in time."""
    scene = world.scene(REMOTE, asked=ASKED[:1])
    server = scene.servers["anthropic"]

    def drip(request):
        pieces = [b"event: ping\n"] + [b": \n"] * 400
        return Reply(pieces=pieces, kind="text/event-stream")
    server.answer = drip
    server.pause = 0.5
    story = scene.run().completes()
    answered_by(story, "openai")
    assert story.seconds < 60, f"{story.seconds:.0f} s"
    steps = [step for one in story.questions for step in story.steps(one)]
    assert any(step[0] == TAGS["anthropic"] and step[1] in ("cancelled", "TIMEOUT") for step in steps), str(story)
    return f"{story.seconds:.1f} s; {steps}"


@test
def silent_server(world):
    """A server that takes the request and says nothing: the same."""
    scene = world.scene(REMOTE, asked=ASKED[:1])
    scene.servers["anthropic"].situation = "connection.silent"
    story = scene.run().completes()
    answered_by(story, "openai")
    assert story.seconds < 60, f"{story.seconds:.0f} s"
    return f"{story.seconds:.1f} s"


# --- nobody --------------------------------------------------------------------------------------------------------


@test
def nobody_reachable(world):
    """All are down: the run is done by its rules, and says how many questions were left and why."""
    scene = world.scene(off=["anthropic", "openai", "groq", "ollama", "openai-compatible"])
    story = scene.run().completes()
    assert story.questions and all(one["error_code"] == "PROVIDER_UNHEALTHY" for one in story.questions), str(story)
    assert all(one["retries"] <= 3 for one in story.questions), str(story)
    assert "rules" in story.notices, story.notices
    finished = {event["stage"]: (event["note"].get("models") or {}) for event in story.noted("stage_finished")}
    assert finished["MAPPING"].get("answered") == 0 and finished["MAPPING"].get("asked") == len(ASKED), finished
    return f"{len(story.questions)} questions, {story.seconds:.1f} s"


@test
def nobody_reachable_without_local(world):
    """All are down, and none of them is the one that makes vectors offline: the run goes on without vectors, too."""
    scene = world.scene(off=["openai", "anthropic"], allow=["openai", "anthropic"])
    story = scene.run().completes()
    assert story.questions and all(one["error_code"] == "PROVIDER_UNHEALTHY" for one in story.questions), str(story)
    assert "letters alone" in story.notices, story.notices


@test
def nobody_allowed(world):
    """The policy that ships: nobody is asked, nothing fails, and the run says why."""
    scene = world.scene(["openai"], allow=["local"])
    story = scene.run().completes()
    assert not story.questions and not scene.servers["openai"].requests
    finished = {event["stage"]: (event["note"].get("models") or {}) for event in story.noted("stage_finished")}
    assert "local" in (finished["MAPPING"].get("absence") or ""), finished
    assert "rules" in story.notices, story.notices


@test
def bad_answers_stop(world):
    """An answer that cannot be read is nobody's to guess at: no other provider is asked silently."""
    scene = world.scene(REMOTE, asked=ASKED[:1])
    scene.servers["anthropic"].situation = "unreadable.half"
    story = scene.run().completes()
    assert all(one["error_code"] == "QUARANTINE_REQUIRED" and one["fallback_chain"] == [TAGS["anthropic"]]
               for one in story.questions), str(story)
    assert not scene.servers["openai"].requests


# --- kills ---------------------------------------------------------------------------------------------------------


@test
def killed_in_batch_lane(world):
    """kill -9 in the middle of the batch lane: the next drive asks what was not answered, and pays for nothing twice."""
    count = 10
    scene = world.scene(["openai"], asked=[f"mascot_{number}" for number in range(count)])
    server = scene.servers["openai"]
    server.keeps_batches = True
    process = scene.start("run", scene.contract(lane="batch"), "--yes")
    end = time.monotonic() + 90
    # It has asked after its batch, so it knows the batch's name.
    while not polls(server) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert polls(server) and process.poll() is None, f"it ended by itself: {scene.finish(process)}"
    process.send_signal(signal.SIGKILL)
    scene.finish(process)
    server.keeps_batches = False
    run = scene.call("runs").json["runs"][0]["run_id"]
    answer = scene.call("resume", run, "--yes", limit=180)
    story = Story(scene, answer, 0).completes()
    handed = [one for one in server.requests if one["method"] == "POST" and one["path"] == "/v1/batches"]
    assert len(handed) == 1, f"{len(handed)} batches were handed in"
    assert len(server.answered) == len(set(server.answered)) == count, f"{len(server.answered)} answers were paid for"
    answered_by(story, "openai")
    return f"1 batch of {count} questions; {story.pays()}"


def polls(server):
    return [one for one in server.requests if one["method"] == "GET" and "/batches/" in one["path"]]


# --- mistakes of people --------------------------------------------------------------------------------------------


@test
def missing_key(world):
    """A key that is not set: the variable is named, nobody is asked without it, and the others' keys are not told."""
    scene = world.scene(REMOTE)
    name = scene.key_names["anthropic"]
    del scene.environment[name]
    story = scene.run().completes()
    answered_by(story, "openai")
    assert not scene.servers["anthropic"].requests
    steps = [step for one in story.questions for step in story.steps(one)]
    assert [TAGS["anthropic"], "PROVIDER_UNHEALTHY", "credential_missing"] in steps, str(story)
    alone = world.scene(["openai"])
    variable = alone.key_names["openai"]
    del alone.environment[variable]
    told = alone.run().completes()
    assert not alone.servers["openai"].requests
    assert any(variable in (one["note"].get("message") or "") for one in told.questions), str(told)
    assert all(one["error_code"] == "PROVIDER_UNHEALTHY" for one in told.questions), str(told)
    assert variable in told.notices, told.notices
    for path in list(scene.files()) + list(alone.files()):
        with open(path, "rb") as file:
            assert b"sk-canary" not in file.read(), f"a key stands in {path}"
    return [one["note"]["message"] for one in told.questions][0]


@test
def unknown_model(world):
    """A model that nobody has, on either list of the contract: the three nearest are named, and nothing is read or sent.
    One that there is lets its provider in."""
    scene = world.scene(["openai", "anthropic"])
    for lists in ({"provider_allowlist": ["local", "openai:gpt-5.4-mimi"]}, {"provider_denylist": ["openai:gpt-5.4-mimi"]}):
        answer = scene.call("run", scene.contract(**{"provider_denylist": [], **lists}), "--yes")
        assert answer.status == 1 and answer.error.get("detail_id") == "inference.model", str(answer)
        near = re.search("the nearest are (.*)\\.$", answer.error["message"])
        assert near and len(near.group(1).split(", ")) == 3 and "openai:gpt-5.4-mini" in near.group(1), str(answer)
    assert not scene.servers["openai"].requests and not (scene.call("runs").json.get("runs") or [])
    story = scene.run(provider_denylist=[], provider_allowlist=["local", "openai:gpt-5.4-mini"]).completes()
    answered_by(story, "openai")
    assert {one["fallback_chain"][0] for one in story.questions} == {TAGS["openai"]}, str(story)
    return answer.error["message"]


# --- the suite -----------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stage", default=os.path.join(ROOT, ".build", "stage", "debug"))
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="sluice-drills-")
    passed = failed = 0
    world = World(arguments.stage, folder, arguments.cc)
    try:
        for function in TESTS + redaction.TESTS:
            if arguments.only and arguments.only not in function.__name__:
                continue
            began = time.monotonic()
            try:
                said = function(world)
                passed += 1
                print(f"ok    {function.__name__} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}")
            except Exception:
                failed += 1
                print(f"FAIL  {function.__name__}\n{traceback.format_exc()}")
            sys.stdout.flush()
            if not arguments.keep:
                world.forget()
    finally:
        if arguments.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
