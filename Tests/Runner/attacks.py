"""How an attack is written: what it is given, and how it is seen from outside that it worked.

An attack is a generator. It yields the arguments for its plugin and gets the plugin's report; it returns whether the
attack reached its aim, judged by the host's side alone wherever that is possible.
The attacks themselves are in attacks_outside.py, attacks_processes.py and attacks_machine.py.
"""

import os

from attack_scene import Unavailable, setting

ATTACKS = {}
COUNT, BOMB = 64, 320 << 20
# In the folder of the C library first: there it lies in a private root, too.
LOADERS = ("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
           "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")


class Attack:
    def __init__(self, name, title, generator, fixture=None, on_load=False, **more):
        self.name, self.title, self.generator = name, title, generator
        self.fixture, self.on_load = fixture or name, on_load
        self.options = more.pop("options", {})  # limits of the runner
        self.judged_outside = more.pop("judged_outside", False)  # the plugin cannot know whether it worked
        self.slow = more.pop("slow", False)  # answers never: watched beside the others
        assert not more, more


def attack(title, on_load=False, **more):
    """An attack in a call; with `on_load` a second one from a constructor, before any call."""
    def add(generator):
        name = generator.__name__
        ATTACKS[name] = Attack(name, title, generator, **more)
        if on_load:
            fixture = more.get("fixture", name)
            ATTACKS[name + "_on_load"] = Attack(name + "_on_load", title + ", from a constructor", generator,
                                                **{**more, "fixture": fixture, "on_load": True})
        return generator
    return add


def only_root():
    if os.geteuid() != 0:
        raise Unavailable("takes root, who the host is not")


def first_existing(paths):
    for path in paths:
        if os.path.exists(path):
            return path
    raise Unavailable("none of %s exists" % ", ".join(paths))


def only_traceable():
    """Yama keeps a parent from being traced, whatever the runner does; root's capabilities it heeds."""
    if setting("kernel/yama/ptrace_scope", 0) >= (3 if os.geteuid() == 0 else 1):
        raise Unavailable("kernel.yama.ptrace_scope keeps the host from being traced")


def has_capability(number):
    with open("/proc/self/status") as file:
        effective = next(int(line.split()[1], 16) for line in file if line.startswith("CapEff:"))
    return effective >> number & 1 == 1
