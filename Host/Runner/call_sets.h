/* Which system calls a plugin may make beside those of the base: by the language that its manifest names. */
#ifndef RUNNER_CALL_SETS_H
#define RUNNER_CALL_SETS_H

#include <stddef.h>

struct call_set {
  const char *name;
  const char *const *calls;
  size_t n;
};

struct call_language {
  const char *name;             /* of the manifest's "language" and of --calls */
  const struct call_set *sets[3]; /* the base among them; NULL ends them */
};

/* The language of that name, or NULL. Names: c, c++, go, rust, swift. */
const struct call_language *call_language_named(const char *name);

/* Without --calls: the strictest, which is that of C. */
const struct call_language *call_language_default(void);

#endif
