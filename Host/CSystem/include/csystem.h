/* System calls that Swift's Glibc module does not show, because the C library declares them under _GNU_SOURCE only.
 * Each is the call itself: errno and return value are the kernel's. */
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stddef.h>

/* An anonymous file that may be sealed, close-on-exec. Not for execve, which machines with vm.memfd_noexec=2 demand; the
 * loader may map it. */
int csystem_memfd(const char *name);
/* No more growing, shrinking, writing or sealing: the bytes stay what they are. */
int csystem_seal(int descriptor);
/* A pipe, both ends close-on-exec from the start: no other thread's child can inherit one. */
int csystem_pipe(int ends[2]);
/* A counter to wait on: readable while it is not 0. Close-on-exec, never blocking; read takes and clears it. */
int csystem_event(void);
/* Where `needle` first is in `haystack`, or NULL. */
const void *csystem_find(const void *haystack, size_t size, const void *needle, size_t needle_size);

#endif
