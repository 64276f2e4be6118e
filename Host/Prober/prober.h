/* sluice-prober: enters the runner's sandbox, loads one plugin, and makes one check of the conformance suite by calling
 * the plugin's tables itself. docs/conformance.md says what each check means.
 *
 * On the socket (descriptor 3) it writes lines: `>NAME` before a call into the plugin, so that the host can name the call
 * in which the process died, and at the end one JSON object {"status":…,"detail":…,"nonce":…}, whose nonce is the host's:
 * a plugin that writes there by itself does not know it, unless it searches the memory. Details hold nothing that changes
 * from run to run with one seed: no address, no time, no process id, no path. Nothing of the plugin's own text is in
 * them. */
#ifndef PROBER_H
#define PROBER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"
#include "sluice/sluice.h"
#include "sluice_kit.h"

#define PRINTF(at, first) __attribute__((format(printf, at, first)))

/* --- the command line (main.c) -------------------------------------------------------------------------------------- */

#define MOST_STREAMS 16
#define MOST_RESOURCES 32 /* as many as a manifest may name */
#define MOST_EXTENSIONS 64
#define MOST_ANSWERS 16 /* as many as quirks may state */

struct task {
  const char *check;
  uint64_t seed;
  struct plugin_identity identity;
  const struct call_language *language;
  sluice_str config;
  int streams[MOST_STREAMS];
  uint32_t n_streams;
  struct {
    const char *name; /* up to the '=' */
    size_t name_size;
    int fd;
  } resources[MOST_RESOURCES];
  uint32_t n_resources;
  const char *extensions[MOST_EXTENSIONS];
  uint32_t n_extensions;
  int offers_http;
  struct {
    const char *path; /* the beginning of the request's */
    int status, fd;   /* the file holds the body */
  } answers[MOST_ANSWERS]; /* the first that fits is given; without any, every answer is 200 and `{}` */
  uint32_t n_answers;
  const char *provider_call; /* the call that the answers are made for; NULL: all */
  const char *model;         /* NULL: the plugin's own choice */
  const char *infer_request; /* NULL: a plain one */
  char nonce[65];            /* stands in every outcome; wiped from the command line */
  uint64_t minimum;   /* bits of the layers without which nothing is loaded */
  struct {
    uint64_t memory_bytes, threads, descriptors, cpu_seconds, wall_ms;
  } limits;
};

extern struct task task;

/* --- outcomes (report.c) -------------------------------------------------------------------------------------------- */

/* Each writes the outcome and ends the process. Any thread; the first one wins. */
_Noreturn void passed(void); /* Warning, when there is a caveat */
_Noreturn void failed(const char *format, ...) PRINTF(1, 2);
_Noreturn void skipped(const char *format, ...) PRINTF(1, 2);

/* What a check that passes could not look at, each once: static text. Call thread. */
void caveat(const char *text);

/* Before a call into the plugin. */
void note(const char *format, ...) PRINTF(1, 2);
/* The last note; empty before the first. Call thread. */
const char *noted(void);

/* SLUICE_TIMEOUT and its like; a number for what is none. Static or valid until the next call. */
const char *status_name(sluice_status status);

/* End with `message` as Failed unless `watchdog_stop` comes within so many milliseconds. One at a time. */
void watchdog_start(uint64_t milliseconds, const char *message);
void watchdog_stop(void);
/* main thread: for ever. */
_Noreturn void watchdog_run(void);

int64_t now_ns(void);

/* --- the host side (host.c) ----------------------------------------------------------------------------------- */

/* A new context, as create gets it. Index in the low half, generation in the high half. */
sluice_handle context_open(void);
/* From now on every service call with it is a fault, which is remembered. */
void context_close(sluice_handle context);
/* A call to its instance begins; and is cancelled. */
void context_begin_call(sluice_handle context);
void context_cancel(sluice_handle context);
/* Whether the running call asked for `http`. */
int context_http(sluice_handle context);

/* The service that was called with a context which was closed or never given out; NULL: none. */
const char *stale_service(void);
/* While not 0, a service call with another context is remembered in foreign_service. */
void expect_context(sluice_handle context);
const char *foreign_service(void);

/* The table that the plugin's kind gets, and the host's introduction with it. */
const sluice_host *host_table(void);
sluice_host_info host_info(void);

/* --- the plugin (load.c) -------------------------------------------------------------------------------------------- */

extern struct plugin plugin;

/* dlopen. Ends with Failed when it cannot be loaded. */
sluice_plugin_entry_fn open_plugin(void);
/* Take what the entry point returned into `plugin`; NULL or a sentence of what is wrong. */
const char *take_table(const sluice_plugin *returned);
/* All of it, as a host does. */
void load_plugin(void);

/* --- calls (calls.c) ------------------------------------------------------------------------------------------------ */

#define BEYOND 64 /* bytes behind an oversized output */

/* How calls are made; zero is the ordinary way. */
struct style {
  int guards_inputs;   /* borrowed inputs cannot be touched once the call has returned */
  int moves_outputs;   /* outputs are moved elsewhere before they are used and released */
  int checks_releases; /* a release must be there and set itself to NULL */
  uint32_t beyond;     /* outputs are so many bytes longer than known, at most BEYOND */
  int may_stop;        /* SLUICE_TIMEOUT is an answer: the drive ends early */
  const char *setting; /* for the detail of a call that fails; NULL: "in ordinary use" */
};

extern struct style style;

struct timing {
  int64_t longest_ns;
  char longest[64];
};
extern struct timing timing;

/* Input memory for one call. */
sluice_str input_text(const void *data, uint64_t size);
void *input_copy(const void *data, size_t size);
/* The call has returned. */
void inputs_end(void);

struct text_slot {
  sluice_text text;
  uint8_t beyond[BEYOND];
};
struct floats_slot {
  sluice_floats floats;
  uint8_t beyond[BEYOND];
};
struct error_slot {
  sluice_error error;
  uint8_t beyond[BEYOND];
};

void text_slot_begin(struct text_slot *slot);
void floats_slot_begin(struct floats_slot *slot);
void error_slot_begin(struct error_slot *slot);

/* After a call that filled it. `what` names it in a detail. Ends with Failed when a rule of outputs is broken. */
void text_slot_end(struct text_slot *slot, const char *what, uint64_t *digest);
void floats_slot_end(struct floats_slot *slot, const char *what, uint64_t *digest);
void error_slot_end(struct error_slot *slot, const char *what);
void schema_end(struct ArrowSchema *schema, const char *what, uint64_t *digest);

void digest_add(uint64_t *digest, const void *data, uint64_t size);

/* --- the ordinary use (drive.c) ------------------------------------------------------------------------------------- */

/* One instance and how far its use has come. */
struct session {
  sluice_instance *instance;
  sluice_handle context;
  uint64_t digest; /* over everything that it answered */
  int step;
  int stopped; /* a call answered SLUICE_TIMEOUT, which `style.may_stop` allows */
  /* checks */
  struct ArrowSchema schema;
  char *params;
  struct text_slot state;
  /* connectors */
  char *tables[4];
  int n_tables;
  char *splits[8];
  int n_splits;
  char *column;
  struct ArrowArrayStream stream;
  int pulled;
};

/* When the plugin's ordinary use needs what is not here (a source), sessions take no step, and it is a caveat. */
void require_use(void);
/* The verdict when no instance can be made because of that; NULL: Skipped. */
extern void (*judge_without_instance)(void);
/* Make an instance, ending with Failed when create does. */
void session_begin(struct session *session);
/* One call or a few; 0 when there is nothing left to do. Ends with Failed when a call of ordinary use fails. */
int session_step(struct session *session);
int step_connector(struct session *session); /* drive_connector.c */
int step_provider(struct session *session);  /* drive_provider.c */
/* All steps that are left. */
void session_run(struct session *session);
/* Let go of what was not used to its end, so that the steps may begin anew. */
void session_reset(struct session *session);
void session_end(struct session *session);
/* Ends with Failed when a check still holds a batch. With no instance. */
void require_batches_back(void);
/* begin, run, end; the digest of what was answered. */
uint64_t whole_use(void);
/* What two instances one after the other both answer; 0 and a caveat when they differ, as those of a model may: whether
 * equal input must give equal answers is for other checks to say. */
uint64_t steady_use(void);
/* 1 when `digest` is another one than a steady use gave. */
int differs(uint64_t digest, uint64_t steady);

/* Around every call: a note, the canceller's mark, the error. */
struct error_slot *call_begin(struct session *session, const char *function);
/* 1 when the call went well; 0 when it stopped as style.may_stop allows. Everything else ends with Failed. */
int call_end(struct session *session, const char *function, sluice_status status);
/* The same for a call that may be refused, and was: its inputs and its error are looked at. */
void call_refused(const char *function, sluice_status status);
/* Before a check passes: a caveat when no call that asked for `http` went well. */
void calls_caveat(void);
/* A call that takes nothing and gives a text; 1 when `slot` was filled. */
typedef sluice_status (*plain_call)(sluice_instance *instance, sluice_text *out, sluice_error *error);
int call_plain(struct session *session, const char *function, plain_call call, struct text_slot *slot);
/* How many calls were begun. Any thread. */
uint64_t calls_begun(void);

/* --- samples (sample.c) --------------------------------------------------------------------------------------------- */

struct wants {
  int reads_text;
  int key_alone;
  int key, shape, length, valid, bloom;
};

/* What `declare` asked for; 0 when it is no such JSON. */
int sample_wants(sluice_str declared, struct wants *wants);
/* The schema of masked batches with these companions. */
void sample_schema(const struct wants *wants, struct ArrowSchema *out);
/* `params_json` for it; malloc'ed. */
char *sample_params(const struct wants *wants);
/* A batch whose ordinals begin at `first`. Made of kit parts; the caller owns it. */
void sample_batch(const struct ArrowSchema *schema, int64_t first, int64_t rows, uint64_t seed, struct ArrowArray *out);

uint64_t random_next(uint64_t *state);
_Noreturn void out_of_memory(void);

/* --- the checks ----------------------------------------------------------------------------------------------------- */

struct check {
  const char *name;
  void (*run)(void);   /* call thread; returns when the plugin passed */
  int counts_denials;  /* it runs under the watching filter (denials.c) */
};

extern const struct check load_checks[], life_checks[], output_checks[], thread_checks[], argument_checks[],
    denial_checks[];

/* main thread: before it is filtered itself. */
void denials_prepare(void);
/* main thread: answers what the filter hands over, for ever. */
_Noreturn void denials_run(int listener);

#endif
