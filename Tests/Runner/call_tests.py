"""System calls by language: what one language's plugin may do ends another's."""

import errno
import signal
import subprocess

from host import *  # noqa: F403
from world import *  # noqa: F403

LANGUAGES = ("c", "c++", "go", "rust", "swift")
# call: the languages in whose set it is. Host/Runner/call_sets.c says the same in another way.
SETS = {
    "sched_yield": LANGUAGES, "getuid": LANGUAGES,
    "epoll_create1": ("go", "rust", "swift"), "eventfd2": ("c++", "go", "rust", "swift"),
    "pipe2": ("c++", "go", "swift"), "timerfd_create": ("swift",), "timerfd_gettime": ("swift",), "sigaltstack": ("go",), "getcpu": ("c++",),
    "readv": (), "preadv": (), "membarrier": (), "mincore": (), "getrusage": (), "times": (),
    "inotify_init1": (), "personality": (), "accept4": (), "setsid": (),
}
# Refused with an error whatever the language.
REFUSED = ("memfd_create", "socketpair")


def answer(world, call, options):
    """What a plugin's call came to: an errno value, or minus the signal that ended it."""
    with world.session("calls", PROVIDER, (*LIMITS, *options)) as runner:
        try:
            kind, payload, _ = runner.call(INFER, text(call))
        except Ended:
            return runner.wait()
        assert kind == RESULT, error(payload)
        return int(payload[4:])


@test
def a_call_in_no_set_of_its_language_ends_a_plugin(world):
    for call, languages in SETS.items():
        for language in LANGUAGES:
            found = answer(world, call, ("--calls", language))
            if language in languages:
                assert found >= 0, "%s ends a %s plugin" % (call, language)
            else:
                assert found == -signal.SIGSYS, "%s gives a %s plugin %d" % (call, language, found)


@test
def a_call_that_is_refused_is_refused_in_every_language(world):
    for call in REFUSED:
        assert {answer(world, call, ("--calls", language)) for language in LANGUAGES} == {errno.EPERM}, call


@test
def without_a_language_the_strictest_list_holds(world):
    for call, languages in SETS.items():
        if not set(languages) >= set(LANGUAGES):
            assert answer(world, call, ()) == -signal.SIGSYS, call


@test
def an_unknown_language_is_refused(world):
    for language in ("cobol", "C", "", "swift,c"):
        done = subprocess.run([world.runner, "4", "--calls", language], capture_output=True, text=True)
        assert done.returncode == EXIT_USAGE and "--calls takes" in done.stderr, (language, done)
