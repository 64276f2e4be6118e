/* Argument fuzzing: every function of the plugin's tables, called through libffi from the description that is generated
 * from the headers (abi_tables.inc), with arguments right and wrong. docs/abi.md, Rules for arguments, is what is held. */
#define _GNU_SOURCE
#include <ffi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi_tables.inc"
#include "prober.h"

#define CALLS 2000 /* at least so many for a plugin */
#define LONG_TEXT 65536

/* How one argument is chosen. */
enum choice {
  RIGHT, NONE, SHORT, LARGER, RELEASED, UNKNOWN, EMPTY, JUNK_EMPTY, GARBAGE, LONG, NO_DATA, TOO_LONG, STALE
};
static const char *const choice_names[] = {
    "right", "NULL", "short", "larger", "released", "unknown", "empty", "empty with junk", "garbage", "64 KiB",
    "a size without data", "above SLUICE_TEXT_MAX", "stale",
};

/* What each kind may be, and behind it what is wrong for it; the lists end with -1. */
static const struct {
  int good[6], wrong[4];
} choices[] = {
    [ABI_INSTANCE] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_INSTANCE_OUT] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_HANDLE] = {{RIGHT, STALE, -1}, {-1}},
    [ABI_STR] = {{RIGHT, EMPTY, JUNK_EMPTY, GARBAGE, LONG, -1}, {NO_DATA, TOO_LONG, -1}},
    [ABI_JSON_STR] = {{RIGHT, EMPTY, JUNK_EMPTY, GARBAGE, LONG, -1}, {NO_DATA, TOO_LONG, -1}},
    [ABI_BYTES] = {{RIGHT, EMPTY, JUNK_EMPTY, GARBAGE, LONG, -1}, {NO_DATA, TOO_LONG, -1}},
    [ABI_TEXT_OUT] = {{RIGHT, LARGER, -1}, {NONE, SHORT, -1}},
    [ABI_FLOATS_OUT] = {{RIGHT, LARGER, -1}, {NONE, SHORT, -1}},
    [ABI_BYTES_OUT] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_ERROR_OUT] = {{RIGHT, LARGER, NONE, SHORT, -1}, {-1}},
    [ABI_ARROW_SCHEMA_IN] = {{RIGHT, -1}, {NONE, RELEASED, -1}},
    [ABI_ARROW_SCHEMA_OUT] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_ARROW_ARRAY_MOVE] = {{RIGHT, -1}, {NONE, RELEASED, -1}},
    [ABI_ARROW_STREAM_OUT] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_U64_OUT] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_BUFFER_OUT] = {{RIGHT, -1}, {NONE, -1}},
    [ABI_I32] = {{RIGHT, -1}, {-1}},
    [ABI_U32] = {{RIGHT, -1}, {-1}},
    [ABI_U64] = {{RIGHT, -1}, {-1}},
    [ABI_MODE] = {{RIGHT, -1}, {UNKNOWN, -1}},
};

struct view {
  const void *data;
  uint64_t size;
};

/* The memory of one argument: what is passed, and what a pointer leads to, before and after. */
struct argument {
  enum choice choice;
  union {
    void *pointer;
    uint64_t u64;
    uint32_t u32;
    int32_t i32;
    struct view view;
  } value;
  union {
    struct text_slot text;
    struct floats_slot floats;
    struct error_slot error;
    struct ArrowSchema schema;
    struct ArrowArray array;
    struct ArrowArrayStream stream;
    sluice_bytes bytes;
    sluice_instance *instance;
    uint64_t u64;
    uint8_t buffer[64];
  } place, before;
};

static struct argument arguments[ABI_MOST_ARGUMENTS];
static char told[1024];
static uint64_t chance;
static struct session used;
static uint8_t *forbidden; /* a page that cannot be read */
static char *filler;
static ffi_type *view_parts[] = {&ffi_type_pointer, &ffi_type_uint64, NULL};
static ffi_type view_type = {0, 0, FFI_TYPE_STRUCT, view_parts};

static uint64_t pick(uint64_t n) { return random_next(&chance) % n; }

/* --- traps: a release that nobody may call -------------------------------------------------------------------------- */

static void trapped(void) { failed("%s called a release that it found in an output", told); }
static void trap_text(sluice_text *self) { (void)self, trapped(); }
static void trap_floats(sluice_floats *self) { (void)self, trapped(); }
static void trap_error(sluice_error *self) { (void)self, trapped(); }
static void trap_schema(struct ArrowSchema *self) { (void)self, trapped(); }
static void trap_stream(struct ArrowArrayStream *self) { (void)self, trapped(); }

/* --- one argument --------------------------------------------------------------------------------------------------- */

static const char *right_text(const struct abi_function *function, const char *name) {
  if (strcmp(function->name, "create") == 0)
    return task.config.data;
  if (strcmp(name, "params_json") == 0)
    return used.params ? used.params : "{}";
  if (strcmp(function->name, "scan") == 0)
    return "{\"batch_rows\":16,\"table\":\"\"}";
  if (strcmp(function->name, "embed") == 0)
    return "{\"model\":null,\"texts\":[\"first name\"]}";
  if (strcmp(name, "request_json") == 0)
    return "{\"messages\":[{\"content\":\"first name\",\"role\":\"user\"}],\"model\":null}";
  if (strcmp(name, "table") == 0)
    return used.n_tables > 0 ? used.tables[0] : "";
  if (strcmp(name, "id") == 0)
    return "org.example.unknown/1";
  return strcmp(name, "model") == 0 ? "" : "first name";
}

static struct view choose_text(const struct abi_function *function, const char *name, enum choice choice) {
  static const uint64_t without[] = {1, 4096, UINT64_MAX};
  static const uint64_t above[] = {SLUICE_TEXT_MAX + 1, UINT64_C(1) << 63, UINT64_MAX};
  const char *right = right_text(function, name);
  switch (choice) {
  case EMPTY:
    return (struct view){NULL, 0};
  case JUNK_EMPTY:
    return (struct view){forbidden, 0};
  case GARBAGE: {
    uint64_t size = 1 + pick(300);
    for (uint64_t i = 0; i < size; i++)
      filler[i] = (char)random_next(&chance);
    return (struct view){filler, size};
  }
  case LONG:
    memset(filler, '[', LONG_TEXT);
    return (struct view){filler, LONG_TEXT};
  case NO_DATA:
    return (struct view){NULL, without[pick(3)]};
  case TOO_LONG:
    return (struct view){forbidden, above[pick(3)]};
  default:
    return (struct view){right, strlen(right)};
  }
}

static uint32_t sized(enum choice choice, uint32_t size, uint32_t least) {
  return choice == SHORT ? (uint32_t)pick(least) : choice == LARGER ? size + BEYOND : size;
}

static void set_out(struct argument *argument, int kind) {
  enum choice choice = argument->choice;
  switch (kind) {
  case ABI_TEXT_OUT:
    text_slot_begin(&argument->place.text);
    argument->place.text.text.struct_size = sized(choice, sizeof(sluice_text), SLUICE_TEXT_SIZE_V1);
    argument->place.text.text.release = trap_text;
    break;
  case ABI_FLOATS_OUT:
    floats_slot_begin(&argument->place.floats);
    argument->place.floats.floats.struct_size = sized(choice, sizeof(sluice_floats), SLUICE_FLOATS_SIZE_V1);
    argument->place.floats.floats.release = trap_floats;
    break;
  case ABI_ERROR_OUT:
    error_slot_begin(&argument->place.error);
    argument->place.error.error.struct_size = sized(choice, sizeof(sluice_error), SLUICE_ERROR_SIZE_V1);
    argument->place.error.error.release = trap_error;
    break;
  case ABI_ARROW_SCHEMA_OUT:
    argument->place.schema.release = trap_schema;
    break;
  case ABI_ARROW_STREAM_OUT:
    argument->place.stream.release = trap_stream;
    break;
  default:
    break;
  }
}

static void set(const struct abi_function *function, int i, enum choice choice) {
  struct argument *argument = &arguments[i];
  int kind = function->args[i];
  static const int32_t unknown_modes[] = {-1, 77, INT32_MIN, INT32_MAX};
  memset(&argument->place, 0, sizeof argument->place);
  argument->choice = choice;
  argument->value.view = (struct view){NULL, 0};
  switch (kind) {
  case ABI_STR:
  case ABI_JSON_STR:
  case ABI_BYTES:
    argument->value.view = choose_text(function, function->arg_names[i], choice);
    break;
  case ABI_HANDLE:
    argument->value.u64 = choice == STALE ? random_next(&chance) & ~(UINT64_C(1) << 32) : used.context;
    break;
  case ABI_MODE:
    argument->value.i32 = choice == UNKNOWN ? unknown_modes[pick(4)] : abi_modes[pick(ABI_MODES)];
    break;
  case ABI_I32:
  case ABI_U32:
    argument->value.u32 = pick(2) ? (uint32_t)pick(4) : (uint32_t)random_next(&chance);
    break;
  case ABI_U64:
    argument->value.u64 = random_next(&chance);
    break;
  case ABI_INSTANCE:
    argument->value.pointer = choice == NONE ? NULL : (void *)used.instance;
    break;
  case ABI_ARROW_SCHEMA_IN:
    if (choice == RIGHT)
      argument->place.schema = used.schema;
    argument->value.pointer = choice == NONE ? NULL : (void *)&argument->place;
    break;
  case ABI_ARROW_ARRAY_MOVE:
    if (choice == RIGHT)
      sample_batch(&used.schema, (int64_t)pick(1000), (int64_t)pick(8), chance, &argument->place.array);
    argument->value.pointer = choice == NONE ? NULL : (void *)&argument->place;
    break;
  default:
    set_out(argument, kind);
    argument->value.pointer = choice == NONE ? NULL : (void *)&argument->place;
  }
  argument->before = argument->place;
}

/* --- one call ------------------------------------------------------------------------------------------------------- */

static void *pointer_of(const struct abi_function *function) {
  const uint8_t *table = function->table_id == ABI_TABLE_PLUGIN ? (const uint8_t *)&plugin.table
                                                                : (const uint8_t *)&plugin.ops;
  void *pointer;
  memcpy(&pointer, table + function->offset, sizeof pointer);
  return pointer;
}

static ffi_type *type_of(int pass) {
  switch (pass) {
  case ABI_CLASS_VOID:
    return &ffi_type_void;
  case ABI_CLASS_POINTER:
    return &ffi_type_pointer;
  case ABI_CLASS_I32:
    return &ffi_type_sint32;
  case ABI_CLASS_U32:
    return &ffi_type_uint32;
  case ABI_CLASS_I64:
    return &ffi_type_sint64;
  case ABI_CLASS_U64:
    return &ffi_type_uint64;
  default:
    return &view_type;
  }
}

static void tell(const struct abi_function *function) {
  size_t at = (size_t)snprintf(told, sizeof told, "%s.%s(", function->table, function->name);
  for (int i = 0; i < function->n_args && at < sizeof told; i++)
    at += (size_t)snprintf(told + at, sizeof told - at, "%s%s=%s", i ? ", " : "", function->arg_names[i],
                           choice_names[arguments[i].choice]);
  if (at < sizeof told)
    snprintf(told + at, sizeof told - at, ")");
  note("%s", told);
}

/* What a function returned: of a table's functions a status, a pointer or nothing. */
static uint64_t invoke(const struct abi_function *function) {
  ffi_cif cif;
  ffi_type *types[ABI_MOST_ARGUMENTS];
  void *values[ABI_MOST_ARGUMENTS], *pointer = pointer_of(function);
  void (*call)(void);
  union {
    ffi_arg whole;
    uint64_t u64;
    void *pointer;
  } result = {0};
  memcpy(&call, &pointer, sizeof call);
  for (int i = 0; i < function->n_args; i++) {
    types[i] = type_of(abi_kinds[function->args[i]].pass);
    values[i] = &arguments[i].value;
  }
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, function->n_args, type_of(function->returns), types) != FFI_OK)
    failed("%s cannot be called: its description does not fit this machine", told);
  context_begin_call(used.context);
  ffi_call(&cif, call, &result, values);
  return result.u64;
}

static int is_wrong(const struct abi_function *function, int i) {
  for (const int *wrong = choices[function->args[i]].wrong; *wrong >= 0; wrong++)
    if (arguments[i].choice == (enum choice)*wrong)
      return 1;
  return 0;
}

/* A refused call wrote nothing but its error, if that has room. */
static void require_untouched(const struct abi_function *function, int i) {
  struct argument *argument = &arguments[i];
  if (function->args[i] == ABI_ERROR_OUT && (argument->choice == RIGHT || argument->choice == LARGER))
    return;
  if (memcmp(&argument->place, &argument->before, sizeof argument->place) != 0)
    failed("%s was refused, and yet its argument %s was written to", told, function->arg_names[i]);
}

/* Let go of what a call that went through gave. */
static void settle(const struct abi_function *function, int i, int went_well) {
  struct argument *argument = &arguments[i];
  if (!argument->value.pointer || abi_kinds[function->args[i]].pass != ABI_CLASS_POINTER)
    return;
#define SETTLE(output, trap)                                                                                           \
  do {                                                                                                                 \
    if (went_well && (output).release == (trap))                                                                       \
      failed("%s returned SLUICE_OK and left its output %s as it was", told, function->arg_names[i]);                  \
    if ((output).release && (output).release != (trap))                                                                \
      (output).release(&(output));                                                                                     \
  } while (0)
  switch (function->args[i]) {
  case ABI_TEXT_OUT:
    SETTLE(argument->place.text.text, trap_text);
    break;
  case ABI_FLOATS_OUT:
    SETTLE(argument->place.floats.floats, trap_floats);
    break;
  case ABI_ERROR_OUT:
    if (argument->place.error.error.release && argument->place.error.error.release != trap_error)
      argument->place.error.error.release(&argument->place.error.error);
    break;
  case ABI_ARROW_SCHEMA_OUT:
    SETTLE(argument->place.schema, trap_schema);
    break;
  case ABI_ARROW_STREAM_OUT:
    SETTLE(argument->place.stream, trap_stream);
    break;
  case ABI_ARROW_ARRAY_MOVE:
    sluice_kit_array_release(&argument->place.array);
    break;
  case ABI_INSTANCE_OUT:
    if (went_well && argument->place.instance)
      plugin.table.destroy(argument->place.instance);
    break;
  default:
    break;
  }
#undef SETTLE
}

/* The arguments are set. */
static void call(const struct abi_function *function) {
  int wrong = 0;
  for (int i = 0; i < function->n_args; i++)
    wrong |= is_wrong(function, i);
  tell(function);
  uint64_t result = invoke(function);
  sluice_status status = (sluice_status)(uint32_t)result;
  if (wrong) {
    if (function->returns_status && status != SLUICE_DETERMINISTIC_FAILURE)
      failed("%s returned %s and must refuse with SLUICE_DETERMINISTIC_FAILURE", told, status_name(status));
    if (function->returns == ABI_CLASS_POINTER && result != 0)
      failed("%s returned a table and must return NULL", told);
    for (int i = 0; i < function->n_args; i++)
      require_untouched(function, i);
  }
  for (int i = 0; i < function->n_args; i++)
    settle(function, i, function->returns_status && status == SLUICE_OK && !wrong);
}

/* --- all calls ------------------------------------------------------------------------------------------------------ */

static int is_ours(const struct abi_function *function) {
  static const int tables[] = {[SLUICE_KIND_PROVIDER] = ABI_TABLE_PROVIDER_OPS,
                               [SLUICE_KIND_CONNECTOR] = ABI_TABLE_CONNECTOR_OPS,
                               [SLUICE_KIND_CHECK] = ABI_TABLE_CHECK_OPS};
  if (function->table_id != ABI_TABLE_PLUGIN && function->table_id != tables[plugin.table.kind])
    return 0;
  if (!pointer_of(function)) {
    if (!function->optional)
      failed("%s.%s is NULL and is not optional", function->table, function->name);
    return 0;
  }
  return 1;
}

/* An instance is destroyed once, and what cancel does to it is cancel_race's: only its absence is tried on the two. */
static void keep_instance(const struct abi_function *function) {
  if (strcmp(function->name, "destroy") == 0 || strcmp(function->name, "cancel") == 0)
    set(function, 0, NONE);
}

static int each_alone(void) {
  int calls = 0;
  for (int f = 0; f < ABI_FUNCTIONS; f++) {
    const struct abi_function *function = &abi_functions[f];
    if (!is_ours(function))
      continue;
    for (int i = 0; i < function->n_args; i++) {
      for (const int *wrong = choices[function->args[i]].wrong; *wrong >= 0; wrong++) {
        for (int j = 0; j < function->n_args; j++)
          set(function, j, j == i ? (enum choice)*wrong : RIGHT);
        call(function);
        calls++;
        if (!function->returns_status)
          continue;
        for (int j = 0; j < function->n_args; j++) /* and without a place to say why */
          set(function, j, j == i ? (enum choice)*wrong : function->args[j] == ABI_ERROR_OUT ? NONE : RIGHT);
        call(function);
        calls++;
      }
    }
  }
  return calls;
}

static void at_random(void) {
  const struct abi_function *function;
  do
    function = &abi_functions[pick(ABI_FUNCTIONS)];
  while (!is_ours(function));
  for (int i = 0; i < function->n_args; i++) {
    const int *list = choices[function->args[i]].good;
    if (pick(4) == 0 && choices[function->args[i]].wrong[0] >= 0)
      list = choices[function->args[i]].wrong;
    int n = 0;
    while (list[n] >= 0)
      n++;
    set(function, i, (enum choice)list[pick(3) ? 0 : pick((uint64_t)n)]);
  }
  keep_instance(function);
  call(function);
}

static void fuzz_arguments(void) {
  chance = task.seed ^ UINT64_C(0x5eed);
  load_plugin();
  require_use();
  forbidden = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  filler = malloc(LONG_TEXT);
  if (forbidden == MAP_FAILED || !filler)
    out_of_memory();
  uint64_t undisturbed = steady_use();
  session_begin(&used);
  for (int i = 0; i < 3; i++) /* a check has begun and seen rows */
    session_step(&used);
  int calls = each_alone();
  session_run(&used);
  if (differs(used.digest, undisturbed))
    failed("after calls that were refused the plugin answers otherwise than without them");
  session_reset(&used);
  session_step(&used);
  for (; calls < CALLS; calls++)
    at_random();
  session_reset(&used);
  used.digest = 0;
  session_run(&used);
  session_end(&used);
  if (differs(used.digest, undisturbed))
    failed("after many calls, right and wrong, the plugin answers otherwise than before");
}

const struct check argument_checks[] = {{"arguments", fuzz_arguments, 0}, {NULL, NULL, 0}};
