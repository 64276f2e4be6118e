/* What a plugin's start cannot be below on this machine: a process is spawned, opens the library, finds its entry and
 * ends. No sandbox, nothing verified, no call.
 *
 *   bare_open LIBRARY COUNT    prints the median in milliseconds */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int order(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

int main(int argc, char **argv) {
  if (argc == 2) { /* the process that is spawned */
    void *library = dlopen(argv[1], RTLD_LAZY | RTLD_LOCAL);
    if (!library)
      fprintf(stderr, "%s\n", dlerror());
    return library && dlsym(library, "sluice_plugin_entry") ? 0 : 1;
  }
  int count = argc == 3 ? atoi(argv[2]) : 0;
  double *times = count > 0 ? calloc((size_t)count, sizeof *times) : NULL;
  if (!times)
    return 2;
  for (int i = -3; i < count; i++) { /* the first three warm the caches */
    char *arguments[] = {argv[0], argv[1], NULL};
    pid_t child;
    int status = 1;
    double begin = now();
    if (posix_spawn(&child, argv[0], NULL, NULL, arguments, environ) != 0 || waitpid(child, &status, 0) < 0 || status)
      return 1;
    if (i >= 0)
      times[i] = now() - begin;
  }
  qsort(times, (size_t)count, sizeof *times, order);
  printf("%.3f\n", times[count / 2]);
  free(times);
}
