/* Loading the plugin, and the checks of how its entry point meets a host: older, newer, with short and long structs. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "prober.h"

struct plugin plugin;

sluice_plugin_entry_fn open_plugin(void) {
  sluice_plugin_entry_fn entry;
  note("dlopen");
  const char *fault = plugin_open(&entry);
  if (fault)
    failed("%s", fault);
  return entry;
}

const char *take_table(const sluice_plugin *returned) { return plugin_check(&plugin, returned, &task.identity); }

static const sluice_plugin *enter(sluice_plugin_entry_fn entry, const sluice_host_info *info) {
  note("sluice_plugin_entry");
  return entry(info);
}

void load_plugin(void) {
  static sluice_host_info info;
  info = host_info();
  const char *fault = take_table(enter(open_plugin(), &info));
  if (fault)
    failed("%s", fault);
}

/* `size` bytes that end where nothing may be read any more; the rest of `from` is left out, zeros make up for what it
 * lacks. Stays for ever. */
static void *at_edge(const void *from, size_t known, size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page + page;
  uint8_t *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + whole - page, page, PROT_NONE) != 0)
    out_of_memory();
  uint8_t *place = memory + whole - page - size;
  memset(place, 0, size);
  memcpy(place, from, known < size ? known : size);
  return place;
}

/* A host whose two structs say and have these sizes. What goes beyond the known part is not zero. */
static const sluice_host_info *sized_host(uint32_t info_size, uint32_t host_size, uint32_t major, uint32_t minor) {
  sluice_host_info info = host_info();
  sluice_host *host = at_edge(info.host, sizeof *info.host, (host_size + 7) / 8 * 8);
  if (host_size > sizeof *host)
    memset((uint8_t *)host + sizeof *host, 0xA5, host_size - sizeof *host);
  host->struct_size = host_size;
  info.host = host;
  info.struct_size = info_size;
  info.abi_major = major;
  info.abi_minor = minor;
  sluice_host_info *placed = at_edge(&info, sizeof info, (info_size + 7) / 8 * 8);
  if (info_size > sizeof info)
    memset((uint8_t *)placed + sizeof info, 0xA5, info_size - sizeof info);
  return placed;
}

static void use_with(const sluice_host_info *info, const char *host) {
  const sluice_plugin *table = enter(open_plugin(), info);
  if (!table)
    failed("the entry point returned NULL to %s", host);
  const char *fault = take_table(table);
  if (fault)
    failed("for %s: %s", host, fault);
  require_use();
  whole_use();
}

static void older_host(void) {
  uint32_t minor = SLUICE_ABI_MINOR > 0 ? SLUICE_ABI_MINOR - 1 : 0;
  use_with(sized_host(SLUICE_HOST_INFO_SIZE_V1, SLUICE_HOST_SIZE_V1, SLUICE_ABI_MAJOR, minor),
           "a host of an older minor version");
}

static void newer_host(void) {
  sluice_plugin_entry_fn entry = open_plugin();
  const uint32_t info = sizeof(sluice_host_info), host = sizeof(sluice_host);
  if (enter(entry, sized_host(info, host, SLUICE_ABI_MAJOR + 1, 0)))
    failed("the entry point accepts a host of the next major version");
  use_with(sized_host(info, host, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR + 7), "a host of a later minor version");
}

static void short_struct(void) {
  static const struct {
    uint32_t info, host;
    const char *what;
  } hosts[] = {
      {SLUICE_HOST_INFO_SIZE_V1 - 1, SLUICE_HOST_SIZE_V1, "a sluice_host_info one byte too short"},
      {8, SLUICE_HOST_SIZE_V1, "a sluice_host_info of 8 bytes"},
      {SLUICE_HOST_INFO_SIZE_V1, SLUICE_HOST_SIZE_V1 - 1, "a sluice_host one byte too short"},
      {SLUICE_HOST_INFO_SIZE_V1, 4, "a sluice_host of 4 bytes"},
  };
  sluice_plugin_entry_fn entry = open_plugin();
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    if (enter(entry, sized_host(hosts[i].info, hosts[i].host, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR)))
      failed("the entry point accepts %s", hosts[i].what);
  }
  note("sluice_plugin_entry(NULL)");
  if (entry(NULL))
    failed("the entry point accepts no sluice_host_info at all");
  sluice_host_info info = host_info();
  info.host = NULL;
  if (enter(entry, &info))
    failed("the entry point accepts a sluice_host_info without a sluice_host");
  use_with(sized_host(SLUICE_HOST_INFO_SIZE_V1, SLUICE_HOST_SIZE_V1, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR),
           "a host whose structs have the sizes of version 1");
}

static void oversized_struct(void) {
  style.beyond = BEYOND;
  use_with(sized_host(sizeof(sluice_host_info) + BEYOND, sizeof(sluice_host) + BEYOND, SLUICE_ABI_MAJOR,
                      SLUICE_ABI_MINOR),
           "a host whose structs are longer than known");
}

/* A second call of the entry point is a host's mistake: it gives NULL or the same plugin, and breaks nothing. */
static void double_init(void) {
  static sluice_host_info info, again;
  struct session first;
  sluice_plugin_entry_fn entry = open_plugin();
  info = host_info();
  const char *fault = take_table(enter(entry, &info));
  if (fault)
    failed("%s", fault);
  session_begin(&first);
  struct plugin kept = plugin;
  again = host_info();
  const sluice_plugin *second = enter(entry, &again);
  if (second) {
    fault = take_table(second);
    if (fault)
      failed("the entry point's second answer: %s", fault);
  }
  require_use();
  if (second)
    whole_use();
  plugin = kept;
  session_run(&first);
  session_end(&first);
}

static void describe_time(void) {
  int64_t best = INT64_MAX;
  load_plugin();
  for (int i = 0; i < 3; i++) {
    struct text_slot slot;
    text_slot_begin(&slot);
    struct error_slot *error = call_begin(NULL, "describe");
    int64_t began = now_ns();
    sluice_status status = plugin.table.describe(&slot.text, &error->error);
    int64_t took = now_ns() - began;
    call_end(NULL, "describe", status);
    text_slot_end(&slot, "the text of describe", NULL);
    if (took < best)
      best = took;
  }
  if (best > 100000000)
    failed("describe took longer than 100 ms in each of three calls");
}

const struct check load_checks[] = {
    {"older_host", older_host, 0},     {"newer_host", newer_host, 0},   {"short_struct", short_struct, 0},
    {"oversized_struct", oversized_struct, 0}, {"double_init", double_init, 0}, {"describe_time", describe_time, 0},
    {NULL, NULL, 0},
};
