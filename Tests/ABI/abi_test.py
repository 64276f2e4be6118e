#!/usr/bin/env python3
"""The watch over the ABI, and whether it wakes: each test changes a copy of the headers and wants to be told of it.

python3 Tests/ABI/abi_test.py [--only NAME]
Needs clang, no build. Ends with `N passed, N failed, N skipped`.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
DESCRIPTION = ROOT / "scripts" / "abi-description"
sys.path.insert(0, str(ROOT / "scripts" / "abi"))

import golden  # noqa: E402
import headers  # noqa: E402

TESTS = []
MAJOR, MINOR = json.loads((ROOT / "SDK" / "abi.json").read_text())["abi"].values()
NOW, NEXT = f"{MAJOR}.{MINOR}", f"{MAJOR}.{MINOR + 1}"
EARLIER_MINOR, LATER_MINOR = (f"SLUICE_ABI_MINOR ((uint32_t){minor})" for minor in (MINOR, MINOR + 1))
LATER = ("base.h", EARLIER_MINOR, LATER_MINOR)
APPENDED = ("check.h", "} sluice_check_ops;",
            "  sluice_status (*reset)(sluice_instance *instance, sluice_error *error);\n} sluice_check_ops;")


def test(function):
    TESTS.append(function)
    return function


class Copy:
    """Headers and goldens that a test may change."""

    def __init__(self, folder):
        self.include, self.golden = folder / "include", folder / "golden"
        shutil.copytree(ROOT / "SDK" / "include", self.include)
        self.golden.mkdir()
        shutil.copy(ROOT / "Tests" / "Golden" / "abi" / f"{NOW}.json", self.golden)

    def edit(self, header, old, new):
        path = self.include / "sluice" / header
        text = path.read_text()
        assert text.count(old) == 1, f"{header}: {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new))

    def faults(self):
        return golden.faults(headers.describe(self.include), self.golden)

    def record(self):
        return subprocess.run([sys.executable, DESCRIPTION, "--record", "--include", self.include, "--golden", self.golden],
                              capture_output=True, text=True)


def changed(*edits):
    """What the watch says after the edits."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for edit in edits:
            copy.edit(*edit)
        return copy.faults()


def expect(found, *wanted):
    """One fault for each of `wanted`, in any order, and none besides."""
    left = list(found)
    for want in wanted:
        match = [fault for fault in left if want in fault]
        assert match, f"nobody says {want!r} in {found}"
        left.remove(match[0])
    assert not left, f"said besides: {left}"


# --- what is committed ---------------------------------------------------------------------------------------------

@test
def the_description_the_goldens_and_the_page_are_those_of_the_headers():
    done = subprocess.run([sys.executable, DESCRIPTION, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@test
def the_rows_for_the_prober_compile_and_fit_the_structs():
    description = json.loads((ROOT / "SDK" / "abi.json").read_text())
    lines = ['#include "sluice/sluice.h"', '#include "abi_tables.inc"']
    for function in description["functions"]:
        lines.append('_Static_assert(offsetof(%(table)s, %(name)s) == %(offset)d, "%(name)s");' % function)
    for struct in description["structs"]:
        if struct["size_v1"] is not None:
            name = "SLUICE_" + struct["name"].removeprefix("sluice_").upper() + "_SIZE_V1"
            lines.append(f'_Static_assert({name} == {struct["size_v1"]}, "{name}");')
    lines.append("int main(void) { return abi_functions[ABI_FUNCTIONS - 1].n_args != 4 || abi_kinds[ABI_MODE].pass != "
                 "ABI_CLASS_I32 || abi_tables[ABI_TABLE_HOST].size != sizeof(sluice_host) || abi_modes[ABI_MODES - 1] != 1; }")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "rows"
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I", ROOT / "SDK" / "include", "-I",
                        ROOT / "Host" / "Prober", "-x", "c", "-", "-o", program], input="\n".join(lines), text=True,
                       check=True)
        assert subprocess.run([program]).returncode == 0


@test
def the_entry_point_is_the_only_function_outside_a_table():
    description = json.loads((ROOT / "SDK" / "abi.json").read_text())
    assert [entry["name"] for entry in description["entry"]] == ["sluice_plugin_entry"]


# --- the watch wakes -----------------------------------------------------------------------------------------------

@test
def headers_as_they_are_break_nothing():
    expect(changed())


@test
def comments_may_change():
    expect(changed(("check.h", "/* One batch.", "/* One batch of rows.")))


@test
def two_fields_that_change_places_are_named():
    expect(changed(("base.h", "  const char *data;\n  uint64_t size; /* bytes */\n  void *private_data;",
                    "  uint64_t size; /* bytes */\n  const char *data;\n  void *private_data;")),
           "sluice_text.data: its offset was 8 and is 16", "sluice_text.size: its offset was 16 and is 8")


@test
def two_functions_that_change_places_are_named():
    merge = "  sluice_status (*merge)(sluice_instance *instance, sluice_bytes state, sluice_error *error);\n"
    update = "  sluice_status (*update)(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error);\n"
    expect(changed(("check.h", update, "@"), ("check.h", merge, update), ("check.h", "@", merge)),
           "sluice_check_ops.update: its offset was 24 and is 32", "sluice_check_ops.merge: its offset was 32 and is 24")


@test
def a_constant_of_another_value_is_named():
    expect(changed(("base.h", "SLUICE_TIMEOUT ((sluice_status)5)", "SLUICE_TIMEOUT ((sluice_status)15)")),
           "SLUICE_TIMEOUT: its value was 5 and is 15")


@test
def a_constant_of_another_type_is_named():
    expect(changed(("check.h", "SLUICE_FINISH_STATE ((int32_t)1)", "SLUICE_FINISH_STATE ((uint32_t)1)")),
           "SLUICE_FINISH_STATE: its type was int32_t and is uint32_t")


@test
def a_text_of_another_value_is_named():
    expect(changed(("connector.h", '"sluice.line"', '"sluice.row"')), "SLUICE_COLUMN_LINE: its value was sluice.line")


@test
def a_removed_constant_is_named():
    expect(changed(("host.h", "#define SLUICE_LOG_WARNING ((int32_t)2)\n", "")), "SLUICE_LOG_WARNING was removed")


@test
def a_parameter_of_another_type_is_named():
    expect(changed(("connector.h", "sluice_str table, uint32_t parts,", "sluice_str table, uint64_t parts,")),
           "sluice_connector_ops.split, parameter parts: its type was uint32_t and is uint64_t")


@test
def a_parameter_of_another_kind_is_named():
    expect(changed(("provider.h", "(*infer)(sluice_instance *instance, sluice_str request_json,",
                    "(*infer)(sluice_instance *instance, sluice_str request,")),
           "sluice_provider_ops.infer, parameter request_json: its kind was json_str and is str")


@test
def a_further_parameter_is_named():
    expect(changed(("plugin.h", "void (*destroy)(sluice_instance *instance);",
                    "void (*destroy)(sluice_instance *instance, uint32_t how);")),
           "sluice_plugin.destroy: it had 1 parameters and has 2")


@test
def another_return_type_is_named():
    expect(changed(("host.h", "int64_t (*deadline)", "uint32_t (*deadline)")),
           "sluice_host.deadline: what it returns was int64_t and is uint32_t")


@test
def another_parameter_of_the_entry_point_is_named():
    expect(changed(("plugin.h", "SLUICE_EXPORT const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host);",
                    "SLUICE_EXPORT const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host, uint32_t a);")),
           "sluice_plugin_entry: it had 1 parameters and has 2")


@test
def a_callback_of_another_type_is_named():
    expect(changed(("base.h", "void (*release)(struct sluice_floats *self)", "int (*release)(struct sluice_floats *self)")),
           "sluice_floats.release: its type was void (*)(struct sluice_floats *)")


@test
def a_removed_function_is_named():
    found = changed(("provider.h", "  sluice_status (*poll)(sluice_instance *instance, sluice_str request_json, sluice_text *out, "
                     "sluice_error *error);\n", ""))
    assert any("sluice_provider_ops.poll was removed" in fault for fault in found), found


@test
def another_thread_is_named():
    expect(changed(("plugin.h", "Must not block, must be harmless when no call runs. [any-thread]",
                    "Must not block, must be harmless when no call runs. [call-thread]")),
           "sluice_plugin.cancel: its thread was any-thread and is call-thread")


@test
def a_function_that_may_now_be_null_is_named():
    expect(changed(("plugin.h", "Exactly once for every instance, with no call running. [call-thread]",
                    "Exactly once for every instance, with no call running. [call-thread] [optional]")),
           "sluice_plugin.destroy: whether it may be NULL was False and is True")


@test
def another_integer_under_a_name_is_named():
    found = changed(("base.h", "typedef uint64_t sluice_handle", "typedef uint32_t sluice_handle"))
    expect(found, "sluice_handle: its type was ('uint64_t', 8)")


@test
def a_packed_struct_is_named():
    found = changed(("base.h", "typedef struct sluice_str {", "#pragma pack(push, 4)\ntypedef struct sluice_str {"),
                    ("base.h", "} sluice_str;", "} sluice_str;\n#pragma pack(pop)"))
    expect(found, "sluice_str: its alignment was 8 and is 4")


# --- growth --------------------------------------------------------------------------------------------------------

@test
def an_appended_function_needs_a_later_minor():
    expect(changed(APPENDED), f"sluice_check_ops.reset was added (ABI {NOW}): raise SLUICE_ABI_MINOR")


@test
def a_new_constant_needs_a_later_minor():
    expect(changed(("host.h", "#define SLUICE_LOG_ERROR", "#define SLUICE_LOG_TRACE ((int32_t)-1)\n#define SLUICE_LOG_ERROR")),
           f"SLUICE_LOG_TRACE was added (ABI {NOW}): raise SLUICE_ABI_MINOR")


@test
def a_later_minor_needs_a_golden_of_its_own():
    expect(changed(APPENDED, LATER), f"ABI {NEXT} has no golden description: run scripts/abi-description --record")


@test
def a_later_minor_may_append_and_is_held_from_then_on():
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        copy.edit(*APPENDED)
        copy.edit(*LATER)
        done = copy.record()
        assert done.returncode == 0, done.stderr
        expect(copy.faults())
        before = (copy.golden / f"{NEXT}.json").read_bytes()
        again = copy.record()
        assert again.returncode == 1 and f"{NEXT}.json is recorded already" in again.stderr, again
        assert (copy.golden / f"{NEXT}.json").read_bytes() == before
        copy.edit("check.h", "(*reset)(sluice_instance *instance, sluice_error *error)",
                  "(*reset)(sluice_instance *instance, uint32_t hard, sluice_error *error)")
        expect(copy.faults(), "sluice_check_ops.reset: it had 2 parameters and has 3")
        copy.edit("base.h", LATER_MINOR, EARLIER_MINOR)
        assert "a version never goes back" in copy.faults()[0], copy.faults()


@test
def a_later_minor_may_not_put_a_field_in_between():
    found = changed(LATER, ("check.h", "  uint32_t reserved;\n", "  uint32_t reserved;\n  uint64_t flags;\n"))
    assert any("sluice_check_ops.flags was put in at offset 8" in fault for fault in found), found
    assert any("sluice_check_ops.declare: its offset was 8 and is 16" in fault for fault in found), found


@test
def a_later_minor_may_not_grow_a_frozen_struct():
    found = changed(LATER, ("base.h", "} sluice_str;", "  uint64_t capacity;\n} sluice_str;"))
    assert any("sluice_str.capacity was added to a struct without struct_size" in fault for fault in found), found


@test
def what_breaks_is_not_recorded():
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        copy.edit(*LATER)
        copy.edit("base.h", "SLUICE_TIMEOUT ((sluice_status)5)", "SLUICE_TIMEOUT ((sluice_status)15)")
        done = copy.record()
        assert done.returncode == 1 and "SLUICE_TIMEOUT: its value was 5" in done.stderr, done
        assert not (copy.golden / f"{NEXT}.json").exists()


@test
def a_new_struct_begins_at_its_first_size():
    found = changed(LATER, ("host.h", "#ifdef __cplusplus\n}\n#endif\n#endif", "typedef struct sluice_clock {\n  uint32_t struct_size;"
                            "\n  uint32_t reserved;\n} sluice_clock;\n#define SLUICE_CLOCK_SIZE_V1 16\n"
                            "#ifdef __cplusplus\n}\n#endif\n#endif"))
    assert any("sluice_clock is new and has 8 bytes, but its *_SIZE_V1 says 16" in fault for fault in found), found


# --- mistakes in the headers ---------------------------------------------------------------------------------------

def refused(*edits):
    try:
        changed(*edits)
    except headers.Mistake as mistake:
        return str(mistake)
    raise AssertionError("nobody said anything")


@test
def a_function_without_a_thread_is_refused():
    said = refused(("connector.h", "All calls are [call-thread].", "All calls are on one thread."))
    assert "no comment names its thread" in said, said


@test
def a_mode_without_its_values_is_refused():
    assert "needs a tag [mode: PREFIX_*]" in refused(("check.h", "[mode: SLUICE_FINISH_*]\n   * ", ""))


@test
def a_struct_size_without_a_first_size_is_refused():
    said = refused(("plugin.h", "#define SLUICE_PLUGIN_SIZE_V1 96\n", ""))
    assert "no SLUICE_PLUGIN_SIZE_V1" in said, said


@test
def a_type_that_is_not_of_one_size_everywhere_is_refused():
    said = refused(LATER, APPENDED, ("base.h", "} sluice_floats;", "  long double x;\n} sluice_floats;"),
                   ("base.h", "#ifndef SLUICE_BASE_H", "#ifdef __aarch64__\n#pragma pack(push, 4)\n#endif\n#ifndef SLUICE_BASE_H"))
    assert "is not the same on every platform" in said, said


# --- the page ------------------------------------------------------------------------------------------------------

def page_faults(old, new):
    description = json.loads((ROOT / "SDK" / "abi.json").read_text())
    page = (ROOT / "docs" / "abi.md").read_text()
    assert page.count(old) == 1, f"{page.count(old)} times: {old}"
    return golden.undocumented(description, page.replace(old, new))


@test
def a_function_without_a_row_is_named():
    expect(page_faults("| `merge(instance, state, error)` | call", "| `join(instance, state, error)` | call"),
           "no row `merge(instance, state, error)` in a section whose heading names `sluice_check_ops`")


@test
def a_row_without_its_errors_is_named():
    expect(page_faults("`*tokens`: what the text costs as input | status |", "`*tokens`: what the text costs as input | |"),
           "the row `token_estimate(instance, model, text, tokens, error)`")


@test
def a_row_with_another_thread_is_named():
    expect(page_faults("| `cancel(instance)` | any;", "| `cancel(instance)` | call;"), "its thread is any-thread in the header")


@test
def a_wrong_size_or_status_on_the_page_is_named():
    expect(page_faults("| `sluice_error` | 56 |", "| `sluice_error` | 48 |"), "sluice_error has 56 bytes, not 48")
    expect(page_faults("| 5 | `SLUICE_TIMEOUT` |", "| 6 | `SLUICE_TIMEOUT` |"), "lacks 5 SLUICE_TIMEOUT")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    arguments = parser.parse_args()
    passed = failed = 0
    for function in TESTS:
        if arguments.only and arguments.only not in function.__name__:
            continue
        begin = time.monotonic()
        try:
            function()
            passed += 1
            print("ok    %-70s %.2f s" % (function.__name__, time.monotonic() - begin))
        except Exception:
            failed += 1
            print("FAIL  %s" % function.__name__)
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
