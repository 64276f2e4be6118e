/* Makes a map of the kernel's virtual machine, the first step to a program in it. */
#include "hostile.h"

#include <linux/bpf.h>

static void hostile_attack(void) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 8;
  attributes.max_entries = 1;
  long fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
  if (fd < 0)
    hostile_failed("bpf");
  else
    hostile_succeeded_with((uint64_t)fd);
}

HOSTILE_PLUGIN
