/* sluice-prober: one check of the conformance suite on one plugin.
 *
 *   sluice-prober HIGHEST_DESCRIPTOR [what sluice-runner takes]… --check NAME --kind N --id ID --version VERSION
 *                 [--seed N] [--config JSON] [--stream DESCRIPTOR]… [--resource NAME=DESCRIPTOR]… [--extension ID]…
 *                 [--http yes] [--http-answer STATUS:DESCRIPTOR:PATH]… [--call embed|health|infer] [--model NAME]
 *                 [--infer-request JSON] [--minimum BITS] [--limit-memory BYTES] [--limit-threads N]
 *                 [--limit-descriptors N] [--limit-cpu SECONDS] [--limit-wall MILLISECONDS] --nonce HEX
 *
 * It enters the runner's sandbox by the runner's own code before any of the plugin's runs. A thread of its own, with the
 * stack that the ABI promises, loads the plugin and makes every call but `cancel`; the main thread watches. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "prober.h"
#include "wire.h"
#include "worker.h"

struct task task;

static struct sandbox_options options;
static struct sandbox_report report;
static const struct check *check;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t settled = PTHREAD_COND_INITIALIZER;
static int listener = -1;
static int is_settled, is_ready;

static int take_number(const char *text, uint64_t most, uint64_t *value) {
  return options_number(text, most, value) ? OPTION_TAKEN : OPTION_WRONG;
}

static int take_descriptor(const char *text, int *fd) {
  uint64_t value = 0;
  if (!options_number(text, 1023, &value) || value <= PLUGIN_DESCRIPTOR)
    return OPTION_WRONG;
  *fd = (int)value;
  return OPTION_TAKEN;
}

static int take_resource(const char *text) {
  const char *equals = strrchr(text, '=');
  if (!equals || equals == text || task.n_resources == MOST_RESOURCES)
    return OPTION_WRONG;
  task.resources[task.n_resources].name = text;
  task.resources[task.n_resources].name_size = (size_t)(equals - text);
  return take_descriptor(equals + 1, &task.resources[task.n_resources++].fd);
}

/* STATUS:DESCRIPTOR:PATH */
static int take_answer(const char *text) {
  int status = 0, fd = 0, at = 0;
  if (task.n_answers == MOST_ANSWERS || sscanf(text, "%3d:%4d:%n", &status, &fd, &at) != 2 || at == 0 || status < 200 ||
      fd <= PLUGIN_DESCRIPTOR)
    return OPTION_WRONG;
  task.answers[task.n_answers].status = status;
  task.answers[task.n_answers].fd = fd;
  task.answers[task.n_answers++].path = text + at;
  return OPTION_TAKEN;
}

/* The copy on the command line goes: it would be the first place to look. */
static int take_nonce(char *text) {
  size_t size = strlen(text);
  if (size < 16 || size >= sizeof task.nonce || strspn(text, "0123456789abcdef") != size)
    return OPTION_WRONG;
  memcpy(task.nonce, text, size);
  memset(text, '0', size);
  return OPTION_TAKEN;
}

static int other_option(const char *name, const char *text) {
  const struct {
    const char *name;
    uint64_t *value;
  } numbers[] = {
      {"--seed", &task.seed},
      {"--minimum", &task.minimum},
      {"--limit-memory", &task.limits.memory_bytes},
      {"--limit-threads", &task.limits.threads},
      {"--limit-descriptors", &task.limits.descriptors},
      {"--limit-cpu", &task.limits.cpu_seconds},
      {"--limit-wall", &task.limits.wall_ms},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (strcmp(name, numbers[i].name) == 0)
      return take_number(text, UINT64_MAX, numbers[i].value);
  uint64_t value = 0;
  if (strcmp(name, "--check") == 0) {
    task.check = text;
  } else if (strcmp(name, "--nonce") == 0) {
    return take_nonce((char *)(uintptr_t)text);
  } else if (strcmp(name, "--kind") == 0) {
    if (!options_number(text, SLUICE_KIND_CHECK, &value) || value == 0)
      return OPTION_WRONG;
    task.identity.kind = (sluice_kind)value;
  } else if (strcmp(name, "--id") == 0) {
    task.identity.id = sluice_kit_str(text);
  } else if (strcmp(name, "--version") == 0) {
    task.identity.version = sluice_kit_str(text);
  } else if (strcmp(name, "--config") == 0) {
    task.config = sluice_kit_str(text);
  } else if (strcmp(name, "--stream") == 0) {
    return task.n_streams < MOST_STREAMS ? take_descriptor(text, &task.streams[task.n_streams++]) : OPTION_WRONG;
  } else if (strcmp(name, "--resource") == 0) {
    return take_resource(text);
  } else if (strcmp(name, "--extension") == 0) {
    if (task.n_extensions == MOST_EXTENSIONS)
      return OPTION_WRONG;
    task.extensions[task.n_extensions++] = text;
  } else if (strcmp(name, "--http") == 0) {
    task.offers_http = 1;
  } else if (strcmp(name, "--http-answer") == 0) {
    return take_answer(text);
  } else if (strcmp(name, "--call") == 0) {
    task.provider_call = text;
  } else if (strcmp(name, "--model") == 0) {
    task.model = text;
  } else if (strcmp(name, "--infer-request") == 0) {
    task.infer_request = text;
  } else {
    return OPTION_UNKNOWN;
  }
  return OPTION_TAKEN;
}

static const struct check *find_check(const char *name) {
  const struct check *const groups[] = {load_checks,   life_checks,     output_checks,
                                        thread_checks, argument_checks, denial_checks};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    for (const struct check *one = groups[i]; one->name; one++)
      if (strcmp(one->name, name) == 0)
        return one;
  return NULL;
}

static int usage(const char *what) {
  fprintf(stderr,
          "sluice-prober: %s\n"
          "It is started by `sluice plugin conformance`, which passes the descriptors and the arguments.\n",
          what);
  return WIRE_EXIT_USAGE;
}

/* Nothing foreign is loaded while a layer that the host asks for is missing. */
static void require_layers(void) {
  static const char *const names[SANDBOX_LAYERS] = {"seccomp",      "landlock",  "rlimits",    "no_new_privs",
                                                    "unprivileged", "pdeathsig", "namespaces", "private_root"};
  for (unsigned layer = 0; layer < SANDBOX_LAYERS; layer++)
    if ((task.minimum >> layer & 1) && !(report.layers >> layer & 1))
      skipped("the sandbox layer %s, which the policy demands, is not in force", names[layer]);
}

static void settle(int found) {
  pthread_mutex_lock(&lock);
  listener = found;
  is_settled = 1;
  pthread_cond_broadcast(&settled);
  pthread_mutex_unlock(&lock);
}

/* Nothing foreign is loaded before the main thread is filtered too. */
static void await_reader(void) {
  pthread_mutex_lock(&lock);
  while (!is_ready)
    pthread_cond_wait(&settled, &lock);
  pthread_mutex_unlock(&lock);
}

static void *work(void *nothing) {
  (void)nothing;
  int found = -1;
  if (check->counts_denials) {
    int error = syscall_filter_watch(&options, &found);
    if (error)
      skipped("this kernel hands no system calls over (seccomp user notification): %s", strerror(error));
    report.layers |= UINT64_C(1) << WIRE_LAYER_SECCOMP;
  }
  require_layers();
  settle(found);
  if (found >= 0)
    await_reader();
  check->run();
  passed();
}

static void start_worker(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (pthread_create(&thread, &attributes, work, NULL) != 0)
    _exit(WIRE_EXIT_MEMORY);
  pthread_attr_destroy(&attributes);
}

/* A program begins with the peak of memory of the process that started it; a child of its own begins anew. The parent
 * holds no descriptor and ends as the child does. */
static void begin_anew(void) {
  pid_t host = getppid(), self = getpid(), child = fork();
  int status = 0;
  if (child < 0)
    _exit(WIRE_EXIT_MEMORY);
  if (child == 0) {
    if (options.parent == host)
      options.parent = self;
    return;
  }
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no core of it */
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != host) {
    kill(child, SIGKILL);
    _exit(WIRE_EXIT_ORPHAN);
  }
  for (int fd = 0; fd <= options.highest_descriptor; fd++)
    close(fd);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      _exit(WIRE_EXIT_MEMORY);
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    kill(getpid(), WTERMSIG(status));
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : WIRE_EXIT_MEMORY);
}

int main(int argc, char **argv) {
  task.config = sluice_kit_str("{}");
  const char *wrong = options_parse(argc, argv, &options, other_option);
  if (wrong)
    return usage(wrong);
  if (!task.check || !(check = find_check(task.check)))
    return usage("--check names none of the checks");
  if (!task.identity.kind || !task.identity.id.size || !task.identity.version.size)
    return usage("--kind, --id and --version say what the plugin must be");
  if (!task.nonce[0])
    return usage("--nonce is what the outcome must hold");
  setenv("SWIFT_BACKTRACE", "enable=no", 1);
  task.language = options.language;
  /* A plugin that makes forbidden calls is found by the checks of the sandbox, not by every other one too. */
  options.answers_denied = 1;
  options.leaves_filter = check->counts_denials;
  if (strcmp(check->name, "memory") == 0)
    begin_anew();
  sandbox_enter(&options, &report);
  options_settle(&options, &report);
  if (check->counts_denials)
    denials_prepare();
  start_worker();
  pthread_mutex_lock(&lock);
  while (!is_settled)
    pthread_cond_wait(&settled, &lock);
  pthread_mutex_unlock(&lock);
  if (listener < 0)
    watchdog_run();
  /* The plugin's threads are watched; this one is under the ordinary filter, like all threads of a runner. */
  if (syscall_filter_enter_reader(&options, listener) != 0)
    _exit(WIRE_EXIT_MEMORY);
  pthread_mutex_lock(&lock);
  is_ready = 1;
  pthread_cond_broadcast(&settled);
  pthread_mutex_unlock(&lock);
  denials_run(listener);
}
