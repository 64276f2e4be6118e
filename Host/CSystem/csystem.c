#define _GNU_SOURCE 1
#include "csystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

int csystem_memfd(const char *name) {
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  if (descriptor < 0 && errno == EINVAL) /* before Linux 6.3 */
    descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return descriptor;
}

int csystem_seal(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

int csystem_seal_region(int descriptor, int for_reading) {
  return fcntl(descriptor, F_ADD_SEALS,
               F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | (for_reading ? F_SEAL_FUTURE_WRITE : 0));
}

int csystem_exchange(const char *a, const char *b) {
  return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

void *csystem_map(int descriptor, size_t size, int writable) {
  void *memory = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED)
    return NULL;
  (void)madvise(memory, size, MADV_HUGEPAGE); /* fewer page faults where the machine offers it */
  return memory;
}

int csystem_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int csystem_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int csystem_bound_address_space(uint64_t bytes) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0) return -1;
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= bytes) return 0;
  limit.rlim_cur = bytes;
  return setrlimit(RLIMIT_AS, &limit);
}

int csystem_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

const void *csystem_find(const void *haystack, size_t size, const void *needle, size_t needle_size) {
  return memmem(haystack, size, needle, needle_size);
}
