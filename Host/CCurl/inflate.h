/* Between the two files of this folder. */
#ifndef SLUICE_CCURL_INFLATE_H
#define SLUICE_CCURL_INFLATE_H

#include <zlib.h>

/* NULL, or why there is no zlib; once, from ccurl_load. */
const char *ccurl_inflate_load(void);
/* Frees memory of malloc, zeroed. */
void ccurl_zero_free(void *memory);

#endif
