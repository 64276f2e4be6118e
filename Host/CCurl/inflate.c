#define _GNU_SOURCE
#include "ccurl.h"
#include "inflate.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* The functions that are used, each with the type that zlib.h gives it. */
#define FUNCTIONS(each) each(inflateInit2_) each(inflate) each(inflateEnd)

static struct {
#define MEMBER(name) __typeof__(&name) name;
  FUNCTIONS(MEMBER)
#undef MEMBER
} lib;

struct ccurl_inflate {
  z_stream stream;
  int is_gzip, is_begun;
};

const char *ccurl_inflate_load(void) {
  void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return "libz.so.1 is not there";
#define FIND(name)                                                                                                     \
  if (!(lib.name = (__typeof__(lib.name))(uintptr_t)dlsym(library, #name)))                                            \
    return "libz.so.1 lacks " #name;
  FUNCTIONS(FIND)
#undef FIND
  return NULL;
}

static void *take(void *nothing, unsigned count, unsigned size) {
  (void)nothing;
  return calloc(count, size);
}

static void give_back(void *nothing, void *memory) {
  (void)nothing;
  ccurl_zero_free(memory);
}

struct ccurl_inflate *ccurl_inflate_begin(int is_gzip) {
  struct ccurl_inflate *self = calloc(1, sizeof *self);
  if (!self)
    return NULL;
  self->stream.zalloc = take;
  self->stream.zfree = give_back;
  self->is_gzip = is_gzip;
  return self;
}

/* "deflate" is a zlib stream (RFC 9110 §8.4.1.2), and from some servers the bare one inside; the first byte tells. */
static int window_bits(const struct ccurl_inflate *self, unsigned char first) {
  if (self->is_gzip)
    return 15 + 16;
  return (first & 0x0f) == 8 && first >> 4 <= 7 ? 15 : -15;
}

int ccurl_inflate_step(struct ccurl_inflate *self, const void *in, size_t in_size, void *out, size_t out_size,
                       size_t *used, size_t *made) {
  z_stream *stream = &self->stream;
  *used = *made = 0;
  if (!self->is_begun) {
    if (!in_size)
      return 0;
    if (lib.inflateInit2_(stream, window_bits(self, *(const unsigned char *)in), ZLIB_VERSION, (int)sizeof *stream))
      return -1;
    self->is_begun = 1;
  }
  unsigned given = in_size > 1 << 20 ? 1 << 20 : (unsigned)in_size;
  unsigned room = out_size > 1 << 20 ? 1 << 20 : (unsigned)out_size;
  stream->next_in = (Bytef *)(uintptr_t)in;
  stream->avail_in = given;
  stream->next_out = out;
  stream->avail_out = room;
  int status = lib.inflate(stream, Z_NO_FLUSH);
  *used = given - stream->avail_in;
  *made = room - stream->avail_out;
  stream->next_in = NULL;
  stream->avail_in = 0;
  if (status == Z_STREAM_END)
    return 1;
  /* Z_BUF_ERROR: nothing could be done with what there was, which is no error. */
  return status == Z_OK || status == Z_BUF_ERROR ? 0 : -1;
}

void ccurl_inflate_end(struct ccurl_inflate *self) {
  if (self->is_begun)
    lib.inflateEnd(&self->stream);
  ccurl_zero_free(self);
}

void ccurl_wipe(void *memory, size_t size) {
  if (size)
    explicit_bzero(memory, size);
}
