/* What every hostile fixture shares: its arguments, an honest report, and the table of a provider.
 *
 * A fixture tries one attack and says what came of it; the test looks for the same from outside. `infer` runs it with
 * the request as arguments, lines of `name=value`. Compiled with HOSTILE_ON_LOAD it runs in a constructor instead, with
 * the arguments from the environment, and `infer` tells what came of that.
 *
 * The report is `open` or `stopped`, a line end, and the evidence in hexadecimal digits or the step that failed. */
#ifndef SLUICE_HOSTILE_H
#define SLUICE_HOSTILE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fixture.h"

#define HOSTILE_UNUSED FIXTURE_UNUSED

static char hostile_arguments[4096];
static char hostile_answer[16384] = "stopped\nnothing was tried";
static const sluice_host *hostile_host;
static sluice_handle hostile_context;

/* The value of an argument, or "" when there is none. */
HOSTILE_UNUSED static const char *hostile_text(const char *name) {
  static char values[8][1024];
  static unsigned next;
  char *value = values[next++ % 8];
  size_t size = strlen(name);
  value[0] = '\0';
  for (const char *line = hostile_arguments; *line; line += strcspn(line, "\n"), line += *line == '\n')
    if (strncmp(line, name, size) == 0 && line[size] == '=') {
      size_t length = strcspn(line + size + 1, "\n");
      if (length > sizeof values[0] - 1)
        length = sizeof values[0] - 1;
      memcpy(value, line + size + 1, length);
      value[length] = '\0';
      break;
    }
  return value;
}

HOSTILE_UNUSED static uint64_t hostile_number(const char *name) { return strtoull(hostile_text(name), NULL, 0); }

HOSTILE_UNUSED static void hostile_succeeded(const void *evidence, size_t size) {
  static const char digits[] = "0123456789abcdef";
  char *at = hostile_answer + sprintf(hostile_answer, "open\n");
  for (size_t i = 0; i < size && i < 4096; i++) {
    *at++ = digits[((const uint8_t *)evidence)[i] >> 4];
    *at++ = digits[((const uint8_t *)evidence)[i] & 15];
  }
  *at = '\0';
}

/* With a number for evidence. */
HOSTILE_UNUSED static void hostile_succeeded_with(uint64_t number) {
  char text[32];
  hostile_succeeded(text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)number));
}

/* The step that failed, with errno. */
HOSTILE_UNUSED static void hostile_failed(const char *step) {
  snprintf(hostile_answer, sizeof hostile_answer, "stopped\n%s: errno %d", step, errno);
}

/* Runs `body` in a child process and takes over the report that it writes. */
HOSTILE_UNUSED static void hostile_in_child(void (*body)(void)) {
  int ends[2];
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
    body();
    size_t size = strlen(hostile_answer);
    _exit(write(ends[1], hostile_answer, size) == (ssize_t)size ? 0 : 1);
  }
  close(ends[1]);
  size_t got = 0;
  ssize_t n;
  const size_t room = sizeof hostile_answer - 1;
  while (got < room && (n = read(ends[0], hostile_answer + got, room - got)) > 0)
    got += (size_t)n;
  hostile_answer[got] = '\0';
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (got == 0)
    snprintf(hostile_answer, sizeof hostile_answer, "stopped\nthe child ended with status %d", status);
}

static void hostile_attack(void);

#ifdef HOSTILE_ON_LOAD
__attribute__((constructor)) static void hostile_on_load(void) {
  const char *arguments = getenv("HOSTILE");
  snprintf(hostile_arguments, sizeof hostile_arguments, "%s", arguments ? arguments : "");
  hostile_attack();
}
#endif

static sluice_status hostile_describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"means harm\"}");
}

static sluice_status hostile_create(sluice_str config, sluice_handle context, sluice_instance **out,
                                    sluice_error *error) {
  hostile_context = context;
  return fixture_create(config, context, out, error);
}

#ifndef HOSTILE_DESTROY
#define HOSTILE_DESTROY fixture_destroy
#endif
#ifndef HOSTILE_ANSWER
#define HOSTILE_ANSWER(out) fixture_text(out, hostile_answer)
#endif

static sluice_status hostile_infer(sluice_instance *instance, sluice_str request, sluice_text *out,
                                   sluice_error *error) {
  (void)instance, (void)error;
#ifdef HOSTILE_ON_LOAD
  (void)request;
#else
  size_t size = request.size < sizeof hostile_arguments - 1 ? request.size : sizeof hostile_arguments - 1;
  memcpy(hostile_arguments, request.data, size);
  hostile_arguments[size] = '\0';
  hostile_attack();
#endif
  return HOSTILE_ANSWER(out);
}

/* The rest of a plugin, at the end of its file. */
#define HOSTILE_PLUGIN                                                                                                 \
  static const sluice_provider_ops hostile_ops = {sizeof hostile_ops, 0, hostile_infer, NULL, NULL, NULL, NULL, NULL}; \
  static const sluice_plugin hostile_plugin = {                                                                        \
      sizeof(sluice_plugin), SLUICE_ABI_MAJOR,       SLUICE_ABI_MINOR, SLUICE_KIND_PROVIDER,                           \
      FIXTURE_STR("hostile"), FIXTURE_STR("1.0.0"), hostile_describe, hostile_create,                                 \
      HOSTILE_DESTROY,       fixture_cancel,         &hostile_ops,     NULL,                                           \
  };                                                                                                                   \
  const sluice_plugin *sluice_plugin_entry(const sluice_host_info *info) {                                            \
    hostile_host = info->host;                                                                                         \
    return &hostile_plugin;                                                                                            \
  }

#endif
