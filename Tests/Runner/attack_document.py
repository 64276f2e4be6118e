"""The golden table of attacks against layers, and the page that is made from it."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "Tests", "Golden", "attacks", "table.txt")
DOCUMENT = os.path.join(ROOT, "docs", "attack-table.md")
COLUMNS = ("all", "none", "namespaces", "private_root", "landlock", "seccomp", "rlimits", "no_new_privs",
           "unprivileged")
HEADINGS = ("all", "none", "namespaces", "private root", "Landlock", "seccomp", "limits", "`no_new_privs`",
            "unprivileged")


class Golden:
    """What the file says.

    rows: {user: {name: [value]}}, groups: {user: [(title, [name])]}, marks: {(user, name): [note]}, notes: {note: text}
    """

    def __init__(self):
        with open(GOLDEN) as file:
            self.text = file.read()
        self.rows, self.groups, self.marks, self.notes = {"root": {}, "user": {}}, {"root": [], "user": []}, {}, {}
        section = None
        for number, line in enumerate(self.text.splitlines(), 1):
            if re.fullmatch(r"\[\w+\]", line):
                section = line[1:-1]
            elif line.startswith("## ") and section in self.rows:
                self.groups[section].append((line[3:], []))
            elif not line.strip() or line.startswith("#") or line.split()[0] == COLUMNS[0]:
                continue
            elif section == "notes":
                name, _, words = line.partition(" ")
                self.notes[int(name)] = words.strip()
            else:
                name, *words = line.split()
                values, marks = words[:len(COLUMNS)], words[len(COLUMNS):]
                if len(values) != len(COLUMNS) or not set(values) <= {"stop", "open", "n/a"}:
                    raise ValueError("%s:%d: a name and %d of stop, open, n/a" % (GOLDEN, number, len(COLUMNS)))
                self.rows[section][name] = values
                self.groups[section][-1][1].append(name)
                self.marks[section, name] = [int(mark) for mark in marks]
        for (user, name), marks in self.marks.items():
            values = self.rows[user][name]
            if not set(marks) <= set(self.notes):
                raise ValueError("%s: %s has a note that there is not" % (GOLDEN, name))
            if "n/a" not in values and (values[0] != "stop" or values[1] != "open" and not marks):
                raise ValueError("%s: %s must be stopped under all and open under none; what is stopped under none "
                                 "needs a note that says by what" % (GOLDEN, name))

    def record(self, user, table):
        """Puts the values that were found into the file; the rest of it stays."""
        section, lines = None, []
        for line in self.text.splitlines():
            if re.fullmatch(r"\[\w+\]", line):
                section = line[1:-1]
            name = line.split()[0] if line.strip() else ""
            if section == user and name in table:
                marks = " ".join(map(str, self.marks[user, name]))
                cells = " ".join(v.ljust(max(len(c), 5)) for v, c in zip(table[name], COLUMNS))
                line = ("%-21s %s %s" % (name, cells, marks)).rstrip()
            lines.append(line)
        with open(GOLDEN, "w") as file:
            file.write("\n".join(lines) + "\n")


def document(golden, attacks):
    """The page, in Markdown."""
    words = {"stop": "stopped", "open": "**open**", "n/a": "–"}
    lines = [
        "# Attacks against layers", "",
        "What each layer of the [sandbox](threat-model.md) stops by itself. Made by "
        "`Tests/Runner/attack_table.py --docs` from `Tests/Golden/attacks/table.txt`; `scripts/test attacks` runs "
        "every cell and fails at one that differs. A cell that this machine cannot play is counted as skipped and its "
        "reason printed; with `SLUICE_REQUIRE_LAYERS=1`, as in CI, it fails when a layer is what is missing.", "",
        "Each row is a hostile plugin (`Tests/Fixtures/hostile/`). \"Stopped\" means that it did not reach its aim, "
        "seen from outside: a server got nothing, a file's content did not come back, a signal did not arrive. "
        "\"Open\" means that it did, seen the same way. Of two attacks the plugin itself says how its system call "
        "ended: the change of its own verified bytes, which `IsolationTests` looks at from the host, and the answer of "
        "2 GiB. A dash: the attack takes what this host does not have.", "",
        "With all layers every attack is stopped. With none each one works, so none of them is a straw man; only "
        "those of the last group are stopped by something that is always there, which their notes name. In between is "
        "why no layer is left out: what one leaves open another stops.", "",
        "The runner for this table is a build of its own that can leave layers out; the installed one cannot.",
    ]
    for user, title in (("root", "A host that root runs"), ("user", "A host that an ordinary user runs")):
        lines += ["", "## " + title, ""]
        lines += ["| attack | " + " | ".join(HEADINGS) + " | |", "|---|" + "---|" * (len(COLUMNS) + 1)]
        for group, names in golden.groups[user]:
            lines.append("| **%s** |" % group + " |" * (len(COLUMNS) + 1))
            for name in names:
                notes = ", ".join("[%d](#notes)" % mark for mark in golden.marks[user, name])
                cells = " | ".join(words[value] for value in golden.rows[user][name])
                lines.append("| %s | %s | %s |" % (attacks[name].title, cells, notes))
    lines += ["", "## Notes", ""]
    lines += ["%d. %s" % pair for pair in sorted(golden.notes.items())]
    lines += [
        "", "## What the host withstands", "",
        "No layer keeps a plugin from its own socket and its own pipes. What it can do there costs its session and "
        "nothing else; `Tests/PluginHostTests` has a hostile plugin or a hostile runner for each:", "",
        "- frames of its own: unknown types, unclean headers, lengths of 512 MiB, 2 GiB and 4 GiB, other calls' "
        "numbers, greetings and batches that nobody asked for, frames that never end, 2 GiB behind an answer;",
        "- an answer of 2 GiB, 64 MiB on standard output and on standard error, a call that never returns, a thread "
        "that goes on after `destroy`;",
        "- whole sessions with a runner that says what a random seed makes it say;",
        "- mutated frames of every type through the host's channel and decoders: some in every test run, a million by "
        "`make fuzz`.",
    ]
    return "\n".join(lines) + "\n"
