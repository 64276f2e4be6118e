/* deny CALL=ERRNO... -- PROGRAM ARGUMENTS: runs a program under a filter that refuses some system calls, as containers
 * and old kernels do. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  int at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    char *equals = strchr(argv[at], '=');
    if (!equals)
      return 64;
    *equals = '\0';
    int call = strcmp(argv[at], "open_tree") == 0       ? 428
               : strcmp(argv[at], "mount_setattr") == 0 ? 442
                                                        : seccomp_syscall_resolve_name(argv[at]);
    if (call < 0 || seccomp_rule_add(filter, SCMP_ACT_ERRNO(atoi(equals + 1)), call, 0) != 0) {
      fprintf(stderr, "deny: %s\n", argv[at]);
      return 64;
    }
  }
  if (at + 1 >= argc || seccomp_load(filter) != 0)
    return 64;
  execv(argv[at + 1], argv + at + 1);
  perror(argv[at + 1]);
  return 127;
}
