/* Starts a program in a child process, with up to two arguments, its output on standard error. */
#include "hostile.h"

static void hostile_attack(void) {
  int ends[2], failed = 0, status = 0;
  char *program = strdup(hostile_text("program")), *first = strdup(hostile_text("first")),
       *second = strdup(hostile_text("second"));
  char *const arguments[] = {program, *first ? first : NULL, *second ? second : NULL, NULL};
  char *const environment[] = {NULL};
  if (pipe2(ends, O_CLOEXEC) != 0) {
    hostile_failed("pipe2");
    return;
  }
  pid_t child = fork();
  if (child < 0) {
    hostile_failed("fork");
    return;
  }
  if (child == 0) {
    alarm(5);
    dup2(2, 1);
    execve(program, arguments, environment);
    failed = errno;
    _exit(write(ends[1], &failed, sizeof failed) == sizeof failed ? 126 : 125);
  }
  close(ends[1]);
  ssize_t got = read(ends[0], &failed, sizeof failed); /* nothing, when the program has begun */
  waitpid(child, &status, 0);
  errno = failed;
  if (got == sizeof failed)
    hostile_failed("execve");
  else
    hostile_succeeded_with((uint64_t)status);
}

HOSTILE_PLUGIN
