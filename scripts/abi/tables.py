"""Writes the description as C data for the prober: one row for each function of a table, one byte for each argument."""

# Kind → how libffi passes it. The order is the value of the enum: append, never reorder.
KINDS = {
    "instance": "POINTER", "instance_out": "POINTER", "handle": "U64", "str": "VIEW", "json_str": "VIEW",
    "bytes": "VIEW", "text_out": "POINTER", "floats_out": "POINTER", "bytes_out": "POINTER", "error_out": "POINTER",
    "arrow_schema_in": "POINTER", "arrow_schema_out": "POINTER", "arrow_array_move": "POINTER",
    "arrow_stream_out": "POINTER", "u64_out": "POINTER", "buffer_out": "POINTER", "i32": "I32", "u32": "U32",
    "u64": "U64", "mode": "I32",
}
CLASSES = ("VOID", "POINTER", "I32", "U32", "I64", "U64", "VIEW")
RETURNS = {"void": "VOID", "status": "I32", "u32": "U32", "i64": "I64", "table": "POINTER"}
SIZED = {"text_out": "sluice_text", "floats_out": "sluice_floats", "error_out": "sluice_error"}
MOST_ARGUMENTS = 8

HEAD = """\
/* Written by scripts/abi-description from SDK/include/sluice: do not edit.
 * The functions of the tables of ABI {major}.{minor}, in the order of the headers. docs/abi.md has the rules for arguments. */
#include <stdint.h>

#define ABI_DESCRIBED_MAJOR {major}u
#define ABI_DESCRIBED_MINOR {minor}u
#define ABI_MOST_ARGUMENTS {most}

/* How an argument is passed. ABI_CLASS_VIEW is struct {{ pointer; uint64_t; }} by value. */
enum abi_class {{
{classes}
}};

/* What an argument is. */
enum abi_kind {{
{kinds}
}};

struct abi_kind_info {{
  const char *name;
  uint8_t pass;        /* enum abi_class */
  uint32_t least_size; /* of an output with a struct_size its *_SIZE_V1; else 0 */
}};

static const struct abi_kind_info abi_kinds[] = {{
{infos}
}};

enum abi_table {{
{table_ids}
}};

struct abi_table_info {{
  const char *name;
  uint32_t size;       /* of these headers */
  uint32_t least_size; /* its *_SIZE_V1 */
}};

static const struct abi_table_info abi_tables[] = {{
{table_infos}
}};

struct abi_function {{
  const char *table;
  const char *name;
  uint32_t offset;        /* of the pointer in its table */
  uint8_t table_id;       /* enum abi_table */
  uint8_t returns;        /* enum abi_class; ABI_CLASS_I32 is a sluice_status when returns_status is 1 */
  uint8_t returns_status; /* 0 or 1 */
  uint8_t optional;       /* 1: the pointer may be NULL */
  uint8_t any_thread;     /* 1: [any-thread], 0: [call-thread] */
  uint8_t n_args;
  uint8_t args[ABI_MOST_ARGUMENTS]; /* enum abi_kind */
  const char *arg_names[ABI_MOST_ARGUMENTS];
}};

enum {{ ABI_FUNCTIONS = {count} }};

static const struct abi_function abi_functions[ABI_FUNCTIONS] = {{
{functions}
}};

/* The values that `mode` may have (ABI_MODE). */
static const int32_t abi_modes[] = {{{modes}}};
enum {{ ABI_MODES = {mode_count} }};
"""


def table_id(name):
    return "ABI_TABLE_" + name.removeprefix("sluice_").upper()


def row(function):
    parameters = function["parameters"]
    if len(parameters) > MOST_ARGUMENTS:
        raise ValueError(f"{function['name']} has more than {MOST_ARGUMENTS} arguments")
    returns = function["returns"]["kind"]
    kinds = ", ".join("ABI_" + p["kind"].upper() for p in parameters)
    names = ", ".join(f'"{p["name"]}"' for p in parameters)
    return (f'    {{"{function["table"]}", "{function["name"]}", {function["offset"]}, {table_id(function["table"])}, '
            f'ABI_CLASS_{RETURNS[returns]}, {int(returns == "status")}, {int(function["optional"])}, '
            f'{int(function["thread"] == "any-thread")}, {len(parameters)},\n     {{{kinds}}},\n     {{{names}}}}},')


def source(description):
    structs = {struct["name"]: struct for struct in description["structs"]}
    tables = [struct for struct in description["structs"] if struct["table"]]
    functions = description["functions"]
    modes = [p["values"] for f in functions for p in f["parameters"] if p["kind"] == "mode"]
    if len({tuple(values) for values in modes}) > 1:
        raise ValueError("two functions have modes of different values: abi_tables.inc knows one list")
    infos = [f'    [ABI_{kind.upper()}] = {{"{kind}", ABI_CLASS_{CLASS}, '
             f'{structs[SIZED[kind]]["size_v1"] if kind in SIZED else 0}}},' for kind, CLASS in KINDS.items()]
    return HEAD.format(
        major=description["abi"]["major"], minor=description["abi"]["minor"], most=MOST_ARGUMENTS,
        classes="\n".join(f"  ABI_CLASS_{name}," for name in CLASSES),
        kinds="\n".join(f"  ABI_{kind.upper()}," for kind in KINDS), infos="\n".join(infos),
        table_ids="\n".join(f"  {table_id(struct['name'])}," for struct in tables),
        table_infos="\n".join(f'    [{table_id(s["name"])}] = {{"{s["name"]}", {s["size"]}, {s["size_v1"]}}},'
                              for s in tables),
        count=len(functions), functions="\n".join(row(function) for function in functions),
        modes=", ".join(str(value) for value in modes[0]), mode_count=len(modes[0]))
