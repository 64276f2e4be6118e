/* Vectors of texts from the letters that they are made of: no model, no network, the same on every machine.
 *
 * Each run of three bytes of " text ", in lower case (ASCII letters alone), adds 1 or -1 to one of the dimensions, both told
 * by its hash; the vector is then brought to length 1. Texts that share spellings are near to each other. */
#ifndef NGRAMS_H
#define NGRAMS_H

#include <stdint.h>

#include "sluice_kit.h"

#define NGRAMS_DIMENSIONS 256
#define NGRAMS_MODEL "ngrams-256"

/* Write the vector of a text; a text without a letter, digit or sign gives zeros. */
void ngrams_embed(sluice_str text, float *out);

/* Tokens that a text costs: one for every four bytes, begun ones too, of each run without white space. */
uint64_t ngrams_tokens(sluice_str text);

#endif
