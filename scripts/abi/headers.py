"""Reads the ABI out of SDK/include/sluice: declarations by way of clang, words and tags from the comments.

Every number (size, offset, alignment, value) is the compiler's own, for each platform of TARGETS. They must be equal
on all of them, because docs/abi.md gives one figure for each.
"""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

TARGETS = ("x86_64-linux-gnu", "aarch64-linux-gnu")
SCHEMA = 1
THREADS = ("call-thread", "any-thread")
# In comments: [call-thread], [any-thread], [optional] (may be NULL), [mode: PREFIX_*] (the values of `mode`).
TAG = re.compile(r"\[(call-thread|any-thread|optional|mode: [A-Z0-9_]+\*)\]")
COMMENT = re.compile(rb"/\*.*?\*/", re.S)
DEFINE = re.compile(r"^#define[ \t]+((?:SLUICE|ARROW)_[A-Z0-9_]+)(?![A-Za-z0-9_(])[ \t]+(.+)$", re.M)
NO_VALUE = ("SLUICE_EXPORT",)

# C type of a parameter → its kind. The names decide among those that have one type.
POINTERS = {
    "sluice_instance *": "instance", "sluice_instance **": "instance_out", "sluice_text *": "text_out",
    "sluice_floats *": "floats_out", "sluice_bytes *": "bytes_out", "sluice_error *": "error_out",
    "const struct ArrowSchema *": "arrow_schema_in", "struct ArrowSchema *": "arrow_schema_out",
    "struct ArrowArray *": "arrow_array_move", "struct ArrowArrayStream *": "arrow_stream_out",
    "uint64_t *": "u64_out", "void *": "buffer_out", "const sluice_host_info *": "host_info",
}
VALUES = {
    "sluice_handle": "handle", "sluice_str": "str", "sluice_bytes": "bytes", "int32_t": "i32", "uint32_t": "u32",
    "uint64_t": "u64",
}
RETURNS = {
    "void": "void", "sluice_status": "status", "uint32_t": "u32", "int64_t": "i64", "const void *": "table",
    "const sluice_plugin *": "table",
}


class Mistake(Exception):
    """Something in the headers that the description cannot say; the text names the place."""


def compiler():
    """The clang that comes with Swift, else any clang."""
    swift = shutil.which("swift")
    beside = Path(os.path.realpath(swift)).parent / "clang" if swift else None
    if beside and beside.exists():
        return str(beside)
    found = shutil.which("clang")
    if not found:
        raise Mistake("no clang: it comes with Swift; put the folder of `swift` into PATH")
    return found


def run_clang(options, text, include):
    command = [compiler(), "-xc", "-std=c11", "-ffreestanding", "-I" + str(include), *options, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise Mistake("the headers do not compile:\n" + done.stderr)
    return done.stdout


def spelled(kind):
    """One spelling for one C type: `const struct ArrowSchema *`."""
    kind = re.sub(r"\s*\*\s*", "*", " ".join(kind.split()))
    return re.sub(r"(\*+)$", r" \1", kind)


class Sources:
    """The headers as bytes, and what stands in comments around a declaration."""

    def __init__(self, folder):
        self.folder = folder
        self.names = sorted(path.name for path in folder.glob("*.h"))
        self.bytes = {name: (folder / name).read_bytes() for name in self.names}
        self.comments = {name: [m.span() for m in COMMENT.finditer(data)] for name, data in self.bytes.items()}

    def text(self, header, begin, end):
        return self.bytes[header][begin:end].decode()

    def above(self, header, begin):
        """The comment that ends right above `begin`, or None; the text between may be white space alone."""
        for first, last in self.comments[header]:
            between = self.bytes[header][last:begin] if last <= begin else b"x"
            if not between.strip() and between.count(b"\n") <= 1:
                return self.text(header, first, last)
        return None

    def behind(self, header, end):
        """The comment on the line on which a declaration ends."""
        line_end = self.bytes[header].find(b"\n", end)
        for first, last in self.comments[header]:
            if end <= first < line_end:
                return self.text(header, first, last)
        return ""

    def preface(self, header):
        """The comment that begins the file."""
        spans = self.comments[header]
        return self.text(header, *spans[0]) if spans and spans[0][0] == 0 else ""


def extent(node):
    """First and last byte of a declaration; where a macro begins it, of what stands in the header."""
    begin, end = node["range"]["begin"], node["range"]["end"]
    begin, end = begin.get("expansionLoc", begin), end.get("expansionLoc", end)
    return begin["offset"], end["offset"] + end["tokLen"]


def tags(comment):
    return TAG.findall(comment or "")


def placed(tree, sources):
    """Gives every declaration its header; clang names a file only where it changes."""
    current = None

    def location(node):
        nonlocal current
        if not isinstance(node, dict):
            return
        for key in ("spellingLoc", "expansionLoc"):
            location(node.get(key))
        if "file" in node:
            current = node["file"]

    def visit(node):
        location(node.get("loc"))
        node["header"] = os.path.basename(current) if current and "sluice/" in current else None
        span = node.get("range", {})
        location(span.get("begin"))
        location(span.get("end"))
        for child in node.get("inner", []):
            if isinstance(child, dict):
                visit(child)

    for node in tree["inner"]:
        visit(node)
    return [node for node in tree["inner"] if node.get("header") in sources.names and not node.get("isImplicit")]


def split_parameters(text):
    """`sluice_instance *instance, sluice_str table` as [(type, name)]."""
    text = " ".join(text.split())
    if text in ("", "void"):
        return []
    if "(" in text:
        raise Mistake("a parameter that is a function pointer: " + text)
    found = []
    for parameter in text.split(","):
        match = re.fullmatch(r"\s*(.*?[\s*])([A-Za-z_]\w*)\s*", parameter)
        if not match or match[2] in ("void", "int32_t", "uint32_t", "uint64_t"):
            # `struct ArrowSchema *` of the published Arrow headers has no name.
            found.append((spelled(parameter), ""))
        else:
            found.append((spelled(match[1]), match[2]))
    return found


def kind_of(c_type, name, where, modes):
    if c_type == "sluice_str" and name.endswith("_json"):
        return "json_str"
    if c_type == "int32_t" and name == "mode":
        if not modes:
            raise Mistake(f"{where}: its comment needs a tag [mode: PREFIX_*] that names the values of `mode`")
        return "mode"
    kind = POINTERS.get(c_type) or VALUES.get(c_type)
    if not kind:
        raise Mistake(f"{where}: no kind for the parameter {c_type} {name}: add it to scripts/abi/headers.py")
    return kind


def described_function(source, q_type, where):
    """Return type and parameters out of a declaration, held against what clang made of it."""
    match = re.match(r"\s*(?:SLUICE_EXPORT\s+)?(.*?)\(\s*\*\s*\w+\s*\)\s*\((.*)\)\s*$", source, re.S)
    if not match:
        match = re.match(r"\s*(?:SLUICE_EXPORT\s+)?(.*?[\s*])\w+\s*\((.*)\)\s*$", source, re.S)
    if not match:
        raise Mistake(f"{where}: not a declaration of a function: {source}")
    result, parameters = spelled(match[1]), split_parameters(match[2])
    seen = re.fullmatch(r"(.*?)\(\*\)\((.*)\)", q_type) or re.fullmatch(r"(.*?)\s*\((.*)\)", q_type)
    types = [spelled(part) for part in seen[2].split(",")] if seen and seen[2] not in ("", "void") else []
    if not seen or spelled(seen[1]) != result or types != [c_type for c_type, _ in parameters]:
        raise Mistake(f"{where}: read as {result} {parameters}, but the compiler says {q_type}")
    return result, parameters


class Reader:
    def __init__(self, folder):
        self.include = folder
        self.sources = Sources(folder / "sluice")
        self.everything = "".join(f'#include "sluice/{name}"\n' for name in self.sources.names)
        dump = run_clang(["-fsyntax-only", "-Xclang", "-ast-dump=json"], self.everything, folder)
        self.nodes = placed(json.loads(dump), self.sources)
        self.questions = {}

    # --- numbers

    def ask(self, expression):
        """A number that the compiler is going to tell; `answer` puts it in its place."""
        return self.questions.setdefault(expression, len(self.questions))

    def answers(self):
        text = self.everything + "#include <stddef.h>\n" + "".join(
            f"const long long q{number} = (long long)({expression});\n"
            for expression, number in self.questions.items())
        found = []
        for target in TARGETS:
            out = run_clang(["--target=" + target, "-S", "-emit-llvm", "-o", "-"], text, self.include)
            found.append({int(n): int(v) for n, v in re.findall(r"^@q(\d+) = .*?constant i64 (-?\d+)", out, re.M)})
        for expression, number in self.questions.items():
            values = {target: answers.get(number) for target, answers in zip(TARGETS, found)}
            if None in values.values() or len(set(values.values())) != 1:
                raise Mistake(f"{expression} is not the same on every platform: {values}")
        return found[0]

    # --- declarations

    def thread(self, own, of_struct, header, where):
        """The nearest comment that names exactly one thread."""
        for comment in (own, of_struct, self.sources.preface(header)):
            named = {tag for tag in tags(comment) if tag in THREADS}
            if len(named) == 1:
                return named.pop()
        raise Mistake(f"{where}: no comment names its thread: write [call-thread] or [any-thread]")

    def function(self, node, table, own, of_struct):
        header, name = node["header"], node["name"]
        where = f"{table}.{name}" if table else name
        source = self.sources.text(header, *extent(node))
        result, parameters = described_function(source, node["type"]["qualType"], where)
        modes = [tag[len("mode: "):] for tag in tags(own) if tag.startswith("mode: ")]
        if result not in RETURNS:
            raise Mistake(f"{where}: no kind for the return type {result}: add it to scripts/abi/headers.py")
        described = []
        for c_type, parameter in parameters:
            if not parameter:
                raise Mistake(f"{where}: a parameter of the type {c_type} has no name")
            entry = {"name": parameter, "c_type": c_type, "kind": kind_of(c_type, parameter, where, modes)}
            if entry["kind"] == "mode":
                entry["values"] = modes[0]
            described.append(entry)
        optional = "optional" in tags(own) or "optional" in tags(self.sources.preface(header))
        return {
            "table": table, "name": name, "offset": None,
            "thread": self.thread(own, of_struct, header, where),
            "optional": optional and bool(table), "returns": {"c_type": result, "kind": RETURNS[result]},
            "parameters": described,
        }

    def struct(self, node):
        name, header = node["name"], node["header"]
        c_name = name if name.startswith("sluice_") else "struct " + name
        begin = extent(node)[0]
        before = self.sources.bytes[header][:begin]
        if before.rstrip().endswith(b"typedef"):
            begin = len(before.rstrip()) - len(b"typedef")
        of_struct = self.sources.above(header, begin)
        fields, functions, comment, previous_end = [], [], "", None
        members = [child for child in node.get("inner", []) if child["kind"] == "FieldDecl"]
        for member in members:
            first, last = extent(member)
            if not member.get("name") or member.get("isBitfield"):
                raise Mistake(f"{name}: a field without a name, or a bit-field")
            own = self.sources.above(header, first)
            # One comment may stand over several lines of fields that follow each other.
            if own is None and previous_end is not None and b"\n\n" not in self.sources.bytes[header][previous_end:first]:
                own = comment
            comment, previous_end = own or "", last
            field = {"name": member["name"], "c_type": spelled_field(member["type"]["qualType"]),
                     "offset": self.ask(f"offsetof({c_name}, {member['name']})"),
                     "size": self.ask(f"sizeof((({c_name} *)0)->{member['name']})")}
            fields.append(field)
            if "(*" in field["c_type"] and name.startswith("sluice_") and member["name"] != "release":
                own = comment + self.sources.behind(header, last)
                functions.append((self.function(member, name, own, of_struct), field))
        for function, field in functions:
            function["offset"] = field["offset"]
        sized = fields[0]["name"] == "struct_size" if fields else False
        return {"name": name, "header": header, "table": bool(functions), "sized": sized,
                "size": self.ask(f"sizeof({c_name})"), "alignment": self.ask(f"_Alignof({c_name})"),
                "fields": fields}, [function for function, _ in functions]

    def constants(self):
        found = []
        for header in self.sources.names:
            text = COMMENT.sub(b"", self.sources.bytes[header]).decode()
            for name, value in DEFINE.findall(text):
                value = value.strip()
                if name in NO_VALUE:
                    continue
                if value.startswith('"'):
                    found.append({"name": name, "header": header, "c_type": "text", "value": json.loads(value)})
                    continue
                cast = re.match(r"\(\((\w+)\)", value)
                found.append({"name": name, "header": header, "c_type": cast[1] if cast else "int",
                              "value": self.ask(name)})
        return found

    def types(self):
        """Names of integer types, and structs that nobody outside sees into."""
        plain, opaque = [], []
        defined = {node["name"] for node in self.nodes
                   if node["kind"] == "RecordDecl" and node.get("completeDefinition")}
        for node in self.nodes:
            if node["kind"] == "RecordDecl" and node["name"] not in defined and node["name"] not in opaque:
                opaque.append(node["name"])
            if node["kind"] == "TypedefDecl" and "struct" not in node["type"]["qualType"] \
                    and "(*" not in node["type"]["qualType"]:
                plain.append({"name": node["name"], "header": node["header"], "c_type": node["type"]["qualType"],
                              "size": self.ask(f"sizeof({node['name']})")})
        return plain, opaque

    def describe(self):
        structs, functions, entries = [], [], []
        for node in self.nodes:
            if node["kind"] == "RecordDecl" and node.get("completeDefinition"):
                struct, own = self.struct(node)
                structs.append(struct)
                functions += own
            elif node["kind"] == "FunctionDecl":
                own = self.comment_before(node["header"], extent(node)[0])
                entries.append(self.function(node, None, own, None))
        constants = self.constants()
        types, opaque = self.types()
        values = self.answers()

        def settled(item, keys=("offset", "size", "alignment")):
            for key in keys:
                if isinstance(item.get(key), int):
                    item[key] = values[item[key]]

        for struct in structs:
            settled(struct)
            for field in struct["fields"]:
                settled(field)
        for function in functions:
            settled(function)
        for constant in constants:
            settled(constant, ("value",))
        for kind in types:
            settled(kind)
        by_name = {constant["name"]: constant["value"] for constant in constants}
        for struct in structs:
            struct["size_v1"] = first_size(struct, by_name)
        for function in functions:
            for parameter in function["parameters"]:
                if parameter["kind"] == "mode":
                    prefix = parameter["values"].rstrip("*")
                    parameter["values"] = [c["value"] for c in constants if c["name"].startswith(prefix)]
        for entry in entries:
            del entry["table"], entry["offset"], entry["optional"]
        return {
            "schema": SCHEMA,
            "abi": {"major": by_name["SLUICE_ABI_MAJOR"], "minor": by_name["SLUICE_ABI_MINOR"]},
            "targets": list(TARGETS), "types": types, "opaque": opaque, "constants": constants, "structs": structs,
            "functions": functions, "entry": entries,
        }

    def comment_before(self, header, begin):
        """The last comment in front of a declaration; a #define of the symbol's name may stand between."""
        spans = [span for span in self.sources.comments[header] if span[1] <= begin]
        between = self.sources.text(header, spans[-1][1], begin) if spans else "x"
        if all(line.startswith("#") or not line.strip() for line in between.splitlines()):
            return self.sources.text(header, *spans[-1])
        return ""


def spelled_field(q_type):
    """A field's type; that of a function pointer with its parameters' types."""
    match = re.fullmatch(r"(.*?)\(\*\)\((.*)\)", q_type)
    if not match:
        return spelled(q_type)
    return f"{spelled(match[1])} (*)({', '.join(spelled(part) for part in match[2].split(','))})"


def first_size(struct, constants):
    """The value of its *_SIZE_V1, or None for a struct without a size field."""
    name = re.sub("^SLUICE_SLUICE_", "SLUICE_", "SLUICE_" + struct["name"].upper()) + "_SIZE_V1"
    if struct["sized"] and name not in constants:
        raise Mistake(f"{struct['name']} has a struct_size but no {name}")
    return constants.get(name)


def describe(include):
    return Reader(Path(include)).describe()
