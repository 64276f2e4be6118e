/* Tests of the vectors alone: no host, no plugin. Ends with a count, and with status 1 when one failed. */
#include <math.h>
#include <stdio.h>

#include "ngrams.h"

static int passed, failed;

static void expect(int condition, const char *what) {
  condition ? passed++ : failed++;
  if (!condition) printf("FAILED  %s\n", what);
}

static double near_to(const char *a, const char *b) {
  float one[NGRAMS_DIMENSIONS], two[NGRAMS_DIMENSIONS];
  double product = 0;
  ngrams_embed(sluice_kit_str(a), one);
  ngrams_embed(sluice_kit_str(b), two);
  for (int i = 0; i < NGRAMS_DIMENSIONS; i++) product += (double)one[i] * (double)two[i];
  return product;
}

int main(void) {
  expect(fabs(near_to("first name", "first name") - 1) < 1e-6, "a vector has length 1");
  expect(fabs(near_to("FIRST\tname", "first name") - 1) < 1e-6, "case and kind of white space do not count");
  expect(near_to("first name", "firstname") > 0.5, "near spellings are near");
  expect(near_to("first name", "zip code") < 0.3, "far spellings are far");
  expect(near_to("", "first name") == 0 && near_to(" ", " ") == 0, "nothing has no direction");
  expect(fabs(near_to("Zo\xc3\xab", "Zo\xc3\xab") - 1) < 1e-6, "letters beyond ASCII count as their bytes");
  /* The same everywhere: the templates of the other languages hold the same figures. */
  float vector[NGRAMS_DIMENSIONS];
  ngrams_embed(sluice_kit_str("given name"), vector);
  int sum = 0, count = 0;
  for (int i = 0; i < NGRAMS_DIMENSIONS; i++) {
    if (vector[i] != 0) sum += vector[i] > 0 ? i : -i, count++;
  }
  expect(count == 10 && sum == -288, "the vector of `given name`");
  expect(ngrams_tokens(sluice_kit_str("")) == 0 && ngrams_tokens(sluice_kit_str("one  seven letters")) == 5, "tokens");
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
