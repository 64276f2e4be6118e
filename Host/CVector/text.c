/* UTF-8 by table look-up on 16 or 32 bytes at once.
 *
 * After J. Keiser and D. Lemire, "Validating UTF-8 in less than one instruction per byte", Software: Practice and
 * Experience 51 (2021). Every fault of two neighbouring bytes is a bit that three tables agree on: one asked with the
 * high half of the first byte, one with its low half, one with the high half of the second. What needs more than two
 * bytes is whether a third and a fourth byte of a scalar are there: that is compared with the bit for two continuations
 * in a row. */
#include <string.h>

#include "cvector.h"

static int scalar_length(const uint8_t *s, size_t left) {
  uint8_t lead = s[0], low = 0x80, high = 0xBF;
  size_t length;
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    low = lead == 0xE0 ? 0xA0 : low;
    high = lead == 0xED ? 0x9F : high;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    low = lead == 0xF0 ? 0x90 : low;
    high = lead == 0xF4 ? 0x8F : high;
  } else {
    return 0;
  }
  if (length > left || s[1] < low || s[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  return (int)length;
}

int cvector_text_plain(const void *bytes, size_t size) {
  const uint8_t *s = bytes;
  size_t at = 0;
  int kind = CVECTOR_ASCII;
  while (at < size) {
    uint64_t word;
    if (size - at >= sizeof word) {
      memcpy(&word, s + at, sizeof word);
      if ((word & UINT64_C(0x8080808080808080)) == 0) {
        at += sizeof word;
        continue;
      }
    }
    int length = scalar_length(s + at, size - at);
    if (length == 0)
      return CVECTOR_INVALID;
    if (length > 1)
      kind = CVECTOR_UTF8;
    at += (size_t)length;
  }
  return kind;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define TOO_SHORT (1 << 0)     /* a lead byte, and no continuation behind it */
#define TOO_LONG (1 << 1)      /* a continuation behind ASCII */
#define OVERLONG_3 (1 << 2)    /* E0 80…9F */
#define TOO_LARGE (1 << 3)     /* F4 90…BF, F5 and above */
#define SURROGATE (1 << 4)     /* ED A0…BF */
#define OVERLONG_2 (1 << 5)    /* C0, C1 */
#define OVERLONG_4 (1 << 6)    /* F0 80…8F, and F5 and above before 80…8F: both have the same three halves */
#define TWO_CONTINUED (1 << 7) /* a continuation behind a continuation: a fault unless a longer scalar asks for it */
#define ANY_LOW (TOO_SHORT | TOO_LONG | TWO_CONTINUED)

/* By the high half of the first byte. */
#define FIRST_HIGH                                                                                                     \
  TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTINUED, TWO_CONTINUED,         \
      TWO_CONTINUED, TWO_CONTINUED, TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,              \
      TOO_SHORT | TOO_LARGE | OVERLONG_4
/* By its low half. */
#define FIRST_LOW                                                                                                      \
  ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY_LOW | OVERLONG_2, ANY_LOW, ANY_LOW, ANY_LOW | TOO_LARGE,          \
      ANY_LOW | TOO_LARGE | OVERLONG_4, ANY_LOW | TOO_LARGE | OVERLONG_4, ANY_LOW | TOO_LARGE | OVERLONG_4,             \
      ANY_LOW | TOO_LARGE | OVERLONG_4, ANY_LOW | TOO_LARGE | OVERLONG_4, ANY_LOW | TOO_LARGE | OVERLONG_4,             \
      ANY_LOW | TOO_LARGE | OVERLONG_4, ANY_LOW | TOO_LARGE | OVERLONG_4,                                               \
      ANY_LOW | TOO_LARGE | OVERLONG_4 | SURROGATE, ANY_LOW | TOO_LARGE | OVERLONG_4, ANY_LOW | TOO_LARGE | OVERLONG_4
/* By the high half of the second byte. */
#define CONTINUED (TOO_LONG | OVERLONG_2 | TWO_CONTINUED)
#define SECOND_HIGH                                                                                                    \
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,                               \
      CONTINUED | OVERLONG_3 | OVERLONG_4, CONTINUED | OVERLONG_3 | TOO_LARGE, CONTINUED | SURROGATE | TOO_LARGE,       \
      CONTINUED | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT

static const uint8_t first_high[16] = {FIRST_HIGH};
static const uint8_t first_low[16] = {FIRST_LOW};
static const uint8_t second_high[16] = {SECOND_HIGH};
/* A block may end inside a scalar by these: what is above them in its last three bytes wants more. */
static const uint8_t ends[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255,      255,      255,     255, 255, 255,
                                 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,      255,      255,     255, 255,
                                 0xF0 - 1, 0xE0 - 1, 0xC0 - 1};

/* The faults of a block whose predecessor was `before`. */
#define CHECK(WIDTH, ISA, VECTOR, SHIFTED, TABLE, SHUFFLE, AND, OR, XOR, SUBS, SET1, SHR)                              \
  __attribute__((target(ISA), always_inline)) static inline VECTOR check_##WIDTH(VECTOR now, VECTOR before) {          \
    const VECTOR low = SET1(0x0F);                                                                                     \
    VECTOR one = SHIFTED(now, before, 1), two = SHIFTED(now, before, 2), three = SHIFTED(now, before, 3);              \
    VECTOR high = AND(SHR(one, 4), low);                                                                               \
    VECTOR faults = AND(AND(SHUFFLE(TABLE(first_high), high), SHUFFLE(TABLE(first_low), AND(one, low))),               \
                        SHUFFLE(TABLE(second_high), AND(SHR(now, 4), low)));                                           \
    /* The top bit where a third or a fourth byte is due: there two continuations are no fault, elsewhere they are. */ \
    VECTOR due = OR(SUBS(two, SET1(0xE0 - 0x80)), SUBS(three, SET1(0xF0 - 0x80)));                                     \
    return XOR(AND(due, SET1((char)0x80)), faults);                                                                    \
  }

#define SHIFTED_16(now, before, by) _mm_alignr_epi8(now, before, 16 - (by))
#define TABLE_16(table) _mm_loadu_si128((const __m128i *)(const void *)(table))
CHECK(16, "ssse3", __m128i, SHIFTED_16, TABLE_16, _mm_shuffle_epi8, _mm_and_si128, _mm_or_si128, _mm_xor_si128,
      _mm_subs_epu8, _mm_set1_epi8, _mm_srli_epi16)

#define SHIFTED_32(now, before, by)                                                                                    \
  _mm256_alignr_epi8(now, _mm256_permute2x128_si256(before, now, 0x21), 16 - (by))
#define TABLE_32(table) _mm256_broadcastsi128_si256(TABLE_16(table))
CHECK(32, "avx2", __m256i, SHIFTED_32, TABLE_32, _mm256_shuffle_epi8, _mm256_and_si256, _mm256_or_si256,
      _mm256_xor_si256, _mm256_subs_epu8, _mm256_set1_epi8, _mm256_srli_epi16)

__attribute__((target("ssse3"))) static int text_16(const uint8_t *s, size_t size) {
  const __m128i end = _mm_loadu_si128((const __m128i *)(const void *)(ends + 16));
  __m128i faults = _mm_setzero_si128(), before = faults, open = faults, any = faults;
  uint8_t last[64];
  for (size_t at = 0; at < size; at += 64) {
    const uint8_t *block = s + at;
    if (size - at < 64) { /* what is missing is ASCII: a scalar that is cut off is too short */
      memset(last, 0, sizeof last);
      memcpy(last, block, size - at);
      block = last;
    }
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)block);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(block + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(block + 32));
    __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(block + 48));
    __m128i all = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
    if (_mm_movemask_epi8(all) == 0) {
      faults = _mm_or_si128(faults, open);
      open = _mm_setzero_si128();
    } else {
      any = _mm_or_si128(any, all);
      faults = _mm_or_si128(faults, _mm_or_si128(_mm_or_si128(check_16(a, before), check_16(b, a)),
                                                 _mm_or_si128(check_16(c, b), check_16(d, c))));
      open = _mm_subs_epu8(d, end);
    }
    before = d;
  }
  faults = _mm_or_si128(faults, open);
  if (_mm_movemask_epi8(_mm_cmpeq_epi8(faults, _mm_setzero_si128())) != 0xFFFF)
    return CVECTOR_INVALID;
  return _mm_movemask_epi8(any) == 0 ? CVECTOR_ASCII : CVECTOR_UTF8;
}

__attribute__((target("avx2"))) static int text_32(const uint8_t *s, size_t size) {
  const __m256i end = _mm256_loadu_si256((const __m256i *)(const void *)ends);
  __m256i faults = _mm256_setzero_si256(), before = faults, open = faults, any = faults;
  uint8_t last[128];
  for (size_t at = 0; at < size; at += 128) {
    const uint8_t *block = s + at;
    if (size - at < 128) {
      memset(last, 0, sizeof last);
      memcpy(last, block, size - at);
      block = last;
    }
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)block);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
    __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(block + 64));
    __m256i d = _mm256_loadu_si256((const __m256i *)(const void *)(block + 96));
    __m256i all = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    if (_mm256_movemask_epi8(all) == 0) {
      faults = _mm256_or_si256(faults, open);
      open = _mm256_setzero_si256();
    } else {
      any = _mm256_or_si256(any, all);
      faults = _mm256_or_si256(faults, _mm256_or_si256(_mm256_or_si256(check_32(a, before), check_32(b, a)),
                                                       _mm256_or_si256(check_32(c, b), check_32(d, c))));
      open = _mm256_subs_epu8(d, end);
    }
    before = d;
  }
  faults = _mm256_or_si256(faults, open);
  if (!_mm256_testz_si256(faults, faults))
    return CVECTOR_INVALID;
  return _mm256_movemask_epi8(any) == 0 ? CVECTOR_ASCII : CVECTOR_UTF8;
}

int cvector_text_by(int instructions, const void *bytes, size_t size) {
  switch (instructions) {
  case 0:
    return cvector_text_plain(bytes, size);
  case 1:
    return __builtin_cpu_supports("ssse3") ? text_16(bytes, size) : -1;
  case 2:
    return __builtin_cpu_supports("avx2") ? text_32(bytes, size) : -1;
  default:
    return -1;
  }
}

int cvector_text(const void *bytes, size_t size) {
  /* Below so many bytes the tables cost more than they save. */
  if (size < 64)
    return cvector_text_plain(bytes, size);
  if (__builtin_cpu_supports("avx2"))
    return text_32(bytes, size);
  if (__builtin_cpu_supports("ssse3"))
    return text_16(bytes, size);
  return cvector_text_plain(bytes, size);
}

#else

int cvector_text_by(int instructions, const void *bytes, size_t size) {
  return instructions == 0 ? cvector_text_plain(bytes, size) : -1;
}

int cvector_text(const void *bytes, size_t size) { return cvector_text_plain(bytes, size); }

#endif
