#include "cre2.h"

#include <re2/re2.h>

#include <cstring>
#include <new>

struct cre2_pattern {
  cre2_pattern(const re2::StringPiece &pattern, const RE2::Options &options) : compiled(pattern, options) {}
  RE2 compiled;
};

extern "C" cre2_pattern *cre2_compile(const char *pattern, size_t size, int case_sensitive, char *message,
                                      size_t message_size) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(case_sensitive != 0);
  options.set_max_mem(8 << 20);
  auto *made = new (std::nothrow) cre2_pattern(re2::StringPiece(pattern, size), options);
  if (made != nullptr && made->compiled.ok()) return made;
  if (message_size > 0) {
    const std::string reason = made == nullptr ? "out of memory" : made->compiled.error();
    const size_t take = reason.size() < message_size - 1 ? reason.size() : message_size - 1;
    std::memcpy(message, reason.data(), take);
    message[take] = 0;
  }
  delete made;
  return nullptr;
}

extern "C" void cre2_free(cre2_pattern *pattern) { delete pattern; }

extern "C" int cre2_matches(const cre2_pattern *pattern, const char *text, size_t size) {
  return RE2::PartialMatch(re2::StringPiece(text, size), pattern->compiled) ? 1 : 0;
}

extern "C" int cre2_matches_whole(const cre2_pattern *pattern, const char *text, size_t size) {
  return RE2::FullMatch(re2::StringPiece(text, size), pattern->compiled) ? 1 : 0;
}
