"""Holds the ABI as it is now against every recorded version of the same major, and against docs/abi.md.

A golden description is a copy of SDK/abi.json in the version that its name says: Tests/Golden/abi/0.1.json. What it holds
may never be moved, removed, retyped or renumbered; later minor versions append.
"""
import json
import re
from pathlib import Path

from headers import Mistake

PUT_BACK = "put it back: a minor version only appends, and a new SLUICE_ABI_MAJOR breaks every plugin"
LATER = "raise SLUICE_ABI_MINOR, then run scripts/abi-description --record"


def recorded(folder):
    """{(major, minor): description} of a folder of goldens."""
    found = {}
    for path in sorted(Path(folder).glob("*.json")):
        if match := re.fullmatch(r"(\d+)\.(\d+)\.json", path.name):
            found[int(match[1]), int(match[2])] = json.loads(path.read_text())
    return found


class Comparison:
    """One recorded version against the present one."""

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.name = f"{old['abi']['major']}.{old['abi']['minor']}"
        self.same = old["abi"] == new["abi"]
        self.faults = []

    def fault(self, text, advice=PUT_BACK):
        self.faults.append(f"{text} (ABI {self.name}): {advice}")

    def pairs(self, key, name):
        """(name, old, new) of one list; what is new alone needs a later minor."""
        old, new = ({name(item): item for item in side[key]} for side in (self.old, self.new))
        for label, item in old.items():
            if label not in new:
                self.fault(f"{label} was removed")
            else:
                yield label, item, new[label]
        for label in new:
            if label not in old and self.same:
                self.fault(f"{label} was added", LATER)

    def unequal(self, label, what, old, new):
        if old == new:
            return False
        self.fault(f"{label}: {what} was {old} and is {new}")
        return True

    def run(self):
        for label, old, new in self.pairs("constants", lambda item: item["name"]):
            self.unequal(label, "its type", old["c_type"], new["c_type"])
            if label != "SLUICE_ABI_MINOR":
                self.unequal(label, "its value", old["value"], new["value"])
        for label, old, new in self.pairs("types", lambda item: item["name"]):
            self.unequal(label, "its type", (old["c_type"], old["size"]), (new["c_type"], new["size"]))
        for name in self.old["opaque"]:
            if name not in self.new["opaque"]:
                self.fault(f"struct {name} is no longer opaque")
        for label, old, new in self.pairs("structs", lambda item: item["name"]):
            self.struct(label, old, new)
        # A function that is missing or added is told of as the field that it is.
        functions = {(f["table"], f["name"]): f for f in self.new["functions"]}
        for old in self.old["functions"]:
            if (old["table"], old["name"]) in functions:
                self.function(f"{old['table']}.{old['name']}", old, functions[old["table"], old["name"]])
        for label, old, new in self.pairs("entry", lambda item: item["name"]):
            self.function(label, old, new)
        return self.faults

    def struct(self, label, old, new):
        self.unequal(label, "its alignment", old["alignment"], new["alignment"])
        fields = {field["name"]: field for field in new["fields"]}
        functions = {f["name"] for f in self.new["functions"] if f["table"] == label}
        for field in old["fields"]:
            name, now = f"{label}.{field['name']}", fields.pop(field["name"], None)
            if now is None:
                self.fault(f"{name} was removed")
                continue
            self.unequal(name, "its offset", field["offset"], now["offset"])
            # Of a function the comparison of its parameters says more.
            if field["name"] not in functions or "(*" not in field["c_type"]:
                self.unequal(name, "its type", field["c_type"], now["c_type"])
        for field in fields.values():
            name = f"{label}.{field['name']}"
            if not old["sized"]:
                self.fault(f"{name} was added to a struct without struct_size, which is frozen for ever",
                           "take it out, and make a new struct")
            elif field["offset"] < old["size"]:
                self.fault(f"{name} was put in at offset {field['offset']}, before the end of the struct at {old['size']}",
                           "append it behind the last field")
            elif self.same:
                self.fault(f"{name} was added", LATER)
        if not fields:
            self.unequal(label, "its size", old["size"], new["size"])

    def function(self, label, old, new):
        self.unequal(label, "its thread", old["thread"], new["thread"])
        self.unequal(label, "whether it may be NULL", old.get("optional"), new.get("optional"))
        self.unequal(label, "what it returns", old["returns"]["c_type"], new["returns"]["c_type"])
        before, now = old["parameters"], new["parameters"]
        if len(before) != len(now):
            self.fault(f"{label}: it had {len(before)} parameters and has {len(now)}",
                       "leave it, and append a function of another name")
            return
        for was, is_ in zip(before, now):
            parameter = f"{label}, parameter {was['name']}"
            if not self.unequal(parameter, "its type", was["c_type"], is_["c_type"]):
                self.unequal(parameter, "its kind", was["kind"], is_["kind"])
            lost = [value for value in was.get("values", []) if value not in is_.get("values", [])]
            if lost:
                self.fault(f"{parameter}: it may no longer be {lost}")


def unsized(description, earlier):
    """A struct that is new in this version has no field beyond its *_SIZE_V1."""
    known = {struct["name"] for old in earlier for struct in old["structs"]}
    return [f"{s['name']} is new and has {s['size']} bytes, but its *_SIZE_V1 says {s['size_v1']}: make them equal"
            for s in description["structs"]
            if s["sized"] and s["name"] not in known and s["size"] != s["size_v1"]]


def faults(description, folder, missing_is_a_fault=True):
    """What breaks a recorded version, each with the name of the thing and what to do; empty when nothing does."""
    version = description["abi"]["major"], description["abi"]["minor"]
    kept = {key: value for key, value in recorded(folder).items() if key[0] == version[0]}
    found = []
    later = [key for key in kept if key > version]
    if later:
        found.append("SLUICE_ABI_MINOR is %d, but ABI %d.%d was recorded: a version never goes back" %
                     (version[1], *max(later)))
    elif version not in kept and missing_is_a_fault:
        found.append("ABI %d.%d has no golden description: run scripts/abi-description --record and commit it" % version)
    found += unsized(description, [value for key, value in kept.items() if key <= version])
    for key in sorted(key for key in kept if key <= version):
        found += Comparison(kept[key], description).run()
    return found


def record(description, text, folder):
    """Keeps the description of a version that has none yet. A recorded one is never written again."""
    path = Path(folder) / "{major}.{minor}.json".format(**description["abi"])
    if path.exists():
        raise Mistake(f"{path.name} is recorded already and stays as it is: a change needs a new SLUICE_ABI_MINOR")
    broken = faults(description, folder, missing_is_a_fault=False)
    if broken:
        raise Mistake("not recorded:\n  " + "\n  ".join(broken))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# --- the page ------------------------------------------------------------------------------------------------------

def rows_of(page):
    """{section heading: {first cell: [further cells]}} of a page's tables."""
    found, heading = {}, ""
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("|") and not set(line) <= set("|-: "):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found.setdefault(heading, {})[cells[0]] = cells[1:]
    return found


def undocumented(description, page):
    """What docs/abi.md does not say: a row for each function, with its thread, arguments, results and errors."""
    sections = rows_of(page)
    found = []

    def row(section, label, columns):
        for heading, rows in sections.items():
            if f"`{section}`" in heading and label in rows:
                cells = rows[label]
                if len(cells) != columns or not all(cells):
                    found.append(f"docs/abi.md: the row {label} of {section} needs {columns} cells behind the first")
                    return None
                return cells
        found.append(f"docs/abi.md: no row {label} in a section whose heading names `{section}`")
        return None

    for function in description["functions"] + description["entry"]:
        label = "`%s(%s)`" % (function["name"], ", ".join(p["name"] for p in function["parameters"]))
        section = function.get("table") or function["name"]
        cells = row(section, label, 4)
        if cells and cells[0].split(";")[0].split(",")[0] != function["thread"].removesuffix("-thread"):
            found.append(f"docs/abi.md: {section}, {label}: its thread is {function['thread']} in the header")
        if cells and function.get("optional", False) != ("may be NULL" in cells[0]):
            found.append(f"docs/abi.md: {section}, {label}: the header and the page differ on whether it may be NULL")
    for struct in description["structs"]:
        callbacks = [f["name"] for f in struct["fields"] if "(*" in f["c_type"]]
        if struct["table"] or not struct["name"].startswith("sluice_"):
            continue
        cells = row("base.h" if struct["header"] == "base.h" else struct["name"], f"`{struct['name']}`", 3)
        if cells and cells[0] != str(struct["size"]):
            found.append(f"docs/abi.md: {struct['name']} has {struct['size']} bytes, not {cells[0]}")
        for callback in callbacks:
            row("release", f"`{struct['name']}.{callback}(self)`", 4)
    for constant in description["constants"]:
        if constant["c_type"] == "sluice_status" and f"| {constant['value']} | `{constant['name']}` |" not in page:
            found.append(f"docs/abi.md: the table of status codes lacks {constant['value']} {constant['name']}")
    return found
