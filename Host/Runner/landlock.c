/* Landlock by raw system calls: the C library of older distributions has no wrappers, and their headers know fewer
 * rights than the running kernel may. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define CREATE_VERSION UINT32_C(1)
#define RULE_PATH_BENEATH 1
#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_READ_FILE (UINT64_C(1) << 2)

struct ruleset_attr {
  uint64_t handled_access_fs;
  uint64_t handled_access_net; /* ABI 4 */
  uint64_t scoped;             /* ABI 6 */
};

struct path_beneath_attr {
  uint64_t allowed_access;
  int32_t parent_fd;
} __attribute__((packed));

static int create(const struct ruleset_attr *attr) {
  return (int)syscall(SYS_landlock_create_ruleset, attr, sizeof *attr, 0);
}

/* Every right of one field that the running kernel knows. Bits are given out without gaps, and an unknown one is
 * refused (EINVAL, or E2BIG where the whole field is unknown), so the kernel itself is the table; what it learns later
 * is denied from its first day. */
static int known_bits(size_t field_offset, uint64_t *known) {
  *known = 0;
  for (unsigned bit = 0; bit < 64; bit++) {
    struct ruleset_attr attr;
    memset(&attr, 0, sizeof attr);
    uint64_t one = UINT64_C(1) << bit;
    memcpy((char *)&attr + field_offset, &one, sizeof one);
    int fd = create(&attr);
    if (fd < 0) /* anything else, no free descriptor say, must not pass for a right that there is not */
      return errno == EINVAL || errno == E2BIG ? 0 : errno;
    close(fd);
    *known |= one;
  }
  return 0;
}

/* A path that does not exist, or that this user may not reach, needs no rule. */
static int allow(int ruleset, const char *path, uint64_t access) {
  int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : errno;
  struct path_beneath_attr attr = {access, fd};
  int error = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0) == 0 ? 0 : errno;
  close(fd);
  return error;
}

/* No rule opens any of /proc: beneath /proc/self lie the network's tables, the mounts and the control group too. What
 * libdispatch wants to know of its threads, process.c answers itself. */
int landlock_enter(const struct sandbox_options *options, int in_private_root) {
  static const char *const libraries[] = {"/lib", "/lib64", "/usr/lib"};
  if (syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION) < 0)
    return errno;
  struct ruleset_attr attr;
  int unknown = known_bits(offsetof(struct ruleset_attr, handled_access_fs), &attr.handled_access_fs);
  if (!unknown)
    unknown = known_bits(offsetof(struct ruleset_attr, handled_access_net), &attr.handled_access_net);
  if (!unknown)
    unknown = known_bits(offsetof(struct ruleset_attr, scoped), &attr.scoped);
  if (unknown)
    return unknown;
  int ruleset = create(&attr);
  if (ruleset < 0)
    return errno;
  if (in_private_root) {
    /* All that is in it may be read; the rights that are left out are those of writing, listing and connecting. */
    int error = allow(ruleset, "/", FS_READ_FILE | FS_EXECUTE);
    if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
      error = errno;
    close(ruleset);
    return error;
  }
  int error = 0;
  for (size_t i = 0; !error && i < sizeof libraries / sizeof *libraries; i++)
    error = allow(ruleset, libraries[i], FS_READ_FILE | FS_EXECUTE);
  for (size_t i = 0; !error && i < options->n_library_dirs; i++)
    error = allow(ruleset, options->library_dirs[i], FS_READ_FILE | FS_EXECUTE);
  if (!error)
    error = allow(ruleset, "/etc/ld.so.cache", FS_READ_FILE);
  if (!error)
    error = allow(ruleset, "/usr/share/zoneinfo", FS_READ_FILE);
  for (size_t i = 0; !error && i < options->n_readable; i++)
    error = allow(ruleset, options->readable[i], FS_READ_FILE);
  if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
    error = errno;
  close(ruleset);
  return error;
}
