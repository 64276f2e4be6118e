/* A batch whose buffers change while the host reads them. Part of hostile_runner.c. */

#define STORM_ROWS 4000u
#define STORM_BATCHES 400u
#define STORM_HEAD ((16u + 2u * 69u + 7u) / 8u * 8u)
#define STORM_WORDS (STORM_ROWS + (STORM_ROWS / 2 + 1) + STORM_ROWS / 8)
static const uint32_t storm_types[] = {INT64, UTF8};
static const char *const storm_names[] = {"a", "t"};
static uint64_t contents[2][STORM_WORDS];

/* Two contents, whole in themselves. For `slot_storm` every mixture of them is whole, too: each second text may end a
 * letter sooner or later, and each letter is one byte. For `slot_flip` the one has texts of one letter, the other letters
 * of two bytes, which must not be cut: what is put together of both is broken. */
static void fill_contents(void) {
  for (uint32_t which = 0; which < 2; which++) {
    uint64_t *numbers = contents[which];
    int32_t *offsets = (int32_t *)(numbers + STORM_ROWS);
    uint8_t *text = (uint8_t *)(numbers + STORM_ROWS + STORM_ROWS / 2 + 1);
    int is_single = is("slot_storm") ? which == 1 : which == 0;
    for (uint32_t row = 0; row < STORM_ROWS; row++)
      numbers[row] = which ? ~(uint64_t)row : row;
    for (uint32_t row = 0; row <= STORM_ROWS; row++)
      offsets[row] = (int32_t)((row + 1) / 2 * 2 - (row % 2 && is_single));
    for (uint32_t i = 0; i < STORM_ROWS; i++)
      text[i] = is("slot_flip") && which ? (i % 2 ? 0xa9 : 0xc3) : (uint8_t)('a' + (i + 13 * which) % 26);
  }
}

/* The buffers alone: the head stays as it is. */
static void *storm(void *nothing) {
  (void)nothing;
  uint32_t random = 1;
  for (uint32_t turn = 0;; turn++) {
    for (uint32_t slot = 0; slot < 2; slot++) {
      volatile uint64_t *at = (volatile uint64_t *)(region + slot * (size_t)SLOT_SIZE + STORM_HEAD);
      for (uint32_t i = 0; i < STORM_WORDS; i++) {
        random = random * 1664525u + 1013904223u;
        at[i] = contents[is("slot_flip") ? turn % 2 : random >> 31][i];
      }
    }
    /* Most copies are of one content then, and some are made while it turns into the other. */
    struct timespec moment = {0, 5000000};
    if (is("slot_flip"))
      nanosleep(&moment, NULL);
  }
  return NULL;
}

/* Each slot is handed over again and again; what lies in it is the storm's. */
static void storm_batches(void) {
  pthread_t thread;
  uint64_t size = 0;
  letters = STORM_ROWS;
  fill_contents();
  for (uint32_t slot = 0; slot < 2; slot++) {
    size = table(region + slot * (size_t)SLOT_SIZE, 2, storm_types, storm_names, STORM_ROWS);
    if (size != STORM_HEAD + STORM_WORDS * 8)
      _exit(14);
    memcpy(region + slot * (size_t)SLOT_SIZE + STORM_HEAD, contents[0], STORM_WORDS * 8);
  }
  if (pthread_create(&thread, NULL, storm, NULL) != 0)
    _exit(13);
  for (uint32_t i = 0; i < STORM_BATCHES; i++) {
    uint32_t words[3] = {i % 2, (uint32_t)size, 0};
    send_frame(73, call, words, 12);
    done(i % 2);
  }
}
