/* System calls that Swift's Glibc module does not show, because the C library declares them under _GNU_SOURCE only.
 * Each is the call itself: errno and return value are the kernel's. */
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stddef.h>
#include <stdint.h>

/* An anonymous file that may be sealed, close-on-exec. Not for execve, which machines with vm.memfd_noexec=2 demand; the
 * loader may map it. */
int csystem_memfd(const char *name);
/* No more growing, shrinking, writing or sealing: the bytes stay what they are. */
int csystem_seal(int descriptor);
/* No more growing, shrinking or sealing. `for_reading`: nor writing, but by the mappings that there are already; EINVAL
 * before Linux 5.1. */
int csystem_seal_region(int descriptor, int for_reading);
/* Two paths of one file system change places in one step. 0, or -1 with errno; EINVAL where the file system cannot. */
int csystem_exchange(const char *a, const char *b);
/* The beginning of a file, shared with everybody who maps it; NULL when it cannot be. munmap() ends it. */
void *csystem_map(int descriptor, size_t size, int writable);
/* A pipe, both ends close-on-exec from the start: no other thread's child can inherit one. */
int csystem_pipe(int ends[2]);
/* A counter to wait on: readable while it is not 0. Close-on-exec, never blocking; read takes and clears it. */
int csystem_event(void);
/* The kernel kills this process when the thread that started it ends. 0, or -1 with errno. */
int csystem_die_with_parent(void);
/* Sets the soft limit of this process's address space (RLIMIT_AS) to so many bytes unless it is lower already; the hard
 * one stays. 0, or -1 with errno. */
int csystem_bound_address_space(uint64_t bytes);
/* Where `needle` first is in `haystack`, or NULL. */
const void *csystem_find(const void *haystack, size_t size, const void *needle, size_t needle_size);

#endif
